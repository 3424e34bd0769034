package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.Timestamp;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What files say of themselves, changed here and judged by e2fsck and the kernel. */
class AttributesWrittenTest {
  private static final Owner OWNER = new Owner(1000, 1000);
  private static final Name ACCESS = Name.of("system.posix_acl_access");
  private static final Name DEFAULT = Name.of("system.posix_acl_default");

  /** The owner rw, user 1000 rwx, the group r, the mask rwx, others r. */
  private static final byte[] ACL =
      HexFormat.of()
          .parseHex(
              "02000000"
                  + "01000600ffffffff"
                  + "02000700e8030000"
                  + "04000400ffffffff"
                  + "10000700ffffffff"
                  + "20000400ffffffff");

  @TempDir(factory = InMemory.class)
  Path directory;

  private static Node file(Node parent, String name) throws IOException {
    return parent.create(Name.of(name), NewFile.regular(0644, OWNER));
  }

  private static void fails(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(FsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "-b 4096",
        "-b 1024 -I 128",
        "-b 1024 -O ea_inode",
        "-b 4096 -O ea_inode,^extent,^64bit",
        "-b 4096 -O bigalloc,ea_inode,^has_journal -C 16384",
        "-b 1024 -O ^metadata_csum -I 256",
        "-b 2048 -I 1024 -O inline_data"
      })
  void attributesAreKeptAsInAMap(String options) throws IOException {
    WritableImage image = new WritableImage(directory, "64M", options);
    boolean mayBeLong = options.contains("ea_inode");
    Random random = new Random(options.length());
    Map<String, Map<Name, byte[]>> model = new HashMap<>();
    try (Ext4 volume = image.open()) {
      for (int i = 0; i < 6; i++) {
        file(volume.root(), "f" + i);
        model.put("f" + i, new HashMap<>());
      }
      for (int step = 0; step < 600; step++) {
        String file = "f" + random.nextInt(6);
        Node node = child(volume, file);
        Name name = Name.of((random.nextBoolean() ? "user.n" : "trusted.n") + random.nextInt(8));
        if (random.nextInt(3) == 0) {
          if (model.get(file).remove(name) != null) {
            node.removeXattr(name);
          }
        } else {
          set(node, name, value(random, mayBeLong), model.get(file));
        }
      }
      requireSame(volume, model);
    }
    image.check();
    image.compareWithKernel();
    try (Ext4 volume = image.open()) {
      requireSame(volume, model);
      long free = volume.space().freeBlockCount();
      for (String file : model.keySet()) {
        volume.root().unlink(Name.of(file));
      }
      volume.sync();
      assertThat(volume.space().freeBlockCount()).isGreaterThanOrEqualTo(free);
    }
    image.check();
  }

  private static Node child(Ext4 volume, String name) throws IOException {
    Node child = volume.root().child(Name.of(name));
    assertThat(child).isNotNull();
    return child;
  }

  private static byte[] value(Random random, boolean mayBeLong) {
    int kind = random.nextInt(10);
    byte[] value = new byte[random.nextInt(kind < 7 ? 40 : mayBeLong ? 9000 : 500)];
    if (kind > 2) {
      random.nextBytes(value); // else all zero: likely the same as another's
    }
    return value;
  }

  /** One that does not fit leaves the old value. */
  private static void set(Node node, Name name, byte[] value, Map<Name, byte[]> model)
      throws IOException {
    try {
      node.setXattr(name, value, XattrMode.ANY);
      model.put(name, value);
    } catch (FsException e) {
      assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
    }
  }

  private static void requireSame(Ext4 volume, Map<String, Map<Name, byte[]>> model)
      throws IOException {
    for (Map.Entry<String, Map<Name, byte[]>> file : model.entrySet()) {
      Node node = child(volume, file.getKey());
      assertThat(node.xattrNames()).containsExactlyInAnyOrderElementsOf(file.getValue().keySet());
      for (Map.Entry<Name, byte[]> attribute : file.getValue().entrySet()) {
        assertThat(node.xattr(attribute.getKey()))
            .as("%s of %s", attribute.getKey(), file.getKey())
            .isEqualTo(attribute.getValue());
      }
    }
  }

