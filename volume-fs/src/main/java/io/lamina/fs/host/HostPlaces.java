package io.lamina.fs.host;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node.Hold;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * Where one file is found: by the descriptor that holds it, by one that is kept, else by one of the
 * names it is known to have. What is found there must be the file itself.
 *
 * <p>Locks, in this order: the tree's places → this.
 */
final class HostPlaces {
  /** More names than this of one file are not remembered. */
  private static final int MOST = 32;

  private final HostNode node;
  private final List<Place> known = new ArrayList<>(1);
  private @Nullable Locator pinned;
  private int holds;
  private boolean gone;

  HostPlaces(HostNode node) {
    this.node = node;
  }

  private record Place(HostNode directory, Name name) {}

  /** The file has, or was just given, this name. */
  synchronized void add(HostNode directory, Name name) {
    gone = false;
    Place place = new Place(directory, name);
    if (!known.isEmpty() && known.get(known.size() - 1).equals(place)) {
      return;
    }
    known.remove(place);
    if (known.size() == MOST) {
      known.remove(0);
    }
    known.add(place);
  }

  /** The file lost this name. */
  synchronized void remove(HostNode directory, Name name) {
    known.remove(new Place(directory, name));
  }

  /** The file lost its last name: it is found only by who holds it. */
  void lost() {
    synchronized (this) {
      known.clear();
      gone = true;
    }
    node.tree().forget(node);
    Locators.forget(node);
  }

  private synchronized List<Place> known() {
    return List.copyOf(known);
  }

  private synchronized @Nullable Locator held() throws FsException {
    if (pinned != null && pinned.use()) {
      return pinned;
    }
    if (gone) {
      throw stale();
    }
    return null;
  }

  /** A descriptor that names the file; to be closed. */
  Locator locate() throws IOException {
    Locator held = held();
    if (held == null) {
      held = Locators.use(node);
    }
    if (held == null) {
      held = find();
    }
    return held;
  }

  private Locator find() throws IOException {
    TreeCalls calls = node.tree().calls();
    Lock lock = node.tree().places().readLock();
    lock.lock();
    try {
      for (Place place : known()) {
        Locator found = found(calls, place);
        if (found != null) {
          Locators.keep(node, found); // nobody takes its last name away before it is kept
          return found;
        }
        remove(place.directory, place.name);
      }
    } finally {
      lock.unlock();
    }
    throw stale();
  }

  private @Nullable Locator found(TreeCalls calls, Place place) throws IOException {
    Locator found;
    try (Locator directory = place.directory.locate()) {
      found = new Locator(calls.locate(directory.fd(), place.name));
    } catch (FsException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return null;
      }
      throw e;
    }
    try {
      if (calls.stat(found.fd()).key().equals(node.key())) {
        return found;
      }
    } catch (IOException e) {
      found.close();
      throw e;
    }
    found.close();
    return null;
  }

  /** What is to be told of the file; no descriptor is made for that. */
  HostStat stat() throws IOException {
    TreeCalls calls = node.tree().calls();
    Locator open = held();
    if (open == null) {
      open = Locators.use(node);
    }
    if (open == null) {
      HostStat stat = statByName(calls);
      if (stat != null) {
        return stat;
      }
      open = locate();
    }
    try (Locator located = open) {
      return calls.stat(located.fd());
    }
  }

  private @Nullable HostStat statByName(TreeCalls calls) throws IOException {
    Lock lock = node.tree().places().readLock();
    lock.lock();
    try {
      List<Place> places = known();
      if (places.isEmpty()) {
        return null;
      }
      Place last = places.get(places.size() - 1);
      try (Locator directory = last.directory.locate()) {
        HostStat stat = calls.stat(directory.fd(), last.name);
        return stat != null && stat.key().equals(node.key()) ? stat : null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Holds the file until what is returned is closed. */
  Hold hold() throws IOException {
    Locator located = locate();
    pin(located);
    AtomicBoolean open = new AtomicBoolean(true);
    return () -> {
      if (open.getAndSet(false)) {
        unpin();
      }
    };
  }

  /** Holds the file by a descriptor, which this takes over. */
  void pin(Locator locator) {
    synchronized (this) {
      holds++;
      if (pinned == null) {
        pinned = locator;
        return;
      }
    }
    locator.close();
  }

  /** One hold less. */
  void unpin() {
    Locator last = null;
    synchronized (this) {
      holds--;
      if (holds == 0) {
        last = pinned;
        pinned = null;
      }
    }
    if (last != null) {
      last.close();
    }
  }

  private static FsException stale() {
    return new FsException(Errno.ESTALE, "the file is gone");
  }
}
