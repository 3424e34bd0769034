package io.lamina.ext4;

import java.io.IOException;
import java.nio.file.Path;

/** A tree on the host that has a bit of everything, for {@code mke2fs -d} to copy. */
final class SampleTree {
  /** What anybody may make; attributes fit into an inode or one block of 1 KiB. */
  private static final String FILES =
      """
      set -e
      mkdir -p dir/sub/deeper many names sizes links attributes
      echo hello > small
      : > empty
      for n in 1 59 60 61 100 140 157 500 1023 1024 1025 4095 4096 4097 65537 300001; do
        yes "$n bytes" | head -c $n > sizes/$n || true
      done
      for i in $(seq 1 400); do echo $i > many/a-rather-long-name-for-a-file-$i; done
      for n in 1 58 59 60 61 100 150 900; do ln -s "$(printf "%0${n}d" 7)" links/fast$n; done
      ln small dir/sub/hard
      mkfifo fifo
      echo x > "names/$(printf '%0255d' 1)"
      echo x > "names/$(printf 'not utf-8 \\377\\376')"
      echo x > "names/$(printf 'two\\nlines')"
      echo x > names/' space'
      echo x > names/'été'
      truncate -s 3000000 sparse
      printf middle | dd of=sparse bs=1 seek=1234567 conv=notrunc status=none
      printf end >> sparse # mke2fs 1.47 cuts what ends with a hole, in a volume with inline_data
      truncate -s 70000 hole
      chmod 4755 small
      chmod 1777 dir
      chmod 0 empty
      touch -d '1969-12-31 23:59:58.123456789Z' sizes/1
      touch -d '1910-01-02 03:04:05.5Z' sizes/59
      touch -d '2038-01-19 03:14:08Z' sizes/60
      touch -d '2100-02-03 04:05:06.000000001Z' sizes/61
      touch -d '2440-01-01Z' sizes/100
      """;

  private static final String ATTRIBUTES =
      """
      echo x > attributes/file
      setfattr -n user.short -v value attributes/file
      setfattr -n user.empty attributes/file
      setfattr -n user.long -v "$(printf '%0600d' 5)" attributes/file
      setfattr -n user.of-a-directory -v value attributes
      """;

  private static final String FOR_ROOT =
      """
      mknod null c 1 3
      mknod disk b 300 70000
      chown 4000000000:70000 sizes/500
      setfattr -n trusted.lamina -v 1 attributes/file
      setfattr -n security.lamina -v 0x0001ff attributes/file
      """;

  private static final String LARGE_ATTRIBUTES =
      """
      setfattr -n user.huge -v "$(head -c 20000 /dev/zero | tr '\\\\0' x)" attributes/file
      setfattr -n user.huge2 -v "$(head -c 40000 /dev/zero | tr '\\\\0' y)" attributes/file
      """;

  private SampleTree() {}

  /** Makes it below a directory. */
  static void make(Path directory, boolean asRoot) throws IOException {
    Tools.require("bash", "setfattr", "truncate");
    run(directory, FILES + ATTRIBUTES + (asRoot ? FOR_ROOT : ""));
  }

  /** Adds attributes that need inodes of their own; only a kernel with ea_inode takes them. */
  static void addLargeAttributes(Path directory) throws IOException {
    run(directory, LARGE_ATTRIBUTES);
  }

  /** Runs a script of bash in a directory. */
  static void run(Path directory, String script) throws IOException {
    String start = "export LC_ALL=C\ncd " + directory + "\n";
    Tools.run(0, start + script, "bash", "-e");
  }
}
