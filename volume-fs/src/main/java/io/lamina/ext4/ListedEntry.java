package io.lamina.ext4;

import io.lamina.fs.Name;

/**
 * An entry of a directory as it is listed.
 *
 * @param typeCode the type that the entry tells
 * @param cookie where it stands in the order of the listing
 */
record ListedEntry(Name name, long inodeNr, int typeCode, long cookie) {}
