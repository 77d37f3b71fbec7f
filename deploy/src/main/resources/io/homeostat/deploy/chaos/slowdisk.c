/* A disk that answers late: every sync waits as many microseconds as the eight bytes of a file say, which may change at any
   time. Loaded into a node by LD_PRELOAD; nothing else of the node is touched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static volatile int64_t *micros;

__attribute__((constructor)) static void open_delay(void) {
    const char *file = getenv("HOMEOSTAT_SYNC_DELAY");
    int fd = file ? open(file, O_RDONLY) : -1;
    if (fd >= 0) {
        void *at = mmap(0, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
        micros = at == MAP_FAILED ? 0 : at;
    }
}

static int late(int result) {
    int64_t wait = micros ? *micros : 0;
    if (wait > 0) {
        struct timespec t = {wait / 1000000, (wait % 1000000) * 1000};
        nanosleep(&t, 0);
    }
    return result;
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real) {
        real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    }
    return late(real(fd));
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) {
        real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    }
    return late(real(fd));
}
