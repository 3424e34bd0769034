/* The least that a file system in user space can cost: a tree in memory, served from /dev/fuse by one thread, with no
 * library between and nothing behind. Names and attributes are kept, content too; nothing is stored, locked or checked.
 *
 *   cc -O2 -o memory-fuse memory-fuse.c && ./memory-fuse DIR     (root) serves until DIR is unmounted
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, MAX_IO = 1 << 20, BUCKETS = 1 << 18 };

struct node {
  struct fuse_attr attr;
  char *data;             /* content, or the target of a symbolic link */
  uint64_t room;
  struct entry *first;    /* of a directory, newest first */
  struct node *parent;
  uint64_t entries;
};

struct entry {
  struct entry *next_in_bucket, *next, *before; /* next, before: in the directory */
  struct node *dir, *node;
  uint64_t cookie;
  uint16_t length;
  char name[];
};

static int fd;
static struct entry *buckets[BUCKETS];
static struct node root;
static uint64_t last_ino = 1, last_cookie;
static char *in, *out;

static uint32_t bucket(struct node *dir, const char *name, size_t length) {
  uint64_t h = (uintptr_t)dir * 0x9e3779b97f4a7c15ull;
  while (length--) h = (h ^ (unsigned char)*name++) * 0x100000001b3ull;
  return (h ^ h >> 32) % BUCKETS;
}

static struct entry **find(struct node *dir, const char *name) {
  size_t length = strlen(name);
  struct entry **e = &buckets[bucket(dir, name, length)];
  while (*e && !((*e)->dir == dir && (*e)->length == length && !memcmp((*e)->name, name, length)))
    e = &(*e)->next_in_bucket;
  return e;
}

static struct node *node_of(uint64_t id) {
  return id == FUSE_ROOT_ID ? &root : (struct node *)(uintptr_t)id;
}

static uint64_t id_of(struct node *n) { return n == &root ? FUSE_ROOT_ID : (uint64_t)(uintptr_t)n; }

static void touch(struct node *n) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  n->attr.mtime = n->attr.ctime = now.tv_sec;
  n->attr.mtimensec = n->attr.ctimensec = now.tv_nsec;
}

static void put(struct node *dir, const char *name, struct node *n) {
  size_t length = strlen(name);
  struct entry *e = malloc(sizeof *e + length);
  uint32_t b = bucket(dir, name, length);
  e->dir = dir, e->node = n, e->length = length, e->cookie = ++last_cookie;
  memcpy(e->name, name, length);
  e->next_in_bucket = buckets[b], buckets[b] = e;
  e->before = NULL, e->next = dir->first;
  if (dir->first) dir->first->before = e;
  dir->first = e;
  dir->entries++;
  touch(dir);
  if (S_ISDIR(n->attr.mode)) n->parent = dir, dir->attr.nlink++;
}

static struct node *take(struct entry **at) {
  struct entry *e = *at;
  struct node *n = e->node, *dir = e->dir;
  *at = e->next_in_bucket;
  if (e->before) e->before->next = e->next; else dir->first = e->next;
  if (e->next) e->next->before = e->before;
  if (S_ISDIR(n->attr.mode)) dir->attr.nlink--;
  dir->entries--;
  touch(dir);
  free(e);
  return n;
}

static struct node *make(struct fuse_in_header *h, uint32_t mode) {
  struct node *n = calloc(1, sizeof *n);
  n->attr.ino = ++last_ino, n->attr.mode = mode, n->attr.nlink = S_ISDIR(mode) ? 2 : 1;
  n->attr.uid = h->uid, n->attr.gid = h->gid, n->attr.blksize = PAGE;
  touch(n);
  n->attr.atime = n->attr.mtime, n->attr.atimensec = n->attr.mtimensec;
  return n;
}

