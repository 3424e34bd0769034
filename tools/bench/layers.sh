#!/bin/bash
# Images and containers, beside fuse-overlayfs and the kernel's overlay on the same layers.
#
#   tools/bench/layers.sh [ROUNDS]         root; loop devices, /dev/fuse, fuse-overlayfs, python3
#
#   W6     one byte of a 1 GiB file of a lower layer is changed, until it is written, and with fsync, in a mount that has
#          been in use (W6=first: one that has not), the page cache dropped; thin blocks that it took; `snapshot` is the
#          same in a snapshot of a volume
#   W5L    rm -rf of a tree that lies in a lower layer
#   W8     a deep file of an image of 100 layers: the first stat after the mount; three seconds later, the page cache dropped,
#          a find of all (W8=first: at once, nothing dropped), and again; and of one of 1 layer
#   diff   what a container has changed: 100 of 100,000 files, then the same again; beside a comparison of both trees
#          (diff -rq), which takes files of one number for one file: hence unique_ino
#   load   an archive of 500 MB; beside tar -x of its layers onto a loop mount of the kernel's ext4; `mounted` is a load
#          that the process of a mount does. `save` of what was loaded; beside the layers packed by tar again
#
# Systems: `thin` and `aufs` are containers in a store of that driver (lamina init), `overlay` is fuse-overlayfs and
# `kernel` the kernel's overlay, both on ext4 on a loop device.
#
#   ONLY=...      workloads to run (default: all)
#   WORK=DIR      kept for the next run (default /var/tmp/lamina-bench-layers)
#
# Prints seconds, the median of the rounds.
set -euo pipefail

rounds=${1:-3}
top=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-/var/tmp/lamina-bench-layers}
results=$work/results
read -ra only <<< "${ONLY:-W6 W5L W8 diff load}"
mkdir -p "$work/m"
lamina=$top/tools/lamina

need() { command -v "$1" > /dev/null || { echo "layers.sh: $1 is not installed" >&2; exit 2; }; }
for tool in mkfs.ext4 fuse-overlayfs python3 bc chrt; do need "$tool"; done
[ "$(id -u)" = 0 ] || { echo "layers.sh: loop mounts need root" >&2; exit 2; }

# shellcheck source=tools/bench/awake.sh
. "$top/tools/bench/awake.sh"

now() { date +%s.%N; }

note() { echo "$1 $2 $3" >> "$results"; } # WORKLOAD SYSTEM SECONDS

timed() { # WORKLOAD SYSTEM COMMAND...
  local workload=$1 system=$2 start
  shift 2
  start=$(now)
  "$@" > /dev/null
  note "$workload" "$system" "$(echo "$(now) - $start" | bc)"
}

drop() { sync; echo 3 > /proc/sys/vm/drop_caches; sleep 0.2; }

# --- what is measured on: layers as tars, and images of them

pack() { tar -C "$1" --sort=name --numeric-owner -cf "$2" .; } # DIR TAR

# Each makes what its workloads need, once: it is there already in the next round, and the next run.

image() { "$top/tools/bench/make-image" "$1:1" "$work/image-$1.tar" "${@:2}"; } # NAME LAYER.tar...

fresh() { rm -rf "$work/make"; mkdir -p "$work/make"; }

make_big() {
  [ -f "$work/image-big.tar" ] && return
  fresh
  head -c 1G /dev/urandom > "$work/make/big"
  pack "$work/make" "$work/big.tar"
  image big "$work/big.tar"
  rm -rf "$work/make"
}

make_many() {
  [ -f "$work/image-many.tar" ] && return
  fresh
  python3 - "$work/make" << 'P'
import os, sys
for i in range(100):
    d = f"{sys.argv[1]}/d{i}"
    os.mkdir(d)
    for k in range(1000):
        with open(f"{d}/f{k}", "w") as file:
            file.write(f"{i} {k}\n")
P
  pack "$work/make" "$work/many.tar"
  image many "$work/many.tar"
  rm -rf "$work/make"
}

make_hundred() {
  [ -f "$work/image-one.tar" ] && return
  local i layers=()
  for ((i = 0; i < 100; i++)); do
    fresh
    mkdir -p "$work/make/a/b/c/l$i"
    echo "$i" > "$work/make/a/b/c/l$i/file"
    echo "$i" > "$work/make/a/b/c/top"
    pack "$work/make" "$work/hundred-$i.tar"
    layers+=("$work/hundred-$i.tar")
  done
  image hundred "${layers[@]}"
  image one "$work/hundred-0.tar"
  rm -rf "$work/make"
}

