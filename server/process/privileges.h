/*
 * Users: giving up root, and whose a file is to be; and descriptors.
 */
#ifndef SERVER_PROCESS_PRIVILEGES_H
#define SERVER_PROCESS_PRIVILEGES_H

#include <stddef.h>
#include <sys/types.h>

/*
 * The daemon has some 20 descriptors open for itself: sockets, events, spools,
 * rpcbind.  Where there are few, connections get half of them, and the other
 * half must hold those.
 */
enum { DESCRIPTORS_MIN = 48 };

/*
 * When the process is root, becomes the user for good, with that user's
 * first group only.  Does nothing for another process, or for the user "root".
 * Returns 0, or a negative errno with a text in why.
 */
int privileges_drop(const char *user, char *why, size_t size);

/*
 * Finds USER or USER:GROUP, by name or number; NULL leaves both -1.  Without a
 * group it is the user's, and -1 for a number that no user has.  Returns 0, or
 * -ENOENT when a name is unknown.
 */
int privileges_find_owner(const char *text, uid_t *uid, gid_t *gid);

/*
 * Raises the soft limit of open descriptors so far that wanted connections
 * fit, if the hard limit allows.  Returns how many connections do fit; 0 when
 * the limit is below DESCRIPTORS_MIN.
 */
unsigned int privileges_raise_descriptors(unsigned int wanted);

#endif
