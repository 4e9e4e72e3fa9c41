/* What the process has to settle with the system: users, limits, sockets that systemd opened. */
#ifndef WSBRIDGE_PROCESS_H
#define WSBRIDGE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* false when there is no such user. */
bool process_find_user(const char *name, uid_t *uid, gid_t *gid);
/* For good: from now on this user's rights alone. */
bool process_become(uid_t uid, gid_t gid);
/* Room for so many open files; how many there are in the end. */
unsigned long process_allow_files(unsigned long wanted);
/* The sockets that systemd passed (sd_listen_fds(3)): the first that listens, the first for datagrams; -1 for none. */
void process_activated(int *listener, int *datagrams);

#endif
