package io.lamina.ext4;

import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.Site;
import io.lamina.ext4.format.Superblock;
import io.lamina.ext4.format.SuperblockEditor;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Changes the superblock: within handles, and by itself before the first and after the last. Its
 * copies in other groups are left alone, as the kernel does.
 */
final class SuperblockWriter {
  /** A change of some fields. */
  @FunctionalInterface
  interface Edit {
    void apply(SuperblockEditor editor);
  }

  private static final int MILLIS = 1000;
  private static final byte[] ERROR_PLACE = "lamina".getBytes(StandardCharsets.US_ASCII);
  private static final int ERROR_EIO = 2;
  private static final int ERROR_CORRUPTED = 5;

  private final Volume volume;
  private final long blockNr;
  private final int base;

  SuperblockWriter(Volume volume) {
    this.volume = volume;
    int blockBytes = volume.geometry().blockBytes();
    this.blockNr = Superblock.OFFSET / blockBytes;
    this.base = Superblock.OFFSET % blockBytes;
  }

  /** Changes it within a handle. */
  synchronized void edit(Handle handle, Edit edit) throws IOException {
    ByteBuffer block = handle.modify(blockNr, image -> new SuperblockEditor(image, base).seal());
    edit.apply(new SuperblockEditor(block, base));
    publish(block);
  }

  /** An editor that reads it as it is now. */
  synchronized SuperblockEditor now() throws IOException {
    return new SuperblockEditor(volume.block(blockNr).bytes(), base);
  }

  private void publish(ByteBuffer block) {
    ByteBuffer copy = ByteBuffer.allocate(Superblock.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    copy.put(0, block, base, Superblock.BYTES);
    volume.setSuperblock(Superblock.unchecked(copy));
  }

  /** Marks the volume as in use, before anything else is written. */
  void markOpen() throws IOException {
    writeThrough(
        editor -> {
          if (volume.superblock().has(Feature.ORPHAN_FILE)) {
            editor.set(Feature.ORPHAN_PRESENT, true);
          }
          if (volume.superblock().has(Feature.HAS_JOURNAL)) {
            editor.set(Feature.NEEDS_RECOVERY, true);
          } else {
            editor.setState(editor.state() & ~Superblock.STATE_VALID);
          }
          editor.countMount(seconds());
        });
  }

  /** Marks the volume as cleanly unmounted, after everything else has been written. */
  void markClean(long freeBlockCount, long freeInodeCount, boolean hasOrphans) throws IOException {
    boolean wide = volume.superblock().has(Feature.BIT64);
    boolean hasFile = volume.superblock().has(Feature.ORPHAN_FILE);
    writeThrough(
        editor -> {
          editor.set(Feature.NEEDS_RECOVERY, false);
          editor.set(Feature.ORPHAN_PRESENT, hasOrphans && hasFile);
          editor.setState(editor.state() | Superblock.STATE_VALID);
          editor.setFree(freeBlockCount, freeInodeCount, wide);
        });
  }

  /**
   * Records an error in its place. What is there besides stays: changes that no transaction has
   * made durable must not get there.
   */
  synchronized void recordError(IOException error) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Superblock.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    volume.writable().read(Superblock.OFFSET, bytes);
    SuperblockEditor editor = new SuperblockEditor(bytes, 0);
    if (error instanceof CorruptException corrupt) {
      Damage damage = corrupt.damage();
      editor.recordError(
          seconds(),
          Site.inodeNr(damage),
          Math.max(0, damage.blockNr()),
          ERROR_PLACE,
          ERROR_CORRUPTED);
    } else {
      editor.recordError(seconds(), 0, 0, ERROR_PLACE, ERROR_EIO);
    }
    editor.setWriteTime(seconds());
    editor.seal();
    volume.writable().write(Superblock.OFFSET, bytes.clear());
    volume.writable().flush();
  }

  /** Changes it in its place. */
  private synchronized void writeThrough(Edit edit) throws IOException {
    MetadataBlock block = volume.block(blockNr).copy();
    SuperblockEditor editor = new SuperblockEditor(block.bytes(), base);
    edit.apply(editor);
    editor.setWriteTime(seconds());
    editor.seal();
    volume.pending().put(block);
    volume
        .writable()
        .write(
            blockNr * volume.geometry().blockBytes() + base,
            block.bytes().slice(base, Superblock.BYTES));
    volume.writable().flush();
    volume.settle(block);
    publish(block.bytes());
  }

  private static long seconds() {
    return System.currentTimeMillis() / MILLIS;
  }
}
