/*
 * An LD_PRELOAD library that lets one operation on the disk go wrong.
 *
 * Below the directory $FAULTY_DISK_UNDER it counts what changes the disk: writes, syncs, truncations, renames,
 * removals, new directories and new files. The file $FAULTY_DISK_CONTROL (struct control) says which of them is struck
 * and how; whoever maps or writes it may arm and disarm while the process runs.
 *
 * fail    the operation is refused with an error, and nothing of it happens
 * killed  the process ends at once; what it did before is with the kernel, and stays
 * torn    a write is carried out by half, and then the process ends; writes alone are counted
 * power   the process ends, and what was not synced is lost: bytes of a file until that file is synced, and names until
 *         their directory is. That is less than any file system promises, and all that POSIX does. What is taken
 *         back is kept in $FAULTY_DISK_KEPT, on the same file system.
 *
 * Files that end in -shm are memory that processes share: they have no bytes to lose.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum fault { NONE, FAIL, KILLED, TORN, POWER };
enum kind { WRITE, SYNC, TRUNCATE, RENAME, UNLINK, MKDIR, CREATE };
enum order { PROCEED, REFUSE, HALVE };

struct control {
  uint32_t fault;
  uint32_t error;
  /* The first and the last operation that are struck, counted from 1. */
  uint64_t first;
  uint64_t last;
  uint64_t seen;
  uint64_t struck;
  /* Only what has this in it is counted, said as a path, a space and the operation. */
  char only[64];
  /* The first operation that was struck. */
  char what[128];
};

static volatile struct control *control;
static const char *under;
static const char *kept;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("FAULTY_DISK_CONTROL");
  under = getenv("FAULTY_DISK_UNDER");
  kept = getenv("FAULTY_DISK_KEPT");
  if (path == NULL || under == NULL || kept == NULL) return;
  int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) abort();
  void *map = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) abort();
  syscall(SYS_close, fd);
  control = map;
}

static int is_under(const char *path) {
  size_t length = strlen(under);
  return strncmp(path, under, length) == 0 && path[length] == '/';
}

/* Whether a name is below the directory; the name as the kernel would say it. */
static int name_of(const char *name, char *path) {
  char parent[PATH_MAX];
  const char *last = strrchr(name, '/');
  if (control == NULL || last == NULL || last == name || last - name >= PATH_MAX) return 0;
  snprintf(parent, sizeof parent, "%.*s", (int)(last - name), name);
  if (realpath(parent, path) == NULL) return 0;
  size_t length = strlen(path);
  snprintf(path + length, PATH_MAX - length, "%s", last);
  return is_under(path);
}

/* Whether a descriptor is of a file below the directory; its path. */
static int path_of(int fd, char *path) {
  if (control == NULL) return 0;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_under(path);
}

/* ---- What a loss of power takes back ---- */

/* Its descriptor is never closed: to close any descriptor of a file gives up its locks. */
struct file {
  struct file *next;
  dev_t device;
  ino_t inode;
  int fd;
};

struct record {
  struct record *older;
  enum kind kind;
  /* Of names: where it was made, and where a file goes back to that was moved or removed. */
  char *path;
  char *back;
  /* Of bytes: what was there before. */
  struct file *file;
  off_t offset;
  off_t size;
  size_t length;
  char *bytes;
};

static struct file *files;
static struct record *newest;
static unsigned kept_count;

static struct file *file_of(int fd, off_t *size) {
  struct stat status;
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return NULL;
  *size = status.st_size;
  for (struct file *file = files; file != NULL; file = file->next)
    if (file->device == status.st_dev && file->inode == status.st_ino) return file;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  int own = syscall(SYS_openat, AT_FDCWD, link, O_RDWR | O_CLOEXEC, 0);
  if (own < 0) abort();
  struct file *file = calloc(1, sizeof *file);
  *file = (struct file){.next = files, .device = status.st_dev, .inode = status.st_ino, .fd = own};
  files = file;
  return file;
}

static struct record *add(enum kind kind) {
  struct record *record = calloc(1, sizeof *record);
  record->kind = kind;
  record->older = newest;
  newest = record;
  return record;
}

/* The bytes from offset on, up to the end of the file, are about to change. */
static void remember_bytes(int fd, const char *path, off_t offset, size_t length) {
  size_t end = strlen(path);
  off_t size;
  if (end >= 4 && strcmp(path + end - 4, "-shm") == 0) return;
  struct file *file = file_of(fd, &size);
  if (file == NULL) return;
  struct record *record = add(WRITE);
  record->file = file;
  record->offset = offset;
  record->size = size;
  if (offset < size) record->length = (size_t)(size - offset) < length ? (size_t)(size - offset) : length;
  record->bytes = malloc(record->length + 1);
  if (syscall(SYS_pread64, file->fd, record->bytes, record->length, offset) != (long)record->length) abort();
}

