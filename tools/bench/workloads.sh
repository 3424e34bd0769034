#!/bin/bash
# Reading and writing through a mount, beside the kernel's ext4 on a loop device, fuse-overlayfs over that, fuse2fs, and a
# file system in memory that does nothing but answer.
#
#   tools/bench/workloads.sh [ROUNDS]        root; loop devices, /dev/fuse, fuse-overlayfs, fuse2fs, fio, git
#
# All systems start with the same tree (`lower`) in an ext4 of 8 GiB; fuse-overlayfs and the containers have it as the
# lowest of 20 layers, the others of which change a little, as images do. In each round they take their turns, workload
# by workload, so that a slow minute of the machine falls on all; who was first in one round is last in the next: after
# the disk was left alone the first to write much is ahead. The workloads, in this order:
#
#   W1                    untar
#   W2c W2w W3c W3w       find -ls of what was unpacked and a read of all its files: page cache dropped, and again
#   W2Lc W2Lw W3Lc W3Lw   the same of `lower`
#   W4 W5                 cp -a of it, rm -rf of the copy
#   W7s W7c W7w W7q W7r   1 GiB: written in sequence, with an fsync; read in sequence with the page cache dropped, and
#                         again; 4 KiB each at random, 64 MiB read with the page cache dropped, 128 MiB written
#   W9c W9l W9r           many empty files made, listed (ls -l) and removed
#   W10 W10s              git add and commit, git status
#   W5L                   rm -rf of `lower`
#
#   TREE=DIR      what is packed and unpacked (default: debootstrap's minbase)
#   LAYERS=N      how many layers (default 20)
#   FILES=N       how many files W9 makes (default 20000)
#   SIZE=MIB      what W7 writes (default 1024)
#   WORKLOADS=... which to run; what they need is made, untimed (default: all)
#   SYSTEMS=...   of: lamina thin same aufs kernel overlay fuse2fs memory (default: all but thin, same and aufs: thin
#                 and aufs are containers in a store of Lamina's own with that driver, same is one of a thin store, too,
#                 whose volume is mounted by itself; memory is memory-fuse.c, and needs cc)
#   WORK=DIR      kept for the next run (default /var/tmp/lamina-bench-writing)
#
# Prints the median of the rounds, Lamina's ratio to each peer, the server's memory, and what e2fsck and thin_check say.
set -euo pipefail

rounds=${1:-3}
top=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-/var/tmp/lamina-bench-writing}
files=${FILES:-20000}
size=${SIZE:-1024}
layers=${LAYERS:-20}
read -ra systems <<< "${SYSTEMS:-lamina kernel overlay fuse2fs memory}"
all='W1 W2c W2w W3c W3w W2Lc W2Lw W3Lc W3Lw W4 W5 W7s W7c W7w W7q W7r W9c W9l W9r W10 W10s W5L'
read -ra workloads <<< "${WORKLOADS:-$all}"
results=$work/results
mkdir -p "$work/m"

need() { command -v "$1" > /dev/null || { echo "workloads.sh: $1 is not installed" >&2; exit 2; }; }
has() { [[ " ${systems[*]} " == *" $1 "* ]]; }
! has memory || need cc
for tool in mkfs.ext4 fuse-overlayfs fuse2fs fio git bc e2fsck thin_check chrt; do need "$tool"; done
[ "$(id -u)" = 0 ] || { echo "workloads.sh: loop mounts need root" >&2; exit 2; }

make_tar() {
  [ -f "$work/tree.tar" ] && return
  local tree=${TREE:-$work/tree}
  if [ ! -d "$tree" ]; then
    need debootstrap
    debootstrap --variant=minbase bookworm "$tree" > "$work/debootstrap.log" 2>&1
  fi
  tar -C "$tree" -cf "$work/tree.tar" .
}

# An ext4 with the tree in lower/, and the tars of the layers.
make_images() {
  [ -f "$work/layer-$layers.tar" ] && return
  local layer i j names
  mkdir -p "$work/make/0/lower"
  tar -C "$work/make/0/lower" -xf "$work/tree.tar"
  mapfile -t names < <(cd "$work/make/0/lower" && find . -type f -size -64k | sort)
  for ((i = 1; i < layers; i++)); do
    layer=$work/make/$i/lower
    mkdir -p "$layer/opt/layer$i/a/b/c"
    for ((j = 0; j < 50; j++)); do echo "layer $i, file $j" > "$layer/opt/layer$i/a/b/c/file$j"; done
    for ((j = 0; j < 25; j++)); do change "$layer" "${names[$(((i * 25 + j) % ${#names[@]}))]}" "$j"; done
  done
  rm -f "$work/base.img"
  truncate -s 8G "$work/base.img"
  mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 -d "$work/make/0" "$work/base.img"
  for ((i = 0; i < layers; i++)); do tar -C "$work/make/$i" -cf "$work/layer-$((i + 1)).tar" .; done
  rm -rf "$work/make"
}

