package io.lamina.fuse.protocol;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Asks a server of a tree what the kernel asks when programs change, unpack and list files, so that
 * the code has run before somebody waits for it.
 */
public final class RehearsedKernel implements Closeable {
  /** What tar writes at once. */
  private static final int RECORD_BYTES = 10 << 10;

  private static final byte[] NEW_NAME = bytes("rehearsal");
  private static final byte[] LINK_NAME = bytes("rehearsed-link");

  private final RehearsedRequests kernel;
  private final long directory;

  private RehearsedKernel(RehearsedRequests kernel, long directory) {
    this.kernel = kernel;
    this.directory = directory;
  }

  /**
   * Looks up a directory in which files are to be made.
   *
   * @param path of the directory, below the root of a tree that can be changed
   */
  public static RehearsedKernel in(FileTree tree, List<Name> path) throws IOException {
    RehearsedRequests kernel = new RehearsedRequests(tree);
    long at = NodeTable.ROOT_ID;
    for (Name name : path) {
      at = kernel.lookUp(at, name.bytes());
    }
    return new RehearsedKernel(kernel, at);
  }

  private static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  /** Changes one byte of a file that is there, reads it, and makes, lists and removes another. */
  public void change(Name existing) throws IOException {
    kernel.list(directory);
    long old = kernel.lookUp(directory, existing.bytes());
    long handle = kernel.open(old);
    kernel.write(old, handle, 0, 1);
    kernel.sync(old, handle);
    kernel.read(old, handle);
    kernel.close(old, handle);

    RehearsedRequests.Made made = kernel.create(directory, NEW_NAME);
    kernel.write(made.file(), made.handle(), 0, RehearsedRequests.PAGES_BYTES);
    kernel.sync(made.file(), made.handle());
    kernel.close(made.file(), made.handle());
    kernel.attributes(made.file());
    kernel.list(directory);
    kernel.unlink(directory, NEW_NAME);
    kernel.forget(made.file(), Long.MAX_VALUE);
  }

  /**
   * Unpacks files into a directory, as tar does, lists and reads them and removes all.
   *
   * @param fileCount how many; every one has two records of tar
   */
  public void unpack(int fileCount) throws IOException {
    long made = kernel.makeDirectory(directory, NEW_NAME);
    long[] files = new long[fileCount];
    for (int i = 0; i < fileCount; i++) {
      files[i] = unpackFile(made, name(i));
    }
    long link = kernel.makeSymlink(made, LINK_NAME);
    kernel.setOwners(link);
    kernel.setTimes(made);
    kernel.list(made);
    for (int i = 0; i < fileCount; i++) {
      readFile(files[i]);
      kernel.unlink(made, name(i));
      kernel.forget(files[i], Long.MAX_VALUE);
    }
    kernel.unlink(made, LINK_NAME);
    kernel.forget(link, Long.MAX_VALUE);
    removed(made);
  }

  private static byte[] name(int number) {
    return bytes("file" + number);
  }

  private long unpackFile(long in, byte[] name) throws IOException {
    kernel.lookUp(in, name);
    RehearsedRequests.Made made = kernel.create(in, name);
    kernel.extendedAttribute(made.file());
    kernel.write(made.file(), made.handle(), 0, RECORD_BYTES);
    kernel.write(made.file(), made.handle(), RECORD_BYTES, RECORD_BYTES / 3);
    kernel.setTimes(made.file());
    kernel.setOwners(made.file());
    kernel.setMode(made.file());
    kernel.close(made.file(), made.handle());
    kernel.attributes(in);
    return made.file();
  }

  private void readFile(long file) throws IOException {
    kernel.attributes(file);
    kernel.extendedAttribute(file);
    long handle = kernel.open(file);
    kernel.read(file, handle);
    kernel.close(file, handle);
  }

  /**
   * Lists a directory of many empty files.
   *
   * @param fileCount how many are made for it
   * @param times how often it is listed
   */
  public void list(int fileCount, int times) throws IOException {
    long made = kernel.makeDirectory(directory, NEW_NAME);
    for (int i = 0; i < fileCount; i++) {
      RehearsedRequests.Made file = kernel.create(made, name(i));
      kernel.close(file.file(), file.handle());
      kernel.forget(file.file(), 1);
    }
    for (int time = 0; time < times; time++) {
      kernel.list(made);
      for (int i = 0; i < fileCount; i++) {
        long file = kernel.lookUp(made, name(i));
        kernel.extendedAttribute(file);
        kernel.extendedAttribute(file);
        kernel.forget(file, 2);
      }
    }
    for (int i = 0; i < fileCount; i++) {
      kernel.unlink(made, name(i));
    }
    removed(made);
  }

  /** What it took is free for the next one when that is on stable storage. */
  private void removed(long made) throws IOException {
    kernel.removeDirectory(directory, NEW_NAME);
    kernel.forget(made, Long.MAX_VALUE);
    kernel.syncDirectory(directory);
  }

  @Override
  public void close() {
    kernel.close();
  }
}