static void remember_name(enum kind kind, const char *path, const char *back) {
  struct record *record = add(kind);
  record->path = strdup(path);
  record->back = back == NULL ? NULL : strdup(back);
}

static void keep(char *place) { snprintf(place, PATH_MAX, "%s/%d.%u", kept, getpid(), kept_count++); }

static void move(const char *from, const char *to) { syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0); }

static void take_back(struct record *record) {
  char place[PATH_MAX];
  switch (record->kind) {
    case WRITE:
      if (syscall(SYS_pwrite64, record->file->fd, record->bytes, record->length, record->offset) < 0) abort();
      if (syscall(SYS_ftruncate, record->file->fd, record->size) != 0) abort();
      break;
    case RENAME:
    case UNLINK:
      move(record->path, record->back);
      break;
    default:
      /* It may have got another name that is on the disk by now. */
      keep(place);
      move(record->path, place);
  }
}

static int is_in(const char *path, const char *directory) {
  size_t length = strlen(directory);
  return strncmp(path, directory, length) == 0 && path[length] == '/' && strchr(path + length + 1, '/') == NULL;
}

/* A file or a directory is on the disk: what was there before will not come back. */
static void forget(int fd, const char *path) {
  struct stat status;
  if (fstat(fd, &status) != 0) return;
  for (struct record **link = &newest; *link != NULL;) {
    struct record *record = *link;
    int done = S_ISDIR(status.st_mode)
                   ? record->kind != WRITE && is_in(record->kind == UNLINK ? record->back : record->path, path)
                   : record->kind == WRITE && record->file->device == status.st_dev && record->file->inode == status.st_ino;
    if (done) *link = record->older;
    else link = &record->older;
  }
}

/* ---- What is counted, and struck ---- */

static void die(void) {
  if (control->fault == POWER)
    for (struct record *record = newest; record != NULL; record = record->older) take_back(record);
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* The mutex is held. REFUSE sets errno. */
static enum order count(enum kind kind, const char *name, const char *path) {
  enum fault fault = control->fault;
  if (fault == NONE && control->first == 0) return PROCEED;
  if (fault == TORN && kind != WRITE) return PROCEED;
  /* A full disk does not keep anybody from removing something. */
  if (fault == FAIL && control->error == ENOSPC && (kind == UNLINK || kind == TRUNCATE)) return PROCEED;
  char said[PATH_MAX + 16];
  snprintf(said, sizeof said, "%s %s", path, name);
  if (strstr(said, (const char *)control->only) == NULL) return PROCEED;
  uint64_t number = ++control->seen;
  if (fault == NONE || number < control->first || number > control->last) return PROCEED;
  if (control->struck++ == 0)
    snprintf((char *)control->what, sizeof control->what, "%s %s", name, strrchr(path, '/') + 1);
  if (fault == TORN) return HALVE;
  if (fault != FAIL) die();
  errno = control->error;
  return REFUSE;
}

static int is_power(void) { return control->fault == POWER; }

/* ---- The operations ---- */

/* Gives up the mutex, and leaves errno as it is. */
static long leave(long result) {
  int error = errno;
  pthread_mutex_unlock(&mutex);
  errno = error;
  return result;
}

static ssize_t put(int fd, const struct iovec *parts, int number, off_t offset) {
  if (offset < 0) return syscall(SYS_writev, fd, parts, number);
  return syscall(SYS_pwritev, fd, parts, number, offset, 0);
}

static ssize_t put_half(int fd, const struct iovec *parts, int number, off_t offset) {
  size_t left = 0;
  for (int index = 0; index < number; index += 1) left += parts[index].iov_len;
  left /= 2;
  for (int index = 0; index < number && left > 0; index += 1) {
    struct iovec part = parts[index];
    if (part.iov_len > left) part.iov_len = left;
    if (put(fd, &part, 1, offset) < 0) break;
    left -= part.iov_len;
    if (offset >= 0) offset += part.iov_len;
  }
  die();
  return -1;
}

/* offset -1: where the file stands. */
static ssize_t do_write(const char *name, int fd, const struct iovec *parts, int number, off_t offset) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return put(fd, parts, number, offset);
  ssize_t result = -1;
  pthread_mutex_lock(&mutex);
  enum order order = count(WRITE, name, path);
  int power = is_power();
  if (order == HALVE) put_half(fd, parts, number, offset);
  if (order == PROCEED && power) {
    off_t place = offset;
    size_t length = 0;
    struct stat status;
    for (int index = 0; index < number; index += 1) length += parts[index].iov_len;
    if (place < 0 && (fcntl(fd, F_GETFL) & O_APPEND) != 0) place = fstat(fd, &status) == 0 ? status.st_size : 0;
    if (place < 0) place = lseek(fd, 0, SEEK_CUR);
    if (place >= 0) remember_bytes(fd, path, place, length);
    result = put(fd, parts, number, offset);
  }
  leave(0);
  if (order == PROCEED && !power) result = put(fd, parts, number, offset);
  return result;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  struct iovec part = {(void *)bytes, length};
  return do_write("write", fd, &part, 1, -1);
}

