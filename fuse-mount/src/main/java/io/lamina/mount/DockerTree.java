package io.lamina.mount;

import io.lamina.fs.EntryListener;
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
import io.lamina.layer.LayerStack;
import io.lamina.layer.WritableRoot;
import io.lamina.layer.union.UnionTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A docker root as a tree, beside what a {@link PoolTree} shows of its pool: {@code mnt/<id>/} what
 * an image or a container looks like, {@code diff/<id>/} what its own layer changed, {@code
 * layers/<id>} what lies below it, {@code graph/<id>/} the records of an image, {@code
 * repositories-<driver>}, and {@code tags/<repository>/<tag>}.
 *
 * <p>Records are read when their directory is first looked at, and layers are opened then. Of a
 * root that is changed meanwhile, what is listed follows the changes, and containers are written to
 * below {@code mnt}.
 */
final class DockerTree implements FileTree {
  private static final Logger LOG = LoggerFactory.getLogger(DockerTree.class);
  private static final int NAME_MAX_BYTES = 255;

  private final DockerLayers layers;
  private final DockerStore store;
  private final @Nullable FileTree pool;
  private final VirtualOwner owner;
  private final InodeNumbers numbers = InodeNumbers.besideAPool();
  private final Map<String, LayerDirectory> opened = new ConcurrentHashMap<>();

  /** By id, in the order of the first listing: the same for each mount of what did not change. */
  private final Map<String, Long> serials = new ConcurrentHashMap<>();

  private final AtomicLong nextSerial = new AtomicLong();
  private final Map<String, VirtualDirectory> directories = new ConcurrentHashMap<>();
  private final Opener merged;
  private final boolean changes;
  private final Node root;
  private volatile EntryListener listener = (directory, name) -> {};

  /** Puts together what a stack looks like. */
  interface Opener {
    FileTree open(LayerStack stack) throws IOException;
  }

  /** Makes the entries of a directory. */
  private interface Listing {
    List<Entry> entries() throws IOException;
  }

  private DockerTree(
      DockerLayers layers,
      @Nullable FileTree pool,
      Opener merged,
      VirtualOwner owner,
      boolean changes)
      throws IOException {
    this.layers = layers;
    this.store = layers.store();
    this.pool = pool;
    this.owner = owner;
    this.merged = merged;
    this.changes = changes;
    this.root = new MountRoot(numbers.next(), owner, entries());
  }

  /**
   * Shows these layers, which stay the caller's to close, as does the pool's tree.
   *
   * @param pool what is shown of the root's pool, where it has one
   */
  static DockerTree of(DockerLayers layers, @Nullable FileTree pool, VirtualOwner owner)
      throws IOException {
    return new DockerTree(layers, pool, layers::merged, owner, false);
  }

