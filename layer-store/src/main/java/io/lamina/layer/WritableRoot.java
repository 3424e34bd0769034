package io.lamina.layer;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.graph.CommittedImage;
import io.lamina.graph.ContainerOptions;
import io.lamina.graph.DockerStore;
import io.lamina.graph.DurableFile;
import io.lamina.graph.Id;
import io.lamina.graph.LayerRecord;
import io.lamina.graph.RecordWriter;
import io.lamina.graph.Reference;
import io.lamina.layer.archive.ArchiveException;
import io.lamina.ondisk.UnsupportedException;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.WriteOptions;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A docker root that is changed, by one process at a time. Every change is whole: after a power cut
 * an image, a container or a name is there, or it is not. Layers that no image has when this is
 * closed, or that are found so at the next opening, go.
 *
 * <p>The order on disk: a layer in the storage driver, its record, the image's record, its names;
 * and the other way round where something goes.
 *
 * <p>Safe for use by many threads: one change at a time.
 */
public final class WritableRoot implements Closeable {
  /** In Lamina's directory of a root that is Lamina's own. */
  static final String OWN = "store.json";

  /** The volume that the lowest layers are snapshots of, where layers are volumes. */
  public static final String BASE_VOLUME = WritableDevices.BASE;

  private final RootParts parts;
  private final RootLock lock;

  private WritableRoot(RootParts parts, RootLock lock) {
    this.parts = parts;
    this.lock = lock;
  }

  /** Whether a directory is a store of Lamina's own, which nobody else writes to. */
  public static boolean isOwn(Path root) {
    return Files.exists(root.resolve("lamina").resolve(OWN));
  }

  /**
   * Opens a root, and mends what a power cut left half done.
   *
   * @throws IOException when it is none, when somebody else has it, or when it is damaged
   * @throws UnsupportedException for a storage driver whose layers are not written
   */
  public static WritableRoot open(RootSource root, WriteOptions options) throws IOException {
    return open(root, store -> driver(store, root, options));
  }

  /** A root of one driver. */
  public static WritableRoot open(Path root, WriteOptions options) throws IOException {
    return open(RootSource.of(root), options);
  }

  /** Opens what holds the layers of a root. */
  interface DriverOpening {
    WritableDriver open(DockerStore store) throws IOException;
  }

