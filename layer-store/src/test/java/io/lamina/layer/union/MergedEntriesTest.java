package io.lamina.layer.union;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The entries of a merged directory, against a plain map of them. */
class MergedEntriesTest {
  private static final int SEEDS = Integer.getInteger("lamina.seeds", 5);
  private static final int STEPS = 20_000;
  private static final List<FileType> TYPES = List.of(FileType.values());

  private final MergedEntries entries = new MergedEntries(List.of());
  private final Map<Name, MergedEntries.Entry> model = new HashMap<>();

  private static Name name(Random random, int nameCount) {
    int number = random.nextInt(nameCount);
    return Name.ofLatin1("n".repeat(1 + number % 250) + number);
  }

  private static MergedEntries.Entry entry(Random random, Name name) {
    return new MergedEntries.Entry(
        name,
        TYPES.get(random.nextInt(TYPES.size())),
        random.nextLong(),
        random.nextLong(),
        random.nextBoolean() ? List.of(0) : List.of(1, 1 + random.nextInt(100)));
  }

  private void put(MergedEntries.Entry entry) {
    entries.put(entry);
    model.put(entry.name(), entry);
  }

  private void remove(Name name) {
    entries.remove(name);
    model.remove(name);
  }

  private Map<Name, Long> listed(long cookie) {
    Map<Name, Long> listed = new HashMap<>();
    List<Long> cookies = new ArrayList<>();
    entries.list(
        cookie,
        (name, inodeNr, type, next) -> {
          assertThat(listed.put(name, next)).as(name.toString()).isNull();
          assertThat(inodeNr).isEqualTo(model.get(name).inodeNr());
          assertThat(type).isEqualTo(model.get(name).type());
          cookies.add(next);
          return true;
        });
    assertThat(cookies).isSorted().allMatch(next -> next > cookie);
    return listed;
  }

  @ParameterizedTest(name = "{0} names")
  @ValueSource(ints = {3, 100, 3000})
  void whatWasPutAndNotRemovedIsFoundAndListed(int nameCount) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      for (int step = 0; step < STEPS; step++) {
        Name name = name(random, nameCount);
        boolean grows = step / (STEPS / 4) % 2 == 0;
        if (random.nextInt(4) == 0 == grows) {
          remove(name);
        } else {
          put(entry(random, name));
        }
        Name asked = name(random, nameCount);
        assertThat(entries.get(asked)).isEqualTo(model.get(asked));
      }
      assertThat(entries.count()).isEqualTo(model.size());
      assertThat(listed(0).keySet()).isEqualTo(model.keySet());
      assertThat(new HashSet<>(entries.names())).isEqualTo(model.keySet());
      model.forEach((name, entry) -> assertThat(entries.get(name)).isEqualTo(entry));
      List.copyOf(model.keySet()).forEach(this::remove);
      assertThat(entries.isEmpty()).isTrue();
      assertThat(listed(0)).isEmpty();
    }
  }

  @Test
  void aListingThatGoesOnMeetsOnceWhatStayed() {
    Random random = new Random(1);
    Set<Name> stay = new HashSet<>();
    for (int i = 0; i < 5000; i++) {
      Name name = Name.ofLatin1("file" + i);
      put(entry(random, name));
      if (i % 2 == 0) {
        stay.add(name);
      }
    }
    Set<Name> met = new HashSet<>();
    long[] cookie = {0};
    boolean goesOn = true;
    for (int round = 0; goesOn; round++) {
      int[] left = {100};
      entries.list(
          cookie[0],
          (name, inodeNr, type, next) -> {
            if (left[0]-- == 0) {
              return false;
            }
            cookie[0] = next;
            assertThat(met.add(name) || !stay.contains(name)).as(name.toString()).isTrue();
            return true;
          });
      goesOn = left[0] < 0;
      for (int i = 0; i < 200; i++) {
        remove(Name.ofLatin1("file" + (2 * random.nextInt(2500) + 1)));
        put(entry(random, Name.ofLatin1("new" + round + "of" + i)));
      }
    }
    assertThat(met).containsAll(stay);
  }

  @Test
  void anEntryTakesFewBytesAndRemovedOnesTakeNone() {
    Random random = new Random(2);
    for (int i = 0; i < 100_000; i++) {
      entries.put(entry(random, Name.ofLatin1("file-with-a-name-" + i)));
    }
    assertThat(entries.byteCount()).isLessThan(100_000 * 80L);
    for (int i = 0; i < 100_000; i++) {
      entries.remove(Name.ofLatin1("file-with-a-name-" + i));
    }
    assertThat(entries.byteCount()).isLessThan(200_000);
  }
}
