package io.lamina.thin.check;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.BlockType;
import io.lamina.persist.walk.BlockScan;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What is known of the metadata blocks while a check runs. */
final class Survey {
  private final BlockScan blocks;
  private final Counts counts;
  private final BlockNotes notes;
  private final Findings findings;
  private final CheckProgress progress;
  private long seen;

  /** Of so many blocks, no more than the device has. */
  Survey(BlockScan blocks, long blockCount, Findings findings, CheckProgress progress) {
    this.blocks = blocks;
    this.counts = new Counts(blockCount);
    this.notes = new BlockNotes(blockCount);
    this.findings = findings;
    this.progress = progress;
  }

  BlockScan blocks() {
    return blocks;
  }

  /** How often each metadata block is referred to. */
  Counts counts() {
    return counts;
  }

  BlockNotes notes() {
    return notes;
  }

  Findings findings() {
    return findings;
  }

  /** Counts a reference; false where it leads outside. */
  boolean refer(long blockNr, BlockUse use) {
    if (!counts.covers(blockNr)) {
      findings.addUnreadable(
          new CorruptException(
              new Damage(
                  use.structure(),
                  blockNr,
                  "block number",
                  "less than " + counts.blockCount(),
                  Long.toUnsignedString(blockNr))));
      return false;
    }
    counts.increment(blockNr);
    progress.blocks(++seen);
    return true;
  }

  /**
   * A block that has one parent.
   *
   * @return its bytes until the next read; null where it is damaged
   */
  @Nullable ByteBuffer only(long blockNr, BlockUse use, BlockType<?> type) throws IOException {
    if (!refer(blockNr, use)) {
      return null;
    }
    BlockUse known = notes.use(blockNr);
    if (known != null) {
      contradiction(blockNr, known, use);
      return null;
    }
    notes.setUse(blockNr, use);
    try {
      return blocks.read(blockNr, type);
    } catch (CorruptException e) {
      findings.addUnreadable(e);
      return null;
    }
  }

  /** A block is two things at once. */
  void contradiction(long blockNr, BlockUse known, BlockUse use) {
    findings.addUnreadable(
        new CorruptException(
            new Damage(
                use.structure(),
                blockNr,
                "use",
                "this alone",
                known == use ? "used twice" : known.structure() + " too")));
  }
}
