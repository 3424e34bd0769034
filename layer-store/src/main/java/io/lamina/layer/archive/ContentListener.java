package io.lamina.layer.archive;

import java.io.IOException;

/** Is told the content of a tar's members, piece by piece. */
interface ContentListener {
  /** One that nobody hears. */
  ContentListener NONE =
      new ContentListener() {
        @Override
        public void stored(Member member, byte[] bytes, int from, int length) {}

        @Override
        public void passed(byte[] bytes, int from, int length) {}
      };

  /** Tells a listener that no file will have the content, though one is made of it. */
  static ContentListener passing(ContentListener listener) {
    return new ContentListener() {
      @Override
      public void stored(Member member, byte[] bytes, int from, int length) throws IOException {
        listener.passed(bytes, from, length);
      }

      @Override
      public void passed(byte[] bytes, int from, int length) throws IOException {
        listener.passed(bytes, from, length);
      }
    };
  }

  /** Content that became a file's. */
  void stored(Member member, byte[] bytes, int from, int length) throws IOException;

  /** Content that is in no file. */
  void passed(byte[] bytes, int from, int length) throws IOException;
}
