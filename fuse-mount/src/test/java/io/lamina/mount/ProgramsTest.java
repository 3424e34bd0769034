package io.lamina.mount;

import static io.lamina.mount.TestPool.assumePrograms;
import static io.lamina.mount.TestPool.usedBlocks;
import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.fuse.Fuse;
import io.lamina.images.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The files of a mounted volume, used by the programs that people use files with. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProgramsTest {
  private static final long VOLUME_BYTES = 512L << 20;

  /** A tree of all that a tree can have; {@code $from} is where it lies on the host. */
  private static final String SAMPLE =
      """
      mkdir -p $from/dir/empty $from/many
      for i in $(seq 1 300); do echo "file $i" > $from/many/a-name-for-file-$i; done
      head -c 3000000 /dev/urandom > $from/dir/large
      truncate -s 5M $from/sparse; echo end >> $from/sparse
      ln $from/dir/large $from/dir/link; ln -s ../many/none $from/dir/dangling
      mkfifo $from/fifo; chmod 2750 $from/dir; chmod 4711 $from/many/a-name-for-file-7
      touch -d '1999-12-31 23:59:59.123456789' $from/dir/empty $from/many/a-name-for-file-9
      setfattr -n user.note -v 'a value' $from/dir/large
      setfacl -m u:1234:rw,g:4321:r $from/dir/large
      setfacl -d -m u:1234:rwx $from/dir
      """;

  @TempDir static Path temp;
  private TestPool pool;

  @BeforeAll
  void makePool() throws Exception {
    Fuse.assumeWorks();
    assumePrograms("mkfs.ext4", "e2fsck");
    pool = TestPool.create(temp, 2 * VOLUME_BYTES, VOLUME_BYTES, "a");
    pool.format("a", "");
  }

  @AfterAll
  void allIsClean() throws Exception {
    if (pool != null) {
      pool.check("a");
    }
  }

  /** Runs a script in the volume; its last line is what it printed last. */
  private void succeeds(List<String> options, String script) throws Exception {
    String prepared =
        """
        set -e
        from=%s/sample; work=%s
        export HOME=$work GIT_CONFIG_NOSYSTEM=1
        mkdir -p volumes/a/test; cd volumes/a/test
        """
            .formatted(temp, temp);
    pool.mounted(
        options,
        fuse -> {
          String said = fuse.run("sh", "-c", prepared + script + "\ncd ..; rm -rf test; echo done");
          assertThat(said).endsWith("done\n");
        });
  }

  private void succeeds(String script) throws Exception {
    succeeds(List.of(), script);
  }

  private static String sample() {
    return "[ -d $from ] || {\n" + SAMPLE + "}\n";
  }

  @Test
  void tarPacksAndUnpacks() throws Exception {
    assumePrograms("tar", "setfattr", "setfacl");
    succeeds(
        sample()
            + """
              tar -C $from --xattrs --acls --sparse -cf - . > all.tar
              mkdir out; tar -C out --xattrs --acls --sparse -xpf all.tar
              tar -C out --xattrs --acls --sparse -df all.tar
              tar -C out -czf again.tgz .; tar -tzf again.tgz | wc -l
              [ $(stat -c %b out/sparse) -lt 100 ]
              """);
  }

  @Test
  void rsyncFindsNothingMoreToDo() throws Exception {
    assumePrograms("rsync", "setfattr", "setfacl");
    succeeds(
        sample()
            + """
              rsync -aHAX --sparse $from/ out/
              [ -z "$(rsync -aHAXni --checksum --delete $from/ out/)" ]
              rsync -aHAX --delete --inplace out/ again/
              [ -z "$(rsync -aHAXni --checksum --delete out/ again/)" ]
              """);
  }

  @Test
  void cpAndDiffAgree() throws Exception {
    succeeds(
        """
        for d in /usr/share/zoneinfo /usr/share/perl /etc/ssl; do
          [ ! -d $d ] || { cp -a $d .; diff -r --no-dereference $d $(basename $d); }
        done
        cp -a . ../copy; diff -r --no-dereference . ../copy; rm -rf ../copy
        """);
  }

  @Test
  void gitCommitsClonesAndCollects() throws Exception {
    assumePrograms("git");
    succeeds(
        """
        git init -q one; cd one
        git config user.email a@b; git config user.name c; git config gc.autoDetach false
        for i in $(seq 1 40); do
          echo $i > f$i; mkdir -p d$((i % 5)); head -c 20000 /dev/urandom > d$((i % 5))/f
          git add -A; [ $((i % 4)) -gt 0 ] || git commit -qm "commit $i"
        done
        git branch side HEAD~3; git checkout -q side; echo s > side; git add side
        git commit -qm side; git checkout -q -; git merge -q -m merged side
        git clone -q . ../two; git clone -q --no-hardlinks . ../three
        git gc -q --aggressive --prune=now; git fsck --strict
        git -C ../two fsck; git -C ../two pull -q; git -C ../two status --porcelain
        [ "$(git rev-parse HEAD)" = "$(git -C ../two rev-parse HEAD)" ]
        """);
  }

  @Test
  void dpkgDebUnpacksWhatItPacked() throws Exception {
    assumePrograms("dpkg-deb");
    succeeds(
        """
        mkdir -p package/DEBIAN package/usr/share/doc/p package/usr/bin
        printf 'Package: p\\nVersion: 1\\nArchitecture: all\\nMaintainer: m <m@x>\\n\
        Description: d\\n' | sed 's/^ *//' > package/DEBIAN/control
        for i in $(seq 1 100); do echo $i > package/usr/share/doc/p/$i; done
        cp /bin/true package/usr/bin/p; ln -s p package/usr/bin/q
        dpkg-deb --root-owner-group -b package p.deb
        dpkg-deb -x p.deb out; rm -r package/DEBIAN; diff -r --no-dereference package out
        """);
  }

  @Test
  void sqliteWritesAhead() throws Exception {
    assumePrograms("sqlite3");
    succeeds(
        """
        echo 'PRAGMA journal_mode=WAL; CREATE TABLE t(a INTEGER PRIMARY KEY, b);' | sqlite3 db
        for i in 1 2 3; do
          (for j in $(seq 1 25); do
             echo "PRAGMA busy_timeout=200000; INSERT INTO t(b) VALUES(hex(randomblob(500)));"
           done | sqlite3 db > /dev/null) &
        done
        wait
        [ "$(echo 'SELECT count(*) FROM t; PRAGMA integrity_check;' | sqlite3 db)" = "75
        ok" ]
        echo 'PRAGMA wal_checkpoint(TRUNCATE); VACUUM;' | sqlite3 db
        [ "$(echo 'PRAGMA integrity_check;' | sqlite3 db)" = ok ]
        """);
  }

  @Test
  void fioReadsWhatItWrote() throws Exception {
    assumePrograms("fio");
    succeeds(
        """
        fio --name=v --directory=. --size=8M --bs=4k-64k --rw=randrw --verify=crc32c \
          --verify_fatal=1 --do_verify=1 --numjobs=2 --fsync=64 --fallocate=none --output=fio.out \
          --ioengine=psync || { cat fio.out; false; }
        """);
  }

  /** Whatever the stressors leave behind, they find no call that does what it should not. */
  @Test
  void stressNgFindsNoFailure() throws Exception {
    assumePrograms("stress-ng");
    succeeds(
        """
        for stressor in dentry dir fallocate filename hdd iomix link rename symlink xattr; do
          all="$all --$stressor 1"
        done
        stress-ng --temp-path . --timeout 2 --verify --oomable --hdd-bytes 16M --iomix-bytes 16M \
          --fallocate-bytes 16M $all > out 2>&1 || {
          cat out; false
        }
        ! grep 'fail: ' out
        """);
  }

  /** What was removed gives its blocks back as the kernel forgets it, which is after rm. */
  private static long syncedBlocks(Fuse fuse) throws IOException {
    fuse.run("sync", "volumes/a");
    return usedBlocks(fuse);
  }

  /** Blocks in use, once those of the files are back that the volume had. */
  private static long settledBlocks(Fuse fuse) throws Exception {
    long[] before = {Long.MAX_VALUE};
    Await.until(
        "no more blocks are given back",
        () -> {
          Thread.sleep(300);
          long now = syncedBlocks(fuse);
          boolean settled = now == before[0];
          before[0] = now;
          return settled;
        });
    return before[0];
  }

  @Test
  void rmReturnsEveryBlock() throws Exception {
    long[] before = new long[1];
    String fill =
        """
        for d in 1 2 3 4 5 6; do
          mkdir d$d; head -c 6000000 /dev/zero | tr '\\0' y | split -a 3 -b 30000 - d$d/
        done
        head -c 30000000 /dev/zero | tr '\\0' x > large; sync large
        """;
    // So that the log has all the blocks that it will ever use: it begins anew after 4 MiB.
    String lapsOfTheLog = "for i in $(seq 1500); do : > l$i; sync l$i; done; rm l*; sync .";
    pool.mounted(
        fuse -> {
          fuse.run("sh", "-c", "cd volumes/a; mkdir t; cd t;" + fill + "cd ..; rm -rf t; sync .");
          fuse.run("sh", "-c", "cd volumes/a; " + lapsOfTheLog);
          before[0] = settledBlocks(fuse); // its own structures have their blocks now
          fuse.run("sh", "-c", "cd volumes/a; mkdir t; cd t;" + fill);
          assertThat(usedBlocks(fuse)).isGreaterThan(before[0] + 400);
          assertThat(fuse.run("sh", "-c", "cd volumes/a; rm -rf t; sync .")).isEmpty();
          Await.until("its blocks", () -> syncedBlocks(fuse) <= before[0] + 2);
        });
    long sectors = Long.parseLong(Fuse.run(temp, "stat", "-c", "%b", "pool/data").strip());
    assertThat(sectors * 512).isLessThanOrEqualTo((before[0] + 16) * TestPool.BLOCK_BYTES);
  }

  @Test
  void withoutDiscardsBlocksStayWithTheVolume() throws Exception {
    String fill = "head -c 20000000 /dev/zero | tr '\\0' x > volumes/a/large; sync volumes/a/large";
    pool.mounted(
        List.of("nodiscard"),
        fuse -> {
          long before = usedBlocks(fuse);
          fuse.run("sh", "-c", fill);
          fuse.run("sh", "-c", "rm volumes/a/large; sync volumes/a");
          assertThat(usedBlocks(fuse)).isGreaterThan(before + 250);
        });
  }
}
