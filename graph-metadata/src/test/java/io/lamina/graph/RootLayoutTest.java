package io.lamina.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docker left where it was upgraded, or started with another storage driver. */
class RootLayoutTest {
  private static final Id A = Id.random("a".repeat(64));
  private static final Id B = Id.random("b".repeat(64));
  private static final Id CONTAINER = Id.random("c".repeat(64));

  @TempDir Path root;

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void oldImage(String driver, Id id) throws IOException {
    write("graph/" + id + "/json", "{\"id\":\"" + id + "\"}");
    write("repositories-" + driver, "{\"Repositories\":{\"app\":{\"1\":\"" + id + "\"}}}");
  }

  private Id newImage(String driver) throws IOException {
    byte[] config = "{\"rootfs\":{\"type\":\"layers\"}}".getBytes(StandardCharsets.UTF_8);
    Id id = Id.digestOf(config);
    Path content = root.resolve("image/" + driver + "/imagedb/content/sha256");
    Files.createDirectories(content);
    Files.write(content.resolve(id.hex()), config);
    return id;
  }

  private void newTag(String driver, Id id) throws IOException {
    write(
        "image/" + driver + "/repositories.json",
        "{\"Repositories\":{\"app\":{\"app:1\":\"" + id + "\"}}}");
  }

  private void container(Id id, String driver) throws IOException {
    write("containers/" + id + "/config.json", "{\"Driver\":\"" + driver + "\",\"Name\":\"/web\"}");
    write("containers/" + id + "/config.v2.json", "{\"Driver\":\"" + driver + "\"}");
  }

  @Test
  void whatDockerHasTakenOverIsNotLookedAt() throws IOException {
    oldImage("aufs", A);
    Id taken = newImage("aufs");
    newTag("aufs", taken);
    DockerStore store = DockerStore.open(root);
    assertThat(store.isOld()).isFalse();
    assertThat(store.imageIds()).containsExactly(taken);
  }

  @Test
  void whereAllImagesWentAfterwardsThereAreNone() throws IOException {
    oldImage("aufs", A);
    Files.createDirectories(root.resolve("image/aufs/imagedb"));
    write(".migration-v1-tags", "");
    assertThat(DockerStore.open(root).isOld()).isFalse();
  }

  @Test
  void whatDockerWasCutOffInTakingOverIsAsBefore() throws IOException {
    oldImage("aufs", A);
    newImage("aufs");
    DockerStore store = DockerStore.open(root);
    assertThat(store.isOld()).isTrue();
    assertThat(store.imageIds()).containsExactly(A);
  }

  @Test
  void aParentThatIsNoIdIsNone() throws IOException {
    Id image = newImage("aufs");
    write("image/aufs/imagedb/metadata/sha256/" + image.hex() + "/parent", "garbage");
    assertThat(DockerStore.open(root).image(image).parent()).isNull();
  }

  @Test
  void aRootOfTwoDriversWantsOneNamed() throws IOException {
    newImage("aufs");
    newImage("overlay2");
    assertThatThrownBy(() -> DockerStore.open(root))
        .hasMessageEndingWith(
            "is of several storage drivers: aufs, overlay2; --storage-driver says which is meant");
    assertThat(DockerStore.open(root, "aufs").driver()).isEqualTo("aufs");
    assertThatThrownBy(() -> DockerStore.open(root, "zfs"))
        .hasMessageEndingWith("has nothing of the storage driver zfs, only of aufs, overlay2");
  }

  @Test
  void aDriverThatDockerOnlyStartedWithIsNone() throws IOException {
    newImage("aufs");
    Files.createDirectories(root.resolve("image/overlay2/imagedb/content/sha256"));
    assertThat(DockerStore.open(root).driver()).isEqualTo("aufs");
    container(CONTAINER, "overlay2");
    assertThatThrownBy(() -> DockerStore.open(root)).hasMessageContaining("aufs, overlay2");
  }

