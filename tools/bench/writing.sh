#!/bin/bash
# Writing through a mount, beside the kernel's ext4 on a loop device, fuse-overlayfs over that, and fuse2fs.
#
#   tools/bench/writing.sh [ROUNDS]        root; loop devices, /dev/fuse, fuse-overlayfs, fuse2fs, fio, git
#
# Workloads: W1 untar, W4 cp -a, W5 rm -rf, W7 sequential and random write with an fsync at the end, W9 create and
# remove many empty files, W10 git add and commit. All systems start with an empty ext4 of 8 GiB. In each round they take
# their turns, workload by workload, so that a slow minute of the machine falls on all of them.
#
#   TREE=DIR      what is packed and unpacked (default: debootstrap's minbase)
#   FILES=N       how many files W9 makes (default 20000)
#   SIZE=MIB      what W7 writes (default 1024)
#   SYSTEMS=...   of: lamina thin aufs kernel overlay fuse2fs (default: all but thin and aufs, which are containers in
#                 a store of Lamina's own with that driver)
#   WORK=DIR      kept for the next run (default /var/tmp/lamina-bench-writing)
#
# Prints the median of the rounds, Lamina's ratio to each peer, the server's memory, and what e2fsck and thin_check say.
set -euo pipefail

rounds=${1:-3}
top=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-/var/tmp/lamina-bench-writing}
files=${FILES:-20000}
size=${SIZE:-1024}
read -ra systems <<< "${SYSTEMS:-lamina kernel overlay fuse2fs}"
results=$work/results
mkdir -p "$work/m"

need() { command -v "$1" > /dev/null || { echo "writing.sh: $1 is not installed" >&2; exit 2; }; }
for tool in mkfs.ext4 fuse-overlayfs fuse2fs fio git bc e2fsck thin_check chrt; do need "$tool"; done
[ "$(id -u)" = 0 ] || { echo "writing.sh: loop mounts need root" >&2; exit 2; }

make_tar() {
  [ -f "$work/tree.tar" ] && return
  local tree=${TREE:-$work/tree}
  if [ ! -d "$tree" ]; then
    need debootstrap
    debootstrap --variant=minbase bookworm "$tree" > "$work/debootstrap.log" 2>&1
  fi
  tar -C "$tree" -cf "$work/tree.tar" .
}

make_image() { # FILE
  rm -f "$1"
  truncate -s 8G "$1"
  mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$1"
}

# Where a system's files are to be written.
place() {
  case $1 in
    lamina) echo "$work/m/lamina/volumes/bench" ;;
    thin | aufs) echo "$work/m/$1/mnt/$(cat "$work/container-$1")" ;;
    *) echo "$work/m/$1" ;;
  esac
}

up() {
  mkdir -p "$work/m/$1"
  case $1 in
    lamina)
      rm -rf "$work/pool"
      "$top/tools/lamina" pool create "$work/pool" --data-size 12G
      "$top/tools/lamina" volume create "$work/pool" bench --size 8G --fs ext4
      "$top/tools/lamina" mount "$work/pool" "$work/m/lamina"
      ;;
    thin | aufs)
      rm -rf "$work/store-$1"
      tar -cf "$work/empty.tar" -T /dev/null
      "$top/tools/bench/make-image" empty:1 "$work/empty-image.tar" "$work/empty.tar"
      "$top/tools/lamina" init "$work/store-$1" --driver "$1" --data-size 12G --base-size 8G
      "$top/tools/lamina" load --root "$work/store-$1" -i "$work/empty-image.tar"
      "$top/tools/lamina" create --root "$work/store-$1" empty:1 > "$work/container-$1"
      "$top/tools/lamina" mount "$work/store-$1" "$work/m/$1"
      ;;
    kernel)
      make_image "$work/kernel.img"
      mount -o loop "$work/kernel.img" "$work/m/kernel"
      ;;
    overlay)
      make_image "$work/overlay.img"
      mkdir -p "$work/m/below"
      mount -o loop "$work/overlay.img" "$work/m/below"
      mkdir "$work/m/below/"{lower,upper,work}
      fuse-overlayfs -o "lowerdir=$work/m/below/lower,upperdir=$work/m/below/upper,workdir=$work/m/below/work" \
        "$work/m/overlay"
      ;;
    fuse2fs)
      make_image "$work/fuse2fs.img"
      fuse2fs "$work/fuse2fs.img" "$work/m/fuse2fs" -o rw 2> "$work/fuse2fs.err"
      ;;
  esac
}

# shellcheck source=tools/bench/awake.sh
. "$top/tools/bench/awake.sh"

finish() {
  down
  let_sleep
}

