package io.lamina.cli;

import io.lamina.fs.Attributes;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.XattrKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What {@code ls} and {@code ls -ln} write. */
final class TextListing implements Listing {
  private final Console console;
  private final boolean isLong;
  private final boolean withHeaders;
  private final TimeColumn times = new TimeColumn();
  private boolean started;

  TextListing(Console console, boolean isLong, boolean withHeaders) {
    this.console = console;
    this.isLong = isLong;
    this.withHeaders = withHeaders;
  }

  @Override
  public boolean needsNodes() {
    return isLong;
  }

  @Override
  public void files(List<Entry> entries) throws IOException {
    write(entries, false);
    started = true;
  }

  @Override
  public void directory(String path, List<Entry> entries) throws IOException {
    if (withHeaders) {
      if (started) {
        console.line("");
      }
      console.line(console.name(path) + ":");
    }
    started = true;
    write(entries, isLong);
  }

  /** The columns of one file before its name. */
  private record Row(
      String name,
      Attributes attributes,
      String mode,
      String links,
      String owner,
      String group,
      String size,
      String major,
      String minor,
      String target) {}

  private void write(List<Entry> entries, boolean withTotal) throws IOException {
    if (!isLong) {
      for (Entry entry : entries) {
        console.line(console.name(entry.name()));
      }
      return;
    }
    List<Row> rows = new ArrayList<>();
    long sectors = 0;
    for (Entry entry : entries) {
      try {
        Row row = row(entry);
        rows.add(row);
        sectors += row.attributes.sectorCount();
      } catch (IOException e) {
        console.failed(Text.display(entry.name()), e);
      }
    }
    if (withTotal) {
      console.line("total " + (sectors + 1) / 2);
    }
    writeRows(rows);
  }

  private void writeRows(List<Row> rows) throws IOException {
    int links = 0;
    int owner = 0;
    int group = 0;
    int size = 0;
    int major = 0;
    int minor = 0;
    for (Row row : rows) {
      links = Math.max(links, row.links.length());
      owner = Math.max(owner, row.owner.length());
      group = Math.max(group, row.group.length());
      size = Math.max(size, row.size.length());
      major = Math.max(major, row.major.length());
      minor = Math.max(minor, row.minor.length());
    }
    boolean plus = rows.stream().anyMatch(row -> row.mode.length() > 10);
    if (major > 0) {
      size = Math.max(size, major + 2 + minor);
    }
    for (Row row : rows) {
      StringBuilder line = new StringBuilder(row.mode);
      line.append(plus && row.mode.length() == 10 ? "  " : " ");
      right(line, row.links, links).append(' ');
      right(line, row.owner, owner).append(' ');
      right(line, row.group, group).append(' ');
      if (row.major.isEmpty()) {
        right(line, row.size, size);
      } else {
        right(line, row.major, size - 2 - minor).append(", ");
        right(line, row.minor, minor);
      }
      line.append(' ').append(times.of(row.attributes.modificationTime())).append(' ');
      line.append(console.name(row.name)).append(row.target);
      console.line(line.toString());
    }
  }

  private static StringBuilder right(StringBuilder line, String text, int width) {
    return line.append(" ".repeat(Math.max(0, width - text.length()))).append(text);
  }

  private Row row(Entry entry) throws IOException {
    Node node = entry.node();
    Attributes attributes = node.attributes();
    FileType type = attributes.type();
    boolean isDevice = type == FileType.BLOCK_DEVICE || type == FileType.CHARACTER_DEVICE;
    return new Row(
        entry.name(),
        attributes,
        Modes.of(attributes) + (hasAcl(node) ? "+" : ""),
        Integer.toUnsignedString(attributes.linkCount()),
        Long.toString(attributes.userId()),
        Long.toString(attributes.groupId()),
        isDevice ? "" : Long.toUnsignedString(attributes.size()),
        isDevice ? Integer.toUnsignedString(attributes.deviceMajor()) : "",
        isDevice ? Integer.toUnsignedString(attributes.deviceMinor()) : "",
        type == FileType.SYMLINK ? " -> " + console.name(node.readLink().latin1()) : "");
  }

  private static boolean hasAcl(Node node) throws IOException {
    for (Name name : node.xattrNames()) {
      XattrKind kind = XattrKind.of(name);
      if (kind == XattrKind.ACL_ACCESS || kind == XattrKind.ACL_DEFAULT) {
        return true;
      }
    }
    return false;
  }
}