make_load() {
  [ -f "$work/image-load.tar" ] && return
  local i layers=()
  for ((i = 0; i < 5; i++)); do
    fresh
    head -c 85M /dev/urandom > "$work/make/blob$i"
    python3 - "$work/make" "$i" << 'P'
import os, sys
for k in range(3000):
    with open(f"{sys.argv[1]}/f{sys.argv[2]}-{k}", "wb") as file:
        file.write(os.urandom(5000))
P
    pack "$work/make" "$work/load-$i.tar"
    layers+=("$work/load-$i.tar")
  done
  image load "${layers[@]}"
  rm -rf "$work/make"
}

# --- Lamina's stores

store_up() { # DRIVER IMAGE: a store with that image and one container, mounted
  rm -rf "$work/$1"
  "$lamina" init "$work/$1" --driver "$1" --data-size 16G
  "$lamina" load --root "$work/$1" -i "$work/image-$2.tar" > /dev/null
  container=$("$lamina" create --root "$work/$1" "$2:1")
  store_mount "$1"
}

store_mount() {
  mkdir -p "$work/m/$1"
  "$lamina" mount -o unique_ino "$work/$1" "$work/m/$1"
}

store_down() { "$lamina" umount "$work/m/$1"; }

used_blocks() { # DRIVER
  local pool=$work/$1/devicemapper/devicemapper
  [ -d "$pool" ] || pool=$work/$1/aufs
  [ -d "$pool" ] || pool=$work/$1
  "$lamina" pool status --json "$pool" | python3 -c 'import json, sys; print(json.load(sys.stdin)["data_blocks_used"])'
}

# --- the peers: the layers' directories on one ext4

below_up() { # LAYER.tar...: the lowest first
  rm -f "$work/below.img"
  truncate -s 16G "$work/below.img"
  mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$work/below.img"
  mkdir -p "$work/m/below"
  mount -o loop "$work/below.img" "$work/m/below"
  lowers=
  local i=0 layer
  for layer in "$@"; do
    mkdir "$work/m/below/$i"
    tar -C "$work/m/below/$i" -xf "$layer"
    lowers=$i${lowers:+:$lowers}
    i=$((i + 1))
  done
  mkdir "$work/m/below/"{upper,work}
}

peer_mount() { # overlay or kernel
  local options="lowerdir=$lowers,upperdir=upper,workdir=work"
  mkdir -p "$work/m/$1"
  cd "$work/m/below"
  case $1 in
    overlay) fuse-overlayfs -o "$options" "$work/m/$1" ;;
    kernel) mount -t overlay overlay -o "$options" "$work/m/$1" ;;
  esac
  cd "$work"
}

peer_down() { umount "$work/m/$1"; rm -rf "$work/m/below/"{upper,work}; mkdir "$work/m/below/"{upper,work}; }

below_down() { umount "$work/m/below"; }

place() {
  case $1 in
    thin | aufs) echo "$work/m/$1/mnt/$container" ;;
    snapshot) echo "$work/m/$1/volumes/changed" ;;
    *) echo "$work/m/$1" ;;
  esac
}

# --- the workloads

# Prints the seconds from opening the file to having written, and to having synced and closed it, without the start of
# whoever does it.
change_byte() {
  python3 - "$1" << 'P'
import os, sys, time
start = time.perf_counter()
file = os.open(sys.argv[1], os.O_WRONLY)
os.pwrite(file, b"x", 512 << 20)
written = time.perf_counter()
os.fsync(file)
os.close(file)
print(f"{written - start:.4f} {time.perf_counter() - start:.4f}")
P
}

each_system() { # IMAGE LAYERS.. -- COMMAND: runs COMMAND SYSTEM in each
  local image=$1 layers=() system
  shift
  while [ "$1" != -- ]; do layers+=("$1"); shift; done
  shift
  for system in thin aufs; do
    store_up "$system" "$image"
    "$@" "$system"
    store_down "$system"
  done
  below_up "${layers[@]}"
  for system in overlay kernel; do
    peer_mount "$system"
    "$@" "$system"
    peer_down "$system"
  done
  below_down
}

# Files made, changed, read and removed, as in a mount that has been there for a while.
use() { # DIR
  local i
  mkdir "$1/used"
  for ((i = 0; i < 500; i++)); do
    head -c 20000 "$work/big.tar" > "$1/used/$i"
    printf x | dd of="$1/used/$i" bs=1 seek=10000 conv=notrunc status=none
    cat "$1/used/$i" > /dev/null
  done
  sync "$1/used/0"
  rm -r "$1/used"
}

w6() {
  local before= written synced
  [ "${W6:-used}" = first ] || use "$(place "$1")"
  drop
  case $1 in thin | aufs | snapshot) before=$(used_blocks "$1") ;; esac
  read -r written synced < <(change_byte "$(place "$1")/big")
  note W6 "$1" "$written"
  note W6-fsync "$1" "$synced"
  [ -z "$before" ] || echo "W6 $1: $(($(used_blocks "$1") - before)) blocks more"
}

