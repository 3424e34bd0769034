package io.lamina.fuse;

import io.lamina.fuse.FuseDevice.Memory;
import io.lamina.fuse.protocol.Server;
import java.nio.file.Path;
import jnr.ffi.Pointer;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseFileInfo;

/**
 * What benchmarks measure against: jnr-fuse's callbacks on Java threads, with nothing behind them.
 * Every name is a file of zeroes.
 */
public final class EmptyServer extends LibFuseSession.Callbacks {
  private static final long FILE_BYTES = 1L << 30;
  private static final byte[] ZEROES = new byte[Server.REQUEST_BYTES];

  /** Serves at a directory until it is unmounted. */
  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    LibFuseSession session =
        LibFuseSession.mounted(
            directory,
            "ro,max_read=131072,attr_timeout=86400,entry_timeout=86400,negative_timeout=86400",
            new EmptyServer());
    FuseDevice device = session.device();
    Memory request = Memory.of(Server.REQUEST_BYTES);
    device.receive(request);
    FuseMount mount = FuseMount.started(directory, device, session, request, 2);
    System.out.println("ready");
    mount.join();
  }

  @Override
  void forgetNames() {
    // Each is a file of zeroes for ever.
  }

  @Override
  void letGo() {
    // Nothing is open.
  }

  @Override
  public int getattr(String path, FileStat stat) {
    boolean isRoot = path.equals("/");
    stat.st_ino.set(isRoot ? 1 : 2 + (path.hashCode() & 0x7fff_ffff));
    stat.st_mode.set(isRoot ? 0040755 : 0100644);
    stat.st_nlink.set(1);
    stat.st_size.set(FILE_BYTES);
    return 0;
  }

  @Override
  public int open(String path, FuseFileInfo info) {
    Struct.getMemory(info).putByte(20, (byte) 2);
    return 0;
  }

  @Override
  public int read(String path, Pointer buffer, long size, long offset, FuseFileInfo info) {
    buffer.put(0, ZEROES, 0, (int) size);
    return (int) size;
  }

  @Override
  public int readdir(
      String path, Pointer buffer, FuseFillDir filler, long offset, FuseFileInfo info) {
    return 0;
  }
}
