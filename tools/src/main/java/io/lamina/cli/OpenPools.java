package io.lamina.cli;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.graph.DockerStore;
import io.lamina.mount.DockerRoot;
import io.lamina.mount.SizedVolume;
import io.lamina.thin.ThinPool;
import io.lamina.volume.VolumeFileSystem;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The pools and volumes that the arguments of one command name, each opened once. */
final class OpenPools implements Closeable {
  private final PoolArguments arguments;
  private final Map<String, ThinPool> pools = new HashMap<>();
  private final Map<String, DockerRoot> dockerRoots = new HashMap<>();
  private final Map<String, FileTree> trees = new HashMap<>();
  private final Deque<Closeable> opened = new ArrayDeque<>();

  OpenPools(PoolArguments arguments) {
    this.arguments = arguments;
  }

  Location location(String latin1) {
    boolean named = arguments.nameThePool();
    return Location.parse(latin1, named, named ? DockerStore::isRoot : PoolArguments::isPool);
  }

  /** The tree that a location's {@link #path} is of: a volume's, or a whole docker root's. */
  FileTree tree(Location location) throws IOException {
    DockerRoot docker = docker(location);
    return docker == null ? volume(location) : docker.tree();
  }

  /**
   * Where the file lies in its {@link #tree}. In a docker root the first name is one of the mounted
   * tree, a volume of its pool, or what docker calls a container or an image.
   */
  String path(Location location) throws IOException {
    DockerRoot docker = docker(location);
    if (docker == null) {
      return location.path();
    }
    Name first = Name.ofLatin1(location.volume());
    if (docker.tree().root().child(first) != null) {
      return "/" + location.volume() + location.path();
    }
    Node volumes = docker.tree().root().child(Name.of("volumes"));
    if (volumes != null && volumes.child(first) != null) {
      return "/volumes/" + location.volume() + location.path();
    }
    return "/mnt/" + docker.layers().find(Text.display(location.volume())).id() + location.path();
  }

  private @Nullable DockerRoot docker(Location location) throws IOException {
    if (location.source() == null || !DockerStore.isRoot(Text.hostPath(location.source()))) {
      return null;
    }
    DockerRoot known = dockerRoots.get(location.source());
    if (known == null) {
      MountedCommands.refuse(Text.hostPath(location.source()));
      known =
          DockerRoot.open(arguments.root(Text.hostPath(location.source())), arguments.options());
      opened.push(known);
      dockerRoots.put(location.source(), known);
    }
    return known;
  }

  private FileTree volume(Location location) throws IOException {
    String source = location.source() == null ? "" : location.source();
    ThinPool pool = pools.get(source);
    if (pool == null) {
      pool = arguments.open(location.source());
      opened.push(pool);
      pools.put(source, pool);
    }
    String key = source + ":" + location.volume();
    FileTree tree = trees.get(key);
    if (tree == null) {
      tree = open(pool, location);
      opened.push(tree);
      trees.put(key, tree);
    }
    return tree;
  }

  private static FileTree open(ThinPool pool, Location location) throws IOException {
    String name = Text.display(location.volume());
    int id =
        pool.find(name)
            .orElseThrow(() -> new FsException(Errno.ENOENT, "volume " + name + " of the pool"));
    try {
      return VolumeFileSystem.open(SizedVolume.of(pool, id));
    } catch (IOException e) {
      throw new IOException("volume " + name + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }
}
