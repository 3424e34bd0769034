#!/usr/bin/env python3
"""Server CPU a request, and time from start to first stat, beside an empty jnr-fuse server.

  requests.py POOL CLASSPATH   POOL: volume 1 is an ext4 with many/file00000 ... file19999 and a file big of 1 GiB
                               CLASSPATH: fuse-mount's, target/test-classes included

Both servers run with the same options and in turns. CPU is the server's own, from /proc/PID/stat, its compiler
threads included: the first rounds are not counted, and of the others the least is taken, since what else the
machine does can only add to it. Keep the CPUs awake (as awake.sh does). Needs root.
"""
import mmap, os, random, subprocess, sys, tempfile, time

pool, class_path = sys.argv[1:3]
JAVA = ["java", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xmx128m", "-Dfile.encoding=ISO-8859-1", "-cp", class_path]
TICK = os.sysconf("SC_CLK_TCK")

def cpu(pid):
    words = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICK

class Server:
    def __init__(self, kind):
        self.kind, self.dir = kind, tempfile.mkdtemp(prefix="lamina-requests-")
        main = ["io.lamina.fuse.EmptyServer", self.dir] if kind == "empty" else ["io.lamina.mount.PoolServer", pool, self.dir]
        start = time.time()
        self.process = subprocess.Popen(JAVA + main, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        self.root = self.dir if kind == "empty" else self.dir + "/volumes/1"
        os.stat(self.root)
        self.ready = time.time() - start
    def many(self, i): return f"{self.root}/many/file{i:05d}" if self.kind != "empty" else f"{self.root}/file{i:05d}"
    def big(self): return self.root + "/big"
    def end(self):
        subprocess.run(["umount", self.dir], check=True)
        self.process.wait()
        os.rmdir(self.dir)

def stats(s):
    open("/proc/sys/vm/drop_caches", "w").write("2")
    for i in range(20000): os.stat(s.many(i))
    return 20000

def opens(s):
    path = s.many(7)
    for i in range(20000): os.close(os.open(path, os.O_RDONLY))
    return 20000

def reads(s):
    fd = os.open(s.big(), os.O_RDONLY | os.O_DIRECT)
    page = mmap.mmap(-1, 4096)
    rnd = random.Random(1)
    for i in range(30000): os.preadv(fd, [page], rnd.randrange(1 << 16) * 4096)
    os.close(fd)
    return 30000

WORK = {"stat": stats, "open+close": opens, "4 KiB read": reads}
rounds = 10
servers = [Server("empty"), Server("pool")]
results = {}
for round_nr in range(rounds):
    for name, work in WORK.items():
        for s in servers:
            before, t0 = cpu(s.process.pid), time.time()
            count = work(s)
            used, took = cpu(s.process.pid) - before, time.time() - t0
            if round_nr > 4: results.setdefault((name, s.kind), []).append((used / count * 1e6, took / count * 1e6))
least = min
for name in WORK:
    e, p = (least([r[0] for r in results[(name, k)]]) for k in ("empty", "pool"))
    we, wp = (least([r[1] for r in results[(name, k)]]) for k in ("empty", "pool"))
    print(f"{name:12s} empty {e:6.1f} us  pool {p:6.1f} us CPU  ratio {p / e:4.2f}   (elapsed {we:.1f} / {wp:.1f} us)")
for s in servers:
    rss = [l for l in open(f"/proc/{s.process.pid}/status") if l.startswith("VmRSS")][0].split()[1]
    print(f"{s.kind}: resident {int(rss) // 1024} MiB")
    s.end()
starts = {"empty": [], "pool": []}
for _ in range(5):
    for kind in starts:
        s = Server(kind); starts[kind].append(s.ready); s.end()
e, p = least(starts["empty"]), least(starts["pool"])
print(f"start to first stat: empty {e:.2f} s  pool {p:.2f} s  ratio {p / e:4.2f}")
