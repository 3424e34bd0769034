package io.lamina.mount;

import io.lamina.fs.TreeSpace;
import io.lamina.fs.virtual.VirtualFile;
import java.io.IOException;

/** A pool that cannot be changed, with a status to choose. */
record FakePool(VirtualFile.Content text) implements ShownPool {
  @Override
  public boolean isWritable() {
    return false;
  }

  @Override
  public TreeSpace space() {
    return new TreeSpace(65536, 10, 5, 5, 0, 0, 255);
  }

  @Override
  public String status() throws IOException {
    return text.text();
  }

  @Override
  public void commit() {
    // Nothing was done to it.
  }
}