  @Test
  void filesWithTheSameAttributesShareABlock() throws IOException {
    WritableImage image = new WritableImage(directory, "32M", "-b 4096");
    try (Ext4 volume = image.open()) {
      Name name = Name.of("user.long");
      long before = volume.space().freeBlockCount();
      for (int i = 0; i < 50; i++) {
        file(volume.root(), "f" + i).setXattr(name, new byte[1000], XattrMode.ANY);
      }
      assertThat(before - volume.space().freeBlockCount()).isEqualTo(1);
      child(volume, "f3").setXattr(name, new byte[1001], XattrMode.REPLACE);
      child(volume, "f4").removeXattr(name);
      volume.root().unlink(Name.of("f5"));
      assertThat(child(volume, "f6").xattr(name)).hasSize(1000);
      assertThat(before - volume.space().freeBlockCount()).isEqualTo(2);
    }
    image.check();
    image.compareWithKernel();
  }

  @Test
  void anAccessControlListAndThePermissionsFollowEachOther() throws IOException {
    WritableImage image = new WritableImage(directory, "16M", "-b 4096");
    try (Ext4 volume = image.open()) {
      Node file = file(volume.root(), "file");
      file.setXattr(ACCESS, ACL, XattrMode.ANY);
      assertThat(file.attributes().permissions()).isEqualTo(0674);
      file.change(AttributeChange.NONE.withPermissions(0710));
      byte[] changed = ACL.clone();
      changed[4 + 2] = 7;
      changed[4 + 3 * 8 + 2] = 1;
      changed[4 + 4 * 8 + 2] = 0;
      assertThat(file.xattr(ACCESS)).isEqualTo(changed);
      byte[] plain = new byte[4 + 3 * 8];
      System.arraycopy(ACL, 0, plain, 0, 4 + 8);
      System.arraycopy(ACL, 4 + 2 * 8, plain, 4 + 8, 8);
      System.arraycopy(ACL, 4 + 4 * 8, plain, 4 + 2 * 8, 8);
      file.setXattr(ACCESS, plain, XattrMode.ANY);
      assertThat(file.attributes().permissions()).isEqualTo(0644);
      assertThat(file.xattr(ACCESS)).isNull();
      fails(Errno.EACCES, () -> file.setXattr(DEFAULT, ACL, XattrMode.ANY));
      fails(Errno.EINVAL, () -> file.setXattr(ACCESS, new byte[3], XattrMode.ANY));
      file.removeXattr(ACCESS);
      fails(Errno.EOPNOTSUPP, () -> file.xattr(Name.of("system.other")));
    }
    image.check();
    image.compareWithKernel();
  }

  @Test
  void attributesThatMayNotBeSetAreRefusedAsTheKernelRefusesThem() throws IOException {
    WritableImage image = new WritableImage(directory, "16M", "-b 4096");
    try (Ext4 volume = image.open()) {
      Node file = file(volume.root(), "file");
      byte[] value = new byte[1];
      Name known = Name.of("user.known");
      fails(Errno.ENODATA, () -> file.setXattr(known, value, XattrMode.CREATE_AND_REPLACE));
      file.setXattr(known, value, XattrMode.CREATE);
      fails(Errno.EEXIST, () -> file.setXattr(known, value, XattrMode.CREATE_AND_REPLACE));
      for (String start : List.of("user.", "trusted.", "security.")) {
        Name bare = Name.of(start);
        fails(Errno.EINVAL, () -> file.setXattr(bare, value, XattrMode.ANY));
        fails(Errno.EINVAL, () -> file.xattr(bare));
        fails(Errno.EINVAL, () -> file.removeXattr(bare));
      }
      for (String other : List.of("user", ".", "system.", "system.x", "other.x")) {
        Name unknown = Name.of(other);
        fails(Errno.EOPNOTSUPP, () -> file.setXattr(unknown, value, XattrMode.ANY));
        fails(Errno.EOPNOTSUPP, () -> file.xattr(unknown));
        fails(Errno.EOPNOTSUPP, () -> file.removeXattr(unknown));
      }
    }
    image.check();
  }

