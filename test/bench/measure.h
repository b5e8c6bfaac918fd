/*
 * What the programs that measure have in common: sockets, the command line,
 * and the line with the result.
 */
#ifndef TEST_BENCH_MEASURE_H
#define TEST_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	TEXT_MAX = 1024 * 1024, /* MESSAGE_MAX of reverse.x */
	PLACES = 64,            /* connections that one client drives */
};

/*
 * What a load client does, by its command line:
 *
 *	PROGRAM ADDRESS WORK BYTES DEPTH SEGMENT CONNECTIONS MILLISECONDS
 *
 * text: DEPTH calls in flight on each of the CONNECTIONS.  each, collect,
 * spell: streams of messages of BYTES, DEPTH of them in flight and up to
 * SEGMENT in one segment; those of collect and spell are of 1 MiB, one after
 * the other.  idle: CONNECTIONS that have made a call each, and are kept until
 * the standard input ends.
 */
enum work {
	WORK_TEXT,
	WORK_EACH,
	WORK_COLLECT,
	WORK_SPELL,
	WORK_IDLE,
};

struct load {
	const char *address;
	enum work work;
	size_t bytes, depth, segment, connections;
	uint64_t milliseconds;
};

/* Ends the program when the command line is another. */
struct load load_from(int argc, char **argv);

/* How many messages of the load's size make a stream of TEXT_MAX bytes. */
size_t load_messages(const struct load *load);

/* The text of all: equal lines, the alphabet over and over. */
void load_fill_lines(char *text, size_t len, size_t line);

/*
 * An address is a port of the loopback or the path of a Unix socket.  These
 * return a descriptor, or end the program.
 */
int connect_to(const char *address);
int listen_on(const char *address);

/* Without Nagle's delay, where there is one. */
void send_at_once(int fd);

/* Sends all of it, however long that takes. */
void send_all(int fd, const void *bytes, size_t len);

uint64_t now_ns(void);

/* From its start on it counts messages, and how long single calls take. */
struct meter {
	uint64_t began, end, count;
	uint64_t begun_call;
	double processor; /* seconds of it before the start */
	bool is_single;   /* one call in flight: each is timed */
	uint32_t *times;
	size_t timed;
};

void meter_start(struct meter *m, const struct load *load);
bool meter_is_over(const struct meter *m);
/* That many messages are done, and the next call is sent. */
void meter_count(struct meter *m, uint64_t messages);
/*
 * Prints: messages, seconds, seconds of processor time, and what half of the
 * calls took at most, and 99 % of them, in microseconds (0: not timed).
 */
void meter_tell(struct meter *m);

/* As many descriptors as this process may have. */
void use_all_descriptors(void);

/* Keeps what is connected until the standard input ends. */
void stay_idle(void);

#ifdef __cplusplus
}
#endif

#endif
