package io.lamina.cli;

import io.lamina.cli.PipeOutput.OutputException;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.graph.ConflictException;
import io.lamina.graph.NotFoundException;
import io.lamina.layer.archive.ArchiveException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;

/** What a person is told about an exception, and what a script. */
final class Problem {
  /** Something was found, or part of the work failed. */
  static final int FINDING = 1;

  /** Wrong usage. */
  static final int USAGE = 2;

  /** Damaged, not supported, or not to be read. */
  static final int UNREADABLE = 3;

  private Problem() {}

  /** One line. */
  static String message(Throwable problem) {
    String message = problem.getMessage();
    FsException said = said(problem);
    if (said != null && message != null) {
      String name = ": " + said.errno();
      return message.endsWith(name)
          ? message.substring(0, message.length() - name.length()) + ": " + text(said.errno())
          : message;
    }
    if (problem instanceof FileSystemException e) {
      return e.getFile() + ": " + reason(e);
    }
    if (problem instanceof OutOfMemoryError) {
      return "out of memory";
    }
    return message == null || problem instanceof RuntimeException ? problem.toString() : message;
  }

  /** The error itself, or the one that an archive's entry met. */
  private static @Nullable FsException said(Throwable problem) {
    Throwable at = problem;
    while (at instanceof ArchiveException && at.getCause() != null) {
      at = at.getCause();
    }
    return at instanceof FsException e ? e : null;
  }

  /** Whether one file was not as hoped, or nothing could be read. */
  static int exitCode(Throwable problem) {
    if (problem instanceof OutputException e) {
      return e.isClosedPipe() ? OutputException.CLOSED_PIPE : FINDING;
    }
    if (problem instanceof NotFoundException || problem instanceof ConflictException) {
      return FINDING;
    }
    if (problem instanceof FsException e) {
      // Of a whole volume, EIO and EBUSY are said: that it is damaged, that somebody uses it.
      return e.errno() == Errno.EIO || e.errno() == Errno.EBUSY ? UNREADABLE : FINDING;
    }
    return UNREADABLE;
  }

  private static String reason(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return text(Errno.ENOENT);
    }
    if (e instanceof AccessDeniedException) {
      return text(Errno.EACCES);
    }
    if (e instanceof NotDirectoryException) {
      return text(Errno.ENOTDIR);
    }
    return e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
  }

  /** As the C library says it. */
  static String text(Errno errno) {
    return switch (errno) {
      case EPERM -> "Operation not permitted";
      case ENOENT -> "No such file or directory";
      case EINTR -> "Interrupted system call";
      case EIO -> "Input/output error";
      case EACCES -> "Permission denied";
      case EBUSY -> "Device or resource busy";
      case EEXIST -> "File exists";
      case EXDEV -> "Invalid cross-device link";
      case ENODEV -> "No such device";
      case ENOTDIR -> "Not a directory";
      case EISDIR -> "Is a directory";
      case EINVAL -> "Invalid argument";
      case EMFILE -> "Too many open files";
      case EFBIG -> "File too large";
      case ENOSPC -> "No space left on device";
      case EROFS -> "Read-only file system";
      case EMLINK -> "Too many links";
      case ERANGE -> "Numerical result out of range";
      case ENAMETOOLONG -> "File name too long";
      case ENOTEMPTY -> "Directory not empty";
      case ELOOP -> "Too many levels of symbolic links";
      case ENODATA -> "No data available";
      case EOPNOTSUPP -> "Operation not supported";
      case ENOKEY -> "Required key not available";
      default -> errno.name();
    };
  }
}
