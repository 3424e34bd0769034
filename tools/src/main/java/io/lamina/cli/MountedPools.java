package io.lamina.cli;

import io.lamina.control.Caller;
import io.lamina.control.FileIdentity;
import io.lamina.source.PoolSource;
import io.lamina.source.RecordPlace;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.WriteOptions;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The one pool that this process has mounted, for a command of another process. It stays open, and
 * the options that it was mounted with hold.
 */
final class MountedPools implements Pools {
  private final PoolVolumes volumes;
  private final PoolSource mounted;
  private final Caller caller;

  /**
   * Gives one caller the pool.
   *
   * @param mounted where it was found
   */
  MountedPools(PoolVolumes volumes, PoolSource mounted, Caller caller) {
    this.volumes = volumes;
    this.mounted = mounted;
    this.caller = caller;
  }

  @Override
  public void look(PoolSource source, PoolOptions options, Look look) throws IOException {
    require(source);
    if (options.metadataSnapshot() || !options.externalOrigins().isEmpty()) {
      throw new IOException(
          source + ": is mounted: --metadata-snapshot and --origin are for pools that are not");
    }
    look.at(volumes.pool());
  }

  @Override
  public void change(PoolSource source, WriteOptions options, Change change) throws IOException {
    require(source);
    if (!WriteArguments.areUsual(options)) {
      throw new IOException(
          source + ": is mounted: how it is written to is said to 'lamina mount'");
    }
    change.of(volumes);
  }

  @Override
  public void changeMetadata(Path file, MetadataChange change) throws IOException {
    throw new IOException(file + ": the pool is mounted: 'lamina umount' comes first");
  }

  /** Who commits waits meanwhile, and so for no caller who is slow to read. */
  @Override
  public void lookAtMetadata(Path file, MetadataLook look) throws IOException {
    require(file);
    caller.setMayWait(false);
    try {
      volumes.pool().readCommitted(look::at);
    } finally {
      caller.setMayWait(true);
    }
  }

  /** Another file must not even be opened here: to close it would lose the lock on this one. */
  private void require(Path metadata) throws IOException {
    if (!FileIdentity.of(metadata).equals(FileIdentity.of(mounted.metadata()))) {
      throw new IOException(metadata + ": is not of the pool that is mounted");
    }
  }

  private void require(PoolSource source) throws IOException {
    require(source.metadata());
    if (!FileIdentity.of(source.data()).equals(FileIdentity.of(mounted.data()))) {
      throw new IOException(
          source.data() + ": the pool is mounted with other data, " + mounted.data());
    }
    RecordPlace names = source.records();
    if (names.isNamed() && !names.equals(mounted.records())) {
      throw new IOException(
          names.directory() + ": the pool is mounted with other names of its volumes, or none");
    }
  }
}