  /** The same, with layers that are opened in another way. */
  static WritableRoot open(RootSource source, DriverOpening opening) throws IOException {
    DockerStore store = source.open();
    Path root = source.path();
    if (!isOwn(root)) {
      requireUnmapped(root);
      DockerDaemon.refuse(root);
    }
    Path home = Files.createDirectories(RecordWriter.home(store));
    RootLock lock = RootLock.take(root, home);
    try {
      WritableDriver driver = opening.open(store);
      try {
        RecordWriter records = store.writer();
        DurableFile.removeTree(records.unfinished());
        Files.createDirectories(records.unfinished());
        DockerLayers layers = DockerLayers.of(store, driver.trees());
        RootParts parts = new RootParts(store, records, driver, layers, new Unfinished(home));
        new Cleanup(parts).run();
        return new WritableRoot(parts, lock);
      } catch (IOException e) {
        driver.close();
        throw e;
      }
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Files of remapped users have other owners than their tars say, which nothing here would give.
   */
  private static void requireUnmapped(Path root) throws IOException {
    Path name = root.toRealPath().getFileName();
    if (name != null && DockerStore.isOfRemappedUsers(name.toString())) {
      throw new UnsupportedException(
          root + ": the docker root of remapped users (userns-remap) is not written");
    }
  }

  private static WritableDriver driver(DockerStore store, RootSource root, WriteOptions options)
      throws IOException {
    return switch (store.driver()) {
      case "devicemapper" ->
          new WritableDevices(
              PoolVolumes.open(root.poolToWrite(), PoolOptions.DEFAULT, options),
              new DeviceNotes(store.root()));
      case "aufs" ->
          HostDirectories.isInPool(store.root())
              ? PooledDirectories.open(store.root(), options)
              : new WritableUnions(HostDirectories.aufs(store.root(), true), null);
      case "overlay2" -> new WritableUnions(HostDirectories.overlay(store.root(), true), null);
      default ->
          throw new UnsupportedException(
              store.root()
                  + ": layers of the storage driver "
                  + store.driver()
                  + " are not written; those of aufs, devicemapper and overlay2 are");
    };
  }

  /** Its layers, and through them its records, to be read; they see every change at once. */
  public DockerLayers layers() {
    return parts.layers();
  }

  /** The pool that its layers lie in, where they do. */
  public Optional<PoolVolumes> volumes() {
    return parts.driver().volumes();
  }

  /** The files of the one volume that its layers are directories in, where they are. */
  public Optional<FileTree> pooledFiles() {
    return parts.driver().pooledFiles();
  }

  /** From now on, somebody else keeps the files of volumes open, where layers are volumes. */
  public void share(VolumeFiles files) throws IOException {
    parts.driver().share(files);
  }

  /** What a stack looks like; a container's can be changed, and is open once. */
  public FileTree merged(LayerStack stack) throws IOException {
    return stack.isContainer() ? parts.driver().openWritable(stack) : layers().merged(stack);
  }

  /** Its records, to be read. */
  public DockerStore store() {
    return parts.store();
  }

  /** The topmost layer of an image; none where it has no layers. */
  public synchronized Optional<StoredLayer> topOf(Id image) throws IOException {
    List<LayerRecord> all = store().image(image).layers();
    return all.isEmpty() ? Optional.empty() : Optional.of(new StoredLayer(all.get(all.size() - 1)));
  }

  /**
   * A layer that is there already, so that nothing has to be read.
   *
   * @param parent what lies below it; null for the lowest
   * @param diffId digest of its tar
   */
  public synchronized Optional<StoredLayer> findLayer(@Nullable StoredLayer parent, Id diffId)
      throws IOException {
    return new LayerAddition(parts).find(parent, diffId);
  }

  /**
   * Adds a layer. One that is there already, with the same digest on the same layers, is taken in
   * its place.
   *
   * @param parent what lies below it; null for the lowest
   * @param tar not compressed; read to its end, and left open
   * @param expectedDiffId digest that the tar is to have; null where any will do
   * @throws ArchiveException when the tar breaks its format, would write where it must not, or has
   *     another digest; nothing is added then
   */
  public synchronized StoredLayer addLayer(
      @Nullable StoredLayer parent, InputStream tar, @Nullable Id expectedDiffId)
      throws IOException {
    return new LayerAddition(parts).add(parent, tar, expectedDiffId);
  }

  /**
   * Adds an image; one that is there already stays as it is.
   *
   * @param config as docker since 1.10 has it, with the diff ids of its layers; its digest is the
   *     image's id
   * @param top its topmost layer; null for an image without layers
   * @param madeFrom the image that it was made from here; null where that is not known
   * @return its id
   */
  public synchronized Id addImage(byte[] config, @Nullable StoredLayer top, @Nullable Id madeFrom)
      throws IOException {
    return new ImageAddition(parts).add(config, top, madeFrom);
  }

  /** Gives an image a name, {@code latest} where it has no tag; another image may have had it. */
  public synchronized void tag(Reference name, Id image) throws IOException {
    parts.records().tag(name, image);
    layers().changed();
  }

  /**
   * Removes a name, or an image with all its names, as {@code docker rmi} does.
   *
   * @param text a name, an id, or the first digits of one
   * @param force whether names, and containers that do not run, are no reason to keep an image
   * @param keepsParents whether images without a name that it was made from stay
   * @return docker's lines on what went
   * @throws io.lamina.graph.NotFoundException when there is no such image
   * @throws io.lamina.graph.ConflictException when something needs it
   */
  public synchronized List<String> removeImage(String text, boolean force, boolean keepsParents)
      throws IOException {
    return new ImageRemoval(parts, force, keepsParents).remove(text);
  }

  /**
   * Makes a container.
   *
   * @param image a name, an id, or the first digits of one
   * @param name its name; null for any that is free
   * @return its id
   * @throws io.lamina.graph.NotFoundException when there is no such image, or nothing to run
   * @throws io.lamina.graph.ConflictException when another container has the name
   * @throws IllegalArgumentException when it is no name for a container
   */
  public synchronized Id createContainer(
      String image, @Nullable String name, ContainerOptions options) throws IOException {
    try {
      return new Containers(parts).create(image, name, options);
    } finally {
      removeUnused(); // where it was not made as a whole
    }
  }

  /**
   * Opens a container's root file system to be changed. Nobody else may have it open meanwhile.
   *
   * @param container its id, or what {@link DockerLayers#find} takes
   * @return closed by the caller
   */
  public synchronized FileTree openContainer(String container) throws IOException {
    LayerStack stack = layers().find(container);
    if (!stack.isContainer()) {
      throw new FsException(Errno.EROFS, container + ": is no container");
    }
    return parts.driver().openWritable(stack);
  }

  /**
   * Removes a container and what it has written.
   *
   * @param text its name, its id, or the first digits of that
   * @param force whether one that docker left running goes, too
   * @throws io.lamina.graph.ConflictException when it runs, as far as docker has noted
   */
  public synchronized void removeContainer(String text, boolean force) throws IOException {
    new Containers(parts).remove(text, force);
  }

  /**
   * Makes an image of what a container has changed, on top of its own image.
   *
   * @param container its name, its id, or the first digits of that
   * @return the image's id
   */
  public synchronized Id commit(String container, CommittedImage.Commit commit) throws IOException {
    return new Committing(parts).commit(container, commit);
  }

  /**
   * Takes away the layers that were added and that no image has: what is to be done when a load has
   * failed.
   */
  public synchronized void removeUnused() throws IOException {
    new Cleanup(parts).run();
  }

  @Override
  public synchronized void close() throws IOException {
    try {
      removeUnused();
    } finally {
      try (lock) {
        parts.driver().close();
      }
    }
  }
}
