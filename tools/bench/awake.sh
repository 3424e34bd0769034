# Sourced by the benchmarks. A virtual machine that halts its idle processors answers FUSE five times slower than a
# busy one: so each processor is kept awake.
#
# Where the kernel has a driver for idle processors, it is asked to let them wait in a loop (a latency of 0 us, see
# Documentation/power/pm_qos_interface.rst): nobody else has to run for that. Where not, an idle-class task does on each
# processor. It gives the processor away all the time: one that does not is let run for 3 ms again and again while a
# server with several threads wants to (EEVDF, seen in Linux 6.18). And since the kernel shares the processors out among
# sessions (sched_autogroup), of which a mount is one and ours another, that is switched off meanwhile.
autogroup=/proc/sys/kernel/sched_autogroup_enabled
latency=/dev/cpu_dma_latency
driver=/sys/devices/system/cpu/cpuidle/current_driver

stay_awake() {
  spinners=
  autogroup_before=
  if [ -w "$latency" ] && [ -r "$driver" ] && ! grep -q none "$driver"; then
    exec {awake}> "$latency"
    printf '\0\0\0\0' >&"$awake"
  else
    spin
  fi
}

spin() {
  local cpu
  if [ -w "$autogroup" ]; then
    autogroup_before=$(cat "$autogroup")
    echo 0 > "$autogroup"
  fi
  for cpu in $(seq 0 $(($(nproc) - 1))); do
    taskset -c "$cpu" chrt -i 0 python3 -c 'from os import sched_yield
while True: sched_yield()' &
    spinners="$spinners $!"
  done
}

let_sleep() {
  [ -z "${awake:-}" ] || exec {awake}>&-
  # shellcheck disable=SC2086 # several
  [ -z "${spinners:-}" ] || kill $spinners 2> /dev/null
  [ -z "${autogroup_before:-}" ] || echo "$autogroup_before" > "$autogroup"
}
