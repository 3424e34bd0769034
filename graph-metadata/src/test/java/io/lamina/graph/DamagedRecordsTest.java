package io.lamina.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a root says that somebody has spoilt, or made to do harm. */
class DamagedRecordsTest {
  private static final Id A = Id.random("a".repeat(64));
  private static final Id B = Id.random("b".repeat(64));

  @TempDir Path root;
  private DockerStore store;

  @BeforeEach
  void makeRoot() throws IOException {
    write("repositories-aufs", "{\"Repositories\":{}}");
    image(A, "{\"id\":\"" + A + "\"}");
    store = DockerStore.open(root);
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void image(Id id, String json) throws IOException {
    write("graph/" + id + "/json", json);
  }

  @Test
  void imagesThatAreMadeFromEachOtherAreRefused() throws IOException {
    image(A, "{\"parent\":\"" + B + "\"}");
    image(B, "{\"parent\":\"" + A + "\"}");
    assertThatThrownBy(() -> store.image(A))
        .hasMessageContaining("parent: " + A + " was made from this very image");
    assertThatThrownBy(() -> store.driverIdsBelow(A))
        .hasMessageContaining("parent: " + A + " was made from this very image");
  }

  @Test
  void aParentThatIsAPathIsRefused() throws IOException {
    image(A, "{\"parent\":\"../../../etc\"}");
    assertThatThrownBy(() -> store.image(A))
        .hasMessageContaining("parent: expected an id of 64 hexadecimal digits");
  }

  @Test
  void whatAnImageWasMadeFromIsReadOnceFromOneFile() throws IOException {
    image(A, "{\"parent\":\"" + B + "\"}");
    image(B, "{}");
    assertThat(store.driverIdsBelow(A)).containsExactly(B.hex());
    Path file = root.resolve("graph/" + A + "/json");
    FileTime written = Files.getLastModifiedTime(file);
    image(A, "no record");
    Files.setLastModifiedTime(file, written);
    assertThat(store.driverIdsBelow(A)).containsExactly(B.hex());
    assertThatThrownBy(() -> DockerStore.open(root).driverIdsBelow(A))
        .hasMessageContaining("is no JSON object");
  }

  @Test
  void anImageThatComesBackAsAnotherHasItsNewParent() throws IOException {
    image(A, "{\"parent\":\"" + B + "\"}");
    image(B, "{}");
    assertThat(store.driverIdsBelow(A)).containsExactly(B.hex());
    Files.delete(root.resolve("graph/" + A + "/json"));
    assertThatThrownBy(() -> store.driverIdsBelow(A)).isInstanceOf(NoSuchFileException.class);
    image(A, "{}");
    assertThat(store.driverIdsBelow(A)).isEmpty();
  }

  @Test
  void aMissingParentIsNamed() throws IOException {
    image(A, "{\"parent\":\"" + B + "\"}");
    assertThatThrownBy(() -> store.image(A)).hasMessageContaining(B + "/json: is missing");
    assertThatThrownBy(() -> store.driverIdsBelow(A)).hasMessageContaining(B + "/json: is missing");
    assertThat(store.imageIds()).containsExactly(A);
  }

  @Test
  void aSizeThatIsNoNumberIsRefused() throws IOException {
    write("graph/" + A + "/layersize", "much");
    assertThatThrownBy(() -> store.image(A))
        .hasMessageContaining("expected a number, found 'much'");
  }

  @Test
  void aRecordThatIsALinkIsNotFollowed() throws IOException {
    Files.delete(root.resolve("graph/" + A + "/json"));
    Files.createSymbolicLink(root.resolve("graph/" + A + "/json"), Path.of("/etc/passwd"));
    assertThatThrownBy(() -> store.image(A)).hasMessageEndingWith("is no regular file");
  }

  @Test
  void anImageWhoseDigestIsNotItsNameIsRefused() throws IOException {
    write("image/aufs/imagedb/content/sha256/" + A, "{}");
    DockerStore newer = DockerStore.open(root);
    assertThat(newer.isOld()).isFalse();
    assertThatThrownBy(() -> newer.image(Id.digest(A.hex())))
        .hasMessageContaining("digest: expected its name, found sha256:44136fa355b3678a");
  }

  @Test
  void aLayerThatLeadsOutOfTheDriversDirectoryIsRefused() throws IOException {
    String layer = "image/aufs/layerdb/sha256/" + A;
    Files.createDirectories(root.resolve("image/aufs/imagedb"));
    write(layer + "/diff", "sha256:" + A);
    write(layer + "/size", "1");
    write(layer + "/cache-id", "../../..");
    DockerStore newer = DockerStore.open(root);
    assertThatThrownBy(newer::plainLayers)
        .hasMessageContaining("expected a name of the storage driver, found '../../..'");
    write(layer + "/cache-id", "x");
    write(layer + "/parent", "sha256:" + A);
    assertThatThrownBy(() -> newer.layersTo(Id.digest(A.hex())))
        .hasMessageContaining("lies below itself");
    assertThatThrownBy(() -> newer.driverIdsBelow(Id.digest(A.hex())))
        .hasMessageContaining("lies below itself");
  }

  @Test
  void whatIsNoRootSaysWhatIsMissing() {
    assertThatThrownBy(() -> DockerStore.open(root.resolve("graph")))
        .hasMessageContaining("is no docker root");
    assertThatThrownBy(() -> DockerStore.open(root.resolve("nowhere")))
        .hasMessageEndingWith("no such directory");
  }

  @Test
  void aDamagedNameKeepsNoOtherFromBeingFound() throws IOException {
    write(
        "repositories-aufs",
        "{\"Repositories\":{\"bad\":{\"1\":\"zz\",\"2\":\""
            + A
            + "\"},\"worse\":7,\"none\":null}}");
    List<String> leftOut = new ArrayList<>();
    assertThat(store.tags((what, damage) -> leftOut.add(what)).ids()).containsOnlyKeys("bad:2");
    assertThat(leftOut).containsExactly("bad:1", "worse");
    assertThat(store.findImage("bad:2")).isEqualTo(A);
    assertThatThrownBy(() -> store.findImage("bad:1"))
        .hasMessageContaining("bad:1: expected an id of 64 hexadecimal digits, found 'zz'");
    assertThatThrownBy(() -> store.findImage("other")).hasMessage("No such image: other");
    assertThatThrownBy(store::tags).hasMessageContaining("found 'zz'"); // who changes them
  }

  @Test
  void whereNamesCannotBeReadImagesAreFoundByTheirIds() throws IOException {
    write("repositories-aufs", "{\"Repositories\":{\"app\"");
    assertThat(store.findImage("aaa")).isEqualTo(A);
    assertThatThrownBy(() -> store.findImage("app")).hasMessageContaining("is no JSON object");
    assertThat(store.inspect(store.image(A))).containsEntry("RepoTags", List.of());
  }

  @Test
  void aDamagedContainerKeepsNoOtherFromBeingFound() throws IOException {
    write("containers/" + A + "/config.json", "{");
    write("containers/" + B + "/config.json", "{\"Name\":\"/web\"}");
    assertThat(store.containerIds()).containsExactly(A, B);
    assertThat(store.findContainer("web")).isEqualTo(B);
    assertThatThrownBy(() -> store.findContainer("db")).hasMessage("No such container: db");
    assertThat(store.findContainer("aaaa")).isEqualTo(A);
    assertThatThrownBy(() -> store.container(A)).hasMessageContaining("is no JSON object");
  }

  @Test
  void aDamagedLayerKeepsNoOtherFromBeingListed() throws IOException {
    for (Id layer : List.of(A, B)) {
      String directory = "image/aufs/layerdb/sha256/" + layer;
      write(directory + "/diff", "sha256:" + layer);
      write(directory + "/size", "7");
      write(directory + "/cache-id", "x" + layer);
    }
    Files.createDirectories(root.resolve("image/aufs/imagedb"));
    Files.delete(root.resolve("image/aufs/layerdb/sha256/" + A + "/cache-id"));
    DockerStore newer = DockerStore.open(root);
    List<String> leftOut = new ArrayList<>();
    assertThat(newer.stacks((what, damage) -> leftOut.add(what + " " + damage.getMessage())))
        .containsOnlyKeys("x" + B);
    assertThat(newer.sizes(DockerStore.LeftOut.UNTOLD)).containsOnlyKeys("x" + B);
    assertThat(leftOut).hasSize(1);
    assertThat(leftOut.get(0))
        .startsWith("layer sha256:" + A)
        .endsWith("/cache-id: No such file or directory");
  }
}
