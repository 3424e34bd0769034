package io.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WritingMountTest {
  private final ChangeableTree tree = new ChangeableTree();

  @TempDir Path temp;

  /** Overridden where the tree is shown through libfuse's high level. */
  boolean throughLibFuse() {
    return false;
  }

  private Fuse fuse(boolean allowOther) throws IOException {
    return new Fuse(
        tree, new FuseOptions("test", allowOther, allowOther, false, 2, throughLibFuse()));
  }

  private static String sh(Fuse fuse, String script) {
    return fuse.run("sh", "-c", script);
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Long.getLong("lamina.seeds", 2));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aRandomWalkDoesWhatItDoesInADirectoryOfTheHost(long seed) throws Exception {
    Path script = temp.resolve("walk.py");
    try (var source = WritingMountTest.class.getResourceAsStream("walk.py")) {
      Files.write(script, source.readAllBytes());
    }
    Path host = Files.createDirectory(temp.resolve("host"));
    String libfuse = throughLibFuse() ? "libfuse" : "protocol";
    String[] walk = {"python3", script.toString(), Long.toString(seed), libfuse};
    try (Fuse fuse = fuse(false)) {
      String shown = fuse.run(walk);
      assertThat(shown).isEqualTo(Fuse.run(host, walk)).contains("done");
    }
    assertThat(tree.openFiles).hasValue(0);
    assertThat(tree.holds).hasValue(0);
  }

  @Test
  void aFileWithoutANameLivesAsLongAsItIsOpen() throws Exception {
    String script =
        """
        import os, time
        f = os.open('f', os.O_CREAT | os.O_RDWR)
        os.write(f, b'content')
        os.unlink('f')
        os.pwrite(f, b'!', 7)
        os.fchmod(f, 0o640)
        print(os.pread(f, 100, 0), oct(os.fstat(f).st_mode), os.path.exists('f'))
        d = os.open('g', os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        os.close(d); os.close(f)
        end = time.monotonic() + 120 # close does not wait for RELEASE, with which libfuse's name for it goes
        while len(os.listdir('.')) > 1 and time.monotonic() < end:
          time.sleep(0.01)
        print(os.listdir('.'))
        """;
    try (Fuse fuse = fuse(false)) {
      assertThat(fuse.run("python3", "-c", script))
          .isEqualTo("b'content!' 0o100640 False\n['g']\n");
    }
    assertThat(tree.holds).hasValue(0);
  }

  @Test
  void fsyncReachesTheTreeAndCloseAloneDoesNot() throws Exception {
    try (Fuse fuse = fuse(false)) {
      sh(fuse, "echo x > f; echo y >> f");
      assertThat(tree.syncs).hasValue(0);
      sh(fuse, "dd if=/dev/zero of=f bs=4k count=1 conv=fsync status=none");
      assertThat(tree.syncs).hasValue(1);
      fuse.run("sync", "f"); // opened for reading
      assertThat(tree.syncs).hasValue(2);
      fuse.run("sync", "."); // a directory
      assertThat(tree.syncs).hasValueGreaterThanOrEqualTo(throughLibFuse() ? 2 : 3);
    }
  }

  @Test
  void aFullTreeIsToldToTheWriteThatMetIt() throws Exception {
    tree.roomBytes = 1_000_000;
    String script =
        """
        import os
        f = os.open('f', os.O_CREAT | os.O_RDWR)
        done = 0
        try:
          while True:
            done += os.write(f, b'x' * 300000)
        except OSError as e:
          print(done, e.strerror)
        os.close(f)
        """;
    try (Fuse fuse = fuse(false)) {
      assertThat(fuse.run("python3", "-c", script)).isEqualTo("1000000 No space left on device\n");
      assertThat(fuse.run("wc", "-c", "f")).isEqualTo("1000000 f\n");
    }
  }

  @Test
  void newFilesAreTheCallersAndItsUmaskIsKept() throws Exception {
    assumeTrue(Unmounting.isRoot(), "only root can be another user");
    try (Fuse fuse = fuse(true)) {
      String made =
          sh(
              fuse,
              "setpriv --reuid 12345 --regid 6789 --clear-groups sh -c '"
                  + "umask 027; mkdir d; echo x > d/f; mkfifo d/p; ln -s t d/l' && "
                  + "stat -c '%n %a %u %g %F' d d/f d/p d/l");
      assertThat(made)
          .isEqualTo(
              """
              d 750 12345 6789 directory
              d/f 640 12345 6789 regular file
              d/p 640 12345 6789 fifo
              d/l 777 12345 6789 symbolic link
              """);
      assertThat(sh(fuse, "setpriv --reuid 11111 --regid 1 --clear-groups sh -c 'echo y > d/f'"))
          .contains("Permission denied");
    }
  }

  @Test
  void whoChangesAFileTakesAwayThatItRunsAsItsOwner() throws Exception {
    assumeTrue(Unmounting.isRoot(), "only root can be another user");
    try (Fuse fuse = fuse(true)) {
      String as = "setpriv --reuid 12345 --regid 6789 --clear-groups --inh-caps=-all sh -c ";
      String script =
          "for f in w t o; do echo x > $f; chmod 6777 $f; stat -c %a $f; done;"
              + as
              + "'echo y >> w; truncate -s 1 t; : > o'; stat -c %a w t o;"
              + "echo x > c; chmod 6777 c; chown 1:2 c; stat -c %a c";
      assertThat(sh(fuse, script)).isEqualTo("6777\n6777\n6777\n777\n777\n777\n777\n");
    }
  }

  @Test
  void extendedAttributesAndFlagsAreSet() throws Exception {
    try (Fuse fuse = fuse(false)) {
      String script =
          """
          import os
          open('f', 'w').close()
          os.setxattr('f', 'user.a', b'1', os.XATTR_CREATE)
          for flag in (os.XATTR_CREATE, os.XATTR_REPLACE):
            try:
              os.setxattr('f', 'user.a' if flag == os.XATTR_CREATE else 'user.b', b'2', flag)
            except OSError as e:
              print(e.strerror)
          os.setxattr('f', 'user.a', b'x' * 60000)
          print(len(os.getxattr('f', 'user.a')), os.listxattr('f'))
          os.removexattr('f', 'user.a')
          print(os.listxattr('f'))
          """;
      assertThat(fuse.run("python3", "-c", script))
          .isEqualTo("File exists\nNo data available\n60000 ['user.a']\n[]\n");
      assertThat(sh(fuse, "chattr +di f && lsattr f")).isEqualTo("----i-d--------------- f\n");
    }
  }

  @Test
  void unusedSpaceIsToldOnlyForWhoMay() throws Exception {
    assumeFalse(throughLibFuse(), "libfuse's high level is not asked for more than flags");
    assumeTrue(Unmounting.isRoot(), "only root can be another user");
    try (Fuse fuse = fuse(true)) {
      assertThat(fuse.run("fstrim", "-v", ".")).contains("4096");
      assertThat(tree.trimmedBytes).isEqualTo(Long.MAX_VALUE);
      String said = sh(fuse, "setpriv --reuid 12345 --clear-groups fstrim -v .");
      assumeFalse(said.contains("cannot open"), "the temporary directory is closed to other users");
      assertThat(said).contains("not permitted");
    }
  }

  @Test
  void namesAreMadeInManyThreadsAtOnce() throws Exception {
    String each = "mkdir d$t; for i in $(seq 20); do echo $i > d$t/$i; mv d$t/$i all/$t-$i; done";
    try (Fuse fuse = fuse(false)) {
      sh(fuse, "mkdir all; for t in 1 2 3 4; do (" + each + ") & done; wait");
      assertThat(sh(fuse, "ls all | wc -l; cat all/* | sort -n | uniq -c | wc -l"))
          .isEqualTo("80\n20\n");
    }
  }

  @Test
  void whatIsMappedIsWrittenBack() throws Exception {
    String script =
        """
        import mmap, os
        f = os.open('f', os.O_CREAT | os.O_RDWR)
        os.ftruncate(f, 10000)
        m = mmap.mmap(f, 10000)
        m[5000:5005] = b'hello'
        m.flush()
        m.close(); os.close(f)
        print(open('f', 'rb').read()[4999:5006])
        """;
    try (Fuse fuse = fuse(false)) {
      assertThat(fuse.run("python3", "-c", script)).isEqualTo("b'\\x00hello\\x00'\n");
    }
    assertThat(content("f")).contains("hello");
  }

  @Test
  void whatIsWrittenSynchronouslyIsDurableWhenTheWriteReturns() throws Exception {
    String script =
        """
        import mmap, os, sys
        page = mmap.mmap(-1, 4096)
        f = os.open(sys.argv[1], os.O_CREAT | eval(sys.argv[2]))
        os.pwrite(f, page, 0)
        os.kill(os.getpid(), 9)
        """;
    try (Fuse fuse = fuse(false)) {
      int before = tree.syncs.get();
      for (String flags : List.of("O_WRONLY|O_DSYNC", "O_RDWR|O_SYNC", "O_RDWR|O_DIRECT|O_SYNC")) {
        String named = "os." + flags.replace("|", "|os.");
        fuse.run("python3", "-c", script, flags, named);
        assertThat(tree.syncs).as(flags).hasValueGreaterThan(before);
        before = tree.syncs.get();
        fuse.run("python3", "-c", script, flags, named); // it exists now
        assertThat(tree.syncs).as(flags + ", again").hasValueGreaterThan(before);
        before = tree.syncs.get();
      }
    }
  }

  @Test
  void aNewFileThatIsOnlyWrittenComesInAsFewPiecesAsItIsWrittenIn() throws Exception {
    assumeFalse(throughLibFuse(), "through libfuse's high level all goes by pages");
    assumeKernel(6, 6);
    try (Fuse fuse = fuse(false)) {
      sh(fuse, "dd if=/dev/zero of=f bs=10240 count=20 status=none");
      assertThat(tree.writes).hasValue(20);
      assertThat(fuse.run("wc", "-c", "f")).isEqualTo("204800 f\n");
    }
  }

  private static void assumeKernel(int major, int minor) {
    var version = Pattern.compile("(\\d+)\\.(\\d+).*").matcher(System.getProperty("os.version"));
    assertThat(version.matches()).isTrue();
    int found = Integer.parseInt(version.group(1)) * 1000 + Integer.parseInt(version.group(2));
    assumeTrue(found >= major * 1000 + minor, "needs Linux " + major + "." + minor);
  }

  @Test
  void whoReadsANewFileWhileItIsWrittenSeesAllThatWasWritten() throws Exception {
    String script =
        """
        import mmap, os, time
        w = os.open('f', os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        os.write(w, b'a' * 1000)
        r = os.open('f', os.O_RDONLY)
        m = mmap.mmap(r, 1000, mmap.MAP_SHARED, mmap.PROT_READ)
        size = 1000
        for i in range(200):
          assert os.pread(r, 1 << 20, 0) == b'a' * size
          assert m[:1000] == b'a' * 1000
          assert open('f', 'rb').read() == b'a' * size
          os.write(w, b'a' * 1001); size += 1001
        os.pwrite(w, b'b' * 10, 5)
        assert os.pread(r, 20, 0) == b'a' * 5 + b'b' * 10 + b'a' * 5
        end = time.time() + 120
        while m[:20] != b'a' * 5 + b'b' * 10 + b'a' * 5: assert time.time() < end
        os.close(w)
        x = os.open('f', os.O_RDWR)
        os.pwrite(x, b'c', 0)
        assert os.pread(r, 1 << 20, 0)[:1] == b'c'
        assert os.fstat(r).st_size == size
        print('done')
        """;
    try (Fuse fuse = fuse(false)) {
      assertThat(fuse.run("python3", "-c", script)).isEqualTo("done\n");
    }
    assertThat(tree.openFiles).hasValue(0);
  }

  @Test
  void aWriteTakesItsCapabilitiesFromAFile() throws Exception {
    String script =
        """
        import os
        capable = bytes.fromhex('0100000200200000000000000000000000000000')
        for flags in (os.O_WRONLY, os.O_RDWR):
          f = os.open('f%d' % flags, os.O_CREAT | flags)
          os.write(f, b'x')
          os.setxattr(f, 'security.capability', capable)
          os.write(f, b'x')
          print(os.listxattr(f))
          os.close(f)
        """;
    assumeTrue(Unmounting.isRoot(), "only root gives capabilities");
    try (Fuse fuse = fuse(false)) {
      assertThat(fuse.run("python3", "-c", script)).isEqualTo("[]\n[]\n");
    }
  }

  private String content(String name) throws IOException {
    var file = tree.root().child(io.lamina.fs.Name.of(name)).open();
    var bytes = java.nio.ByteBuffer.allocate(20_000);
    int byteCount = file.read(0, bytes);
    file.close();
    return new String(bytes.array(), 0, byteCount, StandardCharsets.ISO_8859_1);
  }
}
