/* Files and descriptors. */
#include "calls.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODE_MAX 07777
#define OFFSET_MAX ((int64_t)1 << 53)

/* By the numbers of openHow. */
static const int open_flags[] = {
  O_RDONLY,
  O_WRONLY | O_CREAT | O_EXCL,
  O_WRONLY | O_CREAT | O_TRUNC,
  O_WRONLY | O_CREAT | O_APPEND,
  O_RDWR | O_CREAT | O_EXCL,
  O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK,
  O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
};

static CALL(call_open)
{
  (void)self, (void)count;
  char path[PATH_MAX];
  int64_t how, mode;
  int problem = take_text(ctx, arguments[0], path, sizeof path);
  if (problem != 0) return problem_with_text(ctx, problem);
  if (take_number(ctx, arguments[1], 0, COUNT(open_flags) - 1, &how) < 0) return JS_EXCEPTION;
  if (take_number(ctx, arguments[2], 0, MODE_MAX, &mode) < 0) return JS_EXCEPTION;
  return answer(ctx, open(path, open_flags[how] | O_CLOEXEC, (mode_t)mode));
}

static CALL(call_close)
{
  (void)self, (void)count;
  int64_t descriptor;
  if (take_number(ctx, arguments[0], 0, INT_MAX, &descriptor) < 0) return JS_EXCEPTION;
  return answer(ctx, close((int)descriptor));
}

static CALL(call_read)
{
  (void)self, (void)count;
  int64_t descriptor, offset;
  size_t size;
  if (take_number(ctx, arguments[0], 0, INT_MAX, &descriptor) < 0) return JS_EXCEPTION;
  if (take_number(ctx, arguments[2], -1, OFFSET_MAX, &offset) < 0) return JS_EXCEPTION;
  void *into = take_array(ctx, arguments[1], 1, &size);
  if (into == NULL) return JS_EXCEPTION;
  return answer(ctx, offset < 0 ? read((int)descriptor, into, size) : pread((int)descriptor, into, size, (off_t)offset));
}

static CALL(call_write)
{
  (void)self, (void)count;
  int64_t descriptor, offset;
  size_t size;
  if (take_number(ctx, arguments[0], 0, INT_MAX, &descriptor) < 0) return JS_EXCEPTION;
  if (take_number(ctx, arguments[2], -1, OFFSET_MAX, &offset) < 0) return JS_EXCEPTION;
  void *bytes = take_array(ctx, arguments[1], 1, &size);
  if (bytes == NULL) return JS_EXCEPTION;
  return answer(ctx, offset < 0 ? write((int)descriptor, bytes, size) : pwrite((int)descriptor, bytes, size, (off_t)offset));
}

static CALL(call_sync)
{
  (void)self, (void)count;
  int64_t descriptor;
  if (take_number(ctx, arguments[0], 0, INT_MAX, &descriptor) < 0) return JS_EXCEPTION;
  return answer(ctx, fsync((int)descriptor));
}

static CALL(call_lock)
{
  (void)self, (void)count;
  int64_t descriptor;
  if (take_number(ctx, arguments[0], 0, INT_MAX, &descriptor) < 0) return JS_EXCEPTION;
  return answer(ctx, flock((int)descriptor, LOCK_EX | LOCK_NB));
}

static CALL(call_is_terminal)
{
  (void)self, (void)count;
  int64_t descriptor;
  if (take_number(ctx, arguments[0], 0, INT_MAX, &descriptor) < 0) return JS_EXCEPTION;
  return JS_NewInt32(ctx, isatty((int)descriptor) == 1);
}

static CALL(call_rename)
{
  (void)self, (void)count;
  char from[PATH_MAX], to[PATH_MAX];
  int problem = take_text(ctx, arguments[0], from, sizeof from);
  if (problem == 0) problem = take_text(ctx, arguments[1], to, sizeof to);
  if (problem != 0) return problem_with_text(ctx, problem);
  return answer(ctx, rename(from, to));
}

static CALL(call_unlink)
{
  (void)self, (void)count;
  char path[PATH_MAX];
  int problem = take_text(ctx, arguments[0], path, sizeof path);
  if (problem != 0) return problem_with_text(ctx, problem);
  return answer(ctx, unlink(path));
}

static CALL(call_make_directory)
{
  (void)self, (void)count;
  char path[PATH_MAX];
  int64_t mode;
  int problem = take_text(ctx, arguments[0], path, sizeof path);
  if (problem != 0) return problem_with_text(ctx, problem);
  if (take_number(ctx, arguments[1], 0, MODE_MAX, &mode) < 0) return JS_EXCEPTION;
  return answer(ctx, mkdir(path, (mode_t)mode));
}

static CALL(call_set_mode)
{
  (void)self, (void)count;
  char path[PATH_MAX];
  int64_t mode;
  int problem = take_text(ctx, arguments[0], path, sizeof path);
  if (problem != 0) return problem_with_text(ctx, problem);
  if (take_number(ctx, arguments[1], 0, MODE_MAX, &mode) < 0) return JS_EXCEPTION;
  return answer(ctx, chmod(path, (mode_t)mode));
}

