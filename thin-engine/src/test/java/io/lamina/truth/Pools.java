package io.lamina.truth;

import io.lamina.block.BlockDevice;
import io.lamina.images.Fixture;
import io.lamina.images.MetadataDump;
import io.lamina.images.TrueDevice;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Opens the pools of the fixtures, and reads their devices whole. */
final class Pools {
  private static final int CHUNK_BYTES = 1 << 20;

  private Pools() {}

  /** All fixtures that hold a sound pool. */
  static Stream<Fixture> fixtures() {
    return Arrays.stream(Fixture.values()).filter(Fixture::hasPool);
  }

  static PoolSource source(Fixture fixture) throws IOException {
    return PoolSource.files(fixture.metadata(), fixture.data());
  }

  /** Opens the pool of a fixture; where it has an external origin, all devices lie over it. */
  static ThinPool open(Fixture fixture) throws IOException {
    Map<Integer, Path> origins = new HashMap<>();
    Path origin = fixture.directory().resolve("origin.img");
    if (Files.exists(origin)) {
      for (TrueDevice device : fixture.truth().devices()) {
        origins.put(device.id(), origin);
      }
    }
    return ThinPool.open(source(fixture), new PoolOptions(false, origins));
  }

  /** The checksum of all that a device reads as, holes included. */
  static String sha256OfReads(BlockDevice device) throws IOException {
    MessageDigest digest = sha256();
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
    for (long at = 0; at < device.size(); at += buffer.limit()) {
      buffer.clear().limit((int) Math.min(CHUNK_BYTES, device.size() - at));
      device.read(at, buffer);
      digest.update(buffer.array(), 0, buffer.limit());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The same, reading only what the device calls data and taking the rest for zeroes. */
  static String sha256OfData(BlockDevice device) throws IOException {
    MessageDigest digest = sha256();
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
    byte[] zeroes = new byte[CHUNK_BYTES];
    long at = 0;
    while (at < device.size()) {
      long data = device.nextData(at);
      for (; at < data; at += Math.min(CHUNK_BYTES, data - at)) {
        digest.update(zeroes, 0, (int) Math.min(CHUNK_BYTES, data - at));
      }
      long hole = at < device.size() ? device.nextHole(at) : at;
      while (at < hole) {
        buffer.clear().limit((int) Math.min(CHUNK_BYTES, hole - at));
        device.read(at, buffer);
        digest.update(buffer.array(), 0, buffer.limit());
        at += buffer.limit();
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The mappings of a device of a dump: one line each. */
  static List<String> mappings(MetadataDump.Device device) {
    List<String> mappings = new ArrayList<>();
    for (MetadataDump.Range range : device.ranges()) {
      for (long i = 0; i < range.blockCount(); i++) {
        mappings.add(mapping(range.firstBlockNr() + i, range.firstDataBlockNr() + i, range.time()));
      }
    }
    return mappings;
  }

  /** One mapping, as a line. */
  static String mapping(long blockNr, long dataBlockNr, int time) {
    return blockNr + " -> " + dataBlockNr + " at " + time;
  }
}
