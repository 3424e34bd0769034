package io.lamina.thin.dump;

import io.lamina.thin.DeviceDetails;
import java.io.IOException;
import java.io.InputStream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads thin_dump's XML and shows it to a visitor, as it comes. */
public final class XmlReader {
  private static final int MAX_TIME = (1 << 24) - 1;
  private static final long MAX_DATA_BLOCK = (1L << 40) - 1;
  private static final int MIN_SECTORS = 128;
  private static final int MAX_SECTORS = 1 << 21;

  private final XMLStreamReader xml;
  private final MetadataVisitor visitor;

  private XmlReader(XMLStreamReader xml, MetadataVisitor visitor) {
    this.xml = xml;
    this.visitor = visitor;
  }

  /**
   * Reads all of a document.
   *
   * @throws IOException when it is no XML, or not thin_dump's; the message names the line
   */
  public static void read(InputStream in, MetadataVisitor visitor) throws IOException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    try {
      XMLStreamReader xml = factory.createXMLStreamReader(in);
      new XmlReader(xml, visitor).read();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IOException(
          "line "
              + e.getLocation().getLineNumber()
              + ": no XML: "
              + firstLine(String.valueOf(e.getMessage())),
          e);
    }
  }

  private static String firstLine(String message) {
    return message.substring(message.lastIndexOf('\n') + 1);
  }

  private void read() throws IOException, XMLStreamException {
    boolean hasSuperblock = false;
    boolean inDevice = false;
    while (xml.hasNext()) {
      int event = xml.next();
      if (event == XMLStreamConstants.START_ELEMENT) {
        String element = xml.getLocalName();
        switch (element) {
          case "superblock" -> {
            require(!hasSuperblock, "a second superblock");
            hasSuperblock = true;
            superblock();
          }
          case "device" -> {
            require(hasSuperblock && !inDevice, "a device in the wrong place");
            inDevice = true;
            device();
          }
          case "single_mapping" -> {
            require(inDevice, "a mapping outside of a device");
            map(number("origin_block"), number("data_block"), 1);
          }
          case "range_mapping" -> {
            require(inDevice, "a mapping outside of a device");
            map(number("origin_begin"), number("data_begin"), number("length"));
          }
          default -> throw wrong("unknown element " + element);
        }
      } else if (event == XMLStreamConstants.END_ELEMENT && xml.getLocalName().equals("device")) {
        inDevice = false;
        visitor.endDevice();
      }
    }
    require(hasSuperblock, "no superblock");
    visitor.endPool();
  }

  private void superblock() throws IOException {
    require(xml.getAttributeValue(null, "version") == null || number("version") == 2, "version");
    long sectors = number("data_block_size");
    require(
        sectors >= MIN_SECTORS && sectors <= MAX_SECTORS && sectors % MIN_SECTORS == 0,
        "data_block_size " + sectors);
    long flags = xml.getAttributeValue(null, "flags") == null ? 0 : number("flags");
    visitor.pool(
        new PoolFacts(
            (int) number("time", MAX_TIME),
            number("transaction"),
            (int) flags,
            (int) sectors,
            number("nr_data_blocks")));
  }

  private void device() throws IOException {
    visitor.device(
        number("dev_id"),
        new DeviceDetails(
            number("mapped_blocks"),
            number("transaction"),
            (int) number("creation_time", MAX_TIME),
            (int) number("snap_time", MAX_TIME)));
  }

  private void map(long virtualBegin, long dataBegin, long length) throws IOException {
    int time = (int) number("time", MAX_TIME);
    require(
        dataBegin >= 0
            && length >= 0
            && dataBegin <= MAX_DATA_BLOCK
            && length <= MAX_DATA_BLOCK + 1 - dataBegin,
        "data block beyond 2^40");
    for (long i = 0; i < length; i++) {
      visitor.mapping(virtualBegin + i, dataBegin + i, time);
    }
  }

  private long number(String attribute, long most) throws IOException {
    long number = number(attribute);
    require(Long.compareUnsigned(number, most) <= 0, attribute + " above " + most);
    return number;
  }

  private long number(String attribute) throws IOException {
    String value = xml.getAttributeValue(null, attribute);
    if (value == null) {
      throw wrong(xml.getLocalName() + " without " + attribute);
    }
    try {
      return Long.parseUnsignedLong(value);
    } catch (NumberFormatException e) {
      throw wrong(attribute + " is no number: " + value);
    }
  }

  private void require(boolean holds, String otherwise) throws IOException {
    if (!holds) {
      throw wrong(otherwise);
    }
  }

  private IOException wrong(String what) {
    return new IOException("line " + xml.getLocation().getLineNumber() + ": " + what);
  }
}
