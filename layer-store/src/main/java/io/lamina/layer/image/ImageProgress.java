package io.lamina.layer.image;

/** Is told how far the reading or writing of an archive is. */
public interface ImageProgress {
  /** One that does not care. */
  ImageProgress NONE =
      new ImageProgress() {
        @Override
        public void expect(long byteCount) {}

        @Override
        public void copied(long byteCount) {}
      };

  /** About so many bytes more are to come. */
  void expect(long byteCount);

  /** So many more are done. */
  void copied(long byteCount);
}
