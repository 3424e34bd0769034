package io.lamina.thin;

import java.io.IOException;

/**
 * How a volume of many mappings goes: in one transaction its device vanishes, and its tree becomes
 * that of a device with one of the highest ids, whose details say that it is going. That one is
 * emptied bit by bit. A crash on the way leaves a sound pool without the volume, and a device of
 * which {@link WritablePool} drops the rest at its next opening.
 */
final class Deletion {
  /** In place of an id: nothing is left to be done. */
  static final int DONE = -1;

  /** As many may be going at a time; more go at once. */
  private static final int ID_COUNT = 256;

  static final int FIRST_ID = PoolMetadata.MAX_DEVICE_ID - ID_COUNT + 1;

  private Deletion() {}

  /** Whether the id is one that a going device may have; its details know. */
  static boolean mayBeGoing(int id) {
    return id >= FIRST_ID;
  }

  /** An id to go by; {@link #DONE} where all are taken. */
  static int freeId(PoolTransaction transaction) throws IOException {
    for (int id = PoolMetadata.MAX_DEVICE_ID; id >= FIRST_ID; id--) {
      if (!transaction.isTaken(id)) {
        return id;
      }
    }
    return DONE;
  }
}
