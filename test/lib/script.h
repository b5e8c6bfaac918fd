/*
 * For tests of the client: a server in a thread, which does to its callers what
 * a script says, to one connection after the other.
 */
#ifndef TEST_LIB_SCRIPT_H
#define TEST_LIB_SCRIPT_H

#include "client/session/endpoint.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a call that a script can read. */
enum { SCRIPT_CALL_MAX = 512 * 1024 };

struct script {
	/* Where it listens, on the loopback; zeroed: anywhere. */
	struct endpoint at;
	/* What is done to each connection; it is closed afterwards. */
	void (*play)(struct script *script, int fd);
	atomic_uint accepted;  /* connections so far, with the present one */
	void *context;         /* of the script */
	const uint32_t *words; /* for play_reply: what follows the xid */
	size_t count;
	uint8_t call[SCRIPT_CALL_MAX]; /* which script_read_call read */
	size_t call_length;
	int listener;
	pthread_t thread;
};

void script_start(struct script *script);

/* Takes no more connections, and waits until the present one was played. */
void script_stop(struct script *script);

/* Reads one record into script->call; false: there is none. */
bool script_read_call(struct script *script, int fd);

/* A 32-bit word of the call, from 0. */
uint32_t script_call_word(const struct script *script, size_t index);

/* Sends a record of one fragment: words, in the order of the network. */
void script_send(int fd, const uint32_t *words, size_t count);

/* Answers the call that was read with the words of the script. */
void script_reply(const struct script *script, int fd);

/* Scripts: reads a call and answers it with the words of the script. */
void play_reply(struct script *script, int fd);
/* Reads calls and answers each of them so. */
void play_replies(struct script *script, int fd);
/* Reads a call, and closes the connection. */
void play_hang_up(struct script *script, int fd);
/* Reads whatever comes and never answers. */
void play_silence(struct script *script, int fd);

#endif
