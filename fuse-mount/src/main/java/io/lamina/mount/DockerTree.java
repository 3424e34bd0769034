package io.lamina.mount;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import io.lamina.fs.virtual.VirtualDirectory;
import io.lamina.fs.virtual.VirtualDirectory.Entry;
import io.lamina.fs.virtual.VirtualFile;
import io.lamina.fs.virtual.VirtualOwner;
import io.lamina.graph.DockerStore;
import io.lamina.graph.HistoryEntry;
import io.lamina.graph.Id;
import io.lamina.graph.ImageRecord;
import io.lamina.layer.DockerLayers;
import io.lamina.layer.Layer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A docker root as a tree, beside what a {@link PoolTree} shows of its pool: {@code mnt/<id>/} what
 * an image or a container looks like, {@code diff/<id>/} what its own layer changed, {@code
 * layers/<id>} what lies below it, {@code graph/<id>/} the records of an image, {@code
 * repositories-<driver>}, and {@code tags/<repository>/<tag>}.
 *
 * <p>Records are read when their directory is first looked at, and layers are opened then.
 */
final class DockerTree implements FileTree {
  private static final int NAME_MAX_BYTES = 255;

  private final DockerLayers layers;
  private final DockerStore store;
  private final @Nullable FileTree pool;
  private final VirtualOwner owner;
  private final InodeNumbers numbers = InodeNumbers.besideAPool();
  private final Map<String, LayerDirectory> opened = new ConcurrentHashMap<>();
  private final Map<String, Node> directories = new ConcurrentHashMap<>();
  private final Node root;

  /**
   * Shows these layers, which stay the caller's to close, as does the pool's tree.
   *
   * @param pool what is shown of the root's pool, where it has one
   */
  DockerTree(DockerLayers layers, @Nullable FileTree pool, VirtualOwner owner) throws IOException {
    this.layers = layers;
    this.store = layers.store();
    this.pool = pool;
    this.owner = owner;
    this.root = new MountRoot(numbers.next(), owner, entries());
  }

  private List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    if (pool != null) {
      Node poolRoot = pool.root();
      poolRoot.list(
          0,
          (name, inodeNr, type, next) -> {
            entries.add(new Entry(name, inodeNr, type, () -> present(poolRoot, name)));
            return true;
          });
    }
    entries.add(directory("mnt", this::mnt));
    entries.add(directory("diff", this::diff));
    entries.add(directory("layers", this::layers));
    entries.add(directory("graph", this::graph));
    entries.add(directory("tags", () -> TagDirectories.of(store.tags().ids(), numbers, owner)));
    entries.add(file("repositories-" + store.driver(), this::tagStore));
    if (pool == null) {
      entries.add(file("status", this::status));
    }
    return entries;
  }

  private static Node present(Node directory, Name name) throws IOException {
    Node child = directory.child(name);
    if (child == null) {
      throw new FsException(Errno.ENOENT, name.toString());
    }
    return child;
  }

  private Entry directory(String name, VirtualDirectory.Maker maker) {
    return new Entry(
        Name.of(name), numbers.next(), FileType.DIRECTORY, () -> madeOnce(name, maker));
  }

  private Node madeOnce(String name, VirtualDirectory.Maker maker) throws IOException {
    Node known = directories.get(name);
    if (known == null) {
      Node made = maker.node();
      Node raced = directories.putIfAbsent(name, made);
      known = raced == null ? made : raced;
    }
    return known;
  }

  private Entry file(String name, VirtualFile.Content content) {
    return Entry.of(name, new VirtualFile(numbers.next(), owner, content));
  }

  private VirtualDirectory listed(List<Entry> entries, boolean costly) {
    return new VirtualDirectory(numbers.next(), owner, entries, costly);
  }

  private Node mnt() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String id : layers.ids()) {
      entries.add(lazily("mnt/" + id, id, () -> layers.merged(layers.stack(id))));
    }
    return listed(entries, true);
  }

  private Node diff() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String id : layers.ids()) {
      entries.add(lazily("diff/" + id, id, () -> layers.diff(layers.stack(id))));
    }
    return listed(entries, true);
  }

  private Entry lazily(String place, String id, LayerDirectory.Opener opener) {
    return opened
        .computeIfAbsent(place, any -> new LayerDirectory(place, opener, numbers, owner))
        .entry(id);
  }

  private Node layers() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String id : layers.ids()) {
      entries.add(
          file(
              id,
              () -> {
                StringBuilder lines = new StringBuilder();
                for (Layer layer : layers.stack(id).below()) {
                  lines.append(layer.id()).append('\n');
                }
                return lines.toString();
              }));
    }
    return listed(entries, true);
  }

  private Node graph() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Id id : store.imageIds()) {
      List<Entry> files =
          List.of(
              file("json", () -> new String(store.image(id).bytes(), StandardCharsets.UTF_8)),
              file("layersize", () -> Long.toString(ownSize(store.image(id)))));
      entries.add(Entry.of(id.hex(), listed(files, false)));
    }
    return listed(entries, true);
  }

  /** Bytes of the layer that its last step made; none where that made none. */
  private long ownSize(ImageRecord image) throws IOException {
    List<HistoryEntry> history = store.history(image);
    return history.isEmpty() ? image.size() : history.get(0).size();
  }

  private String tagStore() throws IOException {
    return Files.exists(store.tags().file()) ? Files.readString(store.tags().file()) : "";
  }

  private String status() throws IOException {
    return "docker root        "
        + store.root()
        + "\nstorage driver     "
        + store.driver()
        + "\nlayout             "
        + (store.isOld() ? "before docker 1.10" : "docker 1.10 and later")
        + "\nimages             "
        + store.imageIds().size()
        + "\ncontainers         "
        + store.containerIds().size()
        + "\nmode               read-only\nserved by process  "
        + ProcessHandle.current().pid()
        + "\n";
  }

  @Override
  public Node root() {
    return root;
  }

  @Override
  public TreeSpace space() throws IOException {
    if (pool != null) {
      return pool.space();
    }
    FileStore host = Files.getFileStore(store.root());
    int blockBytes = (int) host.getBlockSize();
    return new TreeSpace(
        blockBytes,
        host.getTotalSpace() / blockBytes,
        host.getUnallocatedSpace() / blockBytes,
        host.getUsableSpace() / blockBytes,
        0,
        0,
        NAME_MAX_BYTES);
  }

  @Override
  public TreeSpace space(Node node) throws IOException {
    return pool != null ? pool.space(node) : space();
  }

  @Override
  public void close() throws IOException {
    for (LayerDirectory directory : opened.values()) {
      directory.close();
    }
  }
}
