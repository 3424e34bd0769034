@NullMarked
package io.lamina.layer;

import org.jspecify.annotations.NullMarked;