# Of a layer's 25 changes, 5 take a file away.
change() { # LAYER NAME NUMBER
  local name=$2 from=$work/make/0/lower
  mkdir -p "$1/${name%/*}"
  if [ "$3" -lt 5 ]; then
    : > "$1/${name%/*}/.wh.${name##*/}"
  else
    cp -p "$from/$name" "$1/$name"
    echo '# changed' >> "$1/$name"
  fi
}

# Where a system's files are to be written.
place() {
  case $1 in
    lamina) echo "$work/m/lamina/volumes/bench" ;;
    thin | aufs) echo "$work/m/$1/mnt/$(cat "$work/container-$1")" ;;
    same) echo "$work/m/same/volumes/$(volume_of_same)/rootfs" ;;
    *) echo "$work/m/$1" ;;
  esac
}

# The number by which a thin store's pool knows the container's volume.
volume_of_same() {
  sed 's/.*"device_id":\([0-9]*\).*/\1/' "$work/store-same/devicemapper/metadata/$(cat "$work/container-same")"
}

up() {
  local driver=$1
  mkdir -p "$work/m/$1"
  case $1 in
    lamina)
      rm -rf "$work/pool"
      "$top/tools/lamina" pool create "$work/pool" --data-size 12G
      "$top/tools/lamina" volume import "$work/pool" bench "$work/base.img"
      "$top/tools/lamina" mount "$work/pool" "$work/m/lamina"
      ;;
    thin | aufs | same)
      [ "$1" = aufs ] || driver=thin
      rm -rf "$work/store-$1"
      mapfile -t tars < <(seq -f "$work/layer-%g.tar" "$layers")
      "$top/tools/bench/make-image" bench:1 "$work/image.tar" "${tars[@]}"
      "$top/tools/lamina" init "$work/store-$1" --driver "$driver" --data-size 12G --base-size 8G
      "$top/tools/lamina" load --root "$work/store-$1" -i "$work/image.tar"
      "$top/tools/lamina" create --root "$work/store-$1" bench:1 > "$work/container-$1"
      if [ "$1" = same ]; then
        "$top/tools/lamina" mount "$work/store-same/devicemapper/devicemapper" "$work/m/same"
      else
        "$top/tools/lamina" mount "$work/store-$1" "$work/m/$1"
      fi
      ;;
    kernel)
      cp --sparse=always "$work/base.img" "$work/kernel.img"
      mount -o loop "$work/kernel.img" "$work/m/kernel"
      ;;
    overlay)
      rm -f "$work/overlay.img"
      truncate -s 8G "$work/overlay.img"
      mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$work/overlay.img"
      mkdir -p "$work/m/below"
      mount -o loop "$work/overlay.img" "$work/m/below"
      mkdir "$work/m/below/"{upper,work}
      lower=
      for ((i = 1; i <= layers; i++)); do
        mkdir "$work/m/below/$i"
        tar -C "$work/m/below/$i" -xf "$work/layer-$i.tar"
        lower=$work/m/below/$i${lower:+:$lower}
      done
      fuse-overlayfs -o "lowerdir=$lower,upperdir=$work/m/below/upper,workdir=$work/m/below/work" \
        "$work/m/overlay"
      ;;
    fuse2fs)
      cp --sparse=always "$work/base.img" "$work/fuse2fs.img"
      fuse2fs "$work/fuse2fs.img" "$work/m/fuse2fs" -o rw 2> "$work/fuse2fs.err"
      ;;
    memory)
      cc -O2 -o "$work/memory-fuse" "$top/tools/bench/memory-fuse.c"
      "$work/memory-fuse" "$work/m/memory"
      tar -C "$work/m/memory" -xf "$work/layer-1.tar"
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
      lamina | thin | aufs | same) mountpoint -q "$work/m/$system" && "$top/tools/lamina" umount "$work/m/$system" ;;
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

# What a workload took, in seconds: what it has written is on stable storage at its end.
timed() { # SYSTEM WORKLOAD COMMAND...
  local system=$1 workload=$2 start
  shift 2
  sync
  start=$(now)
  "$@" > /dev/null 2>> "$work/errors" || echo "$system $workload: failed, see $work/errors" >&2
  writes "$workload" && settle "$system"
  echo "$workload $system $(echo "$(now) - $start" | bc)" >> "$results"
}

writes() { # WORKLOAD
  case $1 in W[23]* | W7[cwq] | W9l | W10s) return 1 ;; esac
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

