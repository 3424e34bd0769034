package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.images.HostManifest;
import io.lamina.images.Manifest;
import io.lamina.images.ManifestEntry;
import io.lamina.images.ManifestField;
import io.lamina.truth.TreeManifest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One tree, in volumes with every feature that mke2fs can give them: as it was put in, and, where
 * the machine can mount it, as the kernel shows it.
 */
class FeatureMatrixTest {
  private static final Set<ManifestField> KEPT_BY_MKE2FS =
      EnumSet.of(
          ManifestField.TYPE,
          ManifestField.PERMISSIONS,
          ManifestField.USER,
          ManifestField.GROUP,
          ManifestField.LINK_COUNT,
          ManifestField.DEVICE,
          ManifestField.TARGET,
          ManifestField.CONTENT,
          ManifestField.XATTRS);

  @TempDir static Path shared;
  private static Path tree;
  private static Manifest truth;
  private static boolean asRoot;

  @TempDir(factory = InMemory.class)
  Path directory;

  @BeforeAll
  static void makeTree() throws IOException {
    String missing = HostManifest.missingProgram();
    assumeTrue(missing == null, missing + " is not installed");
    Tools.require("mke2fs", "e2fsck", "debugfs");
    asRoot = Tools.run(0, "", "id", "-u").trim().equals("0");
    tree = Files.createDirectory(shared.resolve("tree"));
    SampleTree.make(tree, asRoot);
    truth = HostManifest.of(tree);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "ext2, 1 KiB blocks | -t ext2 -b 1024",
        "ext2, 4 KiB blocks, revision 1 | -t ext2 -b 4096 -O ^dir_index,^filetype",
        "ext2, revision 0 | -t ext2 -r 0 -b 1024",
        "ext3, 1 KiB blocks | -t ext3 -b 1024",
        "ext3, 4 KiB blocks, 128-byte inodes | -t ext3 -b 4096 -I 128",
        "ext2, 64 KiB blocks | -t ext2 -b 65536",
        "ext3, 2 KiB blocks, backups in all groups | -t ext3 -b 2048 -O ^sparse_super,^resize_inode",
        "ext4, 1 KiB blocks | -b 1024",
        "ext4, 2 KiB blocks | -b 2048",
        "ext4, 4 KiB blocks | -b 4096",
        "ext4, 8 KiB blocks | -b 8192",
        "ext4, 64 KiB blocks | -b 65536",
        "no extents | -O ^extent,^64bit",
        "no 64bit | -O ^64bit",
        "no metadata_csum | -O ^metadata_csum",
        "metadata_csum_seed | -O metadata_csum_seed -U random",
        "uninit_bg | -O ^metadata_csum,uninit_bg",
        "uninit_bg, no 64bit | -O ^metadata_csum,^64bit,uninit_bg -b 1024",
        "meta_bg | -O meta_bg,^resize_inode -b 1024 -g 1024",
        "meta_bg, no flex_bg | -O meta_bg,^resize_inode,^flex_bg -b 1024 -g 512",
        "sparse_super2 | -O sparse_super2,^sparse_super,^resize_inode -b 1024 -g 1024",
        "no sparse_super | -O ^sparse_super,^resize_inode -b 1024 -g 1024",
        "no flex_bg | -O ^flex_bg,^resize_inode -b 1024",
        "bigalloc | -O bigalloc -C 16384",
        "bigalloc, 1 KiB blocks | -O bigalloc -b 1024 -C 65536",
        "inline_data | -O inline_data",
        "inline_data, 1 KiB inodes | -O inline_data -I 1024",
        "inline_data, no extents | -O inline_data,^extent,^64bit",
        "large_dir | -O large_dir -b 1024",
        "no filetype | -O ^filetype",
        "no dir_index | -O ^dir_index -b 1024",
        "128-byte inodes | -I 128",
        "128-byte inodes, 1 KiB blocks, no checksums | -I 128 -b 1024 -O ^metadata_csum",
        "512-byte inodes | -I 512",
        "1024-byte inodes | -I 1024 -b 2048",
        "ea_inode | -O ea_inode",
        "mmp | -O mmp",
        "quota and project | -O quota,project -E quotatype=usrquota:grpquota:prjquota",
        "orphan_file | -O orphan_file",
        "no journal | -O ^has_journal",
        "fast_commit | -O fast_commit",
        "casefold | -O casefold",
        "encrypt | -O encrypt",
        "verity | -O verity",
        "stable_inodes | -O stable_inodes",
        "no huge_file, dir_nlink, extra_isize | -O ^huge_file,^dir_nlink,^extra_isize,^large_file",
        "hash seed | -b 1024 -E hash_seed=01234567-89ab-cdef-0123-456789abcdef",
        "hash legacy | -b 1024 HASH=legacy",
        "hash tea | -b 1024 HASH=tea",
        "hash half_md4 | -b 1024 HASH=half_md4",
        "lazy tables | -E lazy_itable_init=1,lazy_journal_init=1 -O uninit_bg,^metadata_csum",
        "everything | -b 1024 -C 16384 -I 512 -O bigalloc,inline_data,ea_inode,large_dir,"
            + "metadata_csum_seed,quota,project,orphan_file,verity,encrypt,stable_inodes",
      })
  void showsTheTreeThatWasPutIn(String name, String options) throws IOException {
    Path image = directory.resolve("volume.img");
    make(image, options);
    Manifest seen;
    try (Ext4 opened = Ext4.open(new FileImage(image))) {
      seen = TreeManifest.of(opened.root());
    }
    boolean hasXattrs = !options.contains("-r 0"); // without features e2fsck takes them away
    List<String> differences =
        truth.differences(seen, (e, f) -> isKept(e, f) && (hasXattrs || f != ManifestField.XATTRS));
    differences.removeIf(difference -> difference.startsWith("/lost+found"));
    assertThat(differences).isEmpty();
    compareWithKernel(image, seen);
  }

  private static boolean isKept(ManifestEntry entry, ManifestField field) {
    if (entry.path().equals("/")) {
      return false; // mke2fs makes the root anew
    }
    if (field == ManifestField.SIZE) {
      return entry.type() != 'd';
    }
    return KEPT_BY_MKE2FS.contains(field);
  }

  private static void make(Path image, String options) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(options.contains("65536") && !options.contains("-C") ? 400 << 20 : 48 << 20);
    }
    List<String> arguments = new ArrayList<>(List.of("-q", "-F"));
    String hash = "";
    if (!options.contains("-t ")) {
      arguments.addAll(List.of("-t", "ext4"));
    }
    for (String option : options.split(" ", -1)) {
      if (option.startsWith("HASH=")) {
        hash = option.substring(5);
      } else {
        arguments.add(option);
      }
    }
    arguments.addAll(List.of("-d", tree.toString(), image.toString()));
    Tools.run(0, "", "mke2fs", arguments.toArray(new String[0]));
    if (!hash.isEmpty()) {
      Tools.run(0, "", "tune2fs", "-E", "hash_alg=" + hash, image.toString());
    }
    if (!options.contains("mmp")) { // which it would wait for
      Tools.run(1, "", "e2fsck", "-fyD", image.toString()); // indexes the directories
    }
  }

  private static void compareWithKernel(Path image, Manifest seen) throws IOException {
    KernelMount mount = KernelMount.ifPossible(image, "ro,noload");
    if (mount != null) {
      try (mount) {
        assertThat(HostManifest.of(mount.directory()).differences(seen)).isEmpty();
      }
    }
  }
}
