package io.lamina.ext4.journal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One change of a fast commit.
 *
 * @param kind what was changed
 * @param value what it says, in the tag's own format, little-endian
 * @param blockNr the block of the volume where it lies
 * @see <a href="https://docs.kernel.org/filesystems/ext4/journal.html#fast-commits">Fast
 *     commits</a>
 */
public record FastCommitTag(Kind kind, ByteBuffer value, long blockNr) {
  /** What a tag can say of a file. */
  public enum Kind {
    /** A range of an inode's blocks is mapped anew. */
    ADD_RANGE(0x1),
    /** A range of an inode's blocks is a hole. */
    DELETE_RANGE(0x2),
    /** A new file has a name. */
    CREATE(0x3),
    /** A file has one more name. */
    LINK(0x4),
    /** A name is gone. */
    UNLINK(0x5),
    /** An inode, all but its block map. */
    INODE(0x6);

    private final int tag;

    Kind(int tag) {
      this.tag = tag;
    }

    static @Nullable Kind of(int tag) {
      for (Kind kind : values()) {
        if (kind.tag == tag) {
          return kind;
        }
      }
      return null;
    }
  }
}
