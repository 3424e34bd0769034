package io.lamina.graph;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** What a directory with images is that is no docker root, in words for who took it for one. */
final class OtherStore {
  private static final String CONTAINERD = "io.containerd.";

  private OtherStore() {}

  /** What it is, as the end of a line that begins with its path; empty where it is not known. */
  static Optional<String> of(Path directory) {
    List<String> names = names(directory);
    List<String> remapped =
        names.stream()
            .filter(RootLayout::isOfRemappedUsers)
            .filter(name -> RootLayout.isRoot(directory.resolve(name)))
            .toList();
    if (!remapped.isEmpty()) {
      return Optional.of(
          "has the docker roots of remapped users in it (userns-remap): "
              + String.join(", ", remapped)
              + "; one of them is to be named");
    }
    if (names.stream().anyMatch(name -> name.startsWith(CONTAINERD))) {
      return Optional.of("is containerd's store, which is not read; docker's own image store is");
    }
    if (isOfContainerd(names)) {
      return Optional.of(
          "is a docker root whose images are in containerd (its image store, the snapshotter"
              + " overlayfs or another), which is not read; docker's own image store is");
    }
    if (names.contains("overlay-images") || names.contains("vfs-images")) {
      return Optional.of("is the storage of podman or CRI-O, which is not read; docker's is");
    }
    if (names.contains("repositories") && names.contains("graph")) {
      return Optional.of(
          "is of docker before 0.7, which had layers in graph/ID/layer; since 0.7 they are read");
    }
    return Optional.empty();
  }

  private static List<String> names(Path directory) {
    TreeSet<String> names = new TreeSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    } catch (IOException | DirectoryIteratorException e) {
      return List.of(); // not to be listed: nothing is known of it
    }
    return new ArrayList<>(names);
  }

  /**
   * Such a docker has what belongs to its containers in the root all the same; in its own store it
   * would have had {@code image/}.
   */
  private static boolean isOfContainerd(List<String> names) {
    return names.containsAll(List.of("containers", "network", "volumes"))
        && !names.contains("image")
        && !names.contains("graph");
  }
}
