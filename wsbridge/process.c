#include "process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* All of this runs before there are threads. NOLINTBEGIN(concurrency-mt-unsafe) */

#define FIRST_PASSED_FD 3 /* SD_LISTEN_FDS_START */

bool process_find_user(const char *name, uid_t *uid, gid_t *gid)
{
    const struct passwd *user = getpwnam(name);
    if (!user)
        return false;
    *uid = user->pw_uid;
    *gid = user->pw_gid;
    return true;
}

bool process_become(uid_t uid, gid_t gid)
{
    return !setgroups(0, NULL) && !setresgid(gid, gid, gid) && !setresuid(uid, uid, uid) && getuid() == uid;
}

unsigned long process_allow_files(unsigned long wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return 0;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur;
}

void process_activated(int *listener, int *datagrams)
{
    const char *pid = getenv("LISTEN_PID"), *text = getenv("LISTEN_FDS");
    *listener = *datagrams = -1;
    if (!pid || !text || strtol(pid, NULL, 10) != (long)getpid())
        return;
    int count = (int)strtol(text, NULL, 10);
    for (int fd = FIRST_PASSED_FD; fd < FIRST_PASSED_FD + count; fd++) {
        int type = 0;
        socklen_t len = sizeof type;
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
        int *kept = type == SOCK_STREAM ? listener : type == SOCK_DGRAM ? datagrams : NULL;
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        if (kept && *kept < 0)
            *kept = fd;
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
}

/* NOLINTEND(concurrency-mt-unsafe) */
