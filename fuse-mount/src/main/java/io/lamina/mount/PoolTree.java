package io.lamina.mount;

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
  private final Node root;
  private final TreeSpace space;
  private final List<VolumeDirectory> volumes = new ArrayList<>();

  /**
   * Shows these volumes; the pool they come from stays the caller's to close.
   *
   * @param space the pool's own space
   * @param uniqueNumbers whether files' numbers are to be unique in all volumes
   */
  PoolTree(
      List<? extends Volume> shown,
      VirtualFile.Content status,
      TreeSpace space,
      VirtualOwner owner,
      boolean uniqueNumbers) {
    this.space = space;
    InodeNumbers numbers = new InodeNumbers();
    long rootNr = numbers.next();
    List<Entry> directories = new ArrayList<>();
    List<Entry> devices = new ArrayList<>();
    for (Volume volume : shown) {
      long base = uniqueNumbers ? InodeNumbers.baseOf(volume.id()) : 0;
      VolumeDirectory directory = new VolumeDirectory(volume, base, numbers, owner);
      volumes.add(directory);
      directories.add(directory.entry(numbers.next()));
      DeviceNode device = new DeviceNode(volume, numbers.next(), owner);
      devices.add(
          new Entry(Name.of(volume.name()), device.inodeNr(), FileType.REGULAR, () -> device));
    }
    this.root =
        new MountRoot(
            rootNr,
            owner,
            List.of(
                Entry.of("volumes", new VirtualDirectory(numbers.next(), owner, directories, true)),
                Entry.of("devices", new VirtualDirectory(numbers.next(), owner, devices, true)),
                Entry.of("status", new VirtualFile(numbers.next(), owner, status))));
  }

  @Override
  public Node root() {
    return root;
  }

  @Override
  public TreeSpace space() {
    return space;
  }

  @Override
  public TreeSpace space(Node node) throws IOException {
    return node instanceof VolumeNode file ? file.volume().space(space) : space;
  }

  @Override
  public void close() throws IOException {
    for (VolumeDirectory volume : volumes) {
      volume.close();
    }
  }
}
