/*
 * In the place of the kernel, for the fuzzers: every call that the host makes answers what the fuzzer's bytes say, now and then
 * an error, and touches nothing. Included before everything else of the host's files.
 */
#ifndef FAKE_SYSTEM_H
#define FAKE_SYSTEM_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Begins a run: what the world says is taken from these bytes. */
void fake_begin(const uint8_t *bytes, size_t size);

/* The next byte of the world; 0 when there are no more. */
uint8_t fake_byte(void);

int fake_open(const char *path, int flags, ...);
int fake_close(int descriptor);
ssize_t fake_read(int descriptor, void *into, size_t size, off_t offset);
ssize_t fake_write(int descriptor, const void *bytes, size_t size, off_t offset);
int fake_answer(const char *path);
int fake_status(const char *path, struct stat *into);
int fake_statvfs(const char *path, struct statvfs *into);
DIR *fake_opendir(const char *path);
struct dirent *fake_readdir(DIR *directory);
int fake_closedir(DIR *directory);
int fake_poll(struct pollfd *each, nfds_t count, int timeout);
int fake_socketpair(int ends[2]);
int fake_getsockopt(int *value);
int fake_clock(struct timespec *into);
int fake_random(void *into, size_t size);
char *fake_getenv(const char *name);
int fake_spawn(pid_t *child, char *const words[], char *const variables[]);
pid_t fake_waitpid(pid_t child, int *status);
void fake_exit(int code);

#define open fake_open
#define close(descriptor) fake_close(descriptor)
#define read(descriptor, into, size) fake_read(descriptor, into, size, -1)
#define pread(descriptor, into, size, offset) fake_read(descriptor, into, size, offset)
#define write(descriptor, bytes, size) fake_write(descriptor, bytes, size, -1)
#define pwrite(descriptor, bytes, size, offset) fake_write(descriptor, bytes, size, offset)
#define fsync(descriptor) ((void)(descriptor), fake_answer(""))
#define flock(descriptor, how) ((void)(descriptor), fake_answer(""))
#define isatty(descriptor) ((void)(descriptor), 0)
#define rename(from, to) ((void)strlen(to), fake_answer(from))
#define unlink(path) fake_answer(path)
#define mkdir(path, mode) ((void)(mode), fake_answer(path))
#define chmod(path, mode) ((void)(mode), fake_answer(path))
#define fchown(descriptor, owner, group) ((void)(descriptor), (void)(owner), fake_answer(""))
#define stat(path, into) fake_status(path, into)
#define lstat(path, into) fake_status(path, into)
#define fstat(descriptor, into) ((void)(descriptor), fake_status("", into))
#define statvfs(path, into) fake_statvfs(path, into)
#define opendir(path) fake_opendir(path)
#define readdir(directory) fake_readdir(directory)
#define closedir(directory) fake_closedir(directory)
#define socket(family, type, protocol) fake_open("socket", 0)
#define setsockopt(descriptor, level, name, value, size) ((void)(value), 0)
#define getsockopt(descriptor, level, name, value, size) fake_getsockopt(value)
#define connect(descriptor, address, size) ((void)(address), fake_answer(""))
#define socketpair(family, type, protocol, ends) fake_socketpair(ends)
#define poll(each, count, timeout) fake_poll(each, count, timeout)
#define fcntl(descriptor, ...) ((void)(descriptor), fake_open("duplicate", 0))
#define clock_gettime(clock, into) fake_clock(into)
#define getentropy(into, size) fake_random(into, size)
#define getenv(name) fake_getenv(name)
#define posix_spawn(child, path, actions, attributes, words, variables) fake_spawn(child, words, variables)
#define waitpid(child, status, flags) fake_waitpid(child, status)
#define kill(process, signal) fake_answer("")
#define _exit(code) fake_exit(code)

#endif