on_file() { # PLACE fio-arguments...
  local file=$1/fio.dat
  shift
  fio --name=w --filename="$file" --size="${size}m" --ioengine=psync "$@"
}

read_all() { find "$1" -xdev -type f -print0 | xargs -0 cat; } # DIR

drop() {
  sync
  echo 3 > /proc/sys/vm/drop_caches
  sleep 0.3
}

# Makes what a workload starts with, where the one that leaves it there was not run. What is read again is read right
# before: the page cache is dropped for all systems at once.
ready() { # SYSTEM WORKLOAD PLACE
  ready_tree "$@"
  case $2 in
    W[237]*c | W7q) drop ;;
    W[237]*w) run "${2%w}" "$3" > /dev/null ;;
  esac
}

ready_tree() {
  case $2 in
    W1) mkdir -p "$3/w1" ;;
    W2[cw] | W3[cw] | W4 | W10) [ -d "$3/w1" ] || { mkdir "$3/w1" && tar -xf "$work/tree.tar" -C "$3/w1"; } ;;
    W5) [ -d "$3/w4" ] || { ready_tree "$1" W4 "$3" && cp -a "$3/w1" "$3/w4"; } ;;
    W7[cwqr]) [ -f "$3/fio.dat" ] || on_file "$3" --rw=write --bs=128k > /dev/null ;;
    W9[lr]) [ -d "$3/many" ] || make_files "$3" ;;
    W10s) [ -d "$3/w1/.git" ] || { ready_tree "$1" W10 "$3" && (git_commit "$3"); } ;;
  esac
}

# What reads is the same the first time and again.
run() { # WORKLOAD PLACE
  case $1 in
    W1) tar -xf "$work/tree.tar" -C "$2/w1" ;;
    W2) find "$2/w1" -ls ;;
    W3) read_all "$2/w1" ;;
    W2L) find "$2/lower" -ls ;;
    W3L) read_all "$2/lower" ;;
    W4) cp -a "$2/w1" "$2/w4" ;;
    W5) rm -rf "$2/w4" ;;
    W7s) on_file "$2" --rw=write --bs=128k --end_fsync=1 ;;
    W7) on_file "$2" --rw=read --bs=128k ;;
    W7q) on_file "$2" --rw=randread --bs=4k --io_size=64m ;;
    W7r) on_file "$2" --rw=randwrite --bs=4k --io_size=128m --end_fsync=1 ;;
    W9c) make_files "$2" ;;
    W9l) ls -l "$2/many" ;;
    W9r) rm -rf "$2/many" ;;
    W10) (git_commit "$2") ;;
    W10s) git -C "$2/w1" status --short ;;
    W5L) rm -rf "$2/lower" ;;
  esac
}

workload() { # SYSTEM WORKLOAD
  local at name=$2
  at=$(place "$1")
  ready "$1" "$2" "$at"
  case $2 in
    W[237][cw] | W[23]L[cw]) name=${2%[cw]} ;;
  esac
  timed "$1" "$2" run "$name" "$at"
  [ "$2" != W7r ] || rm "$at/fio.dat"
}

median() { # WORKLOAD SYSTEM
  awk -v w="$1" -v s="$2" '$1 == w && $2 == s {print $3}' "$results" | sort -n |
    awk '{v[NR] = $1} END {if (NR) print v[int((NR + 1) / 2)]; else print "-"}'
}

report() {
  printf '%-5s' ''
  printf '%14s' "${systems[@]}"
  printf '   %s\n' 'seconds, median; in brackets, peer / lamina'
  for workload in "${workloads[@]}"; do
    printf '%-5s' "$workload"
    local own
    own=$(median "$workload" lamina)
    for system in "${systems[@]}"; do
      local took
      took=$(median "$workload" "$system")
      if [ "$took" = - ]; then
        printf '%14s' -
      elif [ "$system" = lamina ] || [ "$own" = - ]; then
        printf '%14.2f' "$took"
      else
        printf '%14s' "$(echo "$took $own" | awk '{printf "%.2f (%.1f)", $1, $1 / $2}')"
      fi
    done
    echo
  done
}

make_tar
make_images
trap finish EXIT
stay_awake
: > "$results"
: > "$work/errors"
turns=("${systems[@]}")
for ((round = 1; round <= rounds; round++)); do
  for system in "${turns[@]}"; do up "$system"; done
  sync
  sleep 5 # the disk has written gigabytes
  for workload in "${workloads[@]}"; do
    for system in "${turns[@]}"; do workload "$system" "$workload"; done
  done
  turns=("${turns[@]:1}" "${turns[0]}")
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
