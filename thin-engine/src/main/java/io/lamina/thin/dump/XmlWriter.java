package io.lamina.thin.dump;

import io.lamina.thin.DeviceDetails;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes metadata as the very text of {@code thin_dump}: neighbouring mappings become one line.
 *
 * @see <a href="https://github.com/jthornber/thin-provisioning-tools">thin_dump, thin_restore</a>
 */
public final class XmlWriter implements MetadataVisitor {
  private static final byte[] SINGLE = AsciiOutput.ascii("    <single_mapping origin_block=\"");
  private static final byte[] RANGE = AsciiOutput.ascii("    <range_mapping origin_begin=\"");
  private static final byte[] DATA_BLOCK = AsciiOutput.ascii("\" data_block=\"");
  private static final byte[] DATA_BEGIN = AsciiOutput.ascii("\" data_begin=\"");
  private static final byte[] LENGTH = AsciiOutput.ascii("\" length=\"");
  private static final byte[] TIME = AsciiOutput.ascii("\" time=\"");
  private static final byte[] END = AsciiOutput.ascii("\"/>\n");

  private final AsciiOutput out;
  private long runStart;
  private long runData;
  private long runLength;
  private int runTime;

  /** Writes to a stream, which stays open. */
  public XmlWriter(OutputStream out) {
    this.out = new AsciiOutput(out);
  }

  @Override
  public void pool(PoolFacts facts) throws IOException {
    out.put("<superblock uuid=\"\" time=\"").put(Integer.toUnsignedLong(facts.time()));
    out.put("\" transaction=\"").put(facts.transactionId());
    out.put("\" flags=\"").put(Integer.toUnsignedLong(facts.flags()));
    out.put("\" version=\"2\" data_block_size=\"").put(facts.dataBlockSectors());
    out.put("\" nr_data_blocks=\"").put(facts.dataBlockCount());
    out.put("\">\n");
  }

  @Override
  public void device(long id, DeviceDetails details) throws IOException {
    out.put("  <device dev_id=\"").put(id);
    out.put("\" mapped_blocks=\"").put(details.mappedBlocks());
    out.put("\" transaction=\"").put(details.createdIn());
    out.put("\" creation_time=\"").put(Integer.toUnsignedLong(details.creationTime()));
    out.put("\" snap_time=\"").put(Integer.toUnsignedLong(details.snapshottedTime()));
    out.put("\">\n");
  }

  @Override
  public void mapping(long virtualBlockNr, long dataBlockNr, int time) throws IOException {
    if (runLength > 0
        && virtualBlockNr == runStart + runLength
        && dataBlockNr == runData + runLength
        && time == runTime) {
      runLength++;
      return;
    }
    endRun();
    runStart = virtualBlockNr;
    runData = dataBlockNr;
    runTime = time;
    runLength = 1;
  }

  private void endRun() throws IOException {
    if (runLength == 1) {
      out.put(SINGLE).put(runStart).put(DATA_BLOCK).put(runData).put(TIME).put(runTime).put(END);
    } else if (runLength > 1) {
      out.put(RANGE).put(runStart).put(DATA_BEGIN).put(runData).put(LENGTH).put(runLength);
      out.put(TIME).put(runTime).put(END);
    }
    runLength = 0;
  }

  @Override
  public void endDevice() throws IOException {
    endRun();
    out.put("  </device>\n");
  }

  @Override
  public void endPool() throws IOException {
    out.put("</superblock>\n");
    out.flush();
  }

  /** Writes out what there is: also after a visit that ended early. */
  public void flush() throws IOException {
    endRun();
    out.flush();
  }
}