static CALL(call_set_owner)
{
  (void)self, (void)count;
  int64_t descriptor, uid;
  if (take_number(ctx, arguments[0], 0, INT_MAX, &descriptor) < 0) return JS_EXCEPTION;
  /* The highest number stands for no change. */
  if (take_number(ctx, arguments[1], 0, UINT32_MAX - 1, &uid) < 0) return JS_EXCEPTION;
  return answer(ctx, fchown((int)descriptor, (uid_t)uid, (gid_t)-1));
}

/* Names one after another; what `take` throws ends it. */
static CALL(call_list)
{
  (void)self, (void)count;
  char path[PATH_MAX];
  int problem = take_text(ctx, arguments[0], path, sizeof path);
  if (problem != 0) return problem_with_text(ctx, problem);
  if (!JS_IsFunction(ctx, arguments[1])) return JS_ThrowTypeError(ctx, "not a function");
  DIR *directory = opendir(path);
  if (directory == NULL) return answer(ctx, -1);
  int failed = 0;
  for (;;) {
    errno = 0;
    struct dirent *entry = readdir(directory);
    if (entry == NULL) break;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    JSValue name = give_text(ctx, entry->d_name);
    if (JS_IsException(name)) failed = 1;
    if (failed) break;
    JSValueConst taken = name;
    JSValue result = JS_Call(ctx, arguments[1], JS_UNDEFINED, 1, &taken);
    JS_FreeValue(ctx, name);
    failed = JS_IsException(result);
    JS_FreeValue(ctx, result);
    if (failed) break;
  }
  int reason = failed ? 0 : errno;
  closedir(directory);
  return failed ? JS_EXCEPTION : JS_NewInt32(ctx, -reason);
}

static CALL(call_free_bytes)
{
  (void)self, (void)count;
  char path[PATH_MAX];
  struct statvfs found;
  int problem = take_text(ctx, arguments[0], path, sizeof path);
  if (problem != 0) return problem_with_text(ctx, problem);
  if (statvfs(path, &found) < 0) return answer(ctx, -1);
  return JS_NewFloat64(ctx, (double)found.f_bavail * (double)found.f_frsize);
}

static double milliseconds(struct timespec time)
{
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static CALL(call_status)
{
  (void)self, (void)count;
  char path[PATH_MAX];
  struct stat found;
  size_t size;
  int failed;
  if (JS_IsString(arguments[0])) {
    int problem = take_text(ctx, arguments[0], path, sizeof path);
    if (problem != 0) return problem_with_text(ctx, problem);
    failed = JS_ToBool(ctx, arguments[1]) == 1 ? stat(path, &found) : lstat(path, &found);
  } else {
    int64_t descriptor;
    if (take_number(ctx, arguments[0], 0, INT_MAX, &descriptor) < 0) return JS_EXCEPTION;
    failed = fstat((int)descriptor, &found);
  }
  if (failed < 0) return answer(ctx, -1);
  double modified = milliseconds(found.st_mtim), touched = modified;
  if (milliseconds(found.st_atim) > touched) touched = milliseconds(found.st_atim);
  if (milliseconds(found.st_ctim) > touched) touched = milliseconds(found.st_ctim);
  uint64_t device = (uint64_t)found.st_dev, inode = (uint64_t)found.st_ino;
  const double numbers[] = {
    S_ISREG(found.st_mode) ? 0 : S_ISDIR(found.st_mode) ? 1 : 2,
    (double)found.st_size,
    (double)(device >> 32),
    (double)(device & UINT32_MAX),
    (double)(inode >> 32),
    (double)(inode & UINT32_MAX),
    (double)(found.st_mode & MODE_MAX),
    (double)found.st_uid,
    (double)found.st_nlink,
    modified,
    touched,
  };
  void *into = take_array(ctx, arguments[2], sizeof *numbers, &size);
  if (into == NULL) return JS_EXCEPTION;
  if (size < sizeof numbers) return JS_ThrowTypeError(ctx, "an array that is too short");
  memcpy(into, numbers, sizeof numbers);
  return JS_NewInt32(ctx, 0);
}

const JSCFunctionListEntry file_calls[] = {
  JS_CFUNC_DEF("open", 3, call_open),
  JS_CFUNC_DEF("close", 1, call_close),
  JS_CFUNC_DEF("read", 3, call_read),
  JS_CFUNC_DEF("write", 3, call_write),
  JS_CFUNC_DEF("sync", 1, call_sync),
  JS_CFUNC_DEF("lock", 1, call_lock),
  JS_CFUNC_DEF("rename", 2, call_rename),
  JS_CFUNC_DEF("unlink", 1, call_unlink),
  JS_CFUNC_DEF("makeDirectory", 2, call_make_directory),
  JS_CFUNC_DEF("setMode", 2, call_set_mode),
  JS_CFUNC_DEF("setOwner", 2, call_set_owner),
  JS_CFUNC_DEF("list", 2, call_list),
  JS_CFUNC_DEF("freeBytes", 1, call_free_bytes),
  JS_CFUNC_DEF("isTerminal", 1, call_is_terminal),
  JS_CFUNC_DEF("status", 3, call_status),
};
const int file_calls_count = COUNT(file_calls);
