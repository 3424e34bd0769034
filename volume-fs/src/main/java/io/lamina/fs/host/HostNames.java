package io.lamina.fs.host;

import io.lamina.fs.Name;

/** Which names are those of one entry of a directory, and lead nowhere else. */
final class HostNames {
  private HostNames() {}

  static boolean isOne(Name name) {
    String latin1 = name.latin1();
    return !latin1.isEmpty()
        && !latin1.equals(".")
        && !latin1.equals("..")
        && latin1.indexOf('/') < 0
        && latin1.indexOf('\0') < 0;
  }
}
