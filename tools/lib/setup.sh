# shellcheck shell=bash
# Shared by tools/test and tools/demo: what has to be on the machine. Source it from the top folder.

say() {
  printf '%s\n' "$*" >&2
}

die() {
  say "$0: $*"
  exit 3
}

# The first of some names that apt knows: packages that Debian's and Ubuntu's releases call differently.
first_known() {
  local name
  for name; do
    if apt-cache show "$name" >/dev/null 2>&1; then
      printf '%s\n' "$name"
      return
    fi
  done
  printf '%s\n' "$1"
}

java_major() {
  local version
  version=$("${JAVA_HOME:+$JAVA_HOME/bin/}javac" -version 2>&1) || return 1
  version=${version#javac }
  printf '%s\n' "${version%%.*}"
}

have_libfuse2() {
  { ldconfig -p || /sbin/ldconfig -p; } 2>/dev/null | grep -q 'libfuse\.so\.2'
}

# Prints the packages that are missing, one a line.
missing_packages() {
  local major
  major=$(java_major 2>/dev/null) && [ "$major" -ge 17 ] 2>/dev/null || echo openjdk-17-jdk-headless
  command -v mvn >/dev/null || echo maven
  have_libfuse2 || first_known libfuse2t64 libfuse2
  command -v fusermount >/dev/null || first_known fuse3 fuse
  command -v zstd >/dev/null || echo zstd
  command -v mkfs.ext4 >/dev/null || [ -x /sbin/mkfs.ext4 ] || echo e2fsprogs
  command -v setfattr >/dev/null || echo attr
  if [ "${1:-}" = tests ]; then
    command -v thin_check >/dev/null || [ -x /usr/sbin/thin_check ] || echo thin-provisioning-tools
    command -v setfacl >/dev/null || echo acl
    command -v mkfs.xfs >/dev/null || [ -x /sbin/mkfs.xfs ] || echo xfsprogs
    command -v setsid >/dev/null || echo util-linux
  fi
}

# Installs what is missing where that needs no password, else says what to install.
# $1: `tests` for what only the tests ask too.
set_up() {
  local as_root=() missing
  case $PATH in *sbin*) ;; *) export PATH=$PATH:/usr/sbin:/sbin ;; esac
  mapfile -t missing < <(missing_packages "${1:-}")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
    sudo -n true 2>/dev/null || give_up "${missing[@]}"
  fi
  command -v apt-get >/dev/null || give_up "${missing[@]}"
  say "installing: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq >&2 || say "apt-get update failed; trying with what is known"
  # Names are looked up again: an index that was empty may know them now.
  mapfile -t missing < <(missing_packages "${1:-}")
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >&2 || give_up "${missing[@]}"
}

# What tools/verify-kernel asks: had where that is easy, else gone without.
set_up_extras() {
  local missing=()
  case $PATH in *sbin*) ;; *) export PATH=$PATH:/usr/sbin:/sbin ;; esac
  [ -x /usr/bin/linux.uml ] || missing+=(user-mode-linux)
  command -v dmsetup >/dev/null || missing+=(dmsetup)
  [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 0
  say "installing: ${missing[*]}"
  apt-get update -qq >/dev/null 2>&1 || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
    say "${missing[*]}: not to be had here"
}

give_up() {
  say "Missing here, and not to be installed without a password. As root:"
  say "  apt-get install --no-install-recommends $*"
  exit 3
}

# Mounts (fuse and others), loop devices and processes that a run has left behind, one a line.
# $1: the folder that all its files lay in; $2: a word in the environment of all its processes.
leftovers() {
  local environment process
  awk -v dir="$1/" 'index($2, dir) == 1 {print "mount: " $2}' /proc/self/mounts
  losetup -n -O NAME,BACK-FILE 2>/dev/null |
    awk -v dir="$1/" 'index($2, dir) == 1 {print "loop device: " $0}'
  for environment in /proc/[0-9]*/environ; do
    process=${environment#/proc/}
    process=${process%/environ}
    [ "$process" = $$ ] && continue
    if grep -zqx "$2" "$environment" 2>/dev/null; then
      case $(tr '\0' ' ' <"/proc/$process/cmdline" 2>/dev/null) in
        *java* | *lamina* | *fuse*) printf 'process: %s %s\n' "$process" \
          "$(tr '\0' ' ' <"/proc/$process/cmdline" | cut -c 1-200)" ;;
      esac
    fi
  done
}
