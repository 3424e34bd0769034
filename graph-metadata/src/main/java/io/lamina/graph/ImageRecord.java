package io.lamina.graph;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An image as docker wrote it down. */
public final class ImageRecord {
  private final Id id;
  private final @Nullable Id parent;
  private final byte[] bytes;
  private final JsonObject json;
  private final List<LayerRecord> layers;

  ImageRecord(Id id, @Nullable Id parent, byte[] bytes, JsonObject json, List<LayerRecord> layers) {
    this.id = id;
    this.parent = parent;
    this.bytes = bytes;
    this.json = json;
    this.layers = List.copyOf(layers);
  }

  /** Its id. */
  public Id id() {
    return id;
  }

  /** The image it was made from, where that was on the same host; null for one that was not. */
  public @Nullable Id parent() {
    return parent;
  }

  /** The record, byte for byte: since docker 1.10 the image's id is their digest. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The record, every field of it. */
  public JsonObject json() {
    return json;
  }

  /** Its layers, the lowest first. */
  public List<LayerRecord> layers() {
    return layers;
  }

  /** When it was made. */
  public Instant created() throws IOException {
    return json.time("created");
  }

  /** Bytes of all its layers, as docker counted them. */
  public long size() {
    return layers.stream().mapToLong(LayerRecord::size).sum();
  }
}
