/* The process, its clocks and its environment, and other programs. */
#include "calls.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define ARGUMENTS_MAX 65536
#define DESCRIPTORS_MAX 16
/* Descriptors that may have been inherited. */
#define INHERITED_MAX 1024
#define RANDOM_MAX 256
#define SIGNALLED 256

static const struct { int number; const char *name; } errors[] = {
#define ERROR(name) { name, #name }
  ERROR(EACCES), ERROR(EADDRINUSE), ERROR(EADDRNOTAVAIL), ERROR(EAFNOSUPPORT), ERROR(EAGAIN), ERROR(EALREADY),
  ERROR(EBADF), ERROR(EBUSY), ERROR(ECONNABORTED), ERROR(ECONNREFUSED), ERROR(ECONNRESET), ERROR(EDQUOT),
  ERROR(EEXIST), ERROR(EFAULT), ERROR(EFBIG), ERROR(EHOSTDOWN), ERROR(EHOSTUNREACH), ERROR(EILSEQ), ERROR(EINPROGRESS), ERROR(EINTR),
  ERROR(EINVAL), ERROR(EIO), ERROR(EISCONN), ERROR(EISDIR), ERROR(ELOOP), ERROR(EMFILE), ERROR(EMLINK), ERROR(EMSGSIZE),
  ERROR(ENAMETOOLONG), ERROR(ENETDOWN), ERROR(ENETRESET), ERROR(ENETUNREACH), ERROR(ENFILE), ERROR(ENOBUFS), ERROR(ENODEV),
  ERROR(ENOENT), ERROR(ENOEXEC), ERROR(ENOLCK), ERROR(ENOMEM), ERROR(ENOSPC), ERROR(ENOSYS), ERROR(ENOTCONN), ERROR(ENOTDIR),
  ERROR(ENOTEMPTY), ERROR(ENOTSOCK), ERROR(ENOTTY), ERROR(ENXIO), ERROR(EOPNOTSUPP), ERROR(EOVERFLOW), ERROR(EPERM), ERROR(EPIPE),
  ERROR(EPROTO), ERROR(EPROTONOSUPPORT), ERROR(EROFS), ERROR(ESPIPE), ERROR(ESRCH), ERROR(ESTALE), ERROR(ETIMEDOUT),
  ERROR(ETXTBSY), ERROR(EXDEV), ERROR(E2BIG),
};

static CALL(call_error_name)
{
  (void)self, (void)count;
  int64_t number;
  if (take_number(ctx, arguments[0], 0, INT_MAX, &number) < 0) return JS_EXCEPTION;
  for (int index = 0; index < COUNT(errors); index += 1)
    if (errors[index].number == number) return JS_NewString(ctx, errors[index].name);
  return JS_NewString(ctx, "");
}

static CALL(call_error_text)
{
  (void)self, (void)count;
  int64_t number;
  if (take_number(ctx, arguments[0], 0, INT_MAX, &number) < 0) return JS_EXCEPTION;
  return give_text(ctx, strerror((int)number));
}

static CALL(call_variable)
{
  (void)self, (void)count;
  char *name = take_long_text(ctx, arguments[0]);
  if (name == NULL) return JS_EXCEPTION;
  const char *value = getenv(name);
  js_free(ctx, name);
  return value == NULL ? JS_UNDEFINED : give_text(ctx, value);
}

static CALL(call_environment)
{
  (void)self, (void)count, (void)arguments;
  JSValue list = JS_NewArray(ctx);
  if (JS_IsException(list)) return list;
  uint32_t index = 0;
  for (char **variable = environ; variable != NULL && *variable != NULL; variable += 1) {
    if (JS_SetPropertyUint32(ctx, list, index++, give_text(ctx, *variable)) >= 0) continue;
    JS_FreeValue(ctx, list);
    return JS_EXCEPTION;
  }
  return list;
}

