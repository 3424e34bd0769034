package io.lamina.cli;

import io.lamina.graph.CommittedImage;
import io.lamina.graph.Id;
import io.lamina.graph.Reference;
import io.lamina.layer.WritableRoot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes an image of a container. */
@Command(
    name = "commit",
    description = {
      "Makes an image of what a container has changed, on top of the container's own image.",
      "Tells the image's id, as docker commit does."
    },
    footer = {
      "",
      "Example:",
      "  lamina commit --root /srv/images -m patched --change 'CMD [\"/bin/app\"]' web app:2"
    })
final class CommitCommand extends RootCommand {
  @Option(
      names = {"-a", "--author"},
      paramLabel = "NAME",
      description = "Who made it.")
  private @Nullable String author;

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "What was done; it becomes the comment of the image's last step.")
  private @Nullable String message;

  @Option(
      names = {"-c", "--change"},
      paramLabel = "INSTRUCTION",
      description =
          "What is to be different in the image's config, as a Dockerfile has it: CMD, ENTRYPOINT,"
              + " ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, USER, VOLUME, WORKDIR. May be given often.")
  private final List<String> changes = new ArrayList<>();

  @Parameters(
      index = "0",
      paramLabel = "CONTAINER",
      description = "Its name, its id, or the first digits of that.")
  private String container = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME[:TAG]",
      description = "What the image is to be called.")
  private @Nullable String name;

  CommitCommand(Console console) {
    super(console);
  }

  @Override
  void change(WritableRoot opened) throws IOException {
    @Nullable Reference newName = newNameIfGiven(name);
    CommittedImage.Commit commit =
        new CommittedImage.Commit(
            Text.decodedIfGiven(author), Text.decodedIfGiven(message), Text.decodedAll(changes));
    Id image = opened.commit(Text.decoded(container), commit);
    made(opened, image, newName);
  }
}
