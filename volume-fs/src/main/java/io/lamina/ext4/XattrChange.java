package io.lamina.ext4;

import io.lamina.ext4.format.StoredXattr;
import org.jspecify.annotations.Nullable;

/**
 * A change of a file's attributes that is known to fit.
 *
 * @param before what the file has
 * @param after what it gets; the value of an attribute that goes to another inode is left out
 * @param outside the attribute whose value goes to an inode of its own, null for none
 */
record XattrChange(XattrLayout before, XattrLayout after, @Nullable Outside outside) {
  /**
   * An attribute whose value lies in an inode of its own.
   *
   * @param attribute it, with its value
   * @param inBlock whether its entry goes into the block
   */
  record Outside(StoredXattr attribute, boolean inBlock) {}

  /** Whether it writes a block of attributes, which may be a new one. */
  boolean hasBlock() {
    return !after.inBlock().isEmpty() || (outside != null && outside.inBlock());
  }
}
