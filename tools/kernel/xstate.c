/*
 * For LD_PRELOAD with a user-mode-linux that is older than the processor.
 *
 * It keeps a program's floating-point registers in a buffer of a size that was enough when it was built, and gives
 * them back with PTRACE_SETREGSET. The host's kernel takes them only whole, as NT_X86_XSTATE of the size that this
 * processor has (arch/x86/kernel/fpu/regset.c: xstateregs_set), which is more where there is AMX: the first program
 * would die then. Here what the buffer does not hold is left as it is.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_BYTES 65536

static long set_xstate(pid_t pid, void *kind, const struct iovec *part) {
  static char whole[MOST_BYTES];
  struct iovec found = {whole, sizeof whole};
  if (syscall(SYS_ptrace, PTRACE_GETREGSET, pid, kind, &found) < 0) {
    return -1;
  }
  memcpy(whole, part->iov_base, part->iov_len < found.iov_len ? part->iov_len : found.iov_len);
  return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, kind, &found);
}

/* As glibc has it: what PTRACE_PEEK* find is returned, and errno tells an error from -1. */
static long peek(long request, pid_t pid, void *address) {
  long word;
  if (syscall(SYS_ptrace, request, pid, address, &word) < 0) {
    return -1;
  }
  errno = 0;
  return word;
}

long ptrace(enum __ptrace_request request, ...) {
  va_list arguments;
  va_start(arguments, request);
  pid_t pid = va_arg(arguments, pid_t);
  void *address = va_arg(arguments, void *);
  void *data = va_arg(arguments, void *);
  va_end(arguments);
  switch (request) {
    case PTRACE_SETREGSET:
      if ((long)address == NT_X86_XSTATE) {
        return set_xstate(pid, address, data);
      }
      break;
    case PTRACE_PEEKTEXT:
    case PTRACE_PEEKDATA:
    case PTRACE_PEEKUSER:
      return peek(request, pid, address);
    default:
      break;
  }
  return syscall(SYS_ptrace, request, pid, address, data);
}
