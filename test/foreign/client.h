/*
 * A client in C over a library of others: client.c is the same for each, and a
 * file NAME.c has what the library gives.
 */
#ifndef TEST_FOREIGN_CLIENT_H
#define TEST_FOREIGN_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#define PROGRAM 0x20726576
#define VERSION 1

/* RFC 5531, section 9: GARBAGE_ARGS. */
enum { ACCEPT_GARBAGE = 4 };

/* Writes a value to what the library calls an XDR stream, or takes it from
 * there. */
typedef bool (*codec)(void *xdrs, void *value);

/* One end of a call. */
struct coded {
	codec codec;
	void *value;
};

/* Those of the library.  What codes bytes allocates those that it takes. */
bool code_word(void *xdrs, uint32_t *word);
bool code_fixed(void *xdrs, char *bytes, uint32_t len);
bool code_bytes(void *xdrs, char **bytes, uint32_t *len);

/* At a port of loopback, by TCP.  Each ends the program when it fails. */
void library_connect(uint16_t port);

/* Returns 0 or ACCEPT_GARBAGE. */
int library_call(
    uint32_t procedure, struct coded arguments, struct coded result);

#endif
