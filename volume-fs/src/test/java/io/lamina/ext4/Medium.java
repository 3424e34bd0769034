package io.lamina.ext4;

import io.lamina.block.WritableDevice;
import java.io.IOException;

/** Where a volume lies: on a device by itself, or in a pool on two devices. */
interface Medium {
  /** A device that is nothing but the volume. */
  Medium VOLUME =
      new Medium() {
        @Override
        public Opened open(RecordingDevice device) {
          return new Opened(device, () -> {});
        }

        @Override
        public byte[] volume(byte[] content) {
          return content;
        }
      };

  /** Closes what the volume lies in. */
  @FunctionalInterface
  interface Closing {
    void close() throws IOException;
  }

  /** A volume, and what is to be closed after it. */
  record Opened(WritableDevice volume, Closing closing) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      closing.close();
    }
  }

  /** Opens the volume for writing. */
  Opened open(RecordingDevice device) throws IOException;

  /** The volume's bytes. */
  byte[] volume(byte[] content) throws IOException;
}
