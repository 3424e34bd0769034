package io.lamina.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.Node;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** What {@code ls --json} writes: one object a file, in one array. */
final class JsonListing implements Listing {
  private final Console console;
  private final JsonGenerator json;

  JsonListing(Console console, JsonGenerator json) {
    this.console = console;
    this.json = json;
  }

  @Override
  public boolean needsNodes() {
    return true;
  }

  @Override
  public void files(List<Entry> entries) throws IOException {
    for (Entry entry : entries) {
      write(entry.name(), entry);
    }
  }

  @Override
  public void directory(String path, List<Entry> entries) throws IOException {
    String prefix = path.endsWith("/") ? path : path + "/";
    for (Entry entry : entries) {
      write(prefix + entry.name(), entry);
    }
  }

  private void write(String path, Entry entry) throws IOException {
    Attributes attributes;
    String target = "";
    try {
      Node node = entry.node();
      attributes = node.attributes();
      if (attributes.type() == FileType.SYMLINK) {
        target = node.readLink().latin1();
      }
    } catch (IOException e) {
      console.failed(Text.display(path), e);
      return;
    }
    json.writeStartObject();
    Json.name(json, "name", entry.name());
    Json.name(json, "path", path);
    json.writeStringField("type", attributes.type().name().toLowerCase(Locale.ROOT));
    json.writeStringField("mode", String.format(Locale.ROOT, "%04o", attributes.permissions()));
    json.writeNumberField("inode", attributes.inodeNr());
    json.writeNumberField("links", attributes.linkCount());
    json.writeNumberField("uid", attributes.userId());
    json.writeNumberField("gid", attributes.groupId());
    json.writeNumberField("size", attributes.size());
    json.writeNumberField("sectors", attributes.sectorCount());
    if (attributes.type() == FileType.BLOCK_DEVICE
        || attributes.type() == FileType.CHARACTER_DEVICE) {
      json.writeNumberField("major", attributes.deviceMajor());
      json.writeNumberField("minor", attributes.deviceMinor());
    }
    if (attributes.type() == FileType.SYMLINK) {
      Json.name(json, "target", target);
    }
    json.writeStringField("accessed", iso(attributes.accessTime()));
    json.writeStringField("modified", iso(attributes.modificationTime()));
    json.writeStringField("changed", iso(attributes.changeTime()));
    json.writeEndObject();
  }

  private static String iso(Timestamp time) {
    return Instant.ofEpochSecond(time.seconds(), time.nanos()).toString();
  }
}
