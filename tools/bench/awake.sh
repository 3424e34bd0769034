# Sourced by the benchmarks. A virtual machine that halts its idle processors answers FUSE five times slower than a
# busy one: so each processor is kept awake, by somebody who runs only when nobody else wants to.
#
# That holds within a session alone while the kernel shares the processors out among sessions (sched_autogroup): a mount
# is a session of its own, and would get half of a processor, the idle task of ours the other half. So that is switched
# off meanwhile.
autogroup=/proc/sys/kernel/sched_autogroup_enabled

stay_awake() {
  local cpu
  autogroup_before=
  if [ -w "$autogroup" ]; then
    autogroup_before=$(cat "$autogroup")
    echo 0 > "$autogroup"
  fi
  spinners=
  for cpu in $(seq 0 $(($(nproc) - 1))); do
    taskset -c "$cpu" chrt -i 0 sh -c 'while :; do :; done' &
    spinners="$spinners $!"
  done
}

let_sleep() {
  # shellcheck disable=SC2086 # several
  [ -z "${spinners:-}" ] || kill $spinners 2> /dev/null
  [ -z "${autogroup_before:-}" ] || echo "$autogroup_before" > "$autogroup"
}
