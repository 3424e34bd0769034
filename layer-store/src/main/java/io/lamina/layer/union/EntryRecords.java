package io.lamina.layer.union;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The entries of one directory as bytes, found by a number each: 23 bytes and the name, where an
 * object with all that it refers to takes 200. Used by one thread at a time.
 */
final class EntryRecords {
  private static final int FIRST_CHUNK_BYTES = 256;
  private static final int CHUNK_BITS = 16;
  private static final int CHUNK_BYTES = 1 << CHUNK_BITS;

  private static final int INODE_NR = 0;
  private static final int BRANCH_INODE_NR = 8;
  private static final int BRANCHES = 16;
  private static final int TYPE = 20;
  private static final int NAME_BYTES = 21;
  private static final int NAME = 23;

  private static final List<FileType> TYPES = List.of(FileType.values());

  private final List<ByteBuffer> chunks = new ArrayList<>(1);
  private final List<List<Integer>> branches = new ArrayList<>(1);
  private final Map<List<Integer>, Integer> branchIndexes = new HashMap<>(2);
  private long unusedBytes;

  /** Bytes that it takes. */
  long byteCount() {
    int last = chunks.size() - 1;
    return last < 0 ? 0 : ((long) last << CHUNK_BITS) + chunks.get(last).capacity();
  }

  /** Whether most of it is of entries that were removed. */
  boolean isMostlyUnused() {
    return unusedBytes > CHUNK_BYTES && unusedBytes > byteCount() / 2;
  }

  /** Stores an entry, and gives its number. */
  int add(MergedEntries.Entry entry) {
    int byteCount = NAME + entry.name().byteCount();
    ByteBuffer chunk = chunkFor(byteCount);
    int at = chunk.position();
    chunk.put(at + NAME, entry.name().bytes());
    chunk.putShort(at + NAME_BYTES, (short) entry.name().byteCount());
    chunk.position(at + byteCount);
    int number = ((chunks.size() - 1) << CHUNK_BITS) + at;
    set(number, entry);
    return number;
  }

  /** The last chunk, of which the first one grows. */
  private ByteBuffer chunkFor(int byteCount) {
    int last = chunks.size() - 1;
    if (last < 0) {
      chunks.add(ByteBuffer.allocate(Math.max(FIRST_CHUNK_BYTES, byteCount)));
      return chunks.get(0);
    }
    ByteBuffer chunk = chunks.get(last);
    if (chunk.remaining() >= byteCount) {
      return chunk;
    }
    boolean canGrow = chunk.position() + byteCount <= CHUNK_BYTES && last == 0;
    if (!canGrow) {
      chunks.add(ByteBuffer.allocate(CHUNK_BYTES));
      return chunks.get(last + 1);
    }
    int wanted = Math.max(2 * chunk.capacity(), chunk.position() + byteCount);
    ByteBuffer larger = ByteBuffer.allocate(Math.min(CHUNK_BYTES, wanted));
    larger.put(chunk.flip());
    chunks.set(0, larger);
    return larger;
  }

  /** Stores an entry instead of one of the same name. */
  void set(int number, MergedEntries.Entry entry) {
    ByteBuffer chunk = chunk(number);
    int at = offset(number);
    chunk.putLong(at + INODE_NR, entry.inodeNr());
    chunk.putLong(at + BRANCH_INODE_NR, entry.branchInodeNr());
    chunk.putInt(at + BRANCHES, branchIndex(entry.branchNrs()));
    chunk.put(at + TYPE, (byte) TYPES.indexOf(entry.type()));
  }

  /** Few directories have entries of many combinations of branches. */
  private int branchIndex(List<Integer> branchNrs) {
    return branchIndexes.computeIfAbsent(
        List.copyOf(branchNrs),
        added -> {
          branches.add(added);
          return branches.size() - 1;
        });
  }

  /** An entry's is not used any more. */
  void remove(int number) {
    unusedBytes += NAME + nameBytes(number);
  }

  private ByteBuffer chunk(int number) {
    return chunks.get(number >>> CHUNK_BITS);
  }

  private static int offset(int number) {
    return number & (CHUNK_BYTES - 1);
  }

  private int nameBytes(int number) {
    return chunk(number).getShort(offset(number) + NAME_BYTES);
  }

  boolean hasName(int number, Name name) {
    if (nameBytes(number) != name.byteCount()) {
      return false;
    }
    ByteBuffer chunk = chunk(number);
    int from = offset(number) + NAME;
    String bytes = name.latin1();
    for (int i = 0; i < bytes.length(); i++) {
      if ((chunk.get(from + i) & 0xff) != bytes.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  Name name(int number) {
    return Name.ofBytes(chunk(number), offset(number) + NAME, nameBytes(number));
  }

  FileType type(int number) {
    return TYPES.get(chunk(number).get(offset(number) + TYPE));
  }

  long inodeNr(int number) {
    return chunk(number).getLong(offset(number) + INODE_NR);
  }

  /** The whole entry, whose name is known. */
  MergedEntries.Entry entry(int number, Name name) {
    ByteBuffer chunk = chunk(number);
    int at = offset(number);
    return new MergedEntries.Entry(
        name,
        type(number),
        inodeNr(number),
        chunk.getLong(at + BRANCH_INODE_NR),
        branches.get(chunk.getInt(at + BRANCHES)));
  }
}