ssize_t writev(int fd, const struct iovec *parts, int number) { return do_write("writev", fd, parts, number, -1); }

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  struct iovec part = {(void *)bytes, length};
  return do_write("pwrite", fd, &part, 1, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

ssize_t pwritev64(int fd, const struct iovec *parts, int number, off64_t offset) {
  return do_write("pwritev", fd, parts, number, offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int number, off_t offset) {
  return pwritev64(fd, parts, number, offset);
}

static int do_sync(const char *name, long call, int fd) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return syscall(call, fd);
  pthread_mutex_lock(&mutex);
  enum order order = count(SYNC, name, path);
  if (order == PROCEED && is_power()) forget(fd, path);
  leave(0);
  return order == PROCEED ? syscall(call, fd) : -1;
}

int fsync(int fd) { return do_sync("fsync", SYS_fsync, fd); }

int fdatasync(int fd) { return do_sync("fdatasync", SYS_fdatasync, fd); }

int ftruncate64(int fd, off64_t length) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return syscall(SYS_ftruncate, fd, length);
  pthread_mutex_lock(&mutex);
  enum order order = count(TRUNCATE, "ftruncate", path);
  if (order == PROCEED && is_power()) remember_bytes(fd, path, length, SIZE_MAX);
  return leave(order == PROCEED ? syscall(SYS_ftruncate, fd, length) : -1);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

/* Nothing that is watched moves a file over another. */
int rename(const char *from, const char *to) {
  char source[PATH_MAX], path[PATH_MAX];
  if (!name_of(to, path) || !name_of(from, source)) return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  pthread_mutex_lock(&mutex);
  enum order order = count(RENAME, "rename", path);
  int result = order == PROCEED ? syscall(SYS_renameat2, AT_FDCWD, source, AT_FDCWD, path, 0) : -1;
  if (result == 0 && is_power()) remember_name(RENAME, path, source);
  return leave(result);
}

int unlink(const char *name) {
  char path[PATH_MAX], place[PATH_MAX];
  struct stat status;
  if (!name_of(name, path) || lstat(path, &status) != 0) return syscall(SYS_unlinkat, AT_FDCWD, name, 0);
  pthread_mutex_lock(&mutex);
  enum order order = count(UNLINK, "unlink", path);
  int result = -1;
  if (order == PROCEED && S_ISREG(status.st_mode) && is_power()) {
    keep(place);
    result = syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, place, 0);
    if (result == 0) remember_name(UNLINK, place, path);
  } else if (order == PROCEED) {
    result = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  }
  return leave(result);
}

int mkdir(const char *name, mode_t mode) {
  char path[PATH_MAX];
  struct stat status;
  if (!name_of(name, path) || lstat(path, &status) == 0) return syscall(SYS_mkdirat, AT_FDCWD, name, mode);
  pthread_mutex_lock(&mutex);
  enum order order = count(MKDIR, "mkdir", path);
  int result = order == PROCEED ? syscall(SYS_mkdirat, AT_FDCWD, path, mode) : -1;
  if (result == 0 && is_power()) remember_name(MKDIR, path, NULL);
  return leave(result);
}

int open64(const char *name, int flags, ...) {
  char path[PATH_MAX];
  struct stat status;
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if ((flags & O_CREAT) == 0 || !name_of(name, path) || lstat(path, &status) == 0)
    return syscall(SYS_openat, AT_FDCWD, name, flags, mode);
  pthread_mutex_lock(&mutex);
  enum order order = count(CREATE, "open", path);
  int result = order == PROCEED ? syscall(SYS_openat, AT_FDCWD, path, flags, mode) : -1;
  if (result >= 0 && is_power()) remember_name(CREATE, path, NULL);
  return leave(result);
}

int open(const char *name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open64(name, flags, mode);
}