  @Test
  void ofOldImagesADriverHasThoseWhoseLayerItHas() throws IOException {
    oldImage("aufs", A);
    oldImage("devicemapper", B);
    write("aufs/layers/" + A, "");
    write("devicemapper/metadata/" + B, "{}");
    assertThatThrownBy(() -> DockerStore.open(root)).hasMessageContaining("aufs, devicemapper");
    assertThat(DockerStore.open(root, "aufs").imageIds()).containsExactly(A);
    DockerStore devices = DockerStore.open(root, "devicemapper");
    assertThat(devices.imageIds()).containsExactly(B);
    assertThat(devices.hasImage(A)).isFalse();
  }

  @Test
  void aContainerOfAnotherDriverIsNotSeen() throws IOException {
    oldImage("aufs", A);
    container(CONTAINER, "devicemapper");
    container(B, "aufs");
    DockerStore store = DockerStore.open(root);
    assertThat(store.containerIds()).containsExactly(B);
    assertThat(store.findContainer("web")).isEqualTo(B);
    assertThatThrownBy(() -> store.findContainer("ccc")).hasMessage("No such container: ccc");
  }

  @Test
  void rootsOfRemappedUsersAreNamed() throws IOException {
    Files.createDirectories(root.resolve("231072.231072/image/overlay2/imagedb"));
    assertThat(DockerStore.isRoot(root)).isTrue();
    assertThatThrownBy(() -> DockerStore.open(root))
        .hasMessageContaining("(userns-remap): 231072.231072; one of them is to be named");
  }

  @Test
  void aRootWhoseImagesAreInContainerdIsToldOf() throws IOException {
    container(A, "overlayfs");
    Files.createDirectories(root.resolve("containerd"));
    assertThat(DockerStore.isRoot(root)).isFalse(); // so far it might be /var/lib
    Files.createDirectories(root.resolve("volumes"));
    Files.createDirectories(root.resolve("network"));
    assertThat(DockerStore.isRoot(root)).isTrue();
    assertThatThrownBy(() -> DockerStore.open(root))
        .hasMessageContaining("a docker root whose images are in containerd");
  }

  @Test
  void containerdsOwnStoreIsToldOf() throws IOException {
    Files.createDirectories(root.resolve("io.containerd.snapshotter.v1.overlayfs"));
    assertThatThrownBy(() -> DockerStore.open(root)).hasMessageContaining("is containerd's store");
  }

  @Test
  void podmansStorageIsToldOf() throws IOException {
    Files.createDirectories(root.resolve("overlay-images"));
    Files.createDirectories(root.resolve("overlay-layers"));
    assertThatThrownBy(() -> DockerStore.open(root)).hasMessageContaining("podman");
  }

  @Test
  void aRootOfBeforeDrivers() throws IOException {
    write("repositories", "{}");
    Files.createDirectories(root.resolve("graph"));
    assertThatThrownBy(() -> DockerStore.open(root)).hasMessageContaining("docker before 0.7");
  }

  @Test
  void theParentOfAnImageFromARegistryIsNamedByItsDigest() throws IOException {
    write("graph/" + A + "/json", "{\"layer_id\":\"sha256:" + A + "\"}");
    oldImage("aufs", A);
    write("graph/" + B + "/json", "{\"parent_id\":\"sha256:" + A + "\"}");
    DockerStore store = DockerStore.open(root);
    assertThat(store.driverIdsBelow(B)).containsExactly(A.hex());
    assertThat(store.image(B).layers()).extracting(LayerRecord::id).containsExactly(A, B);
    assertThat(store.image(B).parent()).isEqualTo(A);
  }

  @Test
  void aParentThatWasHereUnderAnotherIdIsNamedBesideTheRecord() throws IOException {
    oldImage("aufs", A);
    write("graph/" + B + "/json", "{\"parent_id\":\"sha256:" + CONTAINER + "\"}");
    write("graph/" + B + "/parent", A.hex());
    DockerStore store = DockerStore.open(root);
    assertThat(store.driverIdsBelow(B)).containsExactly(A.hex());
    assertThat(store.image(B).parent()).isEqualTo(A);
  }
}
