package io.lamina.fuse.protocol;

import io.lamina.fs.AllocationMode;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;

/** The flags of {@code fallocate(2)}. */
public final class Allocation {
  private static final int KEEP_SIZE = 1;
  private static final int PUNCH_HOLE = 1 << 1;
  private static final int ZERO_RANGE = 1 << 4;

  private Allocation() {}

  /**
   * What they ask for.
   *
   * @throws FsException EOPNOTSUPP for what nobody here can; never ENOSYS, after which the kernel
   *     would not ask for anything of the kind again
   */
  public static AllocationMode mode(int flags) throws FsException {
    return switch (flags) {
      case 0 -> AllocationMode.EXTEND;
      case KEEP_SIZE -> AllocationMode.KEEP_SIZE;
      case PUNCH_HOLE | KEEP_SIZE -> AllocationMode.PUNCH_HOLE;
      case ZERO_RANGE -> AllocationMode.ZERO_RANGE;
      case ZERO_RANGE | KEEP_SIZE -> AllocationMode.ZERO_RANGE_KEEP_SIZE;
      default -> throw new FsException(Errno.EOPNOTSUPP, "fallocate with flags " + flags);
    };
  }
}
