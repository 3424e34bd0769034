package io.lamina.layer.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.Timestamp;
import io.lamina.graph.Id;
import io.lamina.layer.NewStore;
import io.lamina.layer.StoreTools;
import io.lamina.layer.StoredLayer;
import io.lamina.layer.WritableRoot;
import io.lamina.layer.archive.Member;
import io.lamina.layer.archive.TarReader;
import io.lamina.layer.archive.TarWriter;
import io.lamina.layer.archive.TreeTar;
import io.lamina.thin.WriteOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tars that docker does not write and others do: in both stores they give the same files, and come
 * out as they went in.
 */
class OddTarsTest {
  private static final Name ROOT = Name.of("root");
  private static final Timestamp TIME = new Timestamp(1_600_000_000, 0);

  private @TempDir Path scratch;

  /**
   * A member is a name; with a slash at its end a directory, with an arrow a hard link. Regular
   * files have their own name as content. Below are d/one, f, and the symbolic link s to d.
   */
  @ParameterizedTest
  @CsvSource({
    ".wh.d d/ d/two, d/ d/two f s",
    ".wh.d d/two, d/ d/two f s",
    "d/ d/two .wh.d, d/ d/two f s",
    "d/two .wh.d d/three, d/ d/three d/two f s",
    ".wh.f f, d/ d/one f s",
    "f .wh.f, d/ d/one f s",
    "a .wh.f f->a, a d/ d/one f s",
    ".wh.f .wh.f, d/ d/one s",
    ".wh.none n/.wh.none, d/ d/one f n/ s",
    "d/.wh..wh..opq d/two, d/ d/two f s",
    "d/two d/.wh..wh..opq, d/ d/two f s",
    ".wh.d d/two d/.wh..wh..opq, d/ d/two f s",
    "s/x, d/ d/one f s/ s/x",
    "f/x, d/ d/one f/ f/x s",
    ".wh..wh.plnk/1.2 a->.wh..wh.plnk/1.2 b->.wh..wh.plnk/1.2, a b d/ d/one f s",
    ".wh..wh.aufs .wh..wh.plnk/1.2 a, a d/ d/one f s"
  })
  void theyGiveTheSameFilesAndComeOutAsTheyWentIn(String members, String expected)
      throws Exception {
    StoreTools.requireRootAndMkfs();
    byte[] tar = tar(members.split(" "));
    for (NewStore.Kind kind : NewStore.Kind.values()) {
      Path root = scratch.resolve(kind.toString());
      NewStore.create(root, kind, new NewStore.Sizes(256 << 20, 64 << 20));
      try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
        StoredLayer base =
            opened.addLayer(null, new ByteArrayInputStream(tar("d/one", "f", "s=>d")), null);
        StoredLayer layer = opened.addLayer(base, new ByteArrayInputStream(tar), null);
        Id image = opened.addImage(StoreTools.config(base, layer), layer, null);
        assertThat(files(opened.layers().merged(opened.layers().stack(image.hex()))))
            .as(kind + "'s files")
            .isEqualTo(new TreeSet<>(List.of(expected.split(" "))));
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        new StoredLayerTar(
                opened.layers(), List.of(base.record(), layer.record()), ImageProgress.NONE)
            .writeTo(again);
        assertThat(again.toByteArray()).as(kind + "'s tar").isEqualTo(tar);
      }
      StoreTools.checkPool(root, kind);
    }
  }

  /** As docker does, which finds such a name in the list of a directory and no file by it. */
  @Test
  void aFileWhoseNameIsTooLongForAufsIsLeftOutOfATree() throws Exception {
    StoreTools.requireRootAndMkfs();
    Path root = scratch.resolve("long");
    NewStore.create(root, NewStore.Kind.AUFS, new NewStore.Sizes(256 << 20, 64 << 20));
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      Id image = StoreTools.addImage(opened, tar("a", "n".repeat(250), "z"), "long:1");
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (TarWriter out = new TarWriter(bytes)) {
        new TreeTar(out)
            .writeBelow(opened.layers().merged(opened.layers().stack(image.hex())).root());
      }
      TarReader written = new TarReader(new ByteArrayInputStream(bytes.toByteArray()));
      assertThat(written.next().name()).isEqualTo(Name.of("a"));
      assertThat(written.next().name()).isEqualTo(Name.of("z"));
      assertThat(written.next()).isNull();
    }
  }

  private static byte[] tar(String... members) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarWriter tar = new TarWriter(bytes)) {
      for (String member : members) {
        write(tar, member);
      }
    }
    return bytes.toByteArray();
  }

  private static void write(TarWriter tar, String member) throws IOException {
    int link = Math.max(member.indexOf("->"), member.indexOf("=>"));
    if (link >= 0) {
      Name name = Name.of(member.substring(0, link));
      Name target = Name.of(member.substring(link + 2));
      tar.begin(
          member.charAt(link) == '='
              ? Member.symlink(name, target, 0777, TIME)
              : new Member(
                  '1', name, target, 0644, 0, 0, 0, TIME, 0, 0, ROOT, ROOT, new TreeMap<>(), null));
    } else if (member.endsWith("/")) {
      tar.begin(Member.directory(Name.of(member), 0755, TIME));
    } else {
      byte[] content = member.getBytes(StandardCharsets.UTF_8);
      tar.begin(Member.file(Name.of(member), 0644, TIME, content.length));
      tar.write(content, 0, content.length);
    }
  }

  private static SortedSet<String> files(FileTree tree) throws IOException {
    SortedSet<String> found = new TreeSet<>();
    add("", tree.root(), found);
    return found;
  }

  private static void add(String path, Node directory, SortedSet<String> found) throws IOException {
    List<Name> names = new ArrayList<>();
    directory.list(0, (name, inodeNr, type, next) -> names.add(name));
    for (Name name : names) {
      Node child = directory.child(name);
      if (name.equals(Name.of("lost+found"))) {
        continue;
      }
      boolean isDirectory = child.attributes().isDirectory();
      found.add(path + name + (isDirectory ? "/" : ""));
      if (isDirectory) {
        add(path + name + "/", child, found);
      }
    }
  }
}
