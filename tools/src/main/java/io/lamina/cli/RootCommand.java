package io.lamina.cli;

import io.lamina.graph.Id;
import io.lamina.graph.Reference;
import io.lamina.layer.WritableRoot;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands that change a docker root have in common. */
@Command(
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is no such image or container, or something needs it",
      "2:wrong usage",
      "3:not done: in use, not supported, no room, damaged"
    })
abstract class RootCommand implements Callable<Integer>, OnRoot {
  private final Console console;

  @Mixin private final RootArguments root = new RootArguments();

  @Option(
      names = "--rw",
      description =
          "Change the root even where it is docker's own. No docker may be running on it.")
  private boolean evenDockers;

  RootCommand(Console console) {
    this.console = console;
  }

  Console console() {
    return console;
  }

  @Override
  public RootArguments root() {
    return root;
  }

  /** The change, on the open root. */
  abstract void change(WritableRoot opened) throws IOException;

  @Override
  public Integer call() throws IOException {
    console
        .roots()
        .change(
            root.source(),
            evenDockers,
            opened -> {
              try {
                change(opened);
              } catch (IllegalArgumentException e) {
                throw root.usage(String.valueOf(e.getMessage()));
              }
            });
    return console.exitCode();
  }

  /** Names a new image, where it is to have a name, and tells its id. */
  void made(WritableRoot opened, Id image, @Nullable Reference name) throws IOException {
    if (name != null) {
      opened.tag(name, image);
    }
    console.line(image.text());
  }

  /** A new name of an image, as it was typed; null where none was. */
  @Nullable Reference newNameIfGiven(@Nullable String latin1) {
    return latin1 == null ? null : newName(latin1);
  }

  /** A new name of an image, as it was typed. */
  Reference newName(String latin1) {
    try {
      Reference name = Reference.parse(Text.decoded(latin1));
      if (name.digest() != null) {
        throw root.usage("refusing to create a tag with a digest reference");
      }
      return name;
    } catch (IllegalArgumentException e) {
      throw root.usage(String.valueOf(e.getMessage()));
    }
  }
}
