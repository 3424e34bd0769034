/** Where bytes lie: files, block devices, ranges of others. */
@NullMarked
package io.lamina.block;

import org.jspecify.annotations.NullMarked;
