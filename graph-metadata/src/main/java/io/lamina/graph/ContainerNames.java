package io.lamina.graph;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What containers are called. */
final class ContainerNames {
  private static final String ALLOWED = "[a-zA-Z0-9][a-zA-Z0-9_.-]";
  private static final Pattern NAME = Pattern.compile("/?" + ALLOWED + "+");
  private static final int TRIES = 100;

  private static final List<String> ADJECTIVES =
      List.of(
          "amber", "brisk", "calm", "dusty", "early", "fair", "gentle", "hazel", "idle", "jolly",
          "keen", "light", "mellow", "nimble", "olive", "plain", "quiet", "rapid", "silent", "tidy",
          "upper", "vivid", "warm", "young");

  private static final List<String> NOUNS =
      List.of(
          "anchor", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "island",
          "juniper", "kestrel", "lagoon", "meadow", "nettle", "otter", "pebble", "quarry", "reed",
          "sparrow", "thistle", "valley", "willow", "yarrow", "zephyr");

  private ContainerNames() {}

  /**
   * The name that a new container gets.
   *
   * @param wanted null for any that is free
   * @throws ConflictException with docker's words, when it is another container's
   * @throws IllegalArgumentException with docker's words, when it is no name
   */
  static String choose(DockerStore store, @Nullable String wanted) throws IOException {
    if (wanted != null) {
      return checked(store, wanted);
    }
    Random random = new Random();
    for (int i = 0; i < TRIES; i++) {
      String name =
          ADJECTIVES.get(random.nextInt(ADJECTIVES.size()))
              + "_"
              + NOUNS.get(random.nextInt(NOUNS.size()));
      if (store.containerNamed(name) == null) {
        return name;
      }
    }
    return Id.random().truncated();
  }

  private static String checked(DockerStore store, String wanted) throws IOException {
    if (!NAME.matcher(wanted).matches()) {
      throw new IllegalArgumentException(
          "Invalid container name (" + wanted + "), only " + ALLOWED + " are allowed");
    }
    String name = wanted.startsWith("/") ? wanted.substring(1) : wanted;
    Id owner = store.containerNamed(name);
    if (owner != null) {
      throw new ConflictException(
          "Conflict. The container name \"/"
              + name
              + "\" is already in use by container \""
              + owner.text()
              + "\". You have to remove (or rename) that container to be able to reuse that name.");
    }
    return name;
  }
}
