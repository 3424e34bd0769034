/** Space maps as they lie on disk: how often each block is referred to. */
@NullMarked
package io.lamina.persist.space;

import org.jspecify.annotations.NullMarked;
