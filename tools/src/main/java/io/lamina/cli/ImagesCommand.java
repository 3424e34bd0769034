package io.lamina.cli;

import io.lamina.cli.format.Human;
import io.lamina.cli.format.Row;
import io.lamina.graph.DockerStore;
import io.lamina.graph.Id;
import io.lamina.graph.ImageRecord;
import io.lamina.graph.TagStore;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the images of a docker root. */
@Command(
    name = "images",
    mixinStandardHelpOptions = true,
    description =
        "Lists the images of a docker root, as docker 20.10 does, whatever the root's age.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "2:wrong usage", "3:an image is damaged, or none could be read"},
    footer = {"", "Example:", "  lamina images --root /var/lib/docker"})
final class ImagesCommand implements Callable<Integer> {
  private static final String NONE = "<none>";

  private final Console console;
  private final DockerTable table;

  @Mixin private final RootArguments root = new RootArguments();

  @Mixin private final TableOptions options = new TableOptions();

  @Option(
      names = {"-a", "--all"},
      description = "Those in between, too.")
  private boolean all;

  @Option(names = "--digests", description = "Digests, too.")
  private boolean digests;

  @Parameters(
      arity = "0..1",
      paramLabel = "REPOSITORY[:TAG]",
      description = "Only images of this name, in which * and ? stand for what is between slashes.")
  private @Nullable String name;

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "KEY=VALUE",
      description =
          "Only some images: dangling=true, reference=PATTERN, label=KEY[=VALUE], before=IMAGE,"
              + " since=IMAGE. May be given often.")
  private final List<String> filters = new ArrayList<>();

  ImagesCommand(Console console, Clock clock) {
    this.console = console;
    this.table = new DockerTable(console, clock);
  }

  @Override
  public Integer call() throws IOException {
    DockerStore store = root.open();
    List<Row> rows = new ArrayList<>();
    TagStore tags = store.tags(console::failed);
    ImageFilters asked = asked(store);
    for (ImageRecord image : shown(store, tags)) {
      if (asked.takes(image, !tags.tags(image.id()).isEmpty())) {
        rows.addAll(rows(image, tags, asked));
      }
    }
    options.print(table, root, defaultFormat(), headings(), rows);
    return console.exitCode();
  }

  private ImageFilters asked(DockerStore store) throws IOException {
    try {
      return ImageFilters.of(
          store, name == null ? null : Text.decoded(name), Text.decodedAll(filters));
    } catch (IllegalArgumentException e) {
      throw root.usage(String.valueOf(e.getMessage()));
    }
  }

  private String defaultFormat() {
    return "{{.Repository}}\t{{.Tag}}\t"
        + (digests ? "{{.Digest}}\t" : "")
        + "{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
  }

  private static Row headings() {
    return new Row()
        .with("Repository", "REPOSITORY")
        .with("Tag", "TAG")
        .with("Digest", "DIGEST")
        .with("ID", "IMAGE ID")
        .with("CreatedSince", "CREATED")
        .with("CreatedAt", "CREATED AT")
        .with("Size", "SIZE")
        .with("VirtualSize", "SIZE")
        .with("SharedSize", "SHARED SIZE")
        .with("UniqueSize", "UNIQUE SIZE")
        .with("Containers", "CONTAINERS");
  }

  /** The newest first; a damaged one is complained of, and left out. */
  private List<ImageRecord> shown(DockerStore store, TagStore tags) throws IOException {
    List<ImageRecord> images = new ArrayList<>();
    Set<Id> parents = new HashSet<>();
    Map<Id, Long> created = new TreeMap<>();
    for (Id id : store.imageIds()) {
      try {
        ImageRecord image = store.image(id);
        created.put(id, image.created().toEpochMilli());
        images.add(image);
        if (image.parent() != null) {
          parents.add(image.parent());
        }
      } catch (IOException e) {
        console.failed("image " + id.truncated(), e);
      }
    }
    images.removeIf(image -> !all && !isNamed(image, tags) && parents.contains(image.id()));
    images.sort(Comparator.comparing((ImageRecord image) -> created.get(image.id())).reversed());
    return images;
  }

  private static boolean isNamed(ImageRecord image, TagStore tags) {
    return !tags.tags(image.id()).isEmpty() || !tags.digests(image.id()).isEmpty();
  }

  /** One for each name; where it has none, and none was asked for, one without. */
  private List<Row> rows(ImageRecord image, TagStore tags, ImageFilters asked) throws IOException {
    Map<String, List<String>> digestsOf = new TreeMap<>();
    for (String digest : tags.digests(image.id())) {
      int at = digest.indexOf('@');
      digestsOf
          .computeIfAbsent(digest.substring(0, at), any -> new ArrayList<>())
          .add(digest.substring(at + 1));
    }
    List<Row> rows = new ArrayList<>();
    for (String tagged : tags.tags(image.id())) {
      int colon = tagged.lastIndexOf(':');
      String repository = tagged.substring(0, colon);
      List<String> known = digestsOf.getOrDefault(repository, List.of(NONE));
      String tag = tagged.substring(colon + 1);
      if (asked.takesName(repository, tag)) {
        for (String digest : digests ? known : List.of(NONE)) {
          add(rows, image, repository, tag, digest);
        }
      }
    }
    for (Map.Entry<String, List<String>> only : digestsOf.entrySet()) {
      boolean isTagged =
          tags.tags(image.id()).stream().anyMatch(t -> t.startsWith(only.getKey() + ":"));
      if (!isTagged && asked.takesName(only.getKey(), NONE)) {
        for (String digest : digests ? only.getValue() : List.of(NONE)) {
          add(rows, image, only.getKey(), NONE, digest);
        }
      }
    }
    if (!isNamed(image, tags) && asked.takesNameless()) {
      add(rows, image, NONE, NONE, NONE);
    }
    return rows;
  }

  private void add(List<Row> rows, ImageRecord image, String repository, String tag, String digest)
      throws IOException {
    String size = Human.size(image.size());
    rows.add(
        new Row()
            .with("Repository", repository)
            .with("Tag", tag)
            .with("Digest", digest)
            .with("ID", options.noTrunc() ? image.id().text() : image.id().truncated())
            .with("CreatedSince", table.ago(image.created()))
            .with("CreatedAt", table.goTime(image.created()))
            .with("Size", size)
            .with("VirtualSize", size)
            .with("SharedSize", "N/A")
            .with("UniqueSize", "N/A")
            .with("Containers", "N/A"));
  }
}
