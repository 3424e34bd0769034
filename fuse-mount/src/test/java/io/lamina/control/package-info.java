/** Tests of commands that another process runs. */
@org.jspecify.annotations.NullMarked
package io.lamina.control;
