/** The layers of docker's stores as trees of files: what each changed, and what one sees of all. */
@NullMarked
package io.lamina.layer;

import org.jspecify.annotations.NullMarked;