down() {
  set +e
  for system in "${systems[@]}"; do
    case $system in
      lamina | thin | aufs) mountpoint -q "$work/m/$system" && "$top/tools/lamina" umount "$work/m/$system" ;;
      *) mountpoint -q "$work/m/$system" && umount "$work/m/$system" ;;
    esac
  done
  mountpoint -q "$work/m/below" && umount "$work/m/below"
}

now() { date +%s.%N; }

# Everything written on stable storage. The kernel hands syncfs to no FUSE file system of this kind: those are asked by an
# fsync of a directory (sync DIR), fuse-overlayfs by what lies below it.
settle() { # SYSTEM
  case $1 in
    kernel) sync -f "$work/m/kernel" ;;
    overlay) sync -f "$work/m/below" ;;
    *) sync "$(place "$1")" ;;
  esac
}

# What a workload took, in seconds: everything on stable storage at its end.
timed() { # SYSTEM WORKLOAD COMMAND...
  local system=$1 workload=$2 start
  shift 2
  sync
  start=$(now)
  "$@" > /dev/null 2>> "$work/errors" || echo "$system $workload: failed, see $work/errors" >&2
  settle "$system"
  echo "$workload $system $(echo "$(now) - $start" | bc)" >> "$results"
}

make_files() {
  mkdir "$1/many"
  local i
  for ((i = 0; i < files; i++)); do : > "$1/many/file$i"; done
}

git_commit() {
  cd "$1/w1"
  git init -q
  git -c core.fsync=none add -A
  git -c user.name=a -c user.email=a@b -c gc.auto=0 commit -q -m all
}

write_file() { # PLACE fio-arguments...
  local file=$1/fio.dat
  shift
  fio --name=w --filename="$file" --size="${size}m" --ioengine=psync --end_fsync=1 "$@"
}

workload() { # SYSTEM WORKLOAD
  local at
  at=$(place "$1")
  case $2 in
    W1) mkdir "$at/w1"; timed "$1" "$2" tar -xf "$work/tree.tar" -C "$at/w1" ;;
    W4) timed "$1" "$2" cp -a "$at/w1" "$at/w4" ;;
    W5) timed "$1" "$2" rm -rf "$at/w4" ;;
    W7s) timed "$1" "$2" write_file "$at" --rw=write --bs=128k ;;
    W7r) timed "$1" "$2" write_file "$at" --rw=randwrite --bs=4k --io_size=128m; rm "$at/fio.dat" ;;
    W9c) timed "$1" "$2" make_files "$at" ;;
    W9r) timed "$1" "$2" rm -rf "$at/many" ;;
    W10) timed "$1" "$2" bash -c "$(declare -f git_commit); git_commit $at" ;;
  esac
}

median() { # WORKLOAD SYSTEM
  awk -v w="$1" -v s="$2" '$1 == w && $2 == s {print $3}' "$results" | sort -n |
    awk '{v[NR] = $1} END {if (NR) print v[int((NR + 1) / 2)]; else print "-"}'
}

report() {
  printf '%-5s' ''
  printf '%12s' "${systems[@]}"
  printf '   %s\n' 'seconds, median; in brackets, peer / lamina'
  for workload in W1 W4 W5 W7s W7r W9c W9r W10; do
    printf '%-5s' "$workload"
    local own
    own=$(median "$workload" lamina)
    for system in "${systems[@]}"; do
      local took
      took=$(median "$workload" "$system")
      if [ "$took" = - ]; then
        printf '%12s' -
      elif [ "$system" = lamina ] || [ "$own" = - ]; then
        printf '%12.1f' "$took"
      else
        printf '%12s' "$(echo "$took $own" | awk '{printf "%.1f (%.1f)", $1, $1 / $2}')"
      fi
    done
    echo
  done
}

make_tar
trap finish EXIT
stay_awake
: > "$results"
: > "$work/errors"
for ((round = 1; round <= rounds; round++)); do
  for system in "${systems[@]}"; do up "$system"; done
  for workload in W1 W4 W5 W7s W7r W9c W9r W10; do
    for system in "${systems[@]}"; do workload "$system" "$workload"; done
  done
  if mountpoint -q "$work/m/lamina"; then
    server=$(sed -n 's/^served by process *//p' "$work/m/lamina/status")
    grep -h -E 'VmHWM|VmRSS' "/proc/$server/status" | tr -s '\t ' ' ' | tr '\n' ' '
    echo "round $round"
  fi
  down
  set -e
  if [ -d "$work/pool" ]; then
    thin_check -q "$work/pool/metadata" && echo 'thin_check: clean'
    "$top/tools/lamina" volume export "$work/pool" bench "$work/check.img"
    e2fsck -fn "$work/check.img" > "$work/e2fsck" 2>&1 && echo 'e2fsck: clean' || tail -3 "$work/e2fsck"
    rm -f "$work/check.img"
  fi
done
report
