package io.lamina.cli;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Takes docker's archives apart; texts are bytes, one a character. */
final class SavedTar {
  private static final int BLOCK_BYTES = 512;

  private SavedTar() {}

  /** A member of a tar: where its header is, and what it holds. */
  record Member(int header, char kind, String content) {}

  /** All members by their names. */
  static Map<String, Member> members(String tar) {
    Map<String, Member> members = new LinkedHashMap<>();
    int header = 0;
    while (header < tar.length() && tar.charAt(header) != 0) {
      int size = Integer.parseInt(tar.substring(header + 124, header + 135), 8);
      int content = header + BLOCK_BYTES;
      String name = tar.substring(header, tar.indexOf(0, header));
      members.put(
          name,
          new Member(header, tar.charAt(header + 156), tar.substring(content, content + size)));
      header = content + (size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    }
    return members;
  }

  /** Where docker writes a link in place of a layer, all times are those of its clock. */
  static byte[] withoutTimesOfLinks(String tar) {
    byte[] rest = tar.getBytes(StandardCharsets.ISO_8859_1);
    Map<String, Member> members = members(tar);
    members.forEach(
        (name, member) -> {
          Member layer = members.get(name.replaceAll("/.*", "/layer.tar"));
          if (layer != null && layer.kind == '2') {
            Arrays.fill(rest, member.header + 136, member.header + 156, (byte) 0); // time, checksum
          }
        });
    return rest;
  }
}
