package io.lamina.mount;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import io.lamina.fs.virtual.VirtualDirectory;
import io.lamina.fs.virtual.VirtualFile;
import io.lamina.fs.virtual.VirtualOwner;
import io.lamina.ondisk.UnsupportedException;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands at {@code volumes/<name>}: the root of the volume's files, which are opened when it
 * is first looked at. Where they cannot be, a directory with one file that says why.
 */
final class VolumeDirectory implements Closeable {
  /** The one file of a volume whose files cannot be shown. */
  static final String ERROR_FILE = ".lamina-error";

  /** How long a request waits for who has just closed what stands in its way. */
  private static final Duration REQUEST_PATIENCE = Duration.ofMillis(200);

  /** How long a command does. */
  private static final Duration COMMAND_PATIENCE = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(VolumeDirectory.class);

  private volatile Volume volume;
  private final long inodeBase;
  private final InodeNumbers virtualNumbers;
  private final VirtualOwner owner;
  private final Runnable whenChanged;
  private volatile @Nullable Node root;
  private @Nullable OpenVolume files;
  private final UseCount deviceWriters = new UseCount();
  private boolean closed;

  /**
   * Opens nothing yet.
   *
   * @param inodeBase added to the numbers of the volume's files
   * @param whenChanged told when what stood here before does not any more
   */
  VolumeDirectory(
      Volume volume,
      long inodeBase,
      InodeNumbers virtualNumbers,
      VirtualOwner owner,
      Runnable whenChanged) {
    this.volume = volume;
    this.inodeBase = inodeBase;
    this.virtualNumbers = virtualNumbers;
    this.owner = owner;
    this.whenChanged = whenChanged;
  }

  Volume volume() {
    return volume;
  }

  /** The same volume, which may have another name or size now. */
  void become(Volume changed) {
    volume = changed;
  }

  long inodeBase() {
    return inodeBase;
  }

  /**
   * Opens the volume the first time.
   *
   * @throws FsException EBUSY while its device is open for writing
   */
  Node root() throws IOException {
    Node known = root;
    if (known == null) {
      deviceWriters.awaitZero(REQUEST_PATIENCE);
      known = openRoot();
    }
    return known;
  }

  /** One thread opens; who comes meanwhile waits for it. */
  private synchronized Node openRoot() throws IOException {
    Node known = root;
    if (known == null) {
      requireNoDeviceWriter();
      known = opened();
      root = known;
    }
    return known;
  }

  private Node opened() {
    try {
      if (closed) {
        throw new IOException("is not shown any more");
      }
      OpenVolume opened = new OpenVolume(this, volume.openFiles());
      files = opened;
      return opened.root();
    } catch (IOException e) {
      // A volume that holds no files is as it should be; a damaged one is news.
      if (e instanceof UnsupportedException) {
        LOG.info("{}: {}", this, e.getMessage());
      } else {
        LOG.error("{}: {}", this, e.getMessage());
      }
      return error(e);
    }
  }

  private Node error(IOException problem) {
    String text = this + ": " + problem.getMessage() + "\n";
    VirtualFile file = new VirtualFile(virtualNumbers.next(), owner, () -> text);
    List<VirtualDirectory.Entry> entries = List.of(VirtualDirectory.Entry.of(ERROR_FILE, file));
    return new VirtualDirectory(virtualNumbers.next(), owner, entries, false);
  }

  private void requireNoDeviceWriter() throws FsException {
    if (!deviceWriters.isZero()) {
      throw new FsException(Errno.EBUSY, this + ": its device is open for writing");
    }
  }

  /**
   * Closes the files, for somebody who will write to the device below them.
   *
   * @throws FsException EBUSY when one of them is open
   */
  void giveUp() throws IOException {
    awaitIdle(REQUEST_PATIENCE);
    closeForWriter();
  }

  private void awaitIdle(Duration patience) {
    OpenVolume open = open();
    if (open != null) {
      open.awaitIdle(patience);
    }
  }

  private synchronized void closeForWriter() throws IOException {
    if (files != null && !files.closeIfIdle()) {
      throw new FsException(Errno.EBUSY, this + ": files of it are open");
    }
    deviceWriters.increment();
    files = null;
    if (root != null) {
      root = null;
      whenChanged.run();
    }
  }

  /**
   * Closes the files of a volume that goes or gets another size; until {@link #takeBack}, nobody
   * opens them again.
   *
   * @throws FsException EBUSY when one of them is open, or the device is open for writing
   */
  void release() throws IOException {
    deviceWriters.awaitZero(COMMAND_PATIENCE);
    awaitIdle(COMMAND_PATIENCE);
    synchronized (this) {
      requireNoDeviceWriter();
      closeForWriter();
    }
  }

  /**
   * The files themselves, for who does not go through the mount.
   *
   * @throws IOException that says why, when they cannot be opened
   */
  FileTree files() throws IOException {
    root();
    OpenVolume open = open();
    if (open == null) {
      throw new IOException(this + ": its files could not be opened");
    }
    return open.tree();
  }

  /**
   * Refuses to go on while a file is open.
   *
   * @throws FsException EBUSY then
   */
  void requireIdle() throws IOException {
    awaitIdle(COMMAND_PATIENCE);
    OpenVolume open = open();
    if (open != null && !open.isIdle()) {
      throw new FsException(Errno.EBUSY, this + ": files of it are open");
    }
  }

  /** He writes no more: the files are opened anew when somebody looks. */
  void takeBack() {
    deviceWriters.decrement();
  }

  /** The space of the volume's own files, and no more than the pool below has. */
  TreeSpace space(TreeSpace ofPool) throws IOException {
    OpenVolume open = open();
    if (open == null) {
      return ofPool;
    }
    TreeSpace own = open.use(() -> open.tree().space());
    return open.tree().isWritable() ? limited(own, ofPool) : own;
  }

  private static TreeSpace limited(TreeSpace own, TreeSpace ofPool) {
    long poolFreeBytes = ofPool.freeBlockCount() * ofPool.blockBytes();
    long most = poolFreeBytes / own.blockBytes();
    return new TreeSpace(
        own.blockBytes(),
        own.blockCount(),
        Math.min(own.freeBlockCount(), most),
        Math.min(own.availableBlockCount(), most),
        own.fileCount(),
        own.freeFileCount(),
        own.nameMaxBytes());
  }

  /** Returns when what was changed in the volume's files outlives a power cut. */
  void sync() throws IOException {
    OpenVolume open = open();
    if (open != null) {
      open.change(() -> open.tree().sync());
    }
  }

  /** Tells the pool which space no file takes. */
  long trim(long offset, long length, long minimum) throws IOException {
    OpenVolume open = open();
    if (open == null) {
      throw new FsException(Errno.EOPNOTSUPP, toString());
    }
    return open.use(() -> open.tree().trim(offset, length, minimum));
  }

  private synchronized @Nullable OpenVolume open() {
    return files;
  }

  VirtualDirectory.Entry entry(long inodeNr) {
    return new VirtualDirectory.Entry(
        Name.of(volume.name()), inodeNr, FileType.DIRECTORY, this::root);
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    if (files != null) {
      files.close();
    }
  }

  @Override
  public String toString() {
    return "volume " + volume.name();
  }
}
