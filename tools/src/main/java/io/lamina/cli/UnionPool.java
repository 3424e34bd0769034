package io.lamina.cli;

import io.lamina.control.ControlServer;
import io.lamina.ext4.Ext4;
import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.mount.MountOptions;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.WritableVolume;
import io.lamina.volume.VolumeFileSystem;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The pool that a union writes to, open for writing in this process alone, which takes commands on
 * it from others. Volumes that the union shows stay as long as it does.
 */
final class UnionPool implements PoolVolumes.Audience, Closeable {
  private final Path directory;
  private final PoolVolumes volumes;
  private final MountOptions options;
  private final ControlServer commands;
  private final Map<Integer, FileTree> byDevice = new ConcurrentHashMap<>();

  private UnionPool(
      Path directory, PoolVolumes volumes, MountOptions options, ControlServer commands) {
    this.directory = directory;
    this.volumes = volumes;
    this.options = options;
    this.commands = commands;
  }

  /**
   * Opens it.
   *
   * @throws IOException also when somebody else writes to it
   */
  static UnionPool open(Path directory, MountOptions options) throws IOException {
    PoolSource source = PoolSource.directory(directory);
    MountedCommands.refuse(source.metadata());
    PoolVolumes volumes = PoolVolumes.open(source, PoolOptions.DEFAULT, WriteArguments.usual());
    try {
      ControlServer commands = MountedCommands.serve(volumes, source);
      UnionPool pool = new UnionPool(directory, volumes, options, commands);
      volumes.show(pool);
      return pool;
    } catch (IOException e) {
      volumes.close();
      throw e;
    }
  }

  /** Whether another path leads to the same pool. */
  boolean isAt(Path other) throws IOException {
    return Files.exists(other) && Files.isSameFile(directory, other);
  }

  /** The device of a volume, by its name or its id. */
  int id(String volume) throws IOException {
    return volumes.volume(volume).id();
  }

  /**
   * The files of a volume, to be changed. To be called before {@link #files}.
   *
   * @throws IOException also when its file system cannot be written to
   */
  FileTree writable(String name) throws IOException {
    WritableVolume volume = volumes.volume(name);
    FileTree files =
        named(name, () -> VolumeFileSystem.openWritable(volume, options.toWriteOptions()));
    byDevice.put(volume.id(), files);
    if (!files.isWritable()) {
      String reason = files instanceof Ext4 ext4 ? ext4.readOnlyReason() : null;
      throw new IOException(
          "volume "
              + name
              + ": is read-only: "
              + (reason == null ? "its file system cannot be written to here" : reason));
    }
    return files;
  }

  /** The files of a volume, to be looked at; those that are changed where it is that one. */
  FileTree files(String name) throws IOException {
    WritableVolume volume = volumes.volume(name);
    @Nullable FileTree known = byDevice.get(volume.id());
    if (known == null) {
      known = named(name, () -> VolumeFileSystem.open(volume));
      byDevice.put(volume.id(), known);
    }
    return known;
  }

  /** Opens a file system. */
  private interface Opening {
    FileTree open() throws IOException;
  }

  private static FileTree named(String name, Opening opening) throws IOException {
    try {
      return opening.open();
    } catch (IOException e) {
      throw new IOException("volume " + name + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void settle(int deviceId) throws IOException {
    @Nullable FileTree files = byDevice.get(deviceId);
    if (files != null) {
      files.sync();
    }
  }

  @Override
  public void release(int deviceId) throws IOException {
    if (byDevice.containsKey(deviceId)) {
      throw new FsException(Errno.EBUSY, "volume " + deviceId + ": a union shows it");
    }
  }

  /** No more commands, then the files, then the pool. */
  @Override
  public void close() throws IOException {
    Closing.all(commands, () -> Closing.all(List.copyOf(byDevice.values())), volumes);
  }
}
