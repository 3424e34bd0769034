/** Tests of image archives. */
@NullMarked
package io.lamina.layer.image;

import org.jspecify.annotations.NullMarked;
