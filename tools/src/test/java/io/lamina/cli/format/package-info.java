@NullMarked
package io.lamina.cli.format;

import org.jspecify.annotations.NullMarked;
