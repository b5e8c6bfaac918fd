/*
 * How many processors this process may use.
 */
#ifndef SERVER_PROCESS_PROCESSORS_H
#define SERVER_PROCESS_PROCESSORS_H

/*
 * As many as it may run on, but no more than its control group has time for.
 * At least 1, at most this many.
 */
unsigned int processors_usable(unsigned int most);

/* Of the text of a file cpu.max (cgroups(7)), "QUOTA PERIOD": as many as can be
 * busy, rounded up; 0 when there is no limit or the text says nothing. */
unsigned int processors_in_quota(const char *text);

#endif
