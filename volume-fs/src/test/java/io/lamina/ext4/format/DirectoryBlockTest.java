package io.lamina.ext4.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.Name;
import io.lamina.ondisk.CorruptException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryBlockTest {
  private static final Site SITE = new Site("ext4 directory block of inode", 2, 9);
  private static final long INODES = 1 << 20;
  private static final int FEATURE_RO_COMPAT = 0x64;
  private static final int SEED = 77;
  private static final Checksums CHECKSUMS = checksums();

  private static Checksums checksums() {
    ByteBuffer bytes = buffer(Superblock.BYTES);
    bytes.putInt(FEATURE_RO_COMPAT, Feature.METADATA_CSUM.bit());
    return new Checksums(Superblock.unchecked(bytes));
  }

  private static ByteBuffer buffer(int byteCount) {
    return ByteBuffer.allocate(byteCount).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static DirectoryBlock block(ByteBuffer bytes) {
    return DirectoryBlock.of(bytes, true, INODES, SITE);
  }

  private static ByteBuffer empty(int blockBytes) {
    ByteBuffer bytes = buffer(blockBytes);
    DirectoryEntries.startTail(bytes);
    block(bytes).clear();
    return bytes;
  }

  private static Map<Name, Long> names(ByteBuffer bytes) throws CorruptException {
    Map<Name, Long> names = new HashMap<>();
    DirectoryEntries entries = block(bytes).entries();
    while (entries.next()) {
      if (entries.inodeNr() != 0) {
        Name name = Name.ofBytes(bytes, entries.nameOffset(), entries.nameBytes());
        assertThat(names.put(name, entries.inodeNr())).isNull();
      }
    }
    return names;
  }

  private static byte[] name(Random random, int most) {
    byte[] name = new byte[1 + random.nextInt(most)];
    for (int i = 0; i < name.length; i++) {
      name[i] = (byte) (1 + random.nextInt(255));
    }
    return name;
  }

  @ParameterizedTest(name = "blocks of {0}")
  @ValueSource(ints = {1024, 4096, 32768, 65536})
  void behavesLikeAMap(int blockBytes) throws IOException {
    Random random = new Random(blockBytes);
    ByteBuffer bytes = empty(blockBytes);
    DirectoryBlock block = block(bytes);
    Map<Name, Long> model = new HashMap<>();
    for (int step = 0; step < 4000; step++) {
      List<Name> known = new ArrayList<>(model.keySet());
      if (random.nextInt(100) < 55) {
        byte[] name = name(random, random.nextBoolean() ? 255 : 12);
        int room = block.room(name.length);
        int there = block.find(name);
        assertThat(block.search(name))
            .isEqualTo(
                new DirectoryBlock.Search(
                    there, there == DirectoryBlock.NOT_FOUND ? room : DirectoryBlock.NOT_FOUND));
        if (room != DirectoryBlock.NOT_FOUND && !model.containsKey(Name.ofBytes(name))) {
          long inodeNr = 1L + random.nextInt((int) INODES);
          block.insert(room, name, inodeNr, 1);
          model.put(Name.ofBytes(name), inodeNr);
        }
      } else if (!known.isEmpty()) {
        Name name = known.get(random.nextInt(known.size()));
        int at = block.find(name.bytes());
        assertThat(block.search(name.bytes()).offset()).isEqualTo(at);
        assertThat(block.inodeNr(at)).isEqualTo(model.remove(name));
        block.remove(at);
        assertThat(block.find(name.bytes())).isEqualTo(DirectoryBlock.NOT_FOUND);
      }
      if (step % 50 == 0) {
        assertThat(names(bytes)).as("step %d", step).isEqualTo(model);
      }
    }
    DirectoryEntries.seal(bytes, CHECKSUMS, SEED);
    DirectoryEntries.verify(bytes, CHECKSUMS, SEED, SITE);
  }

  @Test
  void whatIsEmptiedTakesTheLongestNamesAgain() throws IOException {
    ByteBuffer bytes = empty(1024);
    DirectoryBlock block = block(bytes);
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 3; i++) {
        byte[] name = ("" + i).repeat(255).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        block.insert(block.room(name.length), name, 5, 1);
      }
      assertThat(block.room(255)).isEqualTo(DirectoryBlock.NOT_FOUND);
      for (Name name : names(bytes).keySet()) {
        block.remove(block.find(name.bytes()));
      }
      assertThat(block.hasNames()).isFalse();
    }
  }

  @Test
  void anEntryThatReachesPastTheBlockIsDamage() {
    ByteBuffer bytes = empty(1024);
    bytes.putShort(4, (short) 2000);
    assertThatThrownBy(() -> block(bytes).room(3))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("rec_len");
  }

  @ParameterizedTest(name = "blocks of {0}")
  @ValueSource(ints = {1024, 4096, 65536})
  void aFullBlockIsSplitByHashes(int blockBytes) throws IOException {
    Random random = new Random(blockBytes);
    NameHasher hasher = new NameHasher(1, new int[] {1, 2, 3, 4});
    ByteBuffer lower = empty(blockBytes);
    byte[] name = name(random, 255);
    while (block(lower).room(name.length) != DirectoryBlock.NOT_FOUND) {
      block(lower).insert(block(lower).room(name.length), name, 7, 1);
      name = name(random, 255);
    }
    Map<Name, Long> before = names(lower);
    ByteBuffer upper = empty(blockBytes);
    int hash = new LeafSplit(hasher, true, INODES, SITE).split(lower, upper);
    Map<Name, Long> after = new HashMap<>(names(lower));
    assertThat(after.keySet()).allMatch(n -> compare(hasher, n, hash) < 0);
    assertThat(names(upper).keySet()).allMatch(n -> compare(hasher, n, hash) >= 0);
    assertThat(upper).isNotEqualTo(lower);
    after.putAll(names(upper));
    assertThat(after).isEqualTo(before);
    assertThat(block(lower).room(200)).isNotNegative();
    assertThat(block(upper).room(200)).isNotNegative();
  }

  private static int compare(NameHasher hasher, Name name, int hash) {
    return Integer.compareUnsigned(hasher.of(name.bytes()).major(), hash);
  }

  @Test
  void namesOfOneHashAreMarkedWhereTheyGoOn() throws IOException {
    NameHasher hasher = new NameHasher(0, new int[4]);
    ByteBuffer lower = empty(1024);
    byte[] same = {'x'};
    // The same name over and over has the same hash, which no sound directory holds.
    while (block(lower).room(1) != DirectoryBlock.NOT_FOUND) {
      block(lower).insert(block(lower).room(1), same, 7, 1);
    }
    ByteBuffer upper = empty(1024);
    int hash = new LeafSplit(hasher, true, INODES, SITE).split(lower, upper);
    assertThat(hash).isEqualTo(hasher.of(same).major() | 1);
  }
}
