/** The records of image archives: docker's before and since 1.10, and OCI's. */
@NullMarked
package io.lamina.graph.archive;

import org.jspecify.annotations.NullMarked;
