package io.lamina.ext4;

import io.lamina.block.MemoryDevice;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A small sound volume in memory, whose bytes can be spoilt, and which knows where they lie. */
final class HostileVolume {
  static final int BLOCK_BYTES = 1024;

  private static final String TREE =
      """
      echo plain > plain
      for i in $(seq 0 2 60); do
        echo x | dd of=pieces bs=1024 seek=$i conv=notrunc status=none
      done
      head -c 40000 /dev/urandom > whole
      ln -s target short-link
      ln -s $(printf '%0200d' 1) long-link
      mkdir small many
      touch small/a small/b
      for i in $(seq 100 299); do ln plain many/a-name-of-some-length-$i; done
      echo x > attributes
      setfattr -n user.one -v value attributes
      setfattr -n user.two -v "$(printf '%0400d' 1)" attributes
      echo inline > inline
      """;

  private final Path image;
  private final ByteBuffer sound;
  private final Map<String, String> answers = new HashMap<>();

  private HostileVolume(Path image) throws IOException {
    this.image = image;
    this.sound = ByteBuffer.wrap(Files.readAllBytes(image)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Makes one with the features given, besides those of ext4. */
  static HostileVolume make(Path directory, String features) throws IOException {
    Tools.require("mke2fs", "debugfs", "e2fsck", "bash", "setfattr");
    Path tree = Files.createDirectory(directory.resolve("tree"));
    SampleTree.run(tree, TREE);
    Path image = directory.resolve("volume.img");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(4 << 20);
    }
    List<String> arguments = new ArrayList<>(List.of("-q", "-F", "-t", "ext4", "-b", "1024"));
    arguments.addAll(List.of("-N", "64", "-O", features));
    arguments.addAll(List.of("-d", tree.toString(), image.toString()));
    Tools.run(0, "", "mke2fs", arguments.toArray(new String[0]));
    Tools.run(1, "", "e2fsck", "-fyD", image.toString());
    return new HostileVolume(image);
  }

  /** A copy of its bytes, little-endian. */
  ByteBuffer copy() {
    byte[] bytes = sound.array().clone();
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static MemoryDevice device(ByteBuffer bytes) {
    byte[] all = new byte[bytes.capacity()];
    bytes.get(0, all);
    return new MemoryDevice(all, "hostile");
  }

  /** Where the inode of a file starts. */
  int inode(String path) throws IOException {
    String where = ask("imap " + path);
    return number(where, "block (\\d+)") * BLOCK_BYTES
        + Integer.parseInt(find(where, "offset 0x([0-9a-f]+)"), 16);
  }

  /** Where a block of a file starts. */
  int block(String path, int index) throws IOException {
    return Integer.parseInt(ask("bmap " + path + " " + index).trim()) * BLOCK_BYTES;
  }

  /** Where the block of its extents starts, of a file whose tree has two levels. */
  int extentBlock(String path) throws IOException {
    return number(ask("stat " + path), "\\(ETB0\\):(\\d+)") * BLOCK_BYTES;
  }

  /** Where the block of its attributes starts. */
  int xattrBlock(String path) throws IOException {
    return number(ask("stat " + path), "File ACL: (\\d+)") * BLOCK_BYTES;
  }

  private String ask(String question) throws IOException {
    String answer = answers.get(question);
    if (answer == null) {
      answer = Tools.run(0, "", "debugfs", "-R", question, image.toString());
      answer = answer.substring(answer.indexOf('\n') + 1); // its version
      answers.put(question, answer);
    }
    return answer;
  }

  private static int number(String text, String pattern) {
    return Integer.parseInt(find(text, pattern));
  }

  private static String find(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    if (!matcher.find()) {
      throw new IllegalArgumentException("no " + pattern + " in: " + text);
    }
    return matcher.group(1);
  }
}
