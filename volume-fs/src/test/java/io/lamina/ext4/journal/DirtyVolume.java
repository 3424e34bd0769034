package io.lamina.ext4.journal;

import io.lamina.ext4.Tools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A volume made by mke2fs, into whose journal debugfs writes transactions. */
final class DirtyVolume {
  static final int MAGIC = 0xc03b3998;

  private static final Pattern RUN = Pattern.compile("\\((\\d+)(?:-(\\d+))?\\):(\\d+)");

  final Path image;
  final int blockBytes;
  final List<Long> freeBlocks;
  private final Random random;
  private int dataFiles;

  DirtyVolume(Path image, int blockBytes, Random random) throws IOException {
    this.image = image;
    this.blockBytes = blockBytes;
    this.random = random;
    String free = Tools.run(0, "", "debugfs", "-R", "ffb 900 2000", image.toString());
    this.freeBlocks = new ArrayList<>();
    Matcher numbers = Pattern.compile("\\b\\d+\\b").matcher(free.substring(free.indexOf(':')));
    while (numbers.find()) {
      freeBlocks.add(Long.parseLong(numbers.group()));
    }
  }

  static DirtyVolume make(Path directory, int blockBytes, String features, Random random)
      throws IOException {
    Tools.require("mke2fs", "debugfs", "e2fsck");
    Path image = directory.resolve("volume.img");
    try (var file =
        Files.newByteChannel(image, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE))) {
      file.position(16384L * blockBytes - 1).write(ByteBuffer.allocate(1));
    }
    String journalMib = Integer.toString(Math.max(2, blockBytes / 1024));
    Tools.run(
        0,
        "",
        "mke2fs",
        "-q",
        "-F",
        "-t",
        "ext4",
        "-b",
        Integer.toString(blockBytes),
        "-J",
        "size=" + journalMib,
        "-E",
        "lazy_itable_init=1,lazy_journal_init=1",
        "-O",
        features,
        image.toString());
    return new DirtyVolume(image, blockBytes, random);
  }

  /**
   * Writes transactions: each is a line of {@code jw} with its arguments. The journal is opened
   * anew for each, since debugfs 1.47 gives two in a row a wrong order of numbers.
   *
   * @param open the line of {@code jo} to start with, which chooses the checksums
   */
  void write(String open, List<String> transactions) throws IOException {
    String script = open + "\n" + String.join("\njc\njo\n", transactions) + "\njc\n";
    String output = Tools.run(0, script, "debugfs", "-w", "-f", "/dev/stdin", image.toString());
    if (output.contains("while") || output.contains("not open")) {
      throw new IOException(output);
    }
  }

  /** A transaction that logs blocks with random content, every third of it escaped. */
  String transaction(List<Long> blocks, List<Long> revoked, boolean committed) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(Math.max(1, blocks.size()) * blockBytes);
    random.nextBytes(data.array());
    for (int i = 0; i < blocks.size(); i += 3) {
      data.putInt(i * blockBytes, MAGIC);
    }
    Path file = image.resolveSibling("data" + dataFiles++);
    Files.write(file, data.array());
    return "jw"
        + (committed ? "" : " -c")
        + (blocks.isEmpty() ? "" : " -b " + list(blocks))
        + (revoked.isEmpty() ? "" : " -r " + list(revoked))
        + (blocks.isEmpty() ? "" : " " + file);
  }

  private static String list(List<Long> blocks) {
    return blocks.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /** The map of the journal's inode, as debugfs shows it. */
  LogMap log() throws IOException {
    String stat = Tools.run(0, "", "debugfs", "-R", "stat <8>", image.toString());
    TreeMap<Long, Long> runs = new TreeMap<>();
    long count = 0;
    Matcher matcher = RUN.matcher(stat);
    while (matcher.find()) {
      long from = Long.parseLong(matcher.group(1));
      long to = matcher.group(2) == null ? from : Long.parseLong(matcher.group(2));
      runs.put(from, Long.parseLong(matcher.group(3)));
      count = to + 1;
    }
    long blockCount = count;
    return new LogMap() {
      @Override
      public long blockCount() {
        return blockCount;
      }

      @Override
      public long blockNr(long logBlock) {
        var run = runs.floorEntry(logBlock);
        return run.getValue() + logBlock - run.getKey();
      }
    };
  }

  /** A copy of the image whose journal e2fsck has replayed. */
  Path replayedByE2fsck() throws IOException {
    Path copy = image.resolveSibling("replayed.img");
    Files.copy(image, copy, StandardCopyOption.REPLACE_EXISTING);
    String output = Tools.run(1, "", "e2fsck", "-y", "-E", "journal_only", copy.toString());
    if (!output.contains("recovering journal")) {
      throw new IOException(output);
    }
    return copy;
  }
}