  @Test
  void newFilesTakeOverGroupFlagsAndTheDefaultListOfTheirDirectory() throws IOException {
    WritableImage image = new WritableImage(directory, "16M", "-b 4096");
    try (Ext4 volume = image.open()) {
      Node dir = volume.root().create(Name.of("dir"), NewFile.directory(02755, new Owner(5, 77)));
      dir.setFlags(dir.flags() | 0xc0);
      NewFile masked = new NewFile(FileType.REGULAR, 0666, 022, OWNER, 0, 0);
      Node first = dir.create(Name.of("first"), masked);
      assertThat(first.attributes().permissions()).isEqualTo(0644);
      assertThat(first.attributes().groupId()).isEqualTo(77);
      assertThat(first.flags() & 0xc0).isEqualTo(0xc0);
      dir.setXattr(DEFAULT, ACL, XattrMode.ANY);
      Node second = dir.create(Name.of("second"), masked);
      assertThat(second.attributes().permissions()).isEqualTo(0664);
      assertThat(second.xattr(ACCESS)).isNotNull();
      assertThat(second.xattr(DEFAULT)).isNull();
      Node inner = dir.create(Name.of("inner"), NewFile.directory(0700, OWNER));
      assertThat(inner.attributes().permissions()).isEqualTo(02600);
      assertThat(inner.xattr(DEFAULT)).isEqualTo(ACL);
      assertThat(dir.createSymlink(Name.of("link"), Name.of("x"), OWNER).xattrNames()).isEmpty();
    }
    image.check();
    image.compareWithKernel();
  }

  @Test
  void markedFilesDoNotChange() throws IOException {
    WritableImage image = new WritableImage(directory, "16M", "-b 4096");
    try (Ext4 volume = image.open()) {
      Node root = volume.root();
      Node file = file(root, "file");
      file.setFlags(file.flags() | 0x10);
      fails(Errno.EPERM, () -> root.unlink(Name.of("file")));
      fails(Errno.EPERM, () -> root.link(Name.of("other"), file));
      fails(Errno.EPERM, () -> file.change(AttributeChange.NONE.withPermissions(0)));
      fails(Errno.EPERM, () -> file.setXattr(Name.of("user.x"), new byte[1], XattrMode.ANY));
      fails(
          Errno.EPERM, () -> root.rename(Name.of("file"), root, Name.of("x"), RenameMode.REPLACE));
      fails(Errno.EOPNOTSUPP, () -> file.setFlags(file.flags() ^ 0x80000));
      fails(Errno.EOPNOTSUPP, () -> file.setFlags(0x800));
      file.setFlags(file.flags() & ~0x10);
      Node dir = root.create(Name.of("dir"), NewFile.directory(0755, OWNER));
      dir.setFlags(dir.flags() | 0x20);
      file(dir, "added");
      fails(Errno.EPERM, () -> dir.unlink(Name.of("added")));
      root.unlink(Name.of("file"));
    }
    image.check();
  }

  @Test
  void timesReachFrom1901To2446InNanoseconds() throws IOException {
    WritableImage image = new WritableImage(directory, "16M", "-b 4096");
    List<Timestamp> times =
        List.of(
            new Timestamp(-2_147_483_648L, 999_999_999),
            new Timestamp(0, 1),
            new Timestamp(2_147_483_648L, 5),
            new Timestamp(15_032_385_535L, 999_999_999));
    try (Ext4 volume = image.open()) {
      Node file = file(volume.root(), "file");
      for (Timestamp time : times) {
        file.change(AttributeChange.NONE.withTimes(time, time));
        assertThat(file.attributes().accessTime()).isEqualTo(time);
        assertThat(file.attributes().modificationTime()).isEqualTo(time);
      }
      file.change(AttributeChange.NONE.withTimes(new Timestamp(1L << 40, 0), null));
      assertThat(file.attributes().accessTime().seconds()).isEqualTo(15_032_385_535L);
    }
    image.check();
    image.compareWithKernel();
  }

  @Test
  void aFileMadeWithoutANameMayGetOne() throws IOException {
    WritableImage image = new WritableImage(directory, "16M", "-b 4096");
    try (Ext4 volume = image.open()) {
      Node root = volume.root();
      long free = volume.space().freeFileCount();
      try (WritableFile file = root.createUnnamed(NewFile.regular(0600, OWNER))) {
        assertThat(file.node().attributes().linkCount()).isZero();
        root.link(Name.of("named"), file.node());
        assertThat(file.node().attributes().linkCount()).isEqualTo(1);
      }
      root.createUnnamed(NewFile.regular(0600, OWNER)).close();
      assertThat(volume.space().freeFileCount()).isEqualTo(free - 1);
    }
    image.check();
  }
}
