package io.lamina.fuse;

import io.lamina.fs.AllocationMode;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.Timestamp;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** A file in memory that can be changed. All of a tree is under one lock. */
final class ChangeableNode implements Node {
  private static final AtomicLong LAST_NUMBER = new AtomicLong(1000);
  private static final int SET_GROUP_ID = 02000;

  private final ChangeableTree tree;
  private final long inodeNr = LAST_NUMBER.incrementAndGet();
  private final NewFile made;
  private final Map<Name, byte[]> xattrs = new TreeMap<>();
  private final TreeMap<Long, Entry> entries = new TreeMap<>();
  private byte[] content = new byte[0];
  private int permissions;
  private long userId;
  private long groupId;
  private int names;
  private int users;
  private int flags;
  private long lastCookie;
  private Timestamp accessTime = now();
  private Timestamp modificationTime = accessTime;
  private Timestamp changeTime = accessTime;

  private record Entry(Name name, ChangeableNode node) {}

  private ChangeableNode(ChangeableTree tree, NewFile made) {
    this.tree = tree;
    this.made = made;
    this.permissions = made.permissions() & ~made.umask();
    this.userId = made.owner().userId();
    this.groupId = made.owner().groupId();
  }

  static ChangeableNode root(ChangeableTree tree) {
    ChangeableNode root = new ChangeableNode(tree, NewFile.directory(0777, new Owner(0, 0)));
    root.names = 1;
    return root;
  }

  private static Timestamp now() {
    Instant now = Instant.now();
    return new Timestamp(now.getEpochSecond(), now.getNano());
  }

  private void checkAlive() throws FsException {
    if (names == 0 && users == 0) {
      throw new FsException(Errno.ESTALE, "file " + inodeNr);
    }
  }

  private void touch() {
    modificationTime = now();
    changeTime = modificationTime;
  }

  private boolean isDirectory() {
    return made.type() == FileType.DIRECTORY;
  }

  @Override
  public Attributes attributes() throws IOException {
    synchronized (tree) {
      checkAlive();
      long directories =
          entries.values().stream().filter(entry -> entry.node().isDirectory()).count();
      return new Attributes(
          inodeNr,
          made.type(),
          permissions,
          isDirectory() ? (int) directories + 1 + names : names,
          userId,
          groupId,
          content.length,
          (content.length + 511) / 512,
          made.deviceMajor(),
          made.deviceMinor(),
          accessTime,
          modificationTime,
          changeTime);
    }
  }

  @Override
  public Node child(Name name) throws IOException {
    synchronized (tree) {
      Map.Entry<Long, Entry> found = find(name);
      return found == null ? null : found.getValue().node();
    }
  }

  private Map.Entry<Long, Entry> find(Name name) throws IOException {
    checkAlive();
    if (!isDirectory()) {
      throw new FsException(Errno.ENOTDIR, name.toString());
    }
    for (Map.Entry<Long, Entry> entry : entries.entrySet()) {
      if (entry.getValue().name().equals(name)) {
        return entry;
      }
    }
    return null;
  }

  private ChangeableNode require(Name name) throws IOException {
    ChangeableNode node = (ChangeableNode) child(name);
    if (node == null) {
      throw new FsException(Errno.ENOENT, name.toString());
    }
    return node;
  }

  @Override
  public void list(long cookie, EntryVisitor visitor) throws IOException {
    List<Map.Entry<Long, Entry>> rest;
    synchronized (tree) {
      rest = new ArrayList<>(new TreeMap<>(entries.tailMap(cookie, false)).entrySet());
    }
    for (Map.Entry<Long, Entry> entry : rest) {
      ChangeableNode node = entry.getValue().node();
      if (!visitor.entry(entry.getValue().name(), node.inodeNr, node.made.type(), entry.getKey())) {
        return;
      }
    }
  }

  private void add(Name name, ChangeableNode node) throws IOException {
    if (name.byteCount() > 255) {
      throw new FsException(Errno.ENAMETOOLONG, name.toString());
    }
    if (find(name) != null) {
      throw new FsException(Errno.EEXIST, name.toString());
    }
    if (names == 0) {
      throw new FsException(Errno.ENOENT, "directory " + inodeNr);
    }
    put(name, node);
  }

