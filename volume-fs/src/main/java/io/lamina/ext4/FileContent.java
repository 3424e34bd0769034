package io.lamina.ext4;

import io.lamina.block.WritableDevice;
import io.lamina.block.Zeroes;
import io.lamina.ext4.format.Feature;
import io.lamina.fs.AllocationMode;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;

/**
 * Changes the content of one file: for one operation, by a caller that has the file's write lock.
 *
 * <p>Data goes straight to the device, into blocks that nothing else refers to yet; the handle that
 * maps them is committed after them. A block is zeroed where it is not filled. So what is read,
 * also after a power cut, is what was written to this file, or zeroes.
 */
final class FileContent {
  private static final long LARGE_FILE_BYTES = 1L << 31;
  private static final int CHUNK_BYTES = 8 << 20;
  private static final int JOINED_BYTES = 1 << 17;

  /** The kernel's clock for the times of files goes on in steps like this. */
  private static final int CLOCK_NANOS = 4_000_000;

  /** Data that the device has already, but that must be durable before the commit. */
  private static final Transaction.OrderedData WRITTEN = () -> {};

  private final Files files;
  private final Volume volume;
  private final WritableDevice device;
  private final WritableDevice contentDevice;
  private final WritableInode inode;
  private final int blockBytes;
  private final Instant now = Instant.now();
  private FileSpace space;

  FileContent(Files files, WritableInode inode) throws IOException {
    this.files = files;
    this.volume = files.volume();
    this.device = volume.writable();
    this.contentDevice = volume.content();
    this.inode = inode;
    this.blockBytes = volume.geometry().blockBytes();
    this.space = new FileSpace(files, inode);
  }

  private long size() {
    return inode.raw().size();
  }

  /**
   * Writes the rest of a buffer; where it fails, the buffer's position tells how much is written.
   *
   * @throws FsException ENOSPC, EFBIG
   */
  void write(long offset, ByteBuffer source) throws IOException {
    if (!source.hasRemaining()) {
      return;
    }
    int limit = source.limit();
    long room = maxBytes() - offset;
    if (room <= 0) {
      throw new FsException(Errno.EFBIG, inode.site().toString());
    }
    source.limit(source.position() + (int) Math.min(source.remaining(), room));
    if (!InlineContent.isOf(inode) || !writeInline(offset, source)) {
      writeBlocks(offset, source);
    }
    source.limit(limit);
    if (source.hasRemaining()) {
      throw new FsException(Errno.EFBIG, inode.site().toString());
    }
  }

  private long maxBytes() {
    return SectorCount.maxFileBytes(volume, space.hasExtents());
  }

