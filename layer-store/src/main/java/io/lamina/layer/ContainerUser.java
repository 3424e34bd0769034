package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.graph.NotFoundException;
import io.lamina.graph.RuntimeSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who a container's {@code User} is: numbers, or names that its own {@code /etc} has. */
public final class ContainerUser {
  private static final int MAX_BYTES = 1 << 20;
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");
  private static final int ID_FIELD = 2;
  private static final int GROUP_FIELD = 3;

  private ContainerUser() {}

  /**
   * The numbers.
   *
   * @param user {@code USER[:GROUP]}; empty for root
   * @throws NotFoundException when it is a name that the container does not know
   */
  public static RuntimeSpec.User of(String user, FileTree files) throws IOException {
    String[] both = user.split(":", 2);
    String name = both[0].isEmpty() ? "0" : both[0];
    Optional<String[]> known = line(files, "passwd", name);
    if (known.isEmpty() && !NUMBER.matcher(name).matches()) {
      throw new NotFoundException(
          "unable to find user " + name + ": no matching entries in passwd");
    }
    long userId = known.isEmpty() ? Long.parseLong(name) : number(known.get()[ID_FIELD]);
    long groupId =
        both.length > 1
            ? group(both[1], files)
            : known.isEmpty() ? 0 : number(known.get()[GROUP_FIELD]);
    return new RuntimeSpec.User(userId, groupId);
  }

  private static long group(String name, FileTree files) throws IOException {
    Optional<String[]> known = line(files, "group", name);
    if (known.isEmpty() && !NUMBER.matcher(name).matches()) {
      throw new NotFoundException(
          "unable to find group " + name + ": no matching entries in group");
    }
    return known.isEmpty() ? Long.parseLong(name) : number(known.get()[ID_FIELD]);
  }

  private static long number(String text) throws IOException {
    if (!NUMBER.matcher(text).matches()) {
      throw new IOException("/etc: expected the number of a user or a group, found '" + text + "'");
    }
    return Long.parseLong(text);
  }

  /** The line that begins with a name, or has a number as its id. */
  private static Optional<String[]> line(FileTree files, String file, String nameOrId)
      throws IOException {
    return lines(files, file).stream()
        .map(line -> line.split(":", -1))
        .filter(fields -> fields.length > GROUP_FIELD)
        .filter(fields -> fields[0].equals(nameOrId) || fields[ID_FIELD].equals(nameOrId))
        .findFirst();
  }

  private static List<String> lines(FileTree files, String name) throws IOException {
    @Nullable Node etc = files.root().child(Name.of("etc"));
    @Nullable Node file =
        etc == null || !etc.attributes().isDirectory() ? null : etc.child(Name.of(name));
    if (file == null || file.attributes().type() != FileType.REGULAR) {
      return List.of();
    }
    try (OpenFile open = file.open()) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(open.size(), MAX_BYTES));
      while (bytes.hasRemaining() && open.read(bytes.position(), bytes) > 0) {
        // until all of it was read
      }
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    }
  }
}
