package io.lamina.fs;

/** Takes the entries of a directory one by one. */
@FunctionalInterface
public interface EntryVisitor {
  /**
   * One entry; {@code .} and {@code ..} are never among them.
   *
   * @param name its name
   * @param inodeNr the number of the file it names
   * @param type what that file is
   * @param nextCookie where a listing goes on after this entry
   * @return whether to go on; when not, this entry counts as not taken
   */
  boolean entry(Name name, long inodeNr, FileType type, long nextCookie);
}