  /** Writes into the inode, where there is room; else its content moves into a block. */
  private boolean writeInline(long offset, ByteBuffer source) throws IOException {
    InlineContent content = new InlineContent(volume, inode);
    long end = Math.max(size(), offset + source.remaining());
    if (!content.hasRoom(end)) {
      moveOut(content);
      return false;
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) end);
    bytes.put(0, content.bytes());
    bytes.position((int) offset).put(source.duplicate());
    putInline(content, bytes.array());
    source.position(source.limit());
    return true;
  }

  private void putInline(InlineContent content, byte[] bytes) throws IOException {
    space.touching(
        handle -> {
          content.put(bytes);
          stored(handle, bytes.length);
          return true;
        });
  }

  private void moveOut(InlineContent content) throws IOException {
    byte[] bytes = content.bytes();
    if (bytes.length == 0) {
      space.touching(
          handle -> {
            content.leave();
            stored(handle, 0);
            return true;
          });
    } else {
      moveOut(content, bytes);
    }
    space = new FileSpace(files, inode);
  }

  private void moveOut(InlineContent content, byte[] bytes) throws IOException {
    try (BlockReservation reservation = space.reserve(1)) {
      space.inserting(
          handle -> {
            FileSpace.Taken taken =
                takeWritten(handle, 0, 1, 0, ByteBuffer.wrap(bytes), reservation);
            content.leave();
            new FileSpace(files, inode).map(handle, 0, taken.run(), true);
            stored(handle, bytes.length);
            return taken;
          });
    }
  }

  private void writeBlocks(long offset, ByteBuffer source) throws IOException {
    int start = source.position();
    if (offset > size()) {
      zeroTail(size(), offset);
    }
    boolean isTouched = false;
    try {
      while (source.hasRemaining()) {
        long at = offset + source.position() - start;
        Run run = space.at(at / blockBytes);
        isTouched = !run.isWritten();
        if (run.isWritten()) {
          new Overwrite(volume, inode).writeRun(run, (int) (at % blockBytes), source);
        } else {
          fill(run, at, source);
        }
      }
    } finally {
      long end = offset + source.position() - start;
      if (source.position() > start && (!isTouched || end > size())) {
        touch(end);
      }
    }
  }

  /** Sets the time of a change, and the size where the file becomes longer. */
  private void touch(long end) throws IOException {
    boolean grows = end > size();
    if (grows || !isFresh(inode, now)) {
      space.touching(
          handle -> {
            stored(handle, Math.max(end, size()));
            return true;
          });
    }
  }

  /** Whether a file was changed so shortly before that the kernel's clock would not tell. */
  static boolean isFresh(WritableInode inode, Instant now) throws IOException {
    Timestamp known = inode.inode().attributes().modificationTime();
    Timestamp changed = inode.inode().attributes().changeTime();
    Instant last = Instant.ofEpochSecond(known.seconds(), known.nanos());
    return known.equals(changed) && !last.isAfter(now) && last.plusNanos(CLOCK_NANOS).isAfter(now);
  }

  /** Sets times and size, and stores the inode. */
  private void stored(Handle handle, long size) throws IOException {
    if (size >= LARGE_FILE_BYTES) {
      files.requireWriting().announce(handle, Feature.LARGE_FILE);
    }
    inode.raw().setSize(size);
    inode.raw().setModificationTime(now.getEpochSecond(), now.getNano());
    inode.raw().setChangeTime(now.getEpochSecond(), now.getNano());
    inode.storeContent(handle);
  }

  /** Writes a part of a range that has no content yet. */
  private void fill(Run run, long at, ByteBuffer source) throws IOException {
    long fileBlockNr = at / blockBytes;
    int inBlock = (int) (at % blockBytes);
    long blocks = (Math.min(source.remaining(), CHUNK_BYTES) + inBlock - 1) / blockBytes + 1L;
    blocks = space.mappedAtOnce(fileBlockNr, Math.min(blocks, run.blockCount()), true);
    if (run.isMapped()) {
      fillUnwritten(fileBlockNr, run.part(0, blocks), at, source);
    } else {
      fillHole(fileBlockNr, blocks, at, source);
    }
  }

  private void fillUnwritten(long fileBlockNr, Run run, long at, ByteBuffer source)
      throws IOException {
    space.inserting(
        handle -> {
          writeNew(run, (int) (at % blockBytes), source);
          handle.orderData(WRITTEN);
          space.setWritten(handle, fileBlockNr, run);
          filled(handle, at, source, run);
          return run;
        });
  }

  private void fillHole(long fileBlockNr, long blockCount, long at, ByteBuffer source)
      throws IOException {
    int inBlock = (int) (at % blockBytes);
    try (BlockReservation reservation = space.reserve(blockCount)) {
      space.inserting(
          handle -> {
            FileSpace.Taken taken =
                takeWritten(handle, fileBlockNr, blockCount, inBlock, source, reservation);
            space.map(handle, fileBlockNr, taken.run(), true);
            filled(handle, at, source, taken.run());
            return taken;
          });
    }
  }

  /** Takes blocks and writes to them; the buffer's position stays. */
  private FileSpace.Taken takeWritten(
      Handle handle,
      long fileBlockNr,
      long blockCount,
      int inBlock,
      ByteBuffer source,
      BlockReservation reservation)
      throws IOException {
    FileSpace.Taken taken = space.take(handle, fileBlockNr, blockCount, reservation);
    try {
      writeNew(taken.run(), inBlock, source);
      handle.orderData(WRITTEN);
      return taken;
    } catch (FsException e) {
      space.giveBack(handle, fileBlockNr, taken);
      throw e;
    }
  }

  private void filled(Handle handle, long at, ByteBuffer source, Run run) throws IOException {
    int count = bytesIn(run, (int) (at % blockBytes), source);
    source.position(source.position() + count);
    stored(handle, Math.max(size(), at + count));
  }

  private int bytesIn(Run run, int inBlock, ByteBuffer source) {
    return (int) Math.min(source.remaining(), run.blockCount() * blockBytes - inBlock);
  }

  /**
   * Writes to blocks without content, zeroes around what there is to write. The buffer's position
   * stays.
   */
  private void writeNew(Run run, int inBlock, ByteBuffer source) throws FsException {
    int count = bytesIn(run, inBlock, source);
    long start = run.blockNr() * blockBytes;
    int behind = (int) (run.blockCount() * blockBytes - inBlock - count);
    ByteBuffer part = source.slice(source.position(), count);
    try {
      if (inBlock + behind == 0) {
        contentDevice.write(start, part);
      } else if (count <= JOINED_BYTES) {
        ByteBuffer joined = ByteBuffer.allocate(inBlock + count + behind);
        part.get(0, joined.array(), inBlock, count);
        contentDevice.write(start, joined);
      } else {
        Zeroes.write(contentDevice, start, inBlock);
        contentDevice.write(start + inBlock, part);
        Zeroes.write(contentDevice, start + inBlock + count, behind);
      }
    } catch (IOException e) {
      throw FileSpace.asPosix(e);
    }
  }

  /** Zeroes what is stored between two offsets of one block. */
  private void zero(long from, long to) throws IOException {
    Run run = to > from ? space.at(from / blockBytes) : Run.hole(1);
    if (run.isWritten()) {
      inode.setOverwritten(true);
      Zeroes.write(device, run.blockNr() * blockBytes + from % blockBytes, to - from);
    }
  }

  /** Zeroes the rest of the block that an offset lies in, up to another offset at the most. */
  private void zeroTail(long from, long end) throws IOException {
    long inBlock = from % blockBytes;
    zero(from, inBlock == 0 ? from : Math.min(end, from - inBlock + blockBytes));
  }

  /**
   * Cuts the file off, or makes it longer.
   *
   * @throws FsException EFBIG
   */
  void truncate(long size) throws IOException {
    if (size > maxBytes()) {
      throw new FsException(Errno.EFBIG, inode.site().toString());
    }
    if (InlineContent.isOf(inode)) {
      InlineContent content = new InlineContent(volume, inode);
      if (content.hasRoom(size)) {
        putInline(content, Arrays.copyOf(content.bytes(), (int) size));
        return;
      }
      moveOut(content);
    }
    if (size > size()) {
      zeroTail(size(), size);
      touch(size);
    } else {
      cutOff(size);
    }
  }

  private void cutOff(long size) throws IOException {
    long first = (size + blockBytes - 1) / blockBytes;
    boolean isListed =
        space.removing(
            handle -> {
              space.remove(handle, first, BlockMap.END);
              boolean hasMore = space.isMapped(first, BlockMap.END);
              stored(handle, size);
              if (hasMore && inode.raw().linkCount() > 0) {
                files.requireWriting().orphans().add(handle, inode);
              }
              return hasMore;
            });
    zeroTail(size, Long.MAX_VALUE);
    if (isListed) {
      finishCutOff();
    }
  }

  /**
   * Frees what a file still has behind its end: the rest of a {@link #truncate}, which a power cut
   * may have left undone. A file with a name is on the list of orphans until then.
   */
  void finishCutOff() throws IOException {
    long first = (size() + blockBytes - 1) / blockBytes;
    boolean isDone = false;
    while (!isDone) {
      isDone =
          space.removing(
              handle -> {
                boolean isLast =
                    !space.remove(handle, first, BlockMap.END)
                        || !space.isMapped(first, BlockMap.END);
                if (isLast && inode.raw().linkCount() > 0) {
                  files.requireWriting().orphans().remove(handle, inode);
                }
                inode.storeContent(handle);
                return isLast;
              });
    }
  }

  /**
   * Frees all blocks: but for the last few in handles of its own. For a file that is on the list of
   * orphans.
   *
   * @param credits blocks of metadata that {@code last} may change
   * @param last what is to be done in the handle that frees the last ones; it stores the inode
   */
  void delete(int credits, Writing.Making<Boolean> last) throws IOException {
    boolean isDone = false;
    while (!isDone) {
      isDone =
          space.removing(
              credits,
              handle -> {
                boolean hasMore =
                    space.remove(handle, 0, BlockMap.END) && space.isMapped(0, BlockMap.END);
                if (hasMore) {
                  inode.storeContent(handle);
                  return false;
                }
                return last.in(handle);
              });
    }
  }

  /**
   * Makes room for a range, zeroes it, or gives its room back.
   *
   * @throws FsException ENOSPC, EFBIG, EOPNOTSUPP for what this file cannot
   */
  void allocate(long offset, long length, AllocationMode mode) throws IOException {
    if (offset < 0 || length <= 0) {
      throw new FsException(Errno.EINVAL, length + " bytes at " + offset);
    }
    boolean willHaveExtents = space.hasExtents() || InlineContent.isOf(inode);
    if (!willHaveExtents && mode != AllocationMode.PUNCH_HOLE) {
      throw new FsException(Errno.EOPNOTSUPP, inode.site() + " has no extents");
    }
    if (length > maxBytes() - offset) {
      throw new FsException(Errno.EFBIG, inode.site().toString());
    }
    if (InlineContent.isOf(inode)) {
      moveOut(new InlineContent(volume, inode));
    }
    long end = offset + length;
    switch (mode) {
      case EXTEND -> makeRoom(offset, end, true);
      case KEEP_SIZE -> makeRoom(offset, end, false);
      case PUNCH_HOLE -> punch(offset, end);
      case ZERO_RANGE -> zeroRange(offset, end, true);
      case ZERO_RANGE_KEEP_SIZE -> zeroRange(offset, end, false);
    }
  }

  private void makeRoom(long offset, long end, boolean extend) throws IOException {
    if (extend && end > size()) {
      zeroTail(size(), end);
    }
    long last = (end + blockBytes - 1) / blockBytes;
    try (BlockReservation reservation = space.reserveHoles(offset / blockBytes, last)) {
      long at = offset / blockBytes;
      while (at < last) {
        Run run = space.at(at);
        long most = Math.min(run.blockCount(), last - at);
        at += run.isMapped() ? most : takeUnwritten(at, most, extend ? end : 0, reservation);
      }
    }
    long newSize = Math.max(size(), extend ? end : 0);
    space.touching(
        handle -> {
          stored(handle, newSize);
          return true;
        });
  }

  private long takeUnwritten(long fileBlockNr, long most, long end, BlockReservation reservation)
      throws IOException {
    long count = space.mappedAtOnce(fileBlockNr, most, false);
    return space.inserting(
        handle -> {
          FileSpace.Taken taken = space.take(handle, fileBlockNr, count, reservation);
          space.map(handle, fileBlockNr, taken.run(), false);
          long made = taken.run().blockCount();
          stored(handle, Math.max(size(), Math.min(end, (fileBlockNr + made) * blockBytes)));
          return made;
        });
  }

  private void punch(long offset, long end) throws IOException {
    long first = (offset + blockBytes - 1) / blockBytes;
    long last = end / blockBytes;
    zeroEdges(offset, end, first, last);
    boolean hasMore = true;
    while (hasMore) {
      hasMore =
          space.punching(
              handle -> {
                boolean any = last > first && space.remove(handle, first, last);
                stored(handle, size());
                return any;
              });
    }
  }

  private void zeroEdges(long offset, long end, long first, long last) throws IOException {
    if (first > last) {
      zero(offset, end);
    } else {
      zero(offset, first * blockBytes);
      zero(last * blockBytes, end);
    }
  }

  private void zeroRange(long offset, long end, boolean extend) throws IOException {
    long first = (offset + blockBytes - 1) / blockBytes;
    long last = end / blockBytes;
    zeroEdges(offset, end, first, last);
    long to = last;
    while (to > first) {
      long before = to;
      to =
          space.punching(
              handle -> {
                long done = space.setUnwritten(handle, first, before);
                stored(handle, size());
                return done;
              });
    }
    makeRoom(offset, end, extend);
  }
}
