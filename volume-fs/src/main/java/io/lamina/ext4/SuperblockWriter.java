package io.lamina.ext4;

import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.Superblock;
import io.lamina.ext4.format.SuperblockEditor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

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
          if (volume.superblock().has(Feature.HAS_JOURNAL)) {
            editor.set(Feature.NEEDS_RECOVERY, true);
          } else {
            editor.setState(editor.state() & ~Superblock.STATE_VALID);
          }
          editor.countMount(seconds());
        });
  }

  /** Marks the volume as cleanly unmounted, after everything else has been written. */
  void markClean(long freeBlockCount, long freeInodeCount) throws IOException {
    boolean wide = volume.superblock().has(Feature.BIT64);
    writeThrough(
        editor -> {
          editor.set(Feature.NEEDS_RECOVERY, false);
          editor.setState(editor.state() | Superblock.STATE_VALID);
          editor.setFree(freeBlockCount, freeInodeCount, wide);
        });
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