  /**
   * The same for a root that is changed meanwhile.
   *
   * @param merged what stands below {@code mnt}
   */
  static DockerTree changing(
      WritableRoot root, @Nullable FileTree pool, Opener merged, VirtualOwner owner)
      throws IOException {
    DockerTree tree = new DockerTree(root.layers(), pool, merged, owner, true);
    root.layers().listen(tree::follow);
    return tree;
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
    entries.add(directory("tags", this::tags));
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

  private Entry directory(String name, Listing listing) {
    return new Entry(
        Name.of(name), numbers.next(), FileType.DIRECTORY, () -> madeOnce(name, listing));
  }

  private Node madeOnce(String name, Listing listing) throws IOException {
    VirtualDirectory known = directories.get(name);
    if (known == null) {
      VirtualDirectory made =
          new VirtualDirectory(numbers.next(), owner, listing.entries(), !name.equals("tags"));
      if (changes) {
        made.changing();
      }
      VirtualDirectory raced = directories.putIfAbsent(name, made);
      known = raced == null ? made : raced;
    }
    return known;
  }

  /** Lists what there is now, and forgets what there is not any more. */
  private synchronized void follow() {
    try {
      follow("mnt", this::mnt);
      follow("diff", this::diff);
      follow("layers", this::layers);
      follow("graph", this::graph);
      follow("tags", this::tags);
      Set<String> ids = Set.copyOf(layers.ids());
      serials.keySet().retainAll(ids);
      for (String place : List.copyOf(opened.keySet())) {
        if (!ids.contains(place.substring(place.indexOf('/') + 1))) {
          LayerDirectory gone = opened.remove(place);
          if (gone != null) {
            gone.close();
          }
        }
      }
    } catch (IOException e) {
      LOG.error("what is listed is as it was: {}", e.getMessage());
    }
  }

  private void follow(String name, Listing listing) throws IOException {
    VirtualDirectory shown = directories.get(name);
    if (shown == null) {
      return; // nobody has looked yet
    }
    Set<Name> before = names(shown);
    shown.hold(listing.entries());
    before.removeAll(names(shown));
    for (Name gone : before) {
      listener.entryChanged(shown, gone);
    }
  }

  private static Set<Name> names(VirtualDirectory directory) {
    Set<Name> names = new HashSet<>();
    directory.list(0, (name, inodeNr, type, next) -> names.add(name));
    return names;
  }

  private Entry file(String name, VirtualFile.Content content) {
    return Entry.of(name, new VirtualFile(numbers.next(), owner, content));
  }

  private VirtualDirectory listed(List<Entry> entries, boolean costly) {
    return new VirtualDirectory(numbers.next(), owner, entries, costly);
  }

  private List<Entry> mnt() throws IOException {
    List<Entry> entries = new ArrayList<>();
    layers.tellLeftOut(DockerTree::log);
    for (String id : layers.ids()) {
      long base = InodeNumbers.baseOfLayers(2 * serial(id));
      entries.add(lazily("mnt/" + id, id, () -> merged.open(layers.stack(id)), base));
    }
    return entries;
  }

  private List<Entry> diff() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String id : layers.ids()) {
      long base = InodeNumbers.baseOfLayers(2 * serial(id) + 1);
      Entry kept = lazily("diff/" + id, id, () -> layers.diff(layers.stack(id)), base);
      entries.add(changes ? eachTimeAnew(kept, "diff/" + id) : kept);
    }
    return entries;
  }

  /** What a container has changed is something else each time. */
  private Entry eachTimeAnew(Entry kept, String place) {
    return new Entry(
        kept.name(),
        kept.inodeNr(),
        kept.type(),
        () -> {
          LayerDirectory directory = opened.get(place);
          if (directory != null) {
            directory.forget();
          }
          return new LookedAtNode(kept.maker().node());
        });
  }

  private List<Entry> tags() throws IOException {
    return TagDirectories.of(store.tags(DockerTree::log).ids(), numbers, owner);
  }

  private static void log(String what, IOException damage) {
    LOG.warn("{}: {}", what, damage.getMessage());
  }

  private long serial(String id) {
    return serials.computeIfAbsent(id, any -> nextSerial.getAndIncrement());
  }

  private Entry lazily(String place, String id, LayerDirectory.Opener opener, long inodeBase) {
    return opened
        .computeIfAbsent(place, any -> new LayerDirectory(place, opener, numbers, owner, inodeBase))
        .entry(id);
  }

  private List<Entry> layers() throws IOException {
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
    return entries;
  }

  private List<Entry> graph() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Id id : store.imageIds()) {
      List<Entry> files =
          List.of(
              file("json", () -> new String(store.image(id).bytes(), StandardCharsets.UTF_8)),
              file("layersize", () -> Long.toString(ownSize(store.image(id)))));
      entries.add(Entry.of(id.hex(), listed(files, false)));
    }
    return entries;
  }

  /** Bytes of the layer that its last step made; none where that made none. */
  private long ownSize(ImageRecord image) throws IOException {
    List<HistoryEntry> history = store.history(image);
    return history.isEmpty() ? image.size() : history.get(0).size();
  }

  private String tagStore() throws IOException {
    Path file = store.tags(DockerStore.LeftOut.UNTOLD).file();
    return Files.exists(file) ? Files.readString(file) : "";
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
        + "\nmode               "
        + (changes ? "read and write" : "read-only")
        + "\nserved by process  "
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
    UnionTree union = changes ? UnionTree.of(node) : null;
    if (union != null) {
      return union.space();
    }
    return pool != null ? pool.space(node) : space();
  }

  @Override
  public boolean isWritable() {
    return changes;
  }

  @Override
  public void listen(EntryListener newListener) {
    listener = newListener;
    if (pool != null) {
      pool.listen(newListener);
    }
  }

  @Override
  public void sync() throws IOException {
    for (LayerDirectory directory : opened.values()) {
      directory.sync();
    }
    if (pool != null) {
      pool.sync();
    }
  }

  @Override
  public void sync(Node node) throws IOException {
    UnionTree union = changes ? UnionTree.of(node) : null;
    if (union != null) {
      union.sync();
    } else if (pool != null) {
      pool.sync(node);
    }
  }

  @Override
  public long trim(Node node, long offset, long length, long minimum) throws IOException {
    return pool != null ? pool.trim(node, offset, length, minimum) : trim(offset, length, minimum);
  }

  @Override
  public void close() throws IOException {
    for (LayerDirectory directory : opened.values()) {
      directory.close();
    }
  }
}