  private void put(Name name, ChangeableNode node) {
    entries.put(++lastCookie, new Entry(name, node));
    node.names++;
    node.changeTime = now();
    touch();
  }

  private ChangeableNode remove(Name name) throws IOException {
    Map.Entry<Long, Entry> found = find(name);
    if (found == null) {
      throw new FsException(Errno.ENOENT, name.toString());
    }
    ChangeableNode node = found.getValue().node(); // before its entry goes: that changes with it
    entries.remove(found.getKey());
    node.names--;
    node.changeTime = now();
    touch();
    return node;
  }

  @Override
  public Node create(Name name, NewFile file) throws IOException {
    synchronized (tree) {
      ChangeableNode node = new ChangeableNode(tree, file);
      if ((permissions & SET_GROUP_ID) != 0) {
        node.groupId = groupId;
        node.permissions |= node.isDirectory() ? SET_GROUP_ID : 0;
      }
      add(name, node);
      return node;
    }
  }

  @Override
  public WritableFile createUnnamed(NewFile file) {
    synchronized (tree) {
      return new Open(new ChangeableNode(tree, file));
    }
  }

  @Override
  public Node createSymlink(Name name, Name target, Owner owner) throws IOException {
    synchronized (tree) {
      NewFile link = new NewFile(FileType.SYMLINK, 0777, 0, owner, 0, 0);
      ChangeableNode node = (ChangeableNode) create(name, link);
      node.content = target.bytes();
      return node;
    }
  }

  @Override
  public void link(Name name, Node file) throws IOException {
    synchronized (tree) {
      ChangeableNode node = (ChangeableNode) file;
      if (node.isDirectory()) {
        throw new FsException(Errno.EPERM, name.toString());
      }
      add(name, node);
    }
  }

  @Override
  public void unlink(Name name) throws IOException {
    synchronized (tree) {
      if (require(name).isDirectory()) {
        throw new FsException(Errno.EISDIR, name.toString());
      }
      remove(name);
    }
  }

  @Override
  public void removeDirectory(Name name) throws IOException {
    synchronized (tree) {
      ChangeableNode node = require(name);
      if (!node.isDirectory()) {
        throw new FsException(Errno.ENOTDIR, name.toString());
      }
      if (!node.entries.isEmpty()) {
        throw new FsException(Errno.ENOTEMPTY, name.toString());
      }
      remove(name);
    }
  }

  @Override
  public void rename(Name name, Node target, Name newName, RenameMode mode) throws IOException {
    synchronized (tree) {
      ChangeableNode to = (ChangeableNode) target;
      ChangeableNode moved = require(name);
      ChangeableNode there = (ChangeableNode) to.child(newName);
      if (mode == RenameMode.NO_REPLACE && there != null) {
        throw new FsException(Errno.EEXIST, newName.toString());
      }
      if (mode == RenameMode.EXCHANGE) {
        to.require(newName);
        remove(name);
        to.remove(newName);
        put(name, there);
        to.put(newName, moved);
      } else if (there != moved) {
        to.makeWay(newName, there, moved.isDirectory());
        remove(name);
        to.put(newName, moved);
      }
    }
  }

  private void makeWay(Name name, ChangeableNode there, boolean forDirectory) throws IOException {
    if (there == null) {
      return;
    }
    if (there.isDirectory() != forDirectory) {
      throw new FsException(forDirectory ? Errno.ENOTDIR : Errno.EISDIR, name.toString());
    }
    if (forDirectory) {
      removeDirectory(name);
    } else {
      unlink(name);
    }
  }

  @Override
  public void change(AttributeChange change) throws IOException {
    synchronized (tree) {
      checkAlive();
      permissions = change.permissions() == null ? permissions : change.permissions();
      userId = change.userId() == null ? userId : change.userId();
      groupId = change.groupId() == null ? groupId : change.groupId();
      if (change.size() != null) {
        checkRoom(change.size());
        content = Arrays.copyOf(content, change.size().intValue());
        touch();
      }
      accessTime = change.accessTime() == null ? accessTime : change.accessTime();
      if (change.modificationTime() != null) {
        modificationTime = change.modificationTime();
      }
      changeTime = now();
    }
  }

