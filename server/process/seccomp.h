/*
 * The system calls that a daemon needs which serves, and no others.
 *
 * A process that makes another one says so in its log, and dies by SIGSYS: as
 * nothing that a peer sends leads there, the program is wrong, or is no longer
 * itself.  A thread with SIGSYS blocked dies without a word.
 */
#ifndef SERVER_PROCESS_SECCOMP_H
#define SERVER_PROCESS_SECCOMP_H

/*
 * Allows this thread, and all that it starts, nothing else from now on.
 * no_new_privs is set before.  Returns 0 or a negative errno.
 */
int seccomp_enter(void);

#endif
