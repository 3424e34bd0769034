/** Tests of the records of image archives. */
@NullMarked
package io.lamina.graph.archive;

import org.jspecify.annotations.NullMarked;
