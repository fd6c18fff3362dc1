/*
 * The least that a QMQP client can be, for the bench: `minimal-client PORT SENDER RECIPIENT <MESSAGE`, to 127.0.0.1. It holds
 * the message whole and looks at nothing.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char message[1 << 20], package[(1 << 20) + 4096];

static int send_all(int connection, const char *bytes, size_t size)
{
  while (size > 0) {
    ssize_t done = write(connection, bytes, size);
    if (done <= 0) return -1;
    bytes += done;
    size -= (size_t)done;
  }
  return 0;
}

int main(int count, char **words)
{
  if (count != 4) return 100;
  size_t size = 0;
  for (ssize_t done = 1; done > 0 && size < sizeof message; size += (size_t)done) {
    done = read(0, message + size, sizeof message - size);
    if (done < 0) return 111;
  }
  char head[32], tail[2048];
  int head_size = snprintf(head, sizeof head, "%zu:", size);
  int tail_size = snprintf(tail, sizeof tail, ",%zu:%s,%zu:%s,", strlen(words[2]), words[2], strlen(words[3]), words[3]);
  if (tail_size < 0 || (size_t)tail_size >= sizeof tail) return 100;
  int outer = snprintf(package, 32, "%zu:", (size_t)head_size + size + (size_t)tail_size);
  char *end = package + outer;
  memcpy(end, head, (size_t)head_size), end += head_size;
  memcpy(end, message, size), end += size;
  memcpy(end, tail, (size_t)tail_size), end += tail_size;
  *end++ = ',';
  struct sockaddr_in hub = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[1])) };
  hub.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int connection = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(connection, (struct sockaddr *)&hub, sizeof hub) < 0) return 111;
  if (send_all(connection, package, (size_t)(end - package)) < 0) return 111;
  char reply[256];
  ssize_t got = read(connection, reply, sizeof reply);
  return got > 2 && memchr(reply, 'K', (size_t)got) != NULL ? 0 : 111;
}
