package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.MemoryDevice;
import io.lamina.fs.AllocationMode;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Volumes whose metadata lies, without checksums that would tell, are changed all the same. */
class HostileWritingTest {
  private static final Owner OWNER = new Owner(0, 0);
  private static final int BLOCK_BYTES = 1024;
  private static final String[] OPTIONS = {
    "-t ext4 -b 1024 -O ^metadata_csum", "-t ext4 -b 1024 -O ^metadata_csum,^extent,^64bit"
  };

  @TempDir(factory = InMemory.class)
  static Path directory;

  private static final List<byte[]> IMAGES = new ArrayList<>();

  @BeforeAll
  static void makeImages() throws IOException {
    Tools.require("mke2fs");
    Path tree = Files.createDirectories(directory.resolve("tree/d0"));
    for (int i = 0; i < 6; i++) {
      Files.write(tree.resolve("f" + i), new byte[40_000 * i]);
      Files.write(tree.getParent().resolve("f" + i), new byte[30_000 * i]);
    }
    for (String options : OPTIONS) {
      Path image = directory.resolve("image");
      E2fsprogs.mke2fs(image, "4M", options + " -d " + tree.getParent());
      IMAGES.add(Files.readAllBytes(image));
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, 20L * Integer.getInteger("lamina.seeds", 5));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theWorstIsAnErrorOfOneLine(long seed) {
    Random random = new Random(seed);
    byte[] image = IMAGES.get(random.nextInt(IMAGES.size())).clone();
    for (int i = random.nextInt(30); i >= 0; i--) {
      int block = 2 + random.nextInt(random.nextBoolean() ? 60 : image.length / BLOCK_BYTES - 2);
      int at = block * BLOCK_BYTES + random.nextInt(BLOCK_BYTES);
      image[at] = (byte) (random.nextBoolean() ? random.nextInt(4) : random.nextInt());
    }
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          try (Ext4 volume =
              Ext4.openWritable(new MemoryDevice(image, "hostile"), WriteOptions.DEFAULT)) {
            for (int step = 0; step < 60; step++) {
              attempt(volume.root(), random);
            }
          } catch (IOException e) {
            requireOneLine(e);
          }
        });
  }

  private static void attempt(Node root, Random random) {
    try {
      Node found = random.nextInt(3) == 0 ? root.child(Name.ofLatin1("d0")) : root;
      if (found != null) {
        change(found, Name.ofLatin1("f" + random.nextInt(9)), random);
      }
    } catch (IOException e) {
      requireOneLine(e);
    }
  }

  private static void requireOneLine(IOException e) {
    assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
  }

  private static void change(Node directory, Name name, Random random) throws IOException {
    Name other = Name.ofLatin1("f" + random.nextInt(9));
    switch (random.nextInt(9)) {
      case 0 -> directory.create(name, NewFile.regular(0644, OWNER));
      case 1 -> directory.unlink(name);
      case 2 -> directory.rename(name, directory, other, RenameMode.REPLACE);
      case 3 -> directory.create(name, NewFile.directory(0755, OWNER));
      case 4 -> directory.createSymlink(name, Name.ofLatin1("t".repeat(70)), OWNER);
      default -> {
        Node file = directory.child(name);
        if (file != null) {
          file.setXattr(Name.ofLatin1("user.x"), new byte[random.nextInt(200)], XattrMode.ANY);
          content(file, random);
        }
      }
    }
  }

  private static void content(Node node, Random random) throws IOException {
    try (WritableFile file = node.openForWriting()) {
      int offset = random.nextInt(200_000);
      switch (random.nextInt(4)) {
        case 0 -> file.truncate(offset);
        case 1 -> file.allocate(offset, 9000, AllocationMode.PUNCH_HOLE);
        case 2 -> file.sync(false);
        default -> file.write(offset, ByteBuffer.allocate(5000));
      }
    }
  }
}
