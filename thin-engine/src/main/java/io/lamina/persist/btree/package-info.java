/** B-trees of 64-bit keys and values of a fixed size, one node a metadata block. */
@NullMarked
package io.lamina.persist.btree;

import org.jspecify.annotations.NullMarked;
