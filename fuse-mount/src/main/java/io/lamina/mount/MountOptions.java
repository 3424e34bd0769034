package io.lamina.mount;

import io.lamina.ext4.WriteOptions;
import io.lamina.fuse.FuseOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code -o} can say. */
public final class MountOptions {
  /** For a usage message. */
  public static final String KNOWN =
      "ro, allow_other, [no]default_permissions, [no]discard, noatime, relatime, nonempty,"
          + " fsname=NAME, threads=N, unique_ino";

  private static final int MAX_THREADS = 16;

  private boolean readOnly;
  private boolean allowOther;
  private @Nullable Boolean defaultPermissions;
  private boolean nonEmpty;
  private boolean uniqueNumbers;
  private boolean discard = true;
  private boolean accessTimes = true;
  private int threadCount = FuseOptions.THREAD_COUNT;
  private @Nullable String source;

  private MountOptions() {}

  /**
   * Options as given: each text one or more, separated by commas.
   *
   * @throws IllegalArgumentException for one that is not known; the message names it
   */
  public static MountOptions parse(List<String> texts) {
    MountOptions options = new MountOptions();
    for (String text : texts) {
      for (String option : text.split(",", -1)) {
        options.set(option);
      }
    }
    return options;
  }

  private void set(String option) {
    int equals = option.indexOf('=');
    String name = equals < 0 ? option : option.substring(0, equals);
    String value = equals < 0 ? null : option.substring(equals + 1);
    if (value != null && name.equals("fsname")) {
      source = value;
    } else if (value != null && name.equals("threads")) {
      threadCount = threads(value);
    } else {
      setFlag(option);
    }
  }

  private void setFlag(String option) {
    switch (option) {
      case "" -> {} // "a,,b" is no mistake to mount(8)
      case "ro" -> readOnly = true;
      case "rw" -> readOnly = false;
      case "allow_other" -> allowOther = true;
      case "default_permissions" -> defaultPermissions = true;
      case "discard" -> discard = true;
      case "nodiscard" -> discard = false;
      case "noatime" -> accessTimes = false;
      case "relatime" -> accessTimes = true;
      case "nodefault_permissions" -> defaultPermissions = false;
      case "nonempty" -> nonEmpty = true;
      case "unique_ino" -> uniqueNumbers = true;
      default ->
          throw new IllegalArgumentException(
              "unknown mount option '" + option + "' (known: " + KNOWN + ")");
    }
  }

  private static int threads(String value) {
    try {
      int count = Integer.parseInt(value);
      if (count >= 1 && count <= MAX_THREADS) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "mount option threads=" + value + ": expected 1 to " + MAX_THREADS);
  }

  /** Whether nothing is to be changed. */
  public boolean readOnly() {
    return readOnly;
  }

  boolean nonEmpty() {
    return nonEmpty;
  }

  /** How the files of volumes are written. */
  public WriteOptions toWriteOptions() {
    return new WriteOptions(discard, accessTimes);
  }

  /** Whether files' inode numbers are to be unique in all volumes. */
  boolean uniqueNumbers() {
    return uniqueNumbers;
  }

  /**
   * For the mount itself. Who may write is asked to keep to files' modes unless he says otherwise;
   * who only reads, usually to save something, is not.
   */
  FuseOptions toFuse(String defaultSource, boolean writable) {
    return new FuseOptions(
        source == null ? defaultSource : source,
        allowOther,
        defaultPermissions == null ? writable : defaultPermissions,
        nonEmpty,
        threadCount,
        false);
  }
}
