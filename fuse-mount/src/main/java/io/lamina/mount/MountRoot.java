package io.lamina.mount;

import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.virtual.VirtualDirectory;
import io.lamina.fs.virtual.VirtualNode;
import io.lamina.fs.virtual.VirtualOwner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The root of a mount: a directory that also tells, in an attribute that is not listed, which
 * process serves it. Whoever unmounts it can then wait for that process to end.
 */
final class MountRoot extends VirtualNode {
  /** The attribute's name within the namespace {@code user}, which everybody may read. */
  static final String PROCESS_ATTRIBUTE = "lamina.process";

  private static final Name PROCESS = Name.of("user." + PROCESS_ATTRIBUTE);

  private final VirtualDirectory directory;

  MountRoot(long inodeNr, VirtualOwner owner, List<VirtualDirectory.Entry> entries) {
    super(inodeNr, FileType.DIRECTORY, 0555, owner);
    this.directory = new VirtualDirectory(inodeNr, owner, entries, false);
  }

  @Override
  public Attributes attributes() {
    return directory.attributes();
  }

  @Override
  public @Nullable Node child(Name name) throws IOException {
    return directory.child(name);
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) {
    directory.list(cookie, visitor);
  }

  @Override
  public byte @Nullable [] xattr(Name name) {
    return name.equals(PROCESS)
        ? Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)
        : null;
  }
}
