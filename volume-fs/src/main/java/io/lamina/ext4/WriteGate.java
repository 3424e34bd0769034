package io.lamina.ext4;

import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.Superblock;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which volumes can be changed without harm: those all of whose features are kept up here. */
final class WriteGate {
  private static final Set<Feature> UNWRITABLE =
      EnumSet.of(
          Feature.QUOTA,
          Feature.PROJECT,
          Feature.MMP,
          Feature.ENCRYPT,
          Feature.CASEFOLD,
          Feature.VERITY,
          Feature.READONLY,
          Feature.SHARED_BLOCKS);

  private WriteGate() {}

  /** Why a volume cannot be changed, null where it can. */
  static @Nullable String reason(Superblock superblock) {
    for (Feature feature : UNWRITABLE) {
      if (superblock.has(feature)) {
        return "feature " + feature.label() + " cannot be kept up";
      }
    }
    String unknown = Feature.unknownReadOnlyCompatible(superblock);
    if (unknown != null) {
      return "feature " + unknown + " is not known";
    }
    if (superblock.has(Feature.HAS_JOURNAL) && superblock.journalInodeNr() == 0) {
      return "its journal lies on another device";
    }
    return null;
  }
}
