package io.lamina.graph.archive;

import io.lamina.graph.Id;
import io.lamina.graph.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What an OCI record says of another: where it is found, and what it has to be.
 *
 * @param mediaType what kind of thing it is; empty where it is not said
 * @param digest of its bytes
 * @param size how many bytes it has
 * @param names what its annotations call it, the fullest first
 * @param os of the machine it is for; empty where it is not said
 * @param architecture of that machine, in Go's words; empty where it is not said
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md">OCI content
 *     descriptors</a>
 */
public record OciDescriptor(
    String mediaType, Id digest, long size, List<String> names, String os, String architecture) {
  private static final List<String> NAMES =
      List.of("io.containerd.image.name", "org.opencontainers.image.ref.name");

  /** Keeps a copy of the list. */
  public OciDescriptor {
    names = List.copyOf(names);
  }

  /** Reads one. */
  public static OciDescriptor of(JsonObject json) throws IOException {
    Id digest = Id.parse(json + ": digest", json.text("digest"));
    if (!digest.isDigest()) {
      throw new IOException(json + ": digest: expected a digest, found " + digest);
    }
    JsonObject annotations = json.object("annotations");
    List<String> names = new ArrayList<>();
    for (String key : NAMES) {
      if (!annotations.text(key).isEmpty()) {
        names.add(annotations.text(key));
      }
    }
    JsonObject platform = json.object("platform");
    return new OciDescriptor(
        json.text("mediaType"),
        digest,
        json.number("size"),
        names,
        platform.text("os"),
        platform.text("architecture"));
  }

  /** Those in a field of a record. */
  public static List<OciDescriptor> all(JsonObject json, String field) throws IOException {
    List<OciDescriptor> all = new ArrayList<>();
    for (JsonObject one : json.objects(field)) {
      all.add(of(one));
    }
    return all;
  }

  /** Whether it is a list of others, of one image for several kinds of machine. */
  public boolean isIndex() {
    return mediaType.equals("application/vnd.oci.image.index.v1+json")
        || mediaType.equals("application/vnd.docker.distribution.manifest.list.v2+json");
  }
}
