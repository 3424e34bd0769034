package io.lamina.mount;

import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import io.lamina.fs.virtual.VirtualDirectory;
import io.lamina.fs.virtual.VirtualFile;
import io.lamina.fs.virtual.VirtualOwner;
import io.lamina.ondisk.UnsupportedException;
import java.io.Closeable;
import java.io.IOException;
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

  private static final Logger LOG = LoggerFactory.getLogger(VolumeDirectory.class);

  private final Volume volume;
  private final long inodeBase;
  private final InodeNumbers virtualNumbers;
  private final VirtualOwner owner;
  private volatile @Nullable Node root;
  private @Nullable FileTree files;
  private boolean closed;

  /**
   * Opens nothing yet.
   *
   * @param inodeBase added to the numbers of the volume's files
   */
  VolumeDirectory(Volume volume, long inodeBase, InodeNumbers virtualNumbers, VirtualOwner owner) {
    this.volume = volume;
    this.inodeBase = inodeBase;
    this.virtualNumbers = virtualNumbers;
    this.owner = owner;
  }

  Volume volume() {
    return volume;
  }

  long inodeBase() {
    return inodeBase;
  }

  /** Opens the volume the first time. */
  Node root() {
    Node known = root;
    return known != null ? known : openRoot();
  }

  /** One thread opens; who comes meanwhile waits for it. */
  private synchronized Node openRoot() {
    Node known = root;
    if (known == null) {
      known = opened();
      root = known;
    }
    return known;
  }

  private Node opened() {
    try {
      if (closed) {
        throw new IOException("the pool is being closed");
      }
      FileTree opened = volume.openFiles();
      files = opened;
      return new VolumeNode(this, opened.root());
    } catch (IOException e) {
      // A volume that holds no files is as it should be; a damaged one is news.
      if (e instanceof UnsupportedException) {
        LOG.info("volume {}: {}", volume.name(), e.getMessage());
      } else {
        LOG.error("volume {}: {}", volume.name(), e.getMessage());
      }
      return error(e);
    }
  }

  private Node error(IOException problem) {
    String text = "volume " + volume.name() + ": " + problem.getMessage() + "\n";
    VirtualFile file = new VirtualFile(virtualNumbers.next(), owner, () -> text);
    List<VirtualDirectory.Entry> entries = List.of(VirtualDirectory.Entry.of(ERROR_FILE, file));
    return new VirtualDirectory(virtualNumbers.next(), owner, entries, false);
  }

  /** The space of the volume's own files. */
  synchronized TreeSpace space(TreeSpace whereNotOpen) throws IOException {
    return files == null ? whereNotOpen : files.space();
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
}
