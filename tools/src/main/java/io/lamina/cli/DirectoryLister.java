package io.lamina.cli;

import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Goes through a directory, and with {@code -R} through those below. */
final class DirectoryLister {
  private final Console console;
  private final Listing listing;
  private final boolean all;
  private final boolean recursive;
  private final Set<Long> seen = new HashSet<>();
  private final Deque<Directory> waiting = new ArrayDeque<>();

  private record Directory(String path, Node node, Node parent) {}

  private record Named(Name name, FileType type) {}

  DirectoryLister(Console console, Listing listing, boolean all, boolean recursive) {
    this.console = console;
    this.listing = listing;
    this.all = all;
    this.recursive = recursive;
  }

  void list(String path, Node node, Node parent) throws IOException {
    waiting.push(new Directory(path, node, parent));
    while (!waiting.isEmpty()) {
      Directory directory = waiting.pop();
      try {
        listOne(directory);
      } catch (PipeOutput.OutputException e) {
        throw e;
      } catch (IOException e) {
        console.failed(Text.display(directory.path), e);
      }
    }
  }

  private void listOne(Directory directory) throws IOException {
    if (recursive && !seen.add(directory.node.attributes().inodeNr())) {
      throw new FsException(Errno.ELOOP, "listed already under another name");
    }
    List<Named> names = new ArrayList<>();
    IOException cutShort = null;
    try {
      directory.node.list(
          0,
          (name, inodeNr, type, nextCookie) -> {
            if (all || !name.latin1().startsWith(".")) {
              names.add(new Named(name, type));
            }
            return true;
          });
    } catch (IOException e) {
      cutShort = e;
    }
    names.sort(Comparator.comparing(Named::name));
    listing.directory(directory.path, entries(directory, names));
    if (cutShort != null) {
      console.failed(Text.display(directory.path), cutShort);
    }
  }

  private List<Listing.Entry> entries(Directory directory, List<Named> names) {
    List<Listing.Entry> entries = new ArrayList<>();
    if (all) {
      entries.add(new Listing.Entry(".", directory.node));
      entries.add(new Listing.Entry("..", directory.parent));
    }
    List<Directory> below = new ArrayList<>();
    String prefix = directory.path.endsWith("/") ? directory.path : directory.path + "/";
    for (Named named : names) {
      String path = prefix + named.name.latin1();
      boolean enter = recursive && named.type == FileType.DIRECTORY;
      if (!listing.needsNodes() && !enter) {
        entries.add(new Listing.Entry(named.name.latin1(), directory.node));
        continue;
      }
      try {
        Node child = directory.node.child(named.name);
        if (child == null) {
          throw new FsException(Errno.ENOENT, "listed but not found");
        }
        entries.add(new Listing.Entry(named.name.latin1(), child));
        if (enter) {
          below.add(new Directory(path, child, directory.node));
        }
      } catch (IOException e) {
        console.failed(Text.display(path), e);
      }
    }
    for (int i = below.size() - 1; i >= 0; i--) {
      waiting.push(below.get(i));
    }
    return entries;
  }
}
