package io.lamina.graph;

import io.lamina.graph.DockerStore.LeftOut;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which layout a docker root has, and of which storage driver.
 *
 * @param present which entries of the layout before docker 1.10 are the driver's: all drivers of a
 *     root had one directory for them
 */
record RootLayout(Path root, String driver, boolean isOld, Predicate<String> present) {
  private static final String IMAGE = "image";
  private static final String GRAPH = "graph";
  private static final String OLD_TAGS = "repositories-";

  /** As docker's {@code userns-remap} calls roots: by the first user's number and group's. */
  private static final Pattern REMAPPED = Pattern.compile("[0-9]+\\.[0-9]+");

  /**
   * Of the names only: docker makes it when it has taken over all that the layout before had.
   *
   * @see <a
   *     href="https://github.com/moby/moby/blob/v1.10.3/migrate/v1/migratev1.go">migratev1.go</a>
   */
  private static final String TAKEN_OVER = ".migration-v1-tags";

  /** Whether docker gives a root that name where it keeps the files of remapped users. */
  static boolean isOfRemappedUsers(String name) {
    return REMAPPED.matcher(name).matches();
  }

  /** Where the one layout or the other keeps its images, or something else that has some. */
  static boolean isRoot(Path directory) {
    return Files.isDirectory(directory.resolve(GRAPH))
        || Files.isDirectory(directory.resolve(IMAGE))
        || OtherStore.of(directory).isPresent();
  }

  /**
   * The layout of a root. One that docker 1.10 or later has taken over may still have the old one's
   * files; they are not looked at then. As docker's own, a root of several drivers wants one named;
   * one that has neither images nor containers is none of them.
   *
   * @param wanted the storage driver; null for the only one
   */
  static RootLayout find(Path root, @Nullable String wanted) throws IOException {
    requireDirectory(root);
    List<RootLayout> old = old(root);
    List<RootLayout> found = current(root, old);
    if (wanted != null) {
      found.addAll(old);
      return named(root, found, wanted);
    }
    if (found.isEmpty()) {
      found = old;
    }
    if (found.size() > 1) {
      found = used(found);
    }
    if (found.isEmpty()) {
      throw new IOException(
          root
              + ": "
              + OtherStore.of(root)
                  .orElse(
                      "is no docker root: has neither image/DRIVER/imagedb nor"
                          + " repositories-DRIVER"));
    }
    if (found.size() > 1) {
      throw new IOException(
          root
              + ": is of several storage drivers: "
              + drivers(found)
              + "; --storage-driver says which is meant");
    }
    return found.get(0);
  }

  private static void requireDirectory(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      throw new IOException(root + ": no such directory");
    }
    if (!Files.isExecutable(root)) {
      throw new AccessDeniedException(root.toString()); // nothing in it would seem to be there
    }
  }

  private static RootLayout named(Path root, List<RootLayout> found, String wanted)
      throws IOException {
    for (RootLayout layout : found) {
      if (layout.driver.equals(wanted)) {
        return layout;
      }
    }
    throw new IOException(
        root
            + ": has nothing of the storage driver "
            + wanted
            + (found.isEmpty() ? "" : ", only of " + drivers(found)));
  }

  private static String drivers(List<RootLayout> layouts) {
    return String.join(", ", layouts.stream().map(RootLayout::driver).distinct().toList());
  }

  /**
   * Docker 1.10 and later, for each driver; not where it was cut off while it took over the old.
   */
  private static List<RootLayout> current(Path root, List<RootLayout> old) throws IOException {
    Path image = root.resolve(IMAGE);
    List<RootLayout> layouts = new ArrayList<>();
    for (String driver :
        RecordFile.names(
            image, name -> Files.isDirectory(image.resolve(name).resolve("imagedb")))) {
      RootLayout layout = new RootLayout(root, driver, false, any -> true);
      if (!layout.isBeingMade(old)) {
        layouts.add(layout);
      }
    }
    return layouts;
  }

  private boolean isBeingMade(List<RootLayout> old) throws IOException {
    for (RootLayout before : old) {
      if (before.driver.equals(driver)) {
        return !Files.exists(root.resolve(TAKEN_OVER))
            && open().tags(LeftOut.UNTOLD).ids().isEmpty()
            && !before.open().tags(LeftOut.UNTOLD).ids().isEmpty();
      }
    }
    return false;
  }

  private static List<RootLayout> old(Path root) throws IOException {
    List<String> files = RecordFile.names(root, name -> name.startsWith(OLD_TAGS));
    List<RootLayout> layouts = new ArrayList<>();
    for (String file : files) {
      String driver = file.substring(OLD_TAGS.length());
      Predicate<String> present =
          files.size() == 1 ? any -> true : id -> DriverPlace.has(root, driver, id);
      layouts.add(new RootLayout(root, driver, true, present));
    }
    return layouts;
  }

  /** Those that have something; all where none has. */
  private static List<RootLayout> used(List<RootLayout> layouts) throws IOException {
    List<RootLayout> used = new ArrayList<>();
    for (RootLayout layout : layouts) {
      DockerStore store = layout.open();
      if (!store.imageIds().isEmpty() || !store.containerIds().isEmpty()) {
        used.add(layout);
      }
    }
    return used.isEmpty() ? layouts : used;
  }

  DockerStore open() {
    return isOld ? new GraphStore(root, driver, present) : new ImageStore(root, driver);
  }
}
