package io.lamina.layer;

import io.lamina.graph.ChainId;
import io.lamina.graph.ConflictException;
import io.lamina.graph.ContainerRecord;
import io.lamina.graph.Id;
import io.lamina.graph.ImageRecord;
import io.lamina.graph.LayerRecord;
import io.lamina.graph.Reference;
import io.lamina.graph.TagStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Removes names and images as {@code docker rmi} does, with its checks and its words.
 *
 * @see <a
 *     href="https://github.com/moby/moby/blob/v20.10.24/daemon/images/image_delete.go">ImageDelete</a>
 */
final class ImageRemoval {
  private final RootParts root;
  private final boolean force;
  private final boolean keepsParents;
  private final List<String> told = new ArrayList<>();

  /**
   * A removal.
   *
   * @param force whether names, and containers that do not run, are no reason to keep an image
   * @param keepsParents whether images without a name that it was made from stay
   */
  ImageRemoval(RootParts root, boolean force, boolean keepsParents) {
    this.root = root;
    this.force = force;
    this.keepsParents = keepsParents;
  }

  /**
   * Removes what somebody means.
   *
   * @return docker's lines on what went
   * @throws ConflictException when something needs it
   */
  List<String> remove(String text) throws IOException {
    Id id = root.store().findImage(text);
    boolean isId = id.text().startsWith(text) || id.hex().startsWith(text);
    if (isId) {
      removeById(id);
    } else {
      removeName(id, text);
    }
    root.layers().changed();
    return told;
  }

  private void removeName(Id id, String text) throws IOException {
    if (!force && isSingle(names(id))) {
      ContainerRecord user = container(id, false);
      if (user != null) {
        throw new ConflictException(
            "conflict: unable to remove repository reference \""
                + text
                + "\" (must force) - container "
                + user.id().truncated()
                + " is using its referenced image "
                + id.truncated());
      }
    }
    String key = TagStore.key(Reference.parse(text));
    untag(key);
    String repository = repository(key);
    boolean hasOtherTag =
        names(id).stream()
            .anyMatch(name -> !name.contains("@") && repository(name).equals(repository));
    if (!key.contains("@") && !hasOtherTag) {
      for (String name : names(id)) {
        if (repository(name).equals(repository)) {
          untag(name); // digests alone name nothing that anybody asks for
        }
      }
    }
    if (names(id).isEmpty()) {
      delete(id, false);
    }
  }

  private void removeById(Id id) throws IOException {
    if (isSingle(names(id))) {
      requireNoConflict(id, false);
      for (String name : names(id)) {
        untag(name);
      }
    }
    delete(id, false);
  }

  private void untag(String key) throws IOException {
    root.records().untag(key);
    told.add("Untagged: " + key);
  }

  private List<String> names(Id id) throws IOException {
    List<String> names = new ArrayList<>(root.store().tags().tags(id));
    names.addAll(root.store().tags().digests(id));
    return names;
  }

  private static String repository(String name) {
    return name.substring(0, name.contains("@") ? name.indexOf('@') : name.lastIndexOf(':'));
  }

  /** Whether all names are of one repository, with one tag at the most. */
  private static boolean isSingle(List<String> names) {
    Set<String> repositories = new HashSet<>();
    names.forEach(name -> repositories.add(repository(name)));
    long tagCount = names.stream().filter(name -> !name.contains("@")).count();
    return names.size() <= 1 || (tagCount <= 1 && repositories.size() == 1);
  }

  private @Nullable ContainerRecord container(Id image, boolean mustRun) throws IOException {
    for (Id id : root.store().containerIds()) {
      ContainerRecord container = root.store().container(id);
      if (container.image().equals(image) && (!mustRun || container.state().running())) {
        return container;
      }
    }
    return null;
  }

  private boolean hasChildren(Id image) throws IOException {
    for (Id id : root.store().imageIds()) {
      if (image.equals(root.store().image(id).parent())) {
        return true;
      }
    }
    return false;
  }

  private void requireNoConflict(Id id, boolean namesCount) throws IOException {
    if (hasChildren(id)) {
      throw conflict(id, "cannot be forced", "image has dependent child images");
    }
    @Nullable ContainerRecord running = container(id, true);
    if (running != null) {
      throw conflict(
          id,
          "cannot be forced",
          "image is being used by running container " + running.id().truncated());
    }
    if (force) {
      return;
    }
    if (namesCount && !names(id).isEmpty()) {
      throw conflict(id, "must be forced", "image is referenced in multiple repositories");
    }
    @Nullable ContainerRecord stopped = container(id, false);
    if (stopped != null) {
      throw conflict(
          id,
          "must be forced",
          "image is being used by stopped container " + stopped.id().truncated());
    }
  }

  private static ConflictException conflict(Id id, String how, String why) {
    return new ConflictException(
        "conflict: unable to delete " + id.truncated() + " (" + how + ") - " + why);
  }

  /**
   * Removes an image, and then those without a name that it was made from.
   *
   * @param isParent whether it is one of these: a conflict only ends it then
   */
  private void delete(Id id, boolean isParent) throws IOException {
    if (isParent && (!names(id).isEmpty() || hasChildren(id) || container(id, false) != null)) {
      return;
    }
    requireNoConflict(id, true);
    for (String name : names(id)) {
      untag(name);
    }
    ImageRecord image = root.store().image(id);
    if (id.isDigest()) {
      deleteWithLayers(image);
    } else {
      deleteOld(id);
    }
    @Nullable Id parent = image.parent();
    if (!keepsParents && parent != null && root.store().hasImage(parent)) {
      delete(parent, true);
    }
  }

  private void deleteWithLayers(ImageRecord image) throws IOException {
    @Nullable String own = root.records().imageDriverId(image.id()).orElse(null);
    for (LayerRecord layer : image.layers()) {
      root.unfinished().note(layer.driverId());
    }
    if (own != null) {
      root.unfinished().note(own);
    }
    root.records().removeImage(image.id());
    told.add("Deleted: " + image.id());
    if (own != null && !usedByContainer(own)) {
      root.driver().remove(own);
      root.unfinished().strike(own);
    }
    List<Id> chain = chainIds(image.layers());
    int count = image.layers().size();
    for (LayerRecord removed : new Cleanup(root).removeUnused(image.layers())) {
      told.add("Deleted: " + chain.get(--count));
      root.unfinished().strike(removed.driverId());
    }
    for (LayerRecord kept : image.layers()) {
      root.unfinished().strike(kept.driverId());
    }
  }

  /** What docker since 1.10 calls the layers, which it tells of. */
  private static List<Id> chainIds(List<LayerRecord> layers) {
    List<Id> chain = new ArrayList<>();
    @Nullable Id below = null;
    for (LayerRecord layer : layers) {
      @Nullable Id diffId = layer.diffId();
      below = diffId == null ? Id.digest(layer.id().hex()) : ChainId.of(below, diffId);
      chain.add(below);
    }
    return chain;
  }

  private boolean usedByContainer(String driverId) throws IOException {
    return new Cleanup(root).used().contains(driverId);
  }

  /** Before docker 1.10 an image is its own layer. */
  private void deleteOld(Id id) throws IOException {
    root.unfinished().note(id.hex());
    root.records().removeImage(id);
    told.add("Deleted: " + id);
    root.driver().remove(id.hex());
    root.unfinished().strike(id.hex());
  }
}
