package io.lamina.layer.union;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Owner;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Makes a file of the upper branch that has all that a lower branch's file has. */
final class CopyUp {
  /** Nobody else's business until it is whole. */
  private static final int PRIVATE_FILE = 0600;

  private static final int PRIVATE_DIRECTORY = 0700;
  private static final int RWX_AND_STICKY = 01777;
  private static final int BUFFER_BYTES = 256 << 10;
  private static final ThreadLocal<ByteBuffer> BUFFER =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BUFFER_BYTES));

  private final RuleSet rules;
  private final Upper upper;

  CopyUp(RuleSet rules, Upper upper) {
    this.rules = rules;
    this.upper = upper;
  }

  /** Copies a directory, without its entries, into the work directory. */
  Node copy(Node lower, Name workName) throws IOException {
    return copy(lower, lower, workName, 0);
  }

  /**
   * Copies into the work directory.
   *
   * @param content the file whose content the copy gets
   * @param sizeLimit how much of the content is wanted
   */
  Node copy(Node lower, Node content, Name workName, long sizeLimit) throws IOException {
    Attributes attributes = lower.attributes();
    Node copy = make(lower, attributes, workName);
    try {
      if (attributes.type() == FileType.REGULAR) {
        copyContent(content, copy, Math.min(attributes.size(), sizeLimit));
      }
      copyAttributes(lower, attributes, copy);
      return copy;
    } catch (IOException e) {
      upper.discard(upper.work(), workName);
      throw e;
    }
  }

  private Node make(Node lower, Attributes attributes, Name workName) throws IOException {
    return switch (attributes.type()) {
      case SYMLINK -> upper.work().createSymlink(workName, lower.readLink(), upper.owner());
      case DIRECTORY ->
          upper.work().create(workName, NewFile.directory(PRIVATE_DIRECTORY, upper.owner()));
      default ->
          upper
              .work()
              .create(
                  workName,
                  new NewFile(
                      attributes.type(),
                      PRIVATE_FILE,
                      0,
                      upper.owner(),
                      attributes.deviceMajor(),
                      attributes.deviceMinor()));
    };
  }

  /** What has no name any more is copied to a file that has none. */
  WritableFile copyUnnamed(Node lower, Node content, long sizeLimit) throws IOException {
    Attributes attributes = lower.attributes();
    WritableFile copy = upper.work().createUnnamed(NewFile.regular(PRIVATE_FILE, upper.owner()));
    try {
      try (OpenFile source = content.open()) {
        copyRanges(source, copy, Math.min(attributes.size(), sizeLimit));
      }
      copyAttributes(lower, attributes, copy.node());
      return copy;
    } catch (IOException e) {
      copy.close();
      throw e;
    }
  }

  /** Whoever sees the copy after a power cut shall not see less than was below it. */
  private static void copyContent(Node content, Node copy, long size) throws IOException {
    if (size == 0) {
      return;
    }
    try (OpenFile source = content.open();
        WritableFile target = copy.openForWriting()) {
      copyRanges(source, target, size);
      target.sync(true);
    }
  }

  private static void copyRanges(OpenFile source, WritableFile target, long size)
      throws IOException {
    ByteBuffer buffer = BUFFER.get();
    long at = source.nextData(0);
    while (at < size) {
      long end = Math.min(source.nextHole(at), size);
      while (at < end) {
        buffer.clear().limit((int) Math.min(end - at, BUFFER_BYTES));
        int byteCount = source.read(at, buffer);
        if (byteCount <= 0) {
          throw new IOException("ends at " + at + ", before its size of " + size);
        }
        target.write(at, buffer.flip());
        at += byteCount;
      }
      at = source.nextData(at);
    }
    if (target.size() < size) {
      target.truncate(size);
    }
  }

  /** In the order in which no step undoes one before. */
  private void copyAttributes(Node lower, Attributes attributes, Node copy) throws IOException {
    boolean given = giveOwner(attributes, copy);
    for (Name name : lower.xattrNames()) {
      byte[] value = rules.isPrivate(name) ? null : lower.xattr(name);
      if (value != null) {
        copyXattr(copy, name, value);
      }
    }
    AttributeChange change =
        AttributeChange.NONE.withTimes(attributes.accessTime(), attributes.modificationTime());
    if (attributes.type() != FileType.SYMLINK) {
      int permissions = attributes.permissions();
      change = change.withPermissions(given ? permissions : permissions & RWX_AND_STICKY);
    }
    copy.change(change);
  }

  /** Who may not give files away keeps the copy, without its set-user-id bits. */
  private boolean giveOwner(Attributes attributes, Node copy) throws IOException {
    Owner owner = new Owner(attributes.userId(), attributes.groupId());
    if (owner.equals(Upper.ownerOf(copy))) {
      return true;
    }
    try {
      copy.change(AttributeChange.NONE.withOwner(owner));
      return true;
    } catch (FsException e) {
      if (e.errno() == Errno.EPERM || e.errno() == Errno.EINVAL) {
        return false;
      }
      throw e;
    }
  }

  /** Attributes that only root may set, or that the upper branch cannot keep, stay behind. */
  private static void copyXattr(Node copy, Name name, byte[] value) throws IOException {
    try {
      copy.setXattr(name, value, XattrMode.ANY);
    } catch (FsException e) {
      if (e.errno() != Errno.EPERM && e.errno() != Errno.EOPNOTSUPP) {
        throw e;
      }
    }
  }
}
