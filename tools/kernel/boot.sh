# shellcheck shell=bash
# Runs Debian's user-mode-linux: a kernel as an ordinary process, without KVM, on this host's own tree.
# Source it; `end_guest` must be called before the script ends.

UML=${UML:-/usr/bin/linux.uml}
UML_MODULES=${UML_MODULES:-/usr/lib/uml/modules}
guest=
guest_preload=

# Why no kernel can be run here, in a line; nothing where one can.
no_guest() {
  local need
  [ "$(uname -s)" = Linux ] || { echo 'this is no Linux'; return; }
  [ -x "$UML" ] || { echo "no $UML (Debian's package user-mode-linux)"; return; }
  [ -n "$(echo "$UML_MODULES"/*/kernel/drivers/md/dm-thin-pool.ko*)" ] || { echo "no dm-thin in $UML_MODULES"; return; }
  for need in dmsetup e2fsck mkfs.ext4 perl setsid sha256sum; do
    command -v "$need" >/dev/null || { echo "no $need"; return; }
  done
}

# try_guest DIR: whether it runs a program at all. On a processor that is newer it may need help, which takes a compiler.
# DIR has the files beside this one.
try_guest() {
  printf '#!/bin/bash\n' >"$1/nothing"
  guest_runs "$1" && return
  guest_preload=$1/xstate.so
  cc -O2 -shared -fPIC -o "$guest_preload" "$1/xstate.c" 2>/dev/null && guest_runs "$1"
}

guest_runs() {
  start_guest "$1" nothing
  wait_guest 60 2>/dev/null && [ -f "$1/exit" ]
}

# start_guest DIR JOB NAME=FILE...
# Boots; JOB, a script in DIR, is run there as root with DIR at /run/share and each FILE as the disk /run/disk/NAME.
# It writes its output to DIR/job.log, and its exit code to DIR/exit.
start_guest() {
  local dir=$1 job=$2 disk names='' letters=abcdefgh disks=()
  shift 2
  for disk; do
    disks+=("ubd${letters:${#disks[@]}:1}=${disk#*=}")
    names+=${names:+,}${disk%%=*}
  done
  rm -f -- "$dir/exit" "$dir/job.log"
  mkdir -p "$dir/uml"
  setsid env ${guest_preload:+"LD_PRELOAD=$guest_preload"} "$UML" mem=256M root=none rootfstype=hostfs rootflags=/ ro "init=$dir/init" con=null con0=null,fd:1 quiet \
    "uml_dir=$dir/uml" "${disks[@]}" "share=$dir" "job=$job" "disks=$names" \
    "modules=$(echo "$UML_MODULES"/*)" </dev/null >"$dir/console.log" 2>&1 &
  guest=$!
}

# wait_guest SECONDS: waits for its end; fails when that does not come, or when its job failed.
wait_guest() {
  local ticks=$(($1 * 10))
  while kill -0 "$guest" 2>/dev/null; do
    if [ $((ticks -= 1)) -lt 0 ]; then
      end_guest
      echo "the kernel did not end within $1 s" >&2
      return 1
    fi
    sleep 0.1
  done
  end_guest
}

# Kills it, with all its processes, if it runs.
end_guest() {
  [ -n "$guest" ] || return 0
  kill -KILL -- "-$guest" 2>/dev/null || true
  wait "$guest" 2>/dev/null || true
  guest=
}
