/**
 * The kernel's FUSE protocol: a request's bytes in, a reply's bytes out. No native code, no threads
 * of its own. Numbers and layouts are those of {@code include/uapi/linux/fuse.h}, version 7.31 as
 * spoken since Linux 5.4.
 */
@NullMarked
package io.lamina.fuse.protocol;

import org.jspecify.annotations.NullMarked;