static void grow(struct node *n, uint64_t size) {
  if (size > n->room) {
    uint64_t room = size < 2 * n->room ? 2 * n->room : size;
    n->data = realloc(n->data, room);
    memset(n->data + n->room, 0, room - n->room);
    n->room = room;
  }
  if (size > n->attr.size) n->attr.size = size, n->attr.blocks = (size + 511) / 512;
}

static void attributes(struct fuse_attr_out *o, struct node *n) {
  memset(o, 0, sizeof *o);
  o->attr_valid = 86400, o->attr = n->attr;
}

static int entry_out(struct fuse_entry_out *o, struct node *n) {
  memset(o, 0, sizeof *o);
  o->nodeid = n ? id_of(n) : 0, o->entry_valid = o->attr_valid = 86400;
  if (n) o->attr = n->attr;
  return sizeof *o;
}

static int listing(struct node *dir, struct fuse_read_in *r, int plus) {
  uint32_t at = 0;
  struct entry *e = dir->first;
  while (e && r->offset && e->cookie >= r->offset) e = e->next;
  for (; e; e = e->next) {
    uint32_t head = plus ? FUSE_NAME_OFFSET_DIRENTPLUS : FUSE_NAME_OFFSET;
    uint32_t bytes = FUSE_DIRENT_ALIGN(head + e->length);
    if (at + bytes > r->size) break;
    struct fuse_dirent *d = (void *)(out + at);
    if (plus) {
      struct fuse_direntplus *p = (void *)(out + at);
      entry_out(&p->entry_out, e->node);
      d = &p->dirent;
    }
    d->ino = e->node->attr.ino, d->off = e->cookie, d->namelen = e->length, d->type = e->node->attr.mode >> 12;
    memcpy(d->name, e->name, e->length);
    at += bytes;
  }
  return at;
}

static int init(struct fuse_init_in *i) {
  struct fuse_init_out *o = (void *)out;
  memset(o, 0, sizeof *o);
  o->major = FUSE_KERNEL_VERSION, o->minor = FUSE_KERNEL_MINOR_VERSION;
  o->flags = i->flags &
             (FUSE_ASYNC_READ | FUSE_ATOMIC_O_TRUNC | FUSE_BIG_WRITES | FUSE_DONT_MASK | FUSE_DO_READDIRPLUS |
              FUSE_READDIRPLUS_AUTO | FUSE_PARALLEL_DIROPS | FUSE_MAX_PAGES | FUSE_CACHE_SYMLINKS |
              FUSE_NO_OPENDIR_SUPPORT | FUSE_HANDLE_KILLPRIV_V2 | FUSE_POSIX_ACL);
  o->max_readahead = i->max_readahead, o->max_background = 64, o->congestion_threshold = 48;
  o->max_write = MAX_IO, o->max_pages = MAX_IO / PAGE, o->time_gran = 1;
  return sizeof *o;
}

static void set(struct node *n, struct fuse_setattr_in *s) {
  touch(n);
  if (s->valid & FATTR_MODE) n->attr.mode = (n->attr.mode & S_IFMT) | (s->mode & 07777);
  if (s->valid & FATTR_UID) n->attr.uid = s->uid;
  if (s->valid & FATTR_GID) n->attr.gid = s->gid;
  if (s->valid & FATTR_MTIME && !(s->valid & FATTR_MTIME_NOW))
    n->attr.mtime = s->mtime, n->attr.mtimensec = s->mtimensec;
  if (s->valid & FATTR_ATIME && !(s->valid & FATTR_ATIME_NOW))
    n->attr.atime = s->atime, n->attr.atimensec = s->atimensec;
  if (s->valid & FATTR_SIZE && s->size < n->attr.size) n->attr.size = s->size;
  else if (s->valid & FATTR_SIZE) grow(n, s->size);
}

static int named(struct node *dir, const char *name, struct node *n) {
  put(dir, name, n);
  return entry_out((void *)out, n);
}

