package io.lamina.fuse;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.struct.FileStat;

/** Fills libfuse's buffer with entries until it is full. */
final class DirectoryFill {
  private static final Name DOT = Name.of(".");
  private static final Name DOT_DOT = Name.of("..");
  private static final int DOTS = 2;

  private final Pointer buffer;
  private final FuseFillDir filler;
  private final FileStat stat = new FileStat(NativeCode.runtime());
  private final Pointer statMemory = Struct.getMemory(stat);

  DirectoryFill(Pointer buffer, FuseFillDir filler) {
    this.buffer = buffer;
    this.filler = filler;
  }

  void fill(Node directory, long offset) throws IOException {
    long inodeNr = directory.attributes().inodeNr();
    if (offset == 0 && !add(DOT, inodeNr, FileType.DIRECTORY, 1)) {
      return;
    }
    boolean isPastDots = Long.compareUnsigned(offset, DOTS) >= 0; // ext4's greatest cookie, and 2
    if (!isPastDots && !add(DOT_DOT, inodeNr, FileType.DIRECTORY, DOTS)) {
      return;
    }
    directory.list(
        isPastDots ? offset - DOTS : 0,
        (name, nr, type, cookie) -> add(name, nr, type, cookie + DOTS));
  }

  private boolean add(Name name, long inodeNr, FileType type, long offset) {
    stat.st_ino.set(inodeNr);
    stat.st_mode.set(type.modeBits());
    ByteBuffer cName = NativeCode.buffer(name.byteCount() + 1);
    cName.put(name.bytes()).put((byte) 0).flip();
    return filler.apply(buffer, cName, statMemory, offset) == 0;
  }
}
