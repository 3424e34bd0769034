#!/bin/bash
# Checks and dumps metadata of a million mappings, with lamina and with thin_check and thin_dump:
# medians of the wall time, the JVM's start included, and their ratios.
#
# Usage: tools/bench/metadata.sh [MAPPINGS [RUNS]]
set -eu
mappings=${1:-1000000}
runs=${2:-9}
here=$(CDPATH='' cd -P -- "$(dirname -- "$0")" && pwd)
lamina=$here/../lamina
for tool in thin_check thin_dump thin_restore; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 0; }
done
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# Mappings that no two of which can be written as one: the most text, the largest tree.
awk -v n="$mappings" 'BEGIN {
  printf "<superblock uuid=\"\" time=\"1\" transaction=\"1\" flags=\"0\" version=\"2\" data_block_size=\"128\" nr_data_blocks=\"%d\">\n", n
  printf "  <device dev_id=\"1\" mapped_blocks=\"%d\" transaction=\"0\" creation_time=\"0\" snap_time=\"1\">\n", n
  for (i = 0; i < n; i++)
    printf "    <single_mapping origin_block=\"%d\" data_block=\"%d\" time=\"0\"/>\n", i, n - 1 - i
  print "  </device>\n</superblock>"
}' >"$work/pool.xml"
truncate -s 256M "$work/metadata"
thin_restore -i "$work/pool.xml" -o "$work/metadata" >/dev/null
LAMINA_NO_BUILD=1 "$lamina" pool check "$work/metadata" >/dev/null # writes the class archive

# Prints the milliseconds that a command took.
once() {
  local start end
  start=$(date +%s%N)
  "$@" >"$work/out" 2>/dev/null
  end=$(date +%s%N)
  echo $(((end - start) / 1000000))
}

median() {
  sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

export LAMINA_NO_BUILD=1
for what in check dump; do
  : >"$work/ours"
  : >"$work/theirs"
  for ((i = 0; i < runs; i++)); do # in turns, so that both meet the same machine
    once "$lamina" pool "$what" "$work/metadata" >>"$work/ours"
    once "thin_$what" "$work/metadata" >>"$work/theirs"
  done
  ours=$(median <"$work/ours")
  theirs=$(median <"$work/theirs")
  echo "$what: lamina $ours ms, thin_$what $theirs ms," \
    "ratio $(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", a / b }')"
done
"$lamina" pool dump "$work/metadata" | cmp - "$work/pool.xml" && echo 'dump: the same text'
