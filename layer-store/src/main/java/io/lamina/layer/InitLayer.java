package io.lamina.layer;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The layer between an image and a container: the empty files and directories over which docker
 * mounts what a container is given. What an image has under their names is replaced, unless it is a
 * directory.
 *
 * @see <a
 *     href="https://github.com/moby/moby/blob/v20.10.24/daemon/initlayer/setup_unix.go">initlayer</a>
 */
final class InitLayer {
  private static final Owner ROOT = new Owner(0, 0);
  private static final int PERMISSIONS = 0755;

  private static final List<String> DIRECTORIES = List.of("dev/pts", "dev/shm", "proc", "sys");
  private static final List<String> FILES =
      List.of(".dockerenv", "etc/resolv.conf", "etc/hosts", "etc/hostname", "dev/console");

  private InitLayer() {}

  /** Writes it into the root of a container's tree. */
  static void write(Node root) throws IOException {
    for (String path : DIRECTORIES) {
      Node parent = parent(root, path);
      if (clear(parent, last(path)) == null) {
        parent.create(last(path), NewFile.directory(PERMISSIONS, ROOT));
      }
    }
    for (String path : FILES) {
      Node parent = parent(root, path);
      if (clear(parent, last(path)) == null) {
        parent.create(last(path), NewFile.regular(PERMISSIONS, ROOT));
      }
    }
    Node etc = parent(root, "etc/mtab");
    if (clear(etc, Name.of("mtab")) == null) {
      etc.createSymlink(Name.of("mtab"), Name.of("/proc/mounts"), ROOT);
    }
  }

  private static Name last(String path) {
    return Name.of(path.substring(path.lastIndexOf('/') + 1));
  }

  private static Node parent(Node root, String path) throws IOException {
    int slash = path.lastIndexOf('/');
    if (slash < 0) {
      return root;
    }
    Name name = Name.of(path.substring(0, slash));
    Node directory = clear(root, name);
    return directory == null ? root.create(name, NewFile.directory(PERMISSIONS, ROOT)) : directory;
  }

  /** The directory of that name; whatever else has it goes. */
  private static @Nullable Node clear(Node parent, Name name) throws IOException {
    Node there = parent.child(name);
    if (there == null || there.attributes().type() == FileType.DIRECTORY) {
      return there;
    }
    parent.unlink(name);
    return null;
  }
}
