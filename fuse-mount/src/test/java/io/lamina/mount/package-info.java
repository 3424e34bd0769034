@NullMarked
package io.lamina.mount;

import org.jspecify.annotations.NullMarked;
