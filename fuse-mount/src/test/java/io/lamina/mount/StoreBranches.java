package io.lamina.mount;

import com.fasterxml.jackson.databind.JsonNode;
import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.Removal;
import io.lamina.fs.SubTree;
import io.lamina.fuse.Fuse;
import io.lamina.graph.CommittedImage;
import io.lamina.graph.ContainerOptions;
import io.lamina.layer.StoreTools;
import io.lamina.layer.StoredLayer;
import io.lamina.layer.WritableRoot;
import io.lamina.layer.union.AufsScenarioContract;
import io.lamina.thin.WriteOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The branches of a scenario in a store that keeps its layers as aufs does: an image's layers, and
 * a container's own. What a layer holds is put into its directory, so that it may be anything;
 * docker's empty files between image and container are taken away.
 */
final class StoreBranches implements AufsScenarioContract.Place {
  private static final Name LAYERS = Name.of("diff");

  private final Path store;
  private final UnionOps unionOps;

  /** The lowest first. */
  private final List<StoredLayer> layers = new ArrayList<>();

  private WritableRoot root;

  /** What the storage driver calls the upper branch. */
  private String upper = "";

  private boolean isContainer;
  private String image = "";

  StoreBranches(Path store, UnionOps unionOps) throws IOException {
    this.store = store;
    this.unionOps = unionOps;
    this.root = WritableRoot.open(store, WriteOptions.DEFAULT);
  }

  @Override
  public void addLayer(JsonNode operations) throws IOException {
    AufsScenarioContract.makeLayer(directory(emptyLayer()), operations);
  }

  /** Like no other, so that no other is taken in its place; by its name in the storage driver. */
  private String emptyLayer() throws IOException {
    byte[] tar = StoreTools.tar(store, List.of("unique", UUID.randomUUID().toString()));
    StoredLayer layer = root.addLayer(top(), new ByteArrayInputStream(tar), null);
    layers.add(layer);
    empty(layer.record().driverId());
    return layer.record().driverId();
  }

  private @Nullable StoredLayer top() {
    return layers.isEmpty() ? null : layers.get(layers.size() - 1);
  }

  private FileTree directory(String driverId) throws IOException {
    FileTree files = root.pooledFiles().orElseThrow();
    Node all = Objects.requireNonNull(files.root().child(LAYERS));
    return new SubTree(files, Objects.requireNonNull(all.child(Name.of(driverId)), driverId));
  }

  private void empty(String driverId) throws IOException {
    Node directory = directory(driverId).root();
    List<Name> names = new ArrayList<>();
    directory.list(0, (name, inodeNr, type, next) -> names.add(name));
    for (Name name : names) {
      Removal.remove(directory, name);
    }
  }

  @Override
  public AufsScenarioContract.Shown show(JsonNode upperOperations, String mount)
      throws IOException {
    if (mount.equals("ro")) {
      upper = emptyLayer();
    }
    byte[] config = StoreTools.config(layers.toArray(StoredLayer[]::new));
    image = root.addImage(config, top(), null).hex();
    isContainer = mount.isEmpty();
    if (isContainer) {
      upper = container();
    }
    if (!upper.isEmpty()) {
      AufsScenarioContract.make(directory(upper), upperOperations);
    }
    return mounted(isContainer ? upper : image);
  }

  private String container() throws IOException {
    String id = root.createContainer(image, null, ContainerOptions.NONE).hex();
    empty(id + "-init");
    return id;
  }

  private AufsScenarioContract.Shown mounted(String id) throws IOException {
    root.close();
    DockerRoot opened = DockerRoot.openWritable(store, WriteOptions.DEFAULT);
    MountOptions options = MountOptions.parse(List.of("allow_other"));
    Fuse mount = new Fuse(opened.tree(), options.toFuse("store", true));
    return unionOps.shown(
        mount.directory.resolve("mnt").resolve(id),
        () -> {
          mount.close();
          opened.close();
          root = WritableRoot.open(store, WriteOptions.DEFAULT);
        });
  }

  @Override
  public Map<String, JsonNode> upper() throws IOException {
    return AufsScenarioContract.told(directory(upper).root());
  }

  @Override
  public AufsScenarioContract.Shown showNext() throws IOException {
    Node last = directory(upper).root();
    if (isContainer) {
      image = root.commit(upper, new CommittedImage.Commit(null, null, List.of())).hex();
    }
    String next = container();
    AufsScenarioContract.takeOver(last, directory(next).root());
    return mounted(next);
  }

  @Override
  public void close() throws IOException {
    root.close();
  }
}
