/* For tests: a disk that is slow, fails or is full. Preloaded; the file named by FAULTY_DISK says how at any moment:
   "delay MS" before every flush, "eio" on every flush, "enospc" on every write to a journal. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void mode(char *out, size_t size) {
  const char *path = getenv("FAULTY_DISK");
  out[0] = 0;
  if (!path) return;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ssize_t n = read(fd, out, size - 1);
  out[n > 0 ? n : 0] = 0;
  close(fd);
}

static int faulty_flush(void) {
  char how[64];
  mode(how, sizeof how);
  if (!strncmp(how, "delay ", 6)) usleep(atoi(how + 6) * 1000);
  if (!strncmp(how, "eio", 3)) {
    errno = EIO;
    return -1;
  }
  return 0;
}

static int full(int fd) {
  char link[64], path[512], how[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  if (!strstr(path, "/journal/") || strstr(path, "-shm")) return 0;
  mode(how, sizeof how);
  if (strncmp(how, "enospc", 6)) return 0;
  errno = ENOSPC;
  return 1;
}

int fsync(int fd) { return faulty_flush() ? -1 : (int)syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return faulty_flush() ? -1 : (int)syscall(SYS_fdatasync, fd); }
ssize_t write(int fd, const void *bytes, size_t n) { return full(fd) ? -1 : syscall(SYS_write, fd, bytes, n); }
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) { return full(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, n, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) { return full(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, n, at); }
