package io.lamina.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.BlockDevice;
import io.lamina.block.MemoryDevice;
import io.lamina.fs.FileTree;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DeviceNodeTest {
  /** A volume of some length. */
  private record Sized(int byteCount) implements Volume {
    @Override
    public int id() {
      return 1;
    }

    @Override
    public String name() {
      return "v";
    }

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public long mappedBytes() {
      return 0;
    }

    @Override
    public BlockDevice device() {
      return new MemoryDevice(new byte[byteCount], name());
    }

    @Override
    public FileTree openFiles() throws IOException {
      return new FakeVolume(1, new byte[0]).openFiles();
    }
  }

  /**
   * What is written past the end of a volume that has become shorter would show in a longer one.
   */
  @Test
  void whoOpensItWhileItGetsAnotherLengthWritesNoFurther() throws IOException {
    AtomicReference<VolumeDirectory> resized = new AtomicReference<>();
    VolumeDirectory files =
        new VolumeDirectory(
            new Sized(8192),
            0,
            new InodeNumbers(),
            PoolTrees.owner(),
            () -> resized.get().become(new Sized(4096)));
    resized.set(files);
    assertThat(files.root()).isNotNull();
    try (WritableFile opened = new DeviceNode(files, 2, PoolTrees.owner()).openForWriting()) {
      assertThat(opened.size()).isEqualTo(4096);
    }
  }
}
