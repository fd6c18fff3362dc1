/* Sockets, which never wait by themselves: poll does. */
#include "calls.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Descriptors that are waited for at once, and the numbers that tell of each. */
#define POLLED_MAX 1024
#define POLLED_NUMBERS 3

/* An IPv6 address with its longest zone. */
#define ADDRESS_MAX 64

/* A literal address as a socket's; its length, or 0 for none. */
static socklen_t parse(const char *text, int port, struct sockaddr_storage *into)
{
  struct sockaddr_in *four = (struct sockaddr_in *)into;
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)into;
  memset(into, 0, sizeof *into);
  if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons((uint16_t)port);
    return sizeof *four;
  }
  if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)port);
    return sizeof *six;
  }
  return 0;
}

static CALL(call_socket)
{
  (void)self, (void)count;
  char text[ADDRESS_MAX];
  struct sockaddr_storage address;
  int problem = take_text(ctx, arguments[0], text, sizeof text);
  if (problem != 0) return problem_with_text(ctx, problem);
  if (parse(text, 0, &address) == 0) return JS_NewInt32(ctx, -EINVAL);
  int is_datagram = JS_ToBool(ctx, arguments[1]) == 1;
  int type = (is_datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
  int descriptor = socket(address.ss_family, type, 0), on = 1;
  /* Only for speed. */
  if (descriptor >= 0 && !is_datagram) (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return answer(ctx, descriptor);
}

static CALL(call_connect)
{
  (void)self, (void)count;
  char text[ADDRESS_MAX];
  struct sockaddr_storage address;
  int64_t descriptor, port;
  if (take_number(ctx, arguments[0], 0, INT_MAX, &descriptor) < 0) return JS_EXCEPTION;
  int problem = take_text(ctx, arguments[1], text, sizeof text);
  if (problem != 0) return problem_with_text(ctx, problem);
  if (take_number(ctx, arguments[2], 0, 65535, &port) < 0) return JS_EXCEPTION;
  socklen_t length = parse(text, (int)port, &address);
  if (length == 0) return JS_NewInt32(ctx, -EINVAL);
  return answer(ctx, connect((int)descriptor, (struct sockaddr *)&address, length));
}

static CALL(call_local_socket)
{
  (void)self, (void)count, (void)arguments;
  return answer(ctx, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

static CALL(call_connect_local)
{
  (void)self, (void)count;
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int64_t descriptor;
  if (take_number(ctx, arguments[0], 0, INT_MAX, &descriptor) < 0) return JS_EXCEPTION;
  int problem = take_text(ctx, arguments[1], address.sun_path, sizeof address.sun_path);
  if (problem != 0) return problem_with_text(ctx, problem);
  return answer(ctx, connect((int)descriptor, (struct sockaddr *)&address, sizeof address));
}

static CALL(call_socket_error)
{
  (void)self, (void)count;
  int64_t descriptor;
  int error = 0;
  socklen_t size = sizeof error;
  if (take_number(ctx, arguments[0], 0, INT_MAX, &descriptor) < 0) return JS_EXCEPTION;
  if (getsockopt((int)descriptor, SOL_SOCKET, SO_ERROR, &error, &size) < 0) return answer(ctx, -1);
  return JS_NewInt32(ctx, -error);
}

/* The first one never waits. */
static CALL(call_socket_pair)
{
  (void)self, (void)count;
  size_t size;
  int ends[2];
  int *into = take_array(ctx, arguments[0], sizeof *ends, &size);
  if (into == NULL) return JS_EXCEPTION;
  if (size != sizeof ends) return JS_ThrowTypeError(ctx, "not an array of two");
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return answer(ctx, -1);
  memcpy(into, ends, sizeof ends);
  return answer(ctx, fcntl(ends[0], F_SETFL, O_NONBLOCK));
}

static CALL(call_poll)
{
  (void)self, (void)count;
  int64_t descriptor, what, timeout;
  if (take_number(ctx, arguments[0], -1, INT_MAX, &descriptor) < 0) return JS_EXCEPTION;
  if (take_number(ctx, arguments[1], 0, 1, &what) < 0) return JS_EXCEPTION;
  if (take_number(ctx, arguments[2], -1, INT_MAX, &timeout) < 0) return JS_EXCEPTION;
  struct pollfd waiting = { .fd = (int)descriptor, .events = what == 0 ? POLLIN : POLLOUT };
  return answer(ctx, poll(&waiting, 1, (int)timeout));
}

static CALL(call_poll_all)
{
  (void)self, (void)count;
  int64_t timeout;
  size_t size;
  struct pollfd waiting[POLLED_MAX];
  if (take_number(ctx, arguments[1], -1, INT_MAX, &timeout) < 0) return JS_EXCEPTION;
  int32_t *waits = take_array(ctx, arguments[0], sizeof *waits, &size);
  if (waits == NULL) return JS_EXCEPTION;
  size_t many = size / (POLLED_NUMBERS * sizeof *waits);
  if (size % (POLLED_NUMBERS * sizeof *waits) != 0 || many > POLLED_MAX)
    return JS_ThrowTypeError(ctx, "not an array of waits");
  for (size_t at = 0; at < many; at += 1) {
    const int32_t *wait = waits + at * POLLED_NUMBERS;
    waiting[at] = (struct pollfd){ .fd = wait[0], .events = wait[1] == 0 ? POLLIN : POLLOUT };
  }
  int ready = poll(waiting, many, (int)timeout);
  if (ready < 0) return answer(ctx, -1);
  for (size_t at = 0; at < many; at += 1) waits[at * POLLED_NUMBERS + 2] = waiting[at].revents != 0;
  return JS_NewInt32(ctx, ready);
}

const JSCFunctionListEntry network_calls[] = {
  JS_CFUNC_DEF("socket", 2, call_socket),
  JS_CFUNC_DEF("connect", 3, call_connect),
  JS_CFUNC_DEF("localSocket", 0, call_local_socket),
  JS_CFUNC_DEF("connectLocal", 2, call_connect_local),
  JS_CFUNC_DEF("socketError", 1, call_socket_error),
  JS_CFUNC_DEF("socketPair", 1, call_socket_pair),
  JS_CFUNC_DEF("poll", 3, call_poll),
  JS_CFUNC_DEF("pollAll", 2, call_poll_all),
};
const int network_calls_count = COUNT(network_calls);
