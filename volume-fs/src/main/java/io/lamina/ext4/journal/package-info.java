/**
 * The jbd2 journal of a volume: its log is read and replayed into memory, so that a volume that was
 * not cleanly unmounted is seen as the kernel would see it. Nothing here knows what the blocks
 * hold.
 */
@NullMarked
package io.lamina.ext4.journal;

import org.jspecify.annotations.NullMarked;
