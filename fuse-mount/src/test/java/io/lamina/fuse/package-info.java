@NullMarked
package io.lamina.fuse;

import org.jspecify.annotations.NullMarked;
