package io.lamina.mount;

import io.lamina.block.MemoryDevice;
import io.lamina.fuse.protocol.Notices;
import io.lamina.fuse.protocol.Server;
import io.lamina.fuse.protocol.ServerOptions;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolFormat;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.WritablePool;
import io.lamina.thin.WriteOptions;
import io.lamina.volume.SparseImport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

public final class Rehearsal {
  private final ByteBuffer in =
      ByteBuffer.allocateDirect(Server.REQUEST_BYTES).order(ByteOrder.nativeOrder());
  private final ByteBuffer out =
      ByteBuffer.allocateDirect(Server.REPLY_BYTES).order(ByteOrder.nativeOrder());
  private @org.jspecify.annotations.Nullable Server server;

  public static void start() {
    Thread t =
        new Thread(
            () -> {
              try {
                Thread.sleep(Integer.getInteger("reh.delay", 50));
                for (int i = 0; i < Integer.getInteger("reh.rounds", 1); i++) {
                  long a = System.nanoTime();
                  new Rehearsal().run();
                  System.err.println("rehearsal " + (System.nanoTime() - a) / 1000 + " us");
                }
              } catch (IOException | InterruptedException e) {
                System.err.println(e);
              }
            },
            "rehearsal");
    t.setDaemon(true);
    t.start();
  }

  void run() throws IOException {
    MemoryDevice metadata = new MemoryDevice(new byte[1 << 20], "metadata");
    MemoryDevice data = new MemoryDevice(new byte[2 << 20], "data");
    PoolFormat.create(metadata, 65536, 32);
    WritablePool pool =
        WritablePool.open(
            PoolSource.files(Path.of("/rehearsal/metadata"), Path.of("/rehearsal/data")),
            metadata,
            data,
            PoolOptions.DEFAULT,
            WriteOptions.DEFAULT);
    pool.createThin(0);
    new SparseImport(pool.volume(0).withSize(8 << 20), 65536, n -> {}).file(Path.of("/tmp/w.ext4"));
    pool.commit();
    pool.createSnapshot(1, 0);
    PoolTree tree =
        new PoolTree(
            new ShownThinPool(pool, "r"),
            List.of(
                StoreVolume.layer(pool, 0, "a"),
                StoreVolume.container(pool, 1, "b", io.lamina.ext4.WriteOptions.DEFAULT)),
            PoolTrees.owner(),
            false);
    server =
        new Server(
            tree,
            new ServerOptions(true, 0),
            new Notices() {
              @Override
              public void send(ByteBuffer notice) {}

              @Override
              public void sendLater(Supplier<List<ByteBuffer>> notices) {}
            });
    long volumes = lookup(1, "volumes");
    for (int k = 0; k < Integer.getInteger("reh.inner", 1); k++) {
      long b = lookup(volumes, "b");
      byte[] name = "file".getBytes(StandardCharsets.UTF_8);
      // create: flags, mode, umask, open_flags
      begin(b).putInt(0101).putInt(0100644).putInt(022).putInt(0).put(name).put((byte) 0);
      send(35);
      long file = out.getLong(16);
      long fh = out.getLong(16 + 128);
      write(fh, file, 0, 200_000);
      begin(file).putLong(fh).putInt(0).putInt(0);
      send(20);
      begin(file).putLong(fh).putInt(0).putInt(0).putLong(0);
      send(18);
      lookup(b, "file");
      begin(file).putInt(1).putInt(0);
      send(14);
      fh = out.getLong(16);
      write(fh, file, 100_000, 1);
      begin(file).putLong(fh).putInt(0).putInt(0);
      send(20);
      begin(file).putLong(fh).putInt(0).putInt(0).putLong(0);
      send(18);
      begin(file).putInt(0).putInt(0).putLong(0);
      send(3);
      begin(b).putLong(0).putLong(0).putInt(4096).putInt(0).putLong(0).putInt(0).putInt(0);
      send(44);
      begin(b).put(name).put((byte) 0);
      send(10);
      begin(file).putLong(10);
      send(2);
      begin(b).putLong(10);
      send(2);
      tree.sync();
    }
    java.util.Objects.requireNonNull(server).close();
    tree.close();
    pool.close();
  }

  private void write(long fh, long node, long off, int n) {
    begin(node).putLong(fh).putLong(off).putInt(n).putInt(0).putLong(0).putInt(1).putInt(0);
    in.position(in.position() + n);
    send(16);
  }

  private ByteBuffer begin(long node) {
    in.clear();
    in.putLong(16, node);
    in.putInt(24, 0);
    in.putInt(28, 0);
    in.position(40);
    return in;
  }

  private long lookup(long dir, String name) {
    begin(dir).put(name.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
    send(1);
    return out.getLong(16);
  }

  private void send(int opcode) {
    in.flip();
    in.putInt(4, opcode);
    int n = java.util.Objects.requireNonNull(server).serve(in, out);
    if (n > 0 && out.getInt(4) < 0) System.err.println("op " + opcode + " " + out.getInt(4));
  }
}
