/* A kernel that says what the fuzzer says (fake-system.h). It looks at every byte that it is given: memory that is not the host's is found. */
#include "fake-system.h"

#undef open
#undef stat
#undef statvfs

/* What one run may ask for: nothing may go on for ever. */
#define CALLS_MAX 4000

static const uint8_t *world;
static size_t left;
static int calls;
static int64_t clock_ms;
static volatile uint8_t seen;

static const int errors[] = {
  ENOENT, EACCES, EAGAIN, EINTR, EIO, ENOSPC, EMFILE, ECONNREFUSED, ECONNRESET, EINPROGRESS, EPIPE, ETIMEDOUT, EEXIST, ENOSYS, 9999, ENOTDIR,
};

void fake_begin(const uint8_t *bytes, size_t size)
{
  world = bytes;
  left = size;
  calls = 0;
  clock_ms = 1700000000000;
}

uint8_t fake_byte(void)
{
  if (left == 0) return 0;
  left -= 1;
  return *world++;
}

/* An error now and then, and always when the run has asked too much. 0: go on. */
static int fails(void)
{
  calls += 1;
  uint8_t byte = fake_byte();
  if (calls <= CALLS_MAX && byte < 224) return 0;
  errno = calls > CALLS_MAX ? EIO : errors[byte % 16];
  return 1;
}

static void look(const void *bytes, size_t size)
{
  for (size_t at = 0; at < size; at += 1) seen ^= ((const uint8_t *)bytes)[at];
}

int fake_answer(const char *path)
{
  look(path, strlen(path));
  return fails() ? -1 : 0;
}

int fake_open(const char *path, int flags, ...)
{
  (void)flags;
  look(path, strlen(path));
  return fails() ? -1 : 3 + fake_byte() % 8;
}

int fake_close(int descriptor)
{
  (void)descriptor;
  return fails() ? -1 : 0;
}

/* A line or so at a time, and then the end. */
ssize_t fake_read(int descriptor, void *into, size_t size, off_t offset)
{
  (void)descriptor, (void)offset;
  if (fails()) return -1;
  size_t some = fake_byte();
  if (some > size) some = size;
  if (some > left) some = left;
  memcpy(into, world, some);
  world += some;
  left -= some;
  return (ssize_t)some;
}

ssize_t fake_write(int descriptor, const void *bytes, size_t size, off_t offset)
{
  (void)descriptor, (void)offset;
  look(bytes, size);
  if (fails()) return -1;
  return size > 1 && fake_byte() > 200 ? (ssize_t)(size / 2) : (ssize_t)size;
}

int fake_status(const char *path, struct stat *into)
{
  look(path, strlen(path));
  if (fails()) return -1;
  memset(into, 0, sizeof *into);
  static const mode_t kinds[] = { S_IFREG | 0600, S_IFDIR | 0700, S_IFIFO, S_IFLNK | 0777 };
  into->st_mode = kinds[fake_byte() % 4];
  into->st_size = fake_byte();
  into->st_ino = fake_byte();
  into->st_nlink = 1;
  into->st_uid = fake_byte() % 2;
  return 0;
}

int fake_statvfs(const char *path, struct statvfs *into)
{
  look(path, strlen(path));
  if (fails()) return -1;
  memset(into, 0, sizeof *into);
  into->f_bavail = fake_byte() * 1000u;
  into->f_frsize = 4096;
  return 0;
}

DIR *fake_opendir(const char *path)
{
  static char directory;
  look(path, strlen(path));
  return fails() ? NULL : (DIR *)(void *)&directory;
}

struct dirent *fake_readdir(DIR *directory)
{
  static struct dirent entry;
  (void)directory;
  if (fails() || left == 0) return NULL;
  size_t length = fake_byte() % 64;
  for (size_t at = 0; at < length; at += 1) {
    uint8_t byte = fake_byte();
    entry.d_name[at] = byte == 0 || byte == '/' ? 'x' : (char)byte;
  }
  entry.d_name[length] = 0;
  if (length == 0) return NULL;
  return &entry;
}

int fake_closedir(DIR *directory)
{
  (void)directory;
  return 0;
}

/* Time passes when somebody waits. */
int fake_poll(struct pollfd *each, nfds_t count, int timeout)
{
  for (nfds_t at = 0; at < count; at += 1) each[at].revents = POLLNVAL;
  if (fails()) return -1;
  if (timeout < 0 || fake_byte() % 2 == 0) return count > 0 ? 1 : 0;
  clock_ms += timeout;
  return 0;
}

int fake_socketpair(int ends[2])
{
  ends[0] = 3, ends[1] = 4;
  return fails() ? -1 : 0;
}

int fake_getsockopt(int *value)
{
  *value = fails() ? errno : 0;
  return 0;
}

int fake_clock(struct timespec *into)
{
  clock_ms += 1 + (calls > CALLS_MAX ? 60000 : 0);
  into->tv_sec = clock_ms / 1000;
  into->tv_nsec = clock_ms % 1000 * 1000000;
  return 0;
}

int fake_random(void *into, size_t size)
{
  memset(into, fake_byte(), size);
  return fails() ? -1 : 0;
}

char *fake_getenv(const char *name)
{
  static char value[256];
  look(name, strlen(name));
  size_t length = fake_byte();
  if (length < 128) return NULL;
  length -= 128;
  for (size_t at = 0; at < length; at += 1) value[at] = (char)fake_byte();
  value[length] = 0;
  return value;
}

int fake_spawn(pid_t *child, char *const words[], char *const variables[])
{
  for (; *words != NULL; words += 1) look(*words, strlen(*words));
  for (; *variables != NULL; variables += 1) look(*variables, strlen(*variables));
  *child = 42;
  return fails() ? errno : 0;
}

pid_t fake_waitpid(pid_t child, int *status)
{
  if (status != NULL) *status = fake_byte() << 8 | (fake_byte() % 16 == 0 ? 9 : 0);
  return fails() ? -1 : child;
}

/* Nothing ends here. */
void fake_exit(int code)
{
  (void)code;
}
