# A seeded walk of file operations in the current directory; prints what each gave, then the tree.
import ctypes, os, random, stat, sys, time, zlib

random.seed(int(sys.argv[1]))
protocol = sys.argv[2] == 'protocol'
libc = ctypes.CDLL(None, use_errno=True)
NAMES = ['a', 'b', 'c', 'd', 'e\xff', 'long-' + 'x' * 200]

def path():
    return '/'.join(random.choice(NAMES) for _ in range(random.choice([1, 1, 2, 2, 3])))

def renameat2(a, b, flags):
    if libc.renameat2(-100, os.fsencode(a), -100, os.fsencode(b), flags) != 0:
        raise OSError(ctypes.get_errno(), '')

def settled(p):
    # Close does not wait for RELEASE; until then libfuse keeps what was removed under another name.
    end = time.monotonic() + 120
    while any(name.startswith('.fuse_hidden') for name in os.listdir(os.path.dirname(p) or '.')):
        assert time.monotonic() < end
        time.sleep(0.01)

def unlink(p):
    os.unlink(p)
    settled(p)

def rename(a, b):
    os.rename(a, b)
    settled(b)

def content():
    return bytes([random.randrange(256)]) * random.choice([0, 1, 100, 4096, 70000, 300000])

def opened(p, mode):
    # Of a fifo nobody has to hold the other end.
    return open(p, mode, opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK, 0o666))

def write(p):
    with opened(p, random.choice(['wb', 'ab', 'xb', 'r+b'])) as f:
        if f.mode == 'rb+':
            f.seek(random.randrange(100000))
        return f.write(content())

def read(p):
    with opened(p, 'rb') as f:
        f.seek(random.choice([0, 0, 5000]))
        return zlib.crc32(f.read(random.choice([10, 5000, 1 << 20])))

def allocate(p):
    fd = os.open(p, os.O_RDWR)
    try:
        mode = random.choice([0, 3])
        if libc.fallocate(fd, mode, ctypes.c_long(random.randrange(50000)),
                          ctypes.c_long(random.randrange(1, 50000))) != 0:
            raise OSError(ctypes.get_errno(), '')
    finally:
        os.close(fd)

def copy(a, b):
    with opened(a, 'rb') as f, opened(b, 'r+b') as g:
        if os.path.samefile(a, b):
            return 0
        return os.copy_file_range(f.fileno(), g.fileno(), 200000, 10, 30)

def look(p):
    s = os.lstat(p)
    size = 0 if stat.S_ISDIR(s.st_mode) else s.st_size
    links = s.st_nlink if protocol and not stat.S_ISDIR(s.st_mode) else 0
    return oct(s.st_mode), size, links, s.st_uid, s.st_gid

OPERATIONS = [
    (6, lambda: write(path())),
    (3, lambda: read(path())),
    (4, lambda: os.mkdir(path(), random.choice([0o755, 0o700]))),
    (3, lambda: unlink(path())),
    (2, lambda: os.rmdir(path())),
    (4, lambda: rename(path(), path())),
    (2, lambda: protocol and renameat2(path(), path(), random.choice([1, 2]))),
    (2, lambda: os.link(path(), path())),
    (2, lambda: os.symlink(random.choice(NAMES), path())),
    (1, lambda: os.mkfifo(path())),
    (2, lambda: os.truncate(path(), random.choice([0, 10, 100000]))),
    (2, lambda: allocate(path())),
    (2, lambda: protocol and copy(path(), path())),
    (2, lambda: os.chmod(path(), random.choice([0o644, 0o600, 0o4755, 0o2755]))),
    (1, lambda: os.lchown(path(), 0, 0)),
    (2, lambda: os.utime(path(), ns=(random.randrange(10**18), random.randrange(10**18)))),
    (2, lambda: sorted(os.listdir(path()))),
    (2, lambda: look(path())),
]

os.umask(0o022)
weights = [weight for weight, _ in OPERATIONS]
for step in range(1000):
    number = random.choices(range(len(OPERATIONS)), weights)[0]
    try:
        result = OPERATIONS[number][1]()
    except OSError as e:
        result = e.errno
    print(step, number, ascii(result))
for directory, directories, files in os.walk('.'):
    directories.sort()
    for name in sorted(directories + files):
        p = os.path.join(directory, name)
        s = os.lstat(p)
        line = [ascii(p), look(p)]
        if stat.S_ISREG(s.st_mode):
            line += [zlib.crc32(open(p, 'rb').read())]
        if stat.S_ISLNK(s.st_mode):
            line += [os.readlink(p)]
        print(*line)
print('done')
