package io.lamina.thin;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The virtual blocks that each device of a thin_dump maps. */
final class DumpedMappings {
  private static final Pattern ELEMENT =
      Pattern.compile(
          "<device dev_id=\"(\\d+)\"|<single_mapping origin_block=\"(\\d+)\""
              + "|<range_mapping origin_begin=\"(\\d+)\"[^>]* length=\"(\\d+)\"");

  private DumpedMappings() {}

  static Map<Integer, BitSet> of(String xml) {
    Map<Integer, BitSet> devices = new TreeMap<>();
    BitSet blocks = new BitSet();
    Matcher matcher = ELEMENT.matcher(xml);
    while (matcher.find()) {
      if (matcher.group(1) != null) {
        blocks = new BitSet();
        devices.put(Integer.parseInt(matcher.group(1)), blocks);
      } else if (matcher.group(2) != null) {
        blocks.set(Integer.parseInt(matcher.group(2)));
      } else {
        int first = Integer.parseInt(matcher.group(3));
        blocks.set(first, first + Integer.parseInt(matcher.group(4)));
      }
    }
    return devices;
  }
}
