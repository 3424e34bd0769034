package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.Node;
import io.lamina.layer.archive.LayerApply.WhiteoutUse;
import io.lamina.thin.PoolVolumes;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/**
 * A storage driver whose layers are made and removed. The caller sees to it that no two threads
 * change the same layer.
 */
interface WritableDriver extends Closeable {
  /** What a new layer holds. */
  @FunctionalInterface
  interface Content {
    /** Nothing of its own. */
    Content NONE = (tree, root) -> {};

    /**
     * Writes it.
     *
     * @param root a directory of the tree
     */
    void writeTo(FileTree tree, Node root) throws IOException;
  }

  /** Its layers, to be read; closed with this. */
  DriverTrees trees();

  /** The pool that layers lie in, where they do. */
  default Optional<PoolVolumes> volumes() {
    return Optional.empty();
  }

  /** The files of the one volume that layers are directories in, where they are. */
  default Optional<FileTree> pooledFiles() {
    return Optional.empty();
  }

  /** From now on, somebody else keeps the files of volumes open, where layers are volumes. */
  default void share(VolumeFiles files) throws IOException {}

  /** How a layer's whiteouts are stored. */
  WhiteoutUse whiteouts();

  /** Whether there is a layer of that name. */
  boolean has(String driverId) throws IOException;

  /**
   * Makes a layer. When its content cannot be written it is not there.
   *
   * @param below what lies below it; no layers for the lowest
   * @param content is given the layer as the driver stores it
   */
  void create(String driverId, LayerStack below, Content content) throws IOException;

  /**
   * Makes a layer.
   *
   * @param content is given the layer with all that lies below, and changes it as a container does
   */
  void createMerged(String driverId, LayerStack below, Content content) throws IOException;

  /**
   * Opens a container's tree to be changed; nobody else may have it open.
   *
   * @param stack the container's own layer and all that lies below
   * @return closed by the caller
   */
  FileTree openWritable(LayerStack stack) throws IOException;

  /**
   * What a tar of a container's own layer has, as it is now. Where layers are volumes, it stays so
   * whatever is written to the container meanwhile.
   *
   * @param snapshotName of a layer that may be made for it, which the caller removes after closing
   *     what this gives, or after a failure
   * @return closed by the caller
   */
  default FileTree contentNow(LayerStack container, String snapshotName) throws IOException {
    return trees().content(container);
  }

  /** Gives a layer another name, one that nothing lies on top of yet. */
  void rename(String driverId, String newDriverId) throws IOException;

  /**
   * Refuses to go on while somebody has files of a layer open.
   *
   * @throws io.lamina.fs.FsException EBUSY then
   */
  default void requireUnused(String driverId) throws IOException {}

  /**
   * Removes a layer, where it is there.
   *
   * @throws io.lamina.fs.FsException EBUSY when somebody has files of it open
   */
  void remove(String driverId) throws IOException;
}
