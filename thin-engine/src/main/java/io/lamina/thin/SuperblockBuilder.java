package io.lamina.thin;

import io.lamina.persist.space.SpaceMapRoot;
import java.util.UUID;

/** Puts a superblock together, or one that differs from another in some fields. */
public final class SuperblockBuilder {
  private final int dataBlockSectors;
  private final long metadataBlockCount;
  private UUID uuid = new UUID(0, 0);
  private int flags;
  private int time;
  private long transactionId;
  private long heldRoot = Superblock.BLOCK_NR;
  private SpaceMapRoot dataSpaceMap = SpaceMapRoot.NONE;
  private SpaceMapRoot metadataSpaceMap = SpaceMapRoot.NONE;
  private long mappingRoot;
  private long detailsRoot;
  private int compatFlags;
  private int compatRoFlags;
  private int incompatFlags;

  /** The superblock of a new pool, as yet without trees and space maps. */
  public SuperblockBuilder(int dataBlockSectors, long metadataBlockCount) {
    this.dataBlockSectors = dataBlockSectors;
    this.metadataBlockCount = metadataBlockCount;
  }

  SuperblockBuilder(Superblock like) {
    this(like.dataBlockSectors(), like.metadataBlockCount());
    uuid = like.uuid();
    flags = like.flags();
    time = like.time();
    transactionId = like.transactionId();
    heldRoot = like.heldRoot();
    dataSpaceMap = like.dataSpaceMap();
    metadataSpaceMap = like.metadataSpaceMap();
    mappingRoot = like.mappingRoot();
    detailsRoot = like.detailsRoot();
    compatFlags = like.compatFlags();
    compatRoFlags = like.compatRoFlags();
    incompatFlags = like.incompatFlags();
  }

  /** Bit 0: needs_check. */
  public SuperblockBuilder flags(int value) {
    flags = value;
    return this;
  }

  /** Snapshots taken so far. */
  public SuperblockBuilder time(int value) {
    time = value;
    return this;
  }

  /** The number that belongs to whoever manages the pool. */
  public SuperblockBuilder transactionId(long value) {
    transactionId = value;
    return this;
  }

  /** Where the metadata snapshot lies. */
  SuperblockBuilder heldRoot(long value) {
    heldRoot = value;
    return this;
  }

  /** Where the counts lie. */
  public SuperblockBuilder spaceMaps(SpaceMapRoot data, SpaceMapRoot metadata) {
    dataSpaceMap = data;
    metadataSpaceMap = metadata;
    return this;
  }

  /** Where the trees lie. */
  public SuperblockBuilder roots(long mappings, long details) {
    mappingRoot = mappings;
    detailsRoot = details;
    return this;
  }

  /** The superblock. */
  public Superblock build() {
    return new Superblock(
        flags,
        uuid,
        time,
        transactionId,
        heldRoot,
        dataSpaceMap,
        metadataSpaceMap,
        mappingRoot,
        detailsRoot,
        dataBlockSectors,
        metadataBlockCount,
        compatFlags,
        compatRoFlags,
        incompatFlags);
  }
}
