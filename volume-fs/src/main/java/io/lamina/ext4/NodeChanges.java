package io.lamina.ext4;

/**
 * What the nodes of a volume do when they are changed.
 *
 * @param names makes files, names them and takes names away
 * @param renaming gives files other names
 * @param attributes changes what files say of themselves
 * @param xattrs where attributes lie: also for whoever deletes a file
 */
record NodeChanges(
    Namespace names, Renaming renaming, AttributeStore attributes, XattrStore xattrs) {
  /**
   * The changes of a volume's files.
   *
   * @param files with what changes them
   */
  static NodeChanges of(Files files, Writing writing) {
    XattrStore xattrs = new XattrStore(files);
    Namespace names = new Namespace(files, writing, new NewFiles(files, xattrs));
    return new NodeChanges(
        names,
        new Renaming(files, writing, names),
        new AttributeStore(files, writing, xattrs),
        xattrs);
  }
}
