package io.lamina.layer.archive;

import io.lamina.digest.Sha256;
import io.lamina.graph.tarsplit.TarSplitWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Takes in a layer's tar: its files, its digest, and what makes the same tar again. */
public final class LayerIntake {
  private LayerIntake() {}

  /**
   * Unpacks a tar.
   *
   * @param tar not compressed; read to its end, by another thread, and left open
   * @param splitTo where {@code tar-split.json.gz} is written; closed
   * @return its diff ID: {@code sha256:} and 64 hexadecimal digits
   * @throws ArchiveException when the tar breaks its format or would write where it must not
   */
  public static String take(InputStream tar, LayerApply apply, OutputStream splitTo)
      throws IOException {
    MessageDigest digest = Sha256.start();
    try (DigestedAhead ahead = new DigestedAhead(tar, digest);
        TarSplitWriter split = new TarSplitWriter(splitTo);
        SplitRecorder recorder = new SplitRecorder(split)) {
      apply.apply(new TarReader(ahead, recorder), recorder);
      recorder.flush();
    }
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }
}
