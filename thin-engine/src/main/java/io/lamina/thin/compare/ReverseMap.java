package io.lamina.thin.compare;

import io.lamina.thin.DeviceDetails;
import io.lamina.thin.dump.AsciiOutput;
import io.lamina.thin.dump.MetadataReader;
import io.lamina.thin.dump.MetadataVisitor;
import io.lamina.thin.dump.PoolFacts;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Says which blocks of which devices lie in a region of the data device, as the lines of {@code
 * thin_rmap}. A large region is done in parts, each a walk of its own, so that memory stays
 * bounded.
 */
public final class ReverseMap {
  private static final long PART_BLOCKS = 1 << 20;
  private static final Comparator<Run> ORDER =
      Comparator.comparingLong(Run::data)
          .thenComparingLong(Run::device)
          .thenComparingLong(Run::virtual);

  private ReverseMap() {}

  private record Run(long data, long device, long virtual, long length) {}

  /**
   * Writes the lines of a region.
   *
   * @param begin its first data block
   * @param end the data block behind it
   */
  public static void run(MetadataReader pool, long begin, long end, OutputStream target)
      throws IOException {
    AsciiOutput out = new AsciiOutput(target);
    long last = Math.min(end, pool.superblock().dataSpaceMap().blockCount());
    for (long part = begin; part < last; part += PART_BLOCKS) {
      Collector collector = new Collector(begin, last, part, Math.min(last, part + PART_BLOCKS));
      pool.visit(collector);
      collector.runs.sort(ORDER);
      for (Run run : collector.runs) {
        out.put("data ").put(run.data).put("..").put(run.data + run.length);
        out.put(" -> thin(").put(run.device).put(") ").put(run.virtual).put("..");
        out.put(run.virtual + run.length).put("\n");
      }
    }
    out.flush();
  }

  /** Gathers the runs that begin in a part of the region; they may end behind it. */
  private static final class Collector implements MetadataVisitor {
    private final long begin;
    private final long end;
    private final long partBegin;
    private final long partEnd;
    private final List<Run> runs = new ArrayList<>();
    private long device;
    private long runData;
    private long runVirtual;
    private long runLength;

    Collector(long begin, long end, long partBegin, long partEnd) {
      this.begin = begin;
      this.end = end;
      this.partBegin = partBegin;
      this.partEnd = partEnd;
    }

    @Override
    public void pool(PoolFacts facts) {}

    @Override
    public void device(long id, DeviceDetails details) {
      device = id;
    }

    @Override
    public void mapping(long virtualBlockNr, long dataBlockNr, int time) {
      if (runLength > 0
          && dataBlockNr == runData + runLength
          && virtualBlockNr == runVirtual + runLength) {
        if (dataBlockNr < end) {
          runLength++;
        }
        return;
      }
      endRun();
      if (dataBlockNr >= begin && dataBlockNr < end) {
        runData = dataBlockNr;
        runVirtual = virtualBlockNr;
        runLength = 1;
      }
    }

    private void endRun() {
      if (runLength > 0 && runData >= partBegin && runData < partEnd) {
        runs.add(new Run(runData, device, runVirtual, runLength));
      }
      runLength = 0;
    }

    @Override
    public void endDevice() {
      endRun();
    }

    @Override
    public void endPool() {}
  }
}
