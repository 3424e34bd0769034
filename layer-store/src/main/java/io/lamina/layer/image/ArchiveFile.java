package io.lamina.layer.image;

import java.io.IOException;
import java.io.InputStream;

/** A file of an image archive; it may be read several times. */
interface ArchiveFile {
  /** How many bytes it has. */
  long size();

  /** Reads it from its start; the caller closes it. */
  InputStream open() throws IOException;
}