static int moved(struct node *from, uint64_t to_id, uint32_t flags, const char *name) {
  const char *new_name = name + strlen(name) + 1;
  struct node *to = node_of(to_id);
  struct entry **e = find(from, name), **old = find(to, new_name);
  if (flags) return -EINVAL;
  if (!*e) return -ENOENT;
  if (*old) take(old)->attr.nlink--, e = find(from, name);
  put(to, new_name, take(e));
  return 0;
}

static int removed(struct node *dir, const char *name, int wants_dir) {
  struct entry **e = find(dir, name);
  if (!*e) return -ENOENT;
  if (wants_dir && (*e)->node->entries) return -ENOTEMPTY;
  struct node *n = take(e);
  n->attr.nlink -= wants_dir ? 2 : 1;
  touch(n);
  return 0;
}

static int contents(struct node *n, struct fuse_read_in *r) {
  uint64_t left = r->offset < n->attr.size ? n->attr.size - r->offset : 0, size = r->size < left ? r->size : left;
  memcpy(out, n->data + r->offset, size);
  return size;
}

static int written(struct node *n, uint64_t offset, const char *data, uint32_t size) {
  grow(n, offset + size);
  memcpy(n->data + offset, data, size);
  touch(n);
  ((struct fuse_write_out *)out)->size = size;
  return sizeof(struct fuse_write_out);
}

/* A new file that is only written goes past the page cache: its writes come in one piece each. */
static int opened(void *at, int made, uint32_t flags) {
  struct fuse_open_out *o = at;
  memset(o, 0, sizeof *o);
  o->open_flags = made && (flags & O_ACCMODE) == O_WRONLY ? FOPEN_DIRECT_IO : FOPEN_KEEP_CACHE;
  return made + sizeof *o;
}