w6_snapshot() {
  rm -rf "$work/snapshot"
  "$lamina" pool create "$work/snapshot" --data-size 16G
  "$lamina" volume create "$work/snapshot" origin --size 8G --fs ext4
  store_mount snapshot
  tar -C "$work/m/snapshot/volumes/origin" -xf "$work/big.tar"
  "$lamina" volume snapshot "$work/snapshot" origin changed
  w6 snapshot
  store_down snapshot
}

w5l() { timed W5L "$1" rm -rf "$(place "$1")/d0" "$(place "$1")/d1" "$(place "$1")/d2" "$(place "$1")/d3"; }

w8() { # IMAGE LABEL SYSTEM
  local at start
  drop
  start=$(now)
  case $3 in
    thin | aufs) store_down "$3"; start=$(now); store_mount "$3" ;;
    *) umount "$work/m/$3"; start=$(now); peer_mount "$3" ;;
  esac
  at=$(place "$3")
  stat "$at/a/b/c/l0/file" > /dev/null
  note "W8-mount-$2" "$3" "$(echo "$(now) - $start" | bc)"
  [ "${W8:-settled}" = first ] || { sleep 3; drop; }
  timed "W8-find-$2" "$3" find "$at"
  timed "W8-again-$2" "$3" find "$at" -size -1
}

w_diff() {
  local i system
  for system in thin aufs; do
    store_up "$system" many
    for ((i = 0; i < 100; i++)); do echo changed > "$(place "$system")/d$i/f$i"; done
    sync
    timed diff "$system" "$lamina" diff --root "$work/$system" "$container"
    timed diff "$system-again" "$lamina" diff --root "$work/$system" "$container"
    local image
    image=$("$lamina" images --root "$work/$system" --no-trunc -q | head -1)
    timed diff "$system-trees" bash -c "diff -rq '$work/m/$system/mnt/${image#sha256:}' '$(place "$system")' || true"
    store_down "$system"
  done
}

w_load() {
  local system i
  for system in thin aufs; do
    rm -rf "$work/$system"
    "$lamina" init "$work/$system" --driver "$system" --data-size 16G
    drop
    timed load "$system" bash -c "'$lamina' load --root '$work/$system' -i '$work/image-load.tar' && sync"
    timed save "$system" "$lamina" save --root "$work/$system" -o "$work/saved.tar" load:1
    rm -rf "$work/$system"
    "$lamina" init "$work/$system" --driver "$system" --data-size 16G
    store_mount "$system"
    drop
    timed load-mounted "$system" bash -c "'$lamina' load --root '$work/$system' -i '$work/image-load.tar' && sync"
    timed save-mounted "$system" "$lamina" save --root "$work/$system" -o "$work/saved.tar" load:1
    store_down "$system"
  done
  below_up
  drop
  timed load kernel bash -c "for i in 0 1 2 3 4; do mkdir '$work/m/below/l'\$i; tar -C '$work/m/below/l'\$i -xf '$work/load-'\$i.tar; done; sync"
  timed save kernel bash -c "for i in 0 1 2 3 4; do tar -C '$work/m/below/l'\$i -cf - . | cat; done > '$work/saved.tar'"
  rm "$work/saved.tar"
  below_down
}

hundred() { for ((i = 0; i < 100; i++)); do echo "$work/hundred-$i.tar"; done; }

run() {
  local files
  case $1 in
    W6)
      make_big
      each_system big "$work/big.tar" -- w6
      w6_snapshot
      ;;
    W5L)
      make_many
      each_system many "$work/many.tar" -- w5l
      ;;
    W8)
      make_hundred
      mapfile -t files < <(hundred)
      each_system hundred "${files[@]}" -- w8 hundred 100
      each_system one "$work/hundred-0.tar" -- w8 one 1
      ;;
    diff)
      make_many
      w_diff
      ;;
    load)
      make_load
      w_load
      ;;
  esac
}

finish() {
  set +e
  cd /
  local system
  for system in thin aufs snapshot; do mountpoint -q "$work/m/$system" && "$lamina" umount "$work/m/$system"; done
  for system in overlay kernel below; do mountpoint -q "$work/m/$system" && umount "$work/m/$system"; done
  let_sleep
}

report() {
  sort "$results" | awk '
    function end() { if (key) { n = asort_(v, count); printf "%-14s %-12s %9.3f\n", w, s, v[int((count + 1) / 2)] } }
    function asort_(a, n,   i, k, t) {
      for (i = 2; i <= n; i++) for (k = i; k > 1 && a[k - 1] > a[k]; k--) { t = a[k]; a[k] = a[k - 1]; a[k - 1] = t }
      return n
    }
    { if ($1 " " $2 != key) { end(); key = $1 " " $2; w = $1; s = $2; count = 0 } v[++count] = $3 + 0 }
    END { end() }'
}

trap finish EXIT
stay_awake
: > "$results"
for ((round = 1; round <= rounds; round++)); do
  for workload in "${only[@]}"; do run "$workload"; done
done
report
