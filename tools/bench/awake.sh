# Sourced by the benchmarks. A virtual machine that halts its idle processors answers FUSE five times slower than a
# busy one: so each processor is kept awake, by somebody who runs only when nobody else wants to.
stay_awake() {
  local cpu
  spinners=
  for cpu in $(seq 0 $(($(nproc) - 1))); do
    taskset -c "$cpu" chrt -i 0 sh -c 'while :; do :; done' &
    spinners="$spinners $!"
  done
}

let_sleep() {
  # shellcheck disable=SC2086 # several
  [ -z "${spinners:-}" ] || kill $spinners 2> /dev/null
}
