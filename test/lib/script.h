/*
 * For tests of the client: a server of one connection, in a thread, which does
 * to its caller what a script says.
 */
#ifndef TEST_LIB_SCRIPT_H
#define TEST_LIB_SCRIPT_H

#include "client/session/endpoint.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct script {
	struct endpoint at; /* where it listens, on the loopback */
	/* What is done to the connection; it is closed afterwards. */
	void (*play)(struct script *script, int fd);
	const uint32_t *words; /* for play_reply: what follows the xid */
	size_t count;
	uint8_t call[4096]; /* the call that script_read_call read */
	size_t call_length;
	int listener;
	pthread_t thread;
};

void script_start(struct script *script);

/* Waits until the script was played, or ends it before it was begun. */
void script_stop(struct script *script);

/* Reads one record into script->call. */
void script_read_call(struct script *script, int fd);

/* A 32-bit word of the call, from 0. */
uint32_t script_call_word(const struct script *script, size_t index);

/* Sends a record of one fragment: words, in the order of the network. */
void script_send(int fd, const uint32_t *words, size_t count);

/* Scripts: reads a call and answers it with the words of the script. */
void play_reply(struct script *script, int fd);
/* Reads whatever comes and never answers. */
void play_silence(struct script *script, int fd);

#endif
