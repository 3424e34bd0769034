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
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final Logger LOG = LoggerFactory.getLogger(PoolTree.class);

  static final Name VOLUMES = Name.of("volumes");

  private final ShownPool pool;
  private final Node root;
  private final VirtualOwner owner;
  private final boolean uniqueNumbers;
  private final boolean looksOnly;
  private final InodeNumbers numbers = new InodeNumbers();
  private final VirtualDirectory volumesDirectory;
  private final VirtualDirectory devicesDirectory;

  /** By device id. */
  private volatile Map<Integer, Shown> shown = Map.of();

  private volatile EntryListener listener = (directory, name) -> {};

  /**
   * Shows these volumes; the pool they come from stays the caller's to close.
   *
   * @param uniqueNumbers whether files' numbers are to be unique in all volumes
   */
  PoolTree(
      ShownPool pool, List<? extends Volume> volumes, VirtualOwner owner, boolean uniqueNumbers) {
    this(pool, volumes, owner, uniqueNumbers, false);
  }

  /**
   * The same for volumes whose files are shown, and changed, in another place as well: snapshots of
   * each other, with unique numbers.
   */
  static PoolTree ofStore(ShownPool pool, List<? extends Volume> volumes, VirtualOwner owner) {
    return new PoolTree(pool, volumes, owner, true, true);
  }

  private PoolTree(
      ShownPool pool,
      List<? extends Volume> volumes,
      VirtualOwner owner,
      boolean uniqueNumbers,
      boolean looksOnly) {
    this.pool = pool;
    this.looksOnly = looksOnly;
    this.owner = owner;
    this.uniqueNumbers = uniqueNumbers;
    long rootNr = numbers.next();
    this.volumesDirectory = new VirtualDirectory(numbers.next(), owner, List.of(), true);
    this.devicesDirectory = new VirtualDirectory(numbers.next(), owner, List.of(), true);
    if (pool.isWritable()) {
      volumesDirectory.changing();
      devicesDirectory.changing();
    }
    show(volumes);
    this.root =
        new MountRoot(
            rootNr,
            owner,
            List.of(
                Entry.of(VOLUMES.toString(), volumesDirectory),
                Entry.of("devices", devicesDirectory),
                Entry.of("status", new VirtualFile(numbers.next(), owner, pool::status))));
  }

  /** A volume in both directories. */
  private record Shown(VolumeDirectory files, long entryNr, DeviceNode device) {
    Name name() {
      return Name.of(files.volume().name());
    }
  }

  /**
   * Shows these volumes from now on. One that it showed before, as the id tells, stays what it is,
   * though its name may be another; the files of one that is shown no more are closed.
   */
  synchronized void show(List<? extends Volume> volumes) {
    Map<Integer, Shown> before = shown;
    Map<Integer, Shown> now = new LinkedHashMap<>();
    Set<Name> changed = new HashSet<>();
    before.values().forEach(old -> changed.add(old.name()));
    Set<Name> same = new HashSet<>();
    for (Volume volume : volumes) {
      Shown known = before.get(volume.id());
      if (known == null) {
        known = made(volume);
      } else {
        if (known.name().equals(Name.of(volume.name()))) {
          same.add(known.name());
        }
        known.files().become(volume);
      }
      now.put(volume.id(), known);
      changed.add(known.name());
    }
    shown = Collections.unmodifiableMap(now);
    volumesDirectory.hold(now.values().stream().map(this::filesEntry).toList());
    devicesDirectory.hold(now.values().stream().map(PoolTree::deviceEntry).toList());
    before.keySet().stream().filter(id -> !now.containsKey(id)).map(before::get).forEach(this::end);
    changed.removeAll(same);
    for (Name name : changed) {
      listener.entryChanged(volumesDirectory, name);
      listener.entryChanged(devicesDirectory, name);
    }
  }

  private void end(Shown gone) {
    try {
      gone.files().close();
    } catch (IOException e) {
      LOG.error("{}: {}", gone.files(), e.getMessage());
    }
  }

  private Shown made(Volume volume) {
    long base = uniqueNumbers ? InodeNumbers.baseOf(volume.id()) : 0;
    int id = volume.id();
    VolumeDirectory files = new VolumeDirectory(volume, base, numbers, owner, () -> changed(id));
    long entryNr = numbers.next();
    return new Shown(files, entryNr, new DeviceNode(files, numbers.next(), owner));
  }

  private Entry filesEntry(Shown each) {
    Entry entry = each.files().entry(each.entryNr());
    return looksOnly
        ? new Entry(
            entry.name(),
            entry.inodeNr(),
            entry.type(),
            () -> new LookedAtNode(entry.maker().node()))
        : entry;
  }

  private static Entry deviceEntry(Shown each) {
    DeviceNode device = each.device();
    return new Entry(each.name(), device.inodeNr(), FileType.REGULAR, () -> device);
  }

  private void changed(int id) {
    Shown changed = shown.get(id);
    if (changed != null) {
      listener.entryChanged(volumesDirectory, changed.name());
    }
  }

  /** The files of one volume; null where it is not shown. */
  @Nullable VolumeDirectory files(int deviceId) {
    Shown found = shown.get(deviceId);
    return found == null ? null : found.files();
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
    for (Shown each : shown.values()) {
      each.files().sync();
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
    for (Shown each : shown.values()) {
      try {
        each.files().close();
      } catch (IOException e) {
        if (problem == null) {
          problem = new IOException(each.files() + ": " + e.getMessage(), e);
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
