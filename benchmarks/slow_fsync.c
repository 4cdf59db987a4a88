/* Makes each fsync and fdatasync SLOW_FSYNC_MILLISECONDS longer, for LD_PRELOAD: a slow disk. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait_as_a_disk_would(void)
{
    const char *text = getenv("SLOW_FSYNC_MILLISECONDS");
    struct timespec pause = {0, (text ? atol(text) : 5) * 1000000L};
    nanosleep(&pause, NULL);
}

int fsync(int file)
{
    int (*real)(int) = (int (*)(int)) dlsym(RTLD_NEXT, "fsync");
    wait_as_a_disk_would();
    return real(file);
}

int fdatasync(int file)
{
    int (*real)(int) = (int (*)(int)) dlsym(RTLD_NEXT, "fdatasync");
    wait_as_a_disk_would();
    return real(file);
}
