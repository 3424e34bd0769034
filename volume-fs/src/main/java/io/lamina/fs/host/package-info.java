/** The files of the host: calls that Java lacks, and copies of trees to it. */
@NullMarked
package io.lamina.fs.host;

import org.jspecify.annotations.NullMarked;
