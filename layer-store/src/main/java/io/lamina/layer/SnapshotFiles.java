package io.lamina.layer;

import io.lamina.fs.FileTree;
import java.io.IOException;

/**
 * The files of a snapshot that nobody else knows of, beside those of all other volumes.
 *
 * @param others who keeps those open, and goes on after this is closed
 */
record SnapshotFiles(String name, FileTree snapshot, VolumeFiles others) implements VolumeFiles {
  @Override
  public FileTree files(String volumeName) throws IOException {
    return volumeName.equals(name) ? snapshot : others.files(volumeName);
  }

  @Override
  public void close() throws IOException {
    snapshot.close();
  }
}
