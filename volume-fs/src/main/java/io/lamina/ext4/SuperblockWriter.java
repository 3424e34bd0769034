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
import org.jspecify.annotations.Nullable;

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

  /** As it was at the opening, marked, until that has been said on disk. */
  private @Nullable MetadataBlock opened;

  /** Whether it said at the opening that the volume was cleanly unmounted. */
  private boolean wasClean;

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

  /**
   * Marks the volume as in use, here: on disk that is said by {@link #announceOpen}, so that one
   * which is only looked at stays as it is.
   */
  synchronized void open() throws IOException {
    wasClean = saysClean(volume.superblock());
    opened = changed(this::markOpen);
  }

  private static boolean saysClean(Superblock superblock) {
    return !superblock.has(Feature.NEEDS_RECOVERY)
        && !superblock.has(Feature.ORPHAN_PRESENT)
        && (superblock.state() & Superblock.STATE_VALID) != 0;
  }

  private void markOpen(SuperblockEditor editor) {
    if (volume.superblock().has(Feature.ORPHAN_FILE)) {
      editor.set(Feature.ORPHAN_PRESENT, true);
    }
    if (volume.superblock().has(Feature.HAS_JOURNAL)) {
      editor.set(Feature.NEEDS_RECOVERY, true);
    } else {
      editor.setState(editor.state() & ~Superblock.STATE_VALID);
    }
    editor.countMount(seconds());
  }

  /**
   * Says on disk that the volume is in use, before the first change gets there; flushes nothing.
   *
   * @return whether this was the first time
   */
  synchronized boolean announceOpen() throws IOException {
    MetadataBlock image = opened;
    if (image == null) {
      return false;
    }
    writeInPlace(image);
    opened = null;
    return true;
  }

  /**
   * Marks the volume as cleanly unmounted, after everything else has been written; one that was so
   * before, and was never said to be in use, is so.
   */
  synchronized void markClean(long freeBlockCount, long freeInodeCount, boolean hasOrphans)
      throws IOException {
    if (opened != null && wasClean) {
      return;
    }
    boolean wide = volume.superblock().has(Feature.BIT64);
    boolean hasFile = volume.superblock().has(Feature.ORPHAN_FILE);
    writeInPlace(
        changed(
            editor -> {
              editor.set(Feature.NEEDS_RECOVERY, false);
              editor.set(Feature.ORPHAN_PRESENT, hasOrphans && hasFile);
              editor.setState(editor.state() | Superblock.STATE_VALID);
              editor.setFree(freeBlockCount, freeInodeCount, wide);
            }));
    volume.writable().flush();
  }

  /** Its next image, which is not in its place yet. */
  private MetadataBlock changed(Edit edit) throws IOException {
    MetadataBlock block = volume.block(blockNr).copy();
    SuperblockEditor editor = new SuperblockEditor(block.bytes(), base);
    edit.apply(editor);
    editor.setWriteTime(seconds());
    editor.seal();
    volume.pending().put(block);
    publish(block.bytes());
    return block;
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

  private void writeInPlace(MetadataBlock image) throws IOException {
    volume
        .writable()
        .write(
            blockNr * volume.geometry().blockBytes() + base,
            image.bytes().slice(base, Superblock.BYTES));
    volume.settle(image);
  }

  private static long seconds() {
    return System.currentTimeMillis() / MILLIS;
  }
}
