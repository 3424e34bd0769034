package io.lamina.images;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * The metadata of a pool, as {@code thin_dump} of thin-provisioning-tools prints it.
 *
 * @param time the pool's time
 * @param transactionId of its last commit
 * @param dataBlockSectors size of a data block, in units of 512 bytes
 * @param dataBlockCount blocks of the data device
 * @param devices in the order of their ids
 */
public record MetadataDump(
    int time, long transactionId, int dataBlockSectors, long dataBlockCount, List<Device> devices) {
  /** One device and all it maps, in the order of its blocks. */
  public record Device(
      int id,
      long mappedBlocks,
      long createdIn,
      int creationTime,
      int snapshottedTime,
      List<Range> ranges) {}

  /** Blocks of a device that follow each other on the data device, mapped at one time. */
  public record Range(long firstBlockNr, long firstDataBlockNr, long blockCount, int time) {}

  /** Reads a file that {@code thin_dump} wrote. */
  public static MetadataDump read(Path file) throws IOException {
    try (InputStream xml = new BufferedInputStream(Files.newInputStream(file))) {
      return read(xml);
    }
  }

  /** Reads what {@code thin_dump} writes to its output. */
  public static MetadataDump read(InputStream xml) throws IOException {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    try {
      return read(factory.createXMLStreamReader(xml));
    } catch (XMLStreamException e) {
      throw new IOException("not a dump of a pool", e);
    }
  }

  private static MetadataDump read(XMLStreamReader xml) throws XMLStreamException {
    MetadataDump pool = null;
    List<Device> devices = new ArrayList<>();
    List<Range> ranges = List.of();
    while (xml.hasNext()) {
      if (xml.next() != XMLStreamConstants.START_ELEMENT) {
        continue;
      }
      switch (xml.getLocalName()) {
        case "superblock" -> pool = superblock(xml, devices);
        case "device" -> {
          ranges = new ArrayList<>();
          devices.add(device(xml, ranges));
        }
        case "single_mapping" ->
            ranges.add(
                new Range(
                    number(xml, "origin_block"),
                    number(xml, "data_block"),
                    1,
                    (int) number(xml, "time")));
        case "range_mapping" ->
            ranges.add(
                new Range(
                    number(xml, "origin_begin"),
                    number(xml, "data_begin"),
                    number(xml, "length"),
                    (int) number(xml, "time")));
        default -> throw new XMLStreamException("unknown element " + xml.getLocalName());
      }
    }
    if (pool == null) {
      throw new XMLStreamException("no superblock");
    }
    return pool;
  }

  private static MetadataDump superblock(XMLStreamReader xml, List<Device> devices) {
    return new MetadataDump(
        (int) number(xml, "time"),
        number(xml, "transaction"),
        (int) number(xml, "data_block_size"),
        number(xml, "nr_data_blocks"),
        devices);
  }

  private static Device device(XMLStreamReader xml, List<Range> ranges) {
    return new Device(
        (int) number(xml, "dev_id"),
        number(xml, "mapped_blocks"),
        number(xml, "transaction"),
        (int) number(xml, "creation_time"),
        (int) number(xml, "snap_time"),
        ranges);
  }

  private static long number(XMLStreamReader xml, String attribute) {
    return Long.parseUnsignedLong(xml.getAttributeValue(null, attribute));
  }
}
