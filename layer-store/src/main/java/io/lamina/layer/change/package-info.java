/** What a layer changed against what lies below it. */
@NullMarked
package io.lamina.layer.change;

import org.jspecify.annotations.NullMarked;
