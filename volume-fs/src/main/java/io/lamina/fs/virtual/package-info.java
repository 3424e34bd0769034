/**
 * A tree that lies nowhere: directories that say what is in them when they are asked, files whose
 * content is made when they are opened.
 */
@NullMarked
package io.lamina.fs.virtual;

import org.jspecify.annotations.NullMarked;
