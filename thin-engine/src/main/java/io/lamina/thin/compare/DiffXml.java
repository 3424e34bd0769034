package io.lamina.thin.compare;

import io.lamina.thin.dump.AsciiOutput;
import io.lamina.thin.dump.PoolFacts;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Writes ranges as the text of {@code thin_delta}, with data blocks where it is verbose. */
public final class DiffXml implements DifferenceVisitor {
  private final AsciiOutput out;
  private final boolean verbose;
  private @Nullable Difference kind;
  private long begin;
  private long length;

  /** Writes to a stream, which stays open. */
  public DiffXml(OutputStream out, boolean verbose) {
    this.out = new AsciiOutput(out);
    this.verbose = verbose;
  }

  /** What stands before the ranges. */
  public void begin(PoolFacts pool, long left, long right) throws IOException {
    out.put("<superblock uuid=\"\" time=\"").put(Integer.toUnsignedLong(pool.time()));
    out.put("\" transaction=\"").put(pool.transactionId());
    out.put("\" data_block_size=\"").put(pool.dataBlockSectors());
    out.put("\" nr_data_blocks=\"").put(pool.dataBlockCount());
    out.put("\">\n  <diff left=\"").put(left).put("\" right=\"").put(right).put("\">\n");
  }

  @Override
  public void range(Difference found, long start, long leftData, long rightData, long count)
      throws IOException {
    if (verbose) {
      detail(found, start, leftData, rightData, count);
    } else if (found == kind && start == begin + length) {
      length += count;
    } else {
      close();
      kind = found;
      begin = start;
      length = count;
    }
  }

  private void detail(Difference found, long start, long leftData, long rightData, long count)
      throws IOException {
    if (found != kind) {
      close();
      kind = found;
      out.put("    <" + found.key() + ">\n");
    }
    out.put("      <range begin=\"").put(start);
    if (found == Difference.DIFFERENT) {
      out.put("\" left_data_begin=\"").put(leftData);
      out.put("\" right_data_begin=\"").put(rightData);
    } else {
      out.put("\" data_begin=\"").put(found == Difference.RIGHT_ONLY ? rightData : leftData);
    }
    out.put("\" length=\"").put(count).put("\"/>\n");
  }

  /** Ends what is open: a group of ranges, or one range made of several. */
  private void close() throws IOException {
    Difference open = kind;
    if (open == null) {
      return;
    }
    if (verbose) {
      out.put("    </" + open.key() + ">\n");
    } else {
      out.put("    <" + open.key() + " begin=\"").put(begin);
      out.put("\" length=\"").put(length).put("\"/>\n");
    }
  }

  /** What stands behind the ranges. */
  public void end() throws IOException {
    close();
    out.put("  </diff>\n</superblock>\n");
    out.flush();
  }
}
