package io.lamina.cli;

import io.lamina.block.BlockDevice;
import io.lamina.block.FileDevice;
import io.lamina.source.PoolSource;
import io.lamina.thin.MetadataLock;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.ThinPool;
import io.lamina.thin.WriteOptions;
import java.io.IOException;
import java.nio.file.Path;

/** Pools of this host, opened for one command and closed after it. */
final class HostPools implements Pools {
  @Override
  public void look(PoolSource source, PoolOptions options, Look look) throws IOException {
    try (ThinPool pool = ThinPool.open(source, options)) {
      look.at(pool);
    }
  }

  @Override
  public void change(PoolSource source, WriteOptions options, Change change) throws IOException {
    try (PoolVolumes volumes = PoolVolumes.open(source, PoolOptions.DEFAULT, options)) {
      change.of(volumes);
    }
  }

  @Override
  public void changeMetadata(Path file, MetadataChange change) throws IOException {
    try (FileDevice metadata = MetadataLock.open(file, new HostPuncher())) {
      change.of(metadata);
    }
  }

  @Override
  public void lookAtMetadata(Path file, MetadataLook look) throws IOException {
    try (BlockDevice metadata = FileDevice.openReadOnly(file)) {
      look.at(metadata);
    }
  }
}