static JSValue clock_of(JSContext *ctx, clockid_t clock)
{
  struct timespec time;
  if (clock_gettime(clock, &time) < 0) return JS_ThrowInternalError(ctx, "no clock");
  return JS_NewFloat64(ctx, (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6);
}

static CALL(call_now)
{
  (void)self, (void)count, (void)arguments;
  return clock_of(ctx, CLOCK_REALTIME);
}

static CALL(call_monotonic)
{
  (void)self, (void)count, (void)arguments;
  return clock_of(ctx, CLOCK_MONOTONIC);
}

static CALL(call_random)
{
  (void)self, (void)count;
  size_t size;
  void *into = take_array(ctx, arguments[0], 1, &size);
  if (into == NULL) return JS_EXCEPTION;
  return answer(ctx, getentropy(into, size > RANDOM_MAX ? RANDOM_MAX : size));
}

/* What was inherited and is not named stays here. */
static void keep_descriptors(void)
{
  struct pollfd each[INHERITED_MAX];
  for (int index = 0; index < INHERITED_MAX; index += 1) each[index] = (struct pollfd){ .fd = index };
  if (poll(each, INHERITED_MAX, 0) < 0) return;
  for (int index = 3; index < INHERITED_MAX; index += 1)
    if ((each[index].revents & POLLNVAL) == 0) (void)fcntl(index, F_SETFD, FD_CLOEXEC);
}

/* Starts a program with descriptors[n] as its n: each goes above all of them first, so that none overwrites another. */
static int start(pid_t *child, char **words, char **variables, const int *descriptors, int many, int leads)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t signals;
  int above[DESCRIPTORS_MAX], problem = 0, moved = 0;
  if (posix_spawn_file_actions_init(&actions) != 0) return ENOMEM;
  if (posix_spawnattr_init(&attributes) != 0) return ENOMEM;
  for (; moved < many && problem == 0; moved += 1) {
    above[moved] = descriptors[moved] < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : descriptors[moved];
    int raised = above[moved] < 0 ? -1 : fcntl(above[moved], F_DUPFD_CLOEXEC, DESCRIPTORS_MAX);
    if (raised < 0) problem = errno;
    if (descriptors[moved] < 0 && above[moved] >= 0) close(above[moved]);
    above[moved] = raised;
    if (problem == 0) problem = posix_spawn_file_actions_adddup2(&actions, raised, moved);
  }
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  if (problem == 0) problem = posix_spawnattr_setsigdefault(&attributes, &signals);
  short flags = POSIX_SPAWN_SETSIGDEF | (leads ? POSIX_SPAWN_SETPGROUP : 0);
  if (problem == 0) problem = posix_spawnattr_setflags(&attributes, flags);
  keep_descriptors();
  if (problem == 0) problem = posix_spawn(child, words[0], &actions, &attributes, words, variables);
  while (moved-- > 0)
    if (above[moved] >= 0) close(above[moved]);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return problem;
}

static int take_descriptors(JSContext *ctx, JSValueConst list, int *into)
{
  int64_t many = take_count(ctx, list, DESCRIPTORS_MAX), descriptor;
  for (int64_t index = 0; index < many; index += 1) {
    JSValue value = JS_GetPropertyUint32(ctx, list, (uint32_t)index);
    int problem = take_number(ctx, value, -1, INT_MAX, &descriptor);
    JS_FreeValue(ctx, value);
    if (problem < 0) return -1;
    into[index] = (int)descriptor;
  }
  return (int)many;
}

/* The first word is the path, and what the program finds as its name. */
static CALL(call_start)
{
  (void)self, (void)count;
  int descriptors[DESCRIPTORS_MAX], leads = JS_ToBool(ctx, arguments[3]) == 1;
  int many = take_descriptors(ctx, arguments[2], descriptors);
  if (many < 0) return JS_EXCEPTION;
  JSValue result = JS_EXCEPTION;
  char **variables = NULL, **words = take_texts(ctx, arguments[0], ARGUMENTS_MAX);
  if (words != NULL) variables = take_texts(ctx, arguments[1], ARGUMENTS_MAX);
  if (variables != NULL) {
    pid_t child;
    int problem = words[0] == NULL ? ENOENT : start(&child, words, variables, descriptors, many, leads);
    result = JS_NewInt64(ctx, problem != 0 ? -problem : child);
  }
  free_texts(ctx, variables);
  free_texts(ctx, words);
  return result;
}

static CALL(call_wait)
{
  (void)self, (void)count;
  int64_t process;
  int status;
  if (take_number(ctx, arguments[0], 2, INT_MAX, &process) < 0) return JS_EXCEPTION;
  if (waitpid((pid_t)process, &status, 0) < 0) return answer(ctx, -1);
  return JS_NewInt32(ctx, WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + WTERMSIG(status));
}

static CALL(call_end)
{
  (void)self, (void)count;
  int64_t process;
  if (take_number(ctx, arguments[0], 2, INT_MAX, &process) < 0) return JS_EXCEPTION;
  if (kill(-(pid_t)process, SIGKILL) < 0 && errno != ESRCH) return answer(ctx, -1);
  return answer(ctx, waitpid((pid_t)process, NULL, 0));
}

static CALL(call_exit)
{
  (void)self, (void)count;
  int64_t code;
  if (take_number(ctx, arguments[0], 0, 255, &code) < 0) return JS_EXCEPTION;
  _exit((int)code);
  return JS_UNDEFINED;
}

static CALL(call_has_jobs)
{
  (void)self, (void)count, (void)arguments;
  return JS_NewBool(ctx, JS_IsJobPending(JS_GetRuntime(ctx)));
}

const JSCFunctionListEntry process_calls[] = {
  JS_CFUNC_DEF("errorName", 1, call_error_name),
  JS_CFUNC_DEF("errorText", 1, call_error_text),
  JS_CFUNC_DEF("variable", 1, call_variable),
  JS_CFUNC_DEF("environment", 0, call_environment),
  JS_CFUNC_DEF("now", 0, call_now),
  JS_CFUNC_DEF("monotonic", 0, call_monotonic),
  JS_CFUNC_DEF("random", 1, call_random),
  JS_CFUNC_DEF("start", 4, call_start),
  JS_CFUNC_DEF("wait", 1, call_wait),
  JS_CFUNC_DEF("end", 1, call_end),
  JS_CFUNC_DEF("exit", 1, call_exit),
  JS_CFUNC_DEF("hasJobs", 0, call_has_jobs),
};
const int process_calls_count = COUNT(process_calls);
