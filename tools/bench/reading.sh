#!/bin/bash
# Reading through a mount, beside the kernel's ext4 on a loop device and fuse-overlayfs over it.
#
#   tools/bench/reading.sh [ROUNDS]        root; loop devices, /dev/fuse, fuse-overlayfs, thin_restore
#
# All three show the same image: a root file system tree (debootstrap's minbase, or TREE=DIR) and a file of 1 GiB.
# In each round the systems take their turns, so that a slow minute of the machine falls on all of them.
# WORK=DIR (default /var/tmp/lamina-bench-reading) keeps tree and image for the next run.
# Prints the median of the rounds, then Lamina's ratio to each peer, then the server's memory.
set -euo pipefail

rounds=${1:-5}
top=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-/var/tmp/lamina-bench-reading}
image=$work/pool/data
mkdir -p "$work/pool" "$work/m/kernel" "$work/m/overlay" "$work/m/lamina"

need() { command -v "$1" > /dev/null || { echo "reading.sh: $1 is not installed" >&2; exit 2; }; }
for tool in thin_restore mkfs.ext4 fuse-overlayfs dd bc chrt; do need "$tool"; done
[ "$(id -u)" = 0 ] || { echo "reading.sh: loop mounts need root" >&2; exit 2; }

make_image() {
  local tree=${TREE:-$work/tree}
  if [ ! -d "$tree" ]; then
    need debootstrap
    debootstrap --variant=minbase bookworm "$tree" > "$work/debootstrap.log" 2>&1
  fi
  truncate -s 4G "$image.new"
  mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$image.new"
  mount -o loop "$image.new" "$work/m/kernel"
  mkdir "$work/m/kernel/tree"
  tar -C "$tree" -c . | tar -C "$work/m/kernel/tree" -x
  dd if=/dev/urandom of="$work/m/kernel/big" bs=1M count=1024 status=none
  umount "$work/m/kernel"
  mv "$image.new" "$image"
}

# A pool whose one volume maps the image onto itself: data block n is virtual block n.
make_pool() {
  local blocks=$(($(stat -c %s "$image") / 65536))
  cat > "$work/pool.xml" << XML
<superblock uuid="" time="0" transaction="0" version="2" data_block_size="128" nr_data_blocks="$blocks">
  <device dev_id="0" mapped_blocks="$blocks" transaction="0" creation_time="0" snap_time="0">
    <range_mapping origin_begin="0" data_begin="0" length="$blocks" time="0"/>
  </device>
</superblock>
XML
  rm -f "$work/pool/metadata"
  truncate -s 16M "$work/pool/metadata"
  thin_restore -i "$work/pool.xml" -o "$work/pool/metadata" > /dev/null
}

up() {
  mount -o loop,ro "$image" "$work/m/kernel"
  fuse-overlayfs -o "lowerdir=$work/m/kernel" "$work/m/overlay"
  "$top/tools/lamina" mount -o ro "$work/pool" "$work/m/lamina"
}

down() {
  set +e
  let_sleep
  mountpoint -q "$work/m/lamina" && "$top/tools/lamina" umount "$work/m/lamina"
  mountpoint -q "$work/m/overlay" && umount "$work/m/overlay"
  mountpoint -q "$work/m/kernel" && umount "$work/m/kernel"
  rm -rf "$work/copy"
}

# shellcheck source=tools/bench/awake.sh
. "$top/tools/bench/awake.sh"

drop() { sync; echo 3 > /proc/sys/vm/drop_caches; sleep 0.2; }

timed() { # system workload command...
  local system=$1 workload=$2 from to
  shift 2
  from=$(date +%s.%N)
  "$@" > /dev/null || echo "reading.sh: $system $workload: exit $?" >&2
  to=$(date +%s.%N)
  echo "$workload $system $(echo "$to - $from" | bc -l)" >> "$work/times"
}

read_all() { find "$1" -xdev -type f -print0 | xargs -0 cat; }
copy_mounted() { rm -rf "$work/copy"; cp -a "$1" "$work/copy"; }
copy_unmounted() { rm -rf "$work/copy"; "$top/tools/lamina" cp -a "$work/pool:0/tree" "$work/copy"; }

round() { # system directory
  drop
  timed "$1" find-cold find "$2/tree" -ls
  timed "$1" find-warm find "$2/tree" -ls
  drop
  timed "$1" read-all-cold read_all "$2/tree"
  timed "$1" read-all-warm read_all "$2/tree"
  drop
  timed "$1" sequential-1GiB-cold dd if="$2/big" of=/dev/null bs=128k status=none
  timed "$1" sequential-1GiB-warm dd if="$2/big" of=/dev/null bs=128k status=none
}

copies() {
  rm -rf "$work/copy"
  drop
  timed kernel cp-a copy_mounted "$work/m/kernel/tree"
  rm -rf "$work/copy"
  drop
  timed lamina cp-a copy_unmounted
  rm -rf "$work/copy"
}

report() {
  sort "$work/times" | awk '
    function median(key,   n, i, j, t, a) {
      n = split(times[key], a, " ")
      for (i = 2; i <= n; i++) { t = a[i] + 0; for (j = i - 1; j > 0 && a[j] + 0 > t; j--) a[j + 1] = a[j]; a[j + 1] = t }
      return n % 2 ? a[(n + 1) / 2] + 0 : (a[n / 2] + a[n / 2 + 1]) / 2
    }
    { times[$1 " " $2] = times[$1 " " $2] " " $3; workloads[$1] = 1 }
    END {
      printf "%-22s %10s %16s %10s %12s %18s\n", "workload (s, median)", "kernel", "fuse-overlayfs", "lamina", "to kernel", "to fuse-overlayfs"
      for (w in workloads) {
        k = median(w " kernel"); l = median(w " lamina")
        o = (w " overlay") in times ? median(w " overlay") : 0
        printf "%-22s %10.3f %16s %10.3f %12.2f %18s\n", w, k, o ? sprintf("%.3f", o) : "-", l, l / k, o ? sprintf("%.2f", l / o) : "-"
      }
    }'
}

trap down EXIT
[ -e "$image" ] || make_image
make_pool
up
: > "$work/times"
stay_awake
for i in $(seq "$rounds"); do
  round kernel "$work/m/kernel"
  round overlay "$work/m/overlay"
  round lamina "$work/m/lamina/volumes/0"
  copies
done
report
server=$(pgrep -f "mount $work/pool $work/m/lamina" | head -1 || true)
[ -n "$server" ] && awk '/VmHWM/ { printf "server, largest resident set: %d MiB\n", $2 / 1024 }' "/proc/$server/status"
