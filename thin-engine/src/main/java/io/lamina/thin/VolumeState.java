package io.lamina.thin;

import java.io.IOException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** What all views of one volume share while its pool is written to. */
final class VolumeState {
  private final int id;
  private final StoredMappings mappings;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final ReentrantLock provisioning = new ReentrantLock();
  private volatile int snapshottedTime;
  private volatile boolean deleted;

  VolumeState(int id, StoredMappings mappings, int snapshottedTime) {
    this.id = id;
    this.mappings = mappings;
    this.snapshottedTime = snapshottedTime;
  }

  int id() {
    return id;
  }

  StoredMappings mappings() {
    return mappings;
  }

  /** Held while writing. */
  Lock shared() {
    return lock.readLock();
  }

  /** Held while no write may be under way: for a snapshot, a discard, the end. */
  Lock exclusive() {
    return lock.writeLock();
  }

  /** Held while one block is given its place: two writers of it find it once. */
  Lock provisioning() {
    return provisioning;
  }

  int snapshottedTime() {
    return snapshottedTime;
  }

  void snapshotted(int time) {
    snapshottedTime = time;
  }

  void forget() {
    mappings.forget();
  }

  void delete() throws IOException {
    checkAlive();
    deleted = true;
    forget();
  }

  void checkAlive() throws IOException {
    if (deleted) {
      throw new IOException("thin device " + id + " is deleted");
    }
  }
}