  private void checkRoom(long size) throws FsException {
    if (size > tree.roomBytes) {
      throw new FsException(Errno.ENOSPC, "file " + inodeNr);
    }
  }

  @Override
  public void setXattr(Name name, byte[] value, XattrMode mode) throws IOException {
    synchronized (tree) {
      if (mode != XattrMode.ANY && xattrs.containsKey(name) == (mode == XattrMode.CREATE)) {
        boolean isThere = mode == XattrMode.CREATE;
        throw new FsException(isThere ? Errno.EEXIST : Errno.ENODATA, name.toString());
      }
      xattrs.put(name, value);
    }
  }

  @Override
  public void removeXattr(Name name) throws IOException {
    synchronized (tree) {
      if (xattrs.remove(name) == null) {
        throw new FsException(Errno.ENODATA, name.toString());
      }
    }
  }

  @Override
  public List<Name> xattrNames() {
    synchronized (tree) {
      return List.copyOf(xattrs.keySet());
    }
  }

  @Override
  public byte[] xattr(Name name) {
    synchronized (tree) {
      return xattrs.get(name);
    }
  }

  @Override
  public int flags() {
    return flags;
  }

  @Override
  public void setFlags(int newFlags) {
    flags = newFlags;
  }

  @Override
  public Name readLink() {
    return Name.ofBytes(content);
  }

  @Override
  public Hold hold() {
    synchronized (tree) {
      users++;
      tree.holds.incrementAndGet();
    }
    return () -> {
      synchronized (tree) {
        users--;
        tree.holds.decrementAndGet();
      }
    };
  }

  @Override
  public void sync() {
    tree.sync();
  }

  @Override
  public OpenFile open() throws IOException {
    return openForWriting();
  }

  @Override
  public WritableFile openForWriting() throws IOException {
    synchronized (tree) {
      checkAlive();
      return new Open(this);
    }
  }

  @Override
  public String toString() {
    return "file " + inodeNr;
  }

  /** A file, opened. */
  private static final class Open implements WritableFile {
    private final ChangeableNode node;

    Open(ChangeableNode node) {
      this.node = node;
      node.users++;
      node.tree.openFiles.incrementAndGet();
    }

    @Override
    public Node node() {
      return node;
    }

    @Override
    public long size() {
      return node.content.length;
    }

    @Override
    public int read(long offset, ByteBuffer target) {
      synchronized (node.tree) {
        int byteCount = (int) Math.min(target.remaining(), node.content.length - offset);
        if (byteCount <= 0) {
          return 0;
        }
        target.put(node.content, (int) offset, byteCount);
        return byteCount;
      }
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
      node.tree.writes.incrementAndGet();
      synchronized (node.tree) {
        int fits = (int) Math.min(source.remaining(), node.tree.roomBytes - offset);
        if (fits > 0) {
          int end = (int) offset + fits;
          node.content = Arrays.copyOf(node.content, Math.max(end, node.content.length));
          source.get(node.content, (int) offset, fits);
          node.touch();
        }
        if (source.hasRemaining()) {
          throw new FsException(Errno.ENOSPC, node.toString());
        }
      }
    }

    @Override
    public long append(ByteBuffer source) throws IOException {
      synchronized (node.tree) {
        long end = size();
        write(end, source);
        return end;
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      node.change(AttributeChange.NONE.withSize(size));
    }

    @Override
    public void allocate(long offset, long length, AllocationMode mode) throws IOException {
      synchronized (node.tree) {
        long end = offset + length;
        boolean extends_ = mode == AllocationMode.EXTEND || mode == AllocationMode.ZERO_RANGE;
        if (extends_ && end > size()) {
          truncate(end);
        }
        if (mode != AllocationMode.EXTEND && mode != AllocationMode.KEEP_SIZE && offset < size()) {
          Arrays.fill(node.content, (int) offset, (int) Math.min(end, size()), (byte) 0);
        }
      }
    }

    @Override
    public void sync(boolean dataOnly) {
      node.tree.sync();
    }

    @Override
    public long nextData(long offset) {
      return offset;
    }

    @Override
    public long nextHole(long offset) {
      return size();
    }

    @Override
    public void close() {
      synchronized (node.tree) {
        node.users--;
        node.tree.openFiles.decrementAndGet();
      }
    }
  }
}
