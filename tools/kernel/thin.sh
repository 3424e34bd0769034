# shellcheck shell=bash
# What the jobs in the kernel share. Disks are POOL.metadata and POOL.data; the file `volumes` has a line for each
# volume: POOL ID SECTORS KIND SHA256, its kind being ext4 or raw.
set -eu

# Activates a pool; the size of its data blocks, in sectors, stands in the superblock at 336.
activate() {
  local metadata=/run/disk/$1.metadata data=/run/disk/$1.data block status
  block=$(od -An -tu4 -j336 -N4 "$metadata" | tr -d ' ')
  dmsetup create "$1" --table "0 $(blockdev --getsz "$data") thin-pool $metadata $data $block 0"
  status=$(dmsetup status "$1")
  echo "$1: $status"
  case $status in *' rw '*) ;; *) echo "$1: not to be written to"; return 1 ;; esac
  case $status in *needs_check*) echo "$1: asks for a check"; return 1 ;; esac
}

# plug POOL ID SECTORS: the volume is there as /dev/mapper/POOL-ID.
plug() {
  dmsetup create "$1-$2" --table "0 $3 thin /dev/mapper/$1 $2"
}

# A process more is dear in such a kernel.
hash_of() {
  local hash
  hash=$(sha256sum <"$1")
  printf '%s\n' "${hash%% *}"
}

# All pools, and all volumes as the file says they are.
plug_all() {
  local pool id sectors kind hash found
  for pool in $(cut -d ' ' -f 1 volumes | sort -u); do
    activate "$pool"
  done
  while read -r pool id sectors kind hash; do
    plug "$pool" "$id" "$sectors"
    found=$(hash_of "/dev/mapper/$pool-$id")
    [ "$found" = "$hash" ] || { echo "$pool, volume $id: expected $hash, found $found"; return 1; }
    [ "$kind" != ext4 ] || e2fsck -fn "/dev/mapper/$pool-$id"
    echo "$pool, volume $id: as exported"
  done <volumes
}

unplug_all() {
  local device
  for device in $(dmsetup ls --target thin | cut -f 1); do
    dmsetup remove "$device"
  done
  for device in $(dmsetup ls --target thin-pool | cut -f 1); do
    dmsetup status "$device"
    dmsetup remove "$device"
  done
}

# snapshot POOL ORIGIN ID SECTORS: the origin stands still meanwhile, as the kernel asks.
snapshot() {
  dmsetup suspend "$1-$2"
  dmsetup message "$1" 0 "create_snap $3 $2"
  dmsetup resume "$1-$2"
  plug "$1" "$3" "$4"
}
