package io.lamina.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.images.Fixture;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Docker's devicemapper roots as other versions and other set-ups have them. */
class DockerPoolTest {
  @TempDir Path root;
  private PoolSource usual;
  private PoolDevices devices;

  @BeforeEach
  void findFixture() throws IOException {
    usual = PoolSource.find(Fixture.DOCKER19_DEVICEMAPPER.dockerRoot());
    devices = new PoolDevices(usual.metadata(), usual.data());
  }

  private static Map<String, String> records() throws IOException {
    Path directory =
        Fixture.DOCKER19_DEVICEMAPPER.dockerRoot().resolve("devicemapper").resolve("metadata");
    Map<String, String> records = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        records.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return records;
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve("devicemapper").resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void writeRecords() throws IOException {
    for (Map.Entry<String, String> record : records().entrySet()) {
      write("metadata/" + record.getKey(), record.getValue());
    }
  }

  @Test
  void aPoolOnBlockDevicesHasTheNamesThatTheRootHas() throws IOException {
    writeRecords();
    assertThatThrownBy(() -> PoolSource.find(root))
        .hasMessageContaining("has no file metadata")
        .hasMessageEndingWith("--metadata and --data name them");
    PoolSource named = DockerPool.of(root, devices);
    assertThat(named.names()).isEqualTo(usual.names());
    assertThat(named.sizes()).isEqualTo(usual.sizes());
    assertThat(named.metadata()).isEqualTo(devices.metadata());
    assertThat(DockerPool.unread(root, devices).records().directory())
        .isEqualTo(root.resolve("devicemapper/metadata"));
  }

  @Test
  void dockerBefore10HadTheRecordsOfAllDevicesInOneFile() throws IOException {
    List<String> devicesOf = new ArrayList<>();
    for (Map.Entry<String, String> record : records().entrySet()) {
      if (!record.getKey().endsWith("-metadata")) {
        String name = record.getKey().equals("base") ? "" : record.getKey();
        devicesOf.add("\"" + name + "\":" + record.getValue());
      }
    }
    write("devicemapper/json", "{\"Devices\":{" + String.join(",", devicesOf) + "}}");
    assertThat(DockerPool.isIn(root)).isTrue();
    PoolSource named = DockerPool.of(root, devices);
    assertThat(named.names()).isEqualTo(usual.names()).containsValue("base");
    assertThat(named.sizes()).isEqualTo(usual.sizes());
    assertThatThrownBy(() -> DockerPool.unread(root, devices))
        .hasMessageContaining("is of docker before 1.0, whose devicemapper roots are only read");
  }

  @Test
  void whatIsNoRecordOfDevicesIsRefused() throws IOException {
    write("devicemapper/json", "{\"Devices\":{\"a\":7}}");
    assertThatThrownBy(() -> DockerPool.of(root, devices))
        .hasMessageEndingWith("json: records of the devices: expected a JSON object");
    write("devicemapper/json", "{\"Devices\":{\"a\":{\"device_id\":1");
    assertThatThrownBy(() -> DockerPool.of(root, devices)).hasMessageContaining("is no JSON");
    write("devicemapper/json", "{\"Devices\":null}");
    assertThat(DockerPool.of(root, devices).names()).isEmpty();
  }

  @Test
  void aRecordThatIsNoneAndADeletedDeviceKeepTheOthersShown() throws IOException {
    writeRecords();
    write("metadata/broken", "{");
    write("metadata/gone", "{\"device_id\":9999,\"size\":1,\"transaction_id\":1,\"deleted\":true}");
    assertThat(DockerPool.of(root, devices).names()).isEqualTo(usual.names());
  }
}