/* Bytes of the reply's body, or a negative errno, or 1 << 30 for none. */
static int serve(struct fuse_in_header *h, char *body) {
  struct node *n = node_of(h->nodeid);
  switch (h->opcode) {
    case FUSE_INIT: return init((void *)body);
    case FUSE_LOOKUP: { struct entry *e = *find(n, body); return entry_out((void *)out, e ? e->node : NULL); }
    case FUSE_FORGET: case FUSE_BATCH_FORGET: case FUSE_INTERRUPT: return 1 << 30;
    case FUSE_GETATTR: attributes((void *)out, n); return sizeof(struct fuse_attr_out);
    case FUSE_SETATTR: set(n, (void *)body); attributes((void *)out, n); return sizeof(struct fuse_attr_out);
    case FUSE_READLINK: memcpy(out, n->data, n->attr.size); return n->attr.size;
    case FUSE_SYMLINK: {
      struct node *l = make(h, S_IFLNK | 0777);
      const char *target = body + strlen(body) + 1;
      grow(l, strlen(target)), memcpy(l->data, target, strlen(target));
      return named(n, body, l);
    }
    case FUSE_MKNOD: {
      struct fuse_mknod_in *m = (void *)body;
      struct node *d = make(h, m->mode & ~(m->umask & 0777));
      d->attr.rdev = m->rdev;
      return named(n, (char *)(m + 1), d);
    }
    case FUSE_MKDIR: {
      struct fuse_mkdir_in *m = (void *)body;
      return named(n, (char *)(m + 1), make(h, S_IFDIR | (m->mode & 07777 & ~m->umask)));
    }
    case FUSE_CREATE: {
      struct fuse_create_in *c = (void *)body;
      struct node *f = make(h, S_IFREG | (c->mode & 07777 & ~c->umask));
      return opened(out + sizeof(struct fuse_entry_out), named(n, (char *)(c + 1), f), c->flags);
    }
    case FUSE_LINK: {
      struct fuse_link_in *l = (void *)body;
      node_of(l->oldnodeid)->attr.nlink++;
      return named(n, (char *)(l + 1), node_of(l->oldnodeid));
    }
    case FUSE_UNLINK: return removed(n, body, 0);
    case FUSE_RMDIR: return removed(n, body, 1);
    case FUSE_RENAME: { struct fuse_rename_in *r = (void *)body; return moved(n, r->newdir, 0, (char *)(r + 1)); }
    case FUSE_RENAME2: {
      struct fuse_rename2_in *r = (void *)body;
      return moved(n, r->newdir, r->flags, (char *)(r + 1));
    }
    case FUSE_OPEN: return opened(out, 0, 0);
    case FUSE_READ: return contents(n, (void *)body);
    case FUSE_WRITE: { struct fuse_write_in *w = (void *)body; return written(n, w->offset, (char *)(w + 1), w->size); }
    case FUSE_READDIR: return listing(n, (void *)body, 0);
    case FUSE_READDIRPLUS: return listing(n, (void *)body, 1);
    case FUSE_STATFS: {
      struct fuse_statfs_out *s = (void *)out;
      memset(s, 0, sizeof *s);
      s->st.bsize = s->st.frsize = PAGE, s->st.blocks = s->st.bfree = s->st.bavail = 1 << 22, s->st.namelen = 255;
      return sizeof *s;
    }
    case FUSE_GETXATTR: return -ENODATA;
    case FUSE_LISTXATTR: {
      struct fuse_getxattr_out *x = (void *)out;
      if (((struct fuse_getxattr_in *)body)->size) return 0;
      memset(x, 0, sizeof *x);
      return sizeof *x;
    }
    case FUSE_SETXATTR: case FUSE_REMOVEXATTR: return -EOPNOTSUPP;
    case FUSE_RELEASE: case FUSE_RELEASEDIR: case FUSE_FSYNC: case FUSE_FSYNCDIR: case FUSE_DESTROY: return 0;
    case FUSE_COPY_FILE_RANGE: {
      struct fuse_copy_file_range_in *c = (void *)body;
      struct node *to = node_of(c->nodeid_out);
      uint64_t left = c->off_in < n->attr.size ? n->attr.size - c->off_in : 0, size = c->len < left ? c->len : left;
      if (size > 16 << 20) size = 16 << 20;
      grow(to, c->off_out + size);
      memcpy(to->data + c->off_out, n->data + c->off_in, size);
      touch(to);
      ((struct fuse_write_out *)out)->size = size;
      return sizeof(struct fuse_write_out);
    }
    default: return -ENOSYS;
  }
}

int main(int argc, char **argv) {
  char options[100];
  ssize_t got;
  if (argc != 2 || (fd = open("/dev/fuse", O_RDWR)) < 0)
    return fprintf(stderr, "usage: memory-fuse DIR (as root)\n"), 2;
  snprintf(options, sizeof options, "fd=%d,rootmode=40755,user_id=0,group_id=0,default_permissions", fd);
  if (mount("memory-fuse", argv[1], "fuse.memory", 0, options) < 0) return perror(argv[1]), 1;
  if (daemon(1, 1) < 0) return perror("daemon"), 1;
  in = malloc(MAX_IO + 2 * PAGE), out = malloc(MAX_IO + 2 * PAGE);
  root.attr.ino = 1, root.attr.mode = S_IFDIR | 0755, root.attr.nlink = 2, root.parent = &root;
  while ((got = read(fd, in, MAX_IO + PAGE)) > 0 ||
         (got < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT))) {
    if (got < 0) continue;
    struct fuse_in_header *h = (void *)in;
    int result = serve(h, (char *)(h + 1));
    if (result == 1 << 30) continue;
    struct fuse_out_header o = {sizeof o + (result > 0 ? result : 0), result < 0 ? result : 0, h->unique};
    struct iovec parts[] = {{&o, sizeof o}, {out, result > 0 ? result : 0}};
    if (writev(fd, parts, 2) < 0 && errno != ENOENT) perror("reply");
  }
  return 0;
}
