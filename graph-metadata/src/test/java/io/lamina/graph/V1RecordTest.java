package io.lamina.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.images.Fixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What docker 20.10 wrote into its archives for older dockers. */
class V1RecordTest {
  private static List<V1Record> layers(Fixture fixture, String image) throws IOException {
    DockerStore store = DockerStore.open(fixture.dockerRoot());
    byte[] config = store.image(store.findImage(image)).bytes();
    return V1Record.layersOf(ImageConfig.parse(image, config));
  }

  @Test
  void idsAreThoseOfDocker() throws IOException {
    assertThat(layers(Fixture.DOCKER_OVERLAY2, "app:committed"))
        .extracting(record -> record.id().hex())
        .containsExactly(
            "49c4fde31e86c5067c87eabc8bd463ac0d3fc695048af3b1d606376e09667ac8",
            "8c6e0a0551fa79ab61258c482b97dfcbd097006e50c7a02414bc334234871c90",
            "fb38dceb59567d99f69b03341e0c9319bd42c39a1a8d57895d0b287b6fe25a57",
            "95fe12fc0479795f53eb927a11cf14dfb1a01ddb3442ea5c7d253d539a0bcda8",
            "1b12b9c1793d9bd41a5fc82f037ec8a14174c25a5563424fab9a52e9e3390df6",
            "2c533e36873c549b2868eea38002d60650404a01928c4c8cdb8b7a859cba0c2e");
  }

  @ParameterizedTest
  @CsvSource({
    "DOCKER_OVERLAY2, app:1", "DOCKER_OVERLAY2, app:committed", "DOCKER_OVERLAY2, base",
    "DOCKER_AUFS, app:1", "DOCKER_AUFS, app:committed", "DOCKER_AUFS, base",
    "DOCKER_DEVICEMAPPER, app:1", "DOCKER_DEVICEMAPPER, app:committed"
  })
  void recordsAreThoseOfDockerToTheByte(Fixture fixture, String image) throws IOException {
    String saved = Files.readString(fixture.docker("save.tar"), StandardCharsets.ISO_8859_1);
    assertThat(layers(fixture, image))
        .isNotEmpty()
        .allSatisfy(
            record ->
                assertThat(saved)
                    .contains(
                        "\0" + new String(record.json(), StandardCharsets.ISO_8859_1) + "\0"));
  }
}
