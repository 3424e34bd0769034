package io.lamina.cli;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.host.HostTree;
import io.lamina.graph.DockerStore;
import io.lamina.layer.union.Branch;
import io.lamina.layer.union.UnionRules;
import io.lamina.layer.union.UnionTree;
import io.lamina.mount.MountOptions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the directories of a union lie in: the host's, and volumes, of which each pool and each file
 * system is opened once.
 */
final class UnionSources implements Closeable {
  private final Path mountPoint;
  private final OpenPools looked;
  private final Deque<Closeable> opened = new ArrayDeque<>();

  /** The directories that are written to. */
  private final List<Spot> written = new ArrayList<>();

  /** The one pool that is written to. */
  private @Nullable UnionPool changed;

  /**
   * Where a directory of a union really is.
   *
   * @param onHost its path, without links; null in a volume, and where Java cannot spell it
   * @param inVolume null on the host
   */
  private record Spot(
      UnionOptions.Place place, @Nullable Path onHost, PathWalk.@Nullable Found inVolume) {
    boolean overlaps(Spot other) {
      if (onHost != null && other.onHost != null) {
        return onHost.startsWith(other.onHost) || other.onHost.startsWith(onHost);
      }
      return inVolume != null
          && other.inVolume != null
          && (isWithin(inVolume, other.inVolume) || isWithin(other.inVolume, inVolume));
    }
  }

  /**
   * For a union that is not open yet.
   *
   * @param mountPoint where it is to be mounted
   */
  UnionSources(PoolArguments pools, Path mountPoint) {
    this.mountPoint = mountPoint;
    this.looked = new OpenPools(pools);
    opened.push(looked);
  }

  /**
   * Puts a union together; it stays open until this is closed.
   *
   * @throws IOException that names the directory which cannot be had, and why
   */
  FileTree open(UnionOptions union) throws IOException {
    UnionOptions.BranchPlace first = union.branches().get(0);
    boolean isWritable = !union.mount().readOnly() && first.mode() == Branch.Mode.WRITABLE;
    List<Branch> branches = new ArrayList<>();
    if (!isWritable) {
      addLower(branches, union.branches());
      return UnionTree.of(branches, union.rules());
    }
    if (first.place().inPool() != null) {
      changed = openForWriting(first.place().inPool(), union.mount());
    }
    List<UnionOptions.BranchPlace> lower = union.branches().subList(1, union.branches().size());
    if (union.rules() == UnionRules.AUFS) {
      branches.add(upper(first.place()));
      addLower(branches, lower);
      return UnionTree.of(branches, union.rules());
    }
    UpperAndWork both = upperAndWork(first.place(), Objects.requireNonNull(union.workDirectory()));
    branches.add(new Branch(both.tree(), both.upper(), Branch.Mode.WRITABLE));
    addLower(branches, lower);
    return UnionTree.ofOverlay(branches, both.work(), union.rules());
  }

  private UnionPool openForWriting(Location location, MountOptions options) throws IOException {
    Path pool = Text.hostPath(String.valueOf(location.source()));
    if (DockerStore.isRoot(pool)) {
      throw new IOException(
          pool + ": a docker root's layers are not written to here; 'lamina mount' shows them");
    }
    UnionPool found = UnionPool.open(pool, options);
    opened.push(found);
    return found;
  }

  private Branch upper(UnionOptions.Place place) throws IOException {
    Location location = place.inPool();
    if (location == null) {
      HostTree tree = host(place, true);
      written.add(hostSpot(place));
      return Branch.upper(tree);
    }
    FileTree tree = Objects.requireNonNull(changed).writable(volume(location));
    PathWalk.Found found = directory(tree, place, location.path());
    written.add(new Spot(place, null, found));
    return new Branch(tree, found.node(), Branch.Mode.WRITABLE);
  }

  private static String volume(Location location) {
    return Text.display(location.volume());
  }

  /** Files are renamed from the work directory into the upper one: both must be in one tree. */
  private record UpperAndWork(FileTree tree, Node upper, Node work) {}

