package io.lamina.layer;

import io.lamina.graph.DurableFile;
import io.lamina.graph.GoJson;
import io.lamina.graph.JsonObject;
import io.lamina.source.VolumeRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What docker's devicemapper driver notes of its pool beside the devices: where to look for a free
 * device id, which base device it made, and the change that it made last. Nothing here relies on
 * them; docker complains where they lag behind.
 *
 * @see <a
 *     href="https://github.com/moby/moby/blob/v1.9.1/daemon/graphdriver/devmapper/deviceset.go">docker's
 *     deviceset.go</a>
 */
final class DeviceNotes {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceNotes.class);
  private static final String PERMISSIONS = "rw-------";
  private static final int MAX_DEVICE_ID = (1 << 24) - 1;

  private final Path records;

  /** Of a docker root. */
  DeviceNotes(Path root) {
    this.records = root.resolve("devicemapper").resolve("metadata");
  }

  /** The base device was made. */
  void base(String fileSystemUuid) throws IOException {
    change("deviceset-metadata", Map.of("next_device_id", 1, "BaseDeviceUUID", fileSystemUuid));
  }

  /** A device was made. */
  void made(VolumeRecord device) {
    int next = device.deviceId() == MAX_DEVICE_ID ? 1 : device.deviceId() + 1;
    Map<String, Object> transaction = new LinkedHashMap<>();
    transaction.put("open_transaction_id", device.transactionId());
    transaction.put("device_hash", device.name());
    transaction.put("device_id", device.deviceId());
    try {
      change("deviceset-metadata", Map.of("next_device_id", next));
      change("transaction-metadata", transaction);
    } catch (IOException e) {
      LOG.warn("{}: docker's notes lag behind: {}", records, e.getMessage());
    }
  }

  private void change(String name, Map<String, Object> fields) throws IOException {
    Path file = records.resolve(name);
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    if (Files.exists(file)) {
      all.putAll(JsonObject.parse(file.toString(), Files.readAllBytes(file)).fields());
    }
    all.putAll(fields);
    DurableFile.write(file, GoJson.bytes(all), PERMISSIONS);
  }
}
