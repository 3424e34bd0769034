package io.lamina.mount;

import io.lamina.fs.EntryListener;
import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import io.lamina.fs.virtual.VirtualDirectory;
import io.lamina.fs.virtual.VirtualDirectory.Entry;
import io.lamina.fs.virtual.VirtualFile;
import io.lamina.fs.virtual.VirtualOwner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A pool as a tree: {@code volumes/<name>/} the files of each volume, {@code devices/<name>} each
 * volume's raw content, {@code status}.
 *
 * <p>A volume is opened when its directory is first looked at, not when it is listed: a pool of a
 * thousand volumes is shown as fast as one of three.
 *
 * <p>Files keep the inode numbers that their volume gave them, so that two volumes have files of
 * the same number on what looks like one device. A program that copies two volumes in one go and
 * knows hard links by their numbers may take one for the other; for it there are unique numbers,
 * with the device id in the upper 32 bits.
 */
final class PoolTree implements FileTree {
  private final ShownPool pool;
  private final Node root;
  private final VirtualDirectory volumesDirectory;
  private final List<VolumeDirectory> volumes = new ArrayList<>();
  private volatile EntryListener listener = (directory, name) -> {};

  /**
   * Shows these volumes; the pool they come from stays the caller's to close.
   *
   * @param uniqueNumbers whether files' numbers are to be unique in all volumes
   */
  PoolTree(
      ShownPool pool, List<? extends Volume> shown, VirtualOwner owner, boolean uniqueNumbers) {
    this.pool = pool;
    InodeNumbers numbers = new InodeNumbers();
    long rootNr = numbers.next();
    List<Entry> directories = new ArrayList<>();
    List<Entry> devices = new ArrayList<>();
    for (Volume volume : shown) {
      Name name = Name.of(volume.name());
      long base = uniqueNumbers ? InodeNumbers.baseOf(volume.id()) : 0;
      VolumeDirectory directory =
          new VolumeDirectory(volume, base, numbers, owner, () -> changed(name));
      volumes.add(directory);
      directories.add(directory.entry(numbers.next()));
      DeviceNode device = new DeviceNode(volume, directory, numbers.next(), owner);
      devices.add(new Entry(name, device.inodeNr(), FileType.REGULAR, () -> device));
    }
    this.volumesDirectory = new VirtualDirectory(numbers.next(), owner, directories, true);
    this.root =
        new MountRoot(
            rootNr,
            owner,
            List.of(
                Entry.of("volumes", volumesDirectory),
                Entry.of("devices", new VirtualDirectory(numbers.next(), owner, devices, true)),
                Entry.of("status", new VirtualFile(numbers.next(), owner, pool::status))));
  }

  private void changed(Name volume) {
    listener.entryChanged(volumesDirectory, volume);
  }

  @Override
  public Node root() {
    return root;
  }

  @Override
  public boolean isWritable() {
    return pool.isWritable();
  }

  @Override
  public void listen(EntryListener newListener) {
    listener = newListener;
  }

  @Override
  public TreeSpace space() {
    return pool.space();
  }

  @Override
  public TreeSpace space(Node node) throws IOException {
    return node instanceof VolumeNode file ? file.volume().space(space()) : space();
  }

  @Override
  public void sync() throws IOException {
    for (VolumeDirectory volume : volumes) {
      volume.sync();
    }
    pool.commit();
  }

  @Override
  public void sync(Node node) throws IOException {
    if (node instanceof VolumeNode file) {
      file.volume().sync();
    } else {
      pool.commit();
    }
  }

  @Override
  public long trim(Node node, long offset, long length, long minimum) throws IOException {
    return node instanceof VolumeNode file
        ? file.volume().trim(offset, length, minimum)
        : trim(offset, length, minimum);
  }

  /** One volume that cannot be closed well does not keep the others from it. */
  @Override
  public void close() throws IOException {
    IOException problem = null;
    for (VolumeDirectory volume : volumes) {
      try {
        volume.close();
      } catch (IOException e) {
        if (problem == null) {
          problem = new IOException(volume + ": " + e.getMessage(), e);
        } else {
          problem.addSuppressed(e);
        }
      }
    }
    if (problem != null) {
      throw problem;
    }
  }
}