  private UpperAndWork upperAndWork(UnionOptions.Place upper, UnionOptions.Place work)
      throws IOException {
    Location upperInPool = upper.inPool();
    Location workInPool = work.inPool();
    if (upperInPool == null && workInPool == null) {
      HostNodes both = HostNodes.of(real(upper), real(work));
      opened.push(both.tree());
      written.addAll(List.of(hostSpot(upper), hostSpot(work)));
      return new UpperAndWork(both.tree(), both.first(), both.second());
    }
    if (upperInPool == null || workInPool == null || !isOneVolume(upperInPool, workInPool)) {
      throw new IOException("workdir " + work + ": is not in the volume of upperdir " + upper);
    }
    FileTree tree = Objects.requireNonNull(changed).writable(volume(upperInPool));
    PathWalk.Found upperFound = directory(tree, upper, upperInPool.path());
    PathWalk.Found workFound = directory(tree, work, workInPool.path());
    if (isWithin(upperFound, workFound) || isWithin(workFound, upperFound)) {
      throw new IOException(upper + " and " + work + ": one lies in the other");
    }
    written.add(new Spot(upper, null, upperFound));
    written.add(new Spot(work, null, workFound));
    return new UpperAndWork(tree, upperFound.node(), workFound.node());
  }

  private boolean isOneVolume(Location one, Location other) throws IOException {
    UnionPool pool = Objects.requireNonNull(changed);
    return pool.isAt(source(other)) && pool.id(volume(one)) == pool.id(volume(other));
  }

  private static boolean isWithin(PathWalk.Found inner, PathWalk.Found outer) {
    return inner.node().equals(outer.node()) || inner.above().contains(outer.node());
  }

  private static Path source(Location location) {
    return Text.hostPath(String.valueOf(location.source()));
  }

  private static Path real(UnionOptions.Place place) throws IOException {
    Path given = Text.hostPath(place.path());
    if (!Files.isDirectory(given)) {
      throw new IOException("directory " + given + ": not there");
    }
    return given.toRealPath();
  }

  private void addLower(List<Branch> branches, List<UnionOptions.BranchPlace> places)
      throws IOException {
    for (UnionOptions.BranchPlace branch : places) {
      boolean keepsMode = branch.mode() != Branch.Mode.WRITABLE;
      Branch.Mode mode = keepsMode ? branch.mode() : Branch.Mode.READ_ONLY_WITH_WHITEOUTS;
      branches.add(lower(branch.place(), mode));
    }
  }

  private Branch lower(UnionOptions.Place place, Branch.Mode mode) throws IOException {
    Location location = place.inPool();
    if (location == null) {
      HostTree tree = host(place, false);
      requireApart(hostSpot(place));
      return new Branch(tree, tree.root(), mode);
    }
    UnionPool pool = changed;
    boolean isChanged = pool != null && pool.isAt(source(location));
    FileTree tree =
        isChanged && pool != null ? pool.files(volume(location)) : looked.tree(location);
    String path = isChanged ? location.path() : looked.path(location);
    PathWalk.Found found = directory(tree, place, path);
    requireApart(new Spot(place, null, found));
    return new Branch(tree, found.node(), mode);
  }

  /** What lies above the mount would show that in itself, and wait for its own answers. */
  private Spot hostSpot(UnionOptions.Place place) throws IOException {
    if (Text.decode(place.path()) == null) {
      return new Spot(place, null, null);
    }
    Path real = Text.hostPath(place.path()).toRealPath();
    Path mounted = mountPoint.toRealPath();
    if (mounted.startsWith(real) && !mounted.equals(real)) {
      throw new IOException(mountPoint + ": lies in " + place + ", a directory of the union");
    }
    return new Spot(place, real, null);
  }

  /** What a union writes to, nobody else may change, and so not the union by another way. */
  private void requireApart(Spot lower) throws IOException {
    for (Spot upper : written) {
      if (upper.overlaps(lower)) {
        throw new IOException(
            "directory "
                + lower.place()
                + ": is, holds or lies in "
                + upper.place()
                + ", which is written to");
      }
    }
  }

  private HostTree host(UnionOptions.Place place, boolean writable) throws IOException {
    HostTree tree = HostTree.open(Name.ofLatin1(place.path()), writable);
    opened.push(tree);
    return tree;
  }

  private static PathWalk.Found directory(FileTree tree, UnionOptions.Place place, String path)
      throws IOException {
    PathWalk.Found found;
    try {
      found = PathWalk.find(tree.root(), path, true);
    } catch (FsException e) {
      throw new IOException("directory " + place + ": " + Problem.text(e.errno()), e);
    }
    if (!found.node().attributes().isDirectory()) {
      throw new IOException("directory " + place + ": " + Problem.text(Errno.ENOTDIR));
    }
    return found;
  }

  /** What was opened last is closed first. */
  @Override
  public void close() throws IOException {
    Closing.all(List.copyOf(opened));
    opened.clear();
  }
}
