/*
 * For the cases: a client of the server under test.
 *
 * A case is compiled twice.  In the program "ours" the handles are those of our
 * channels (rpcloop/call), in "stock" they are libtirpc's, and all else is what
 * rpcgen makes of reverse.x, compiled by the textbook.  The stubs are the same.
 */
#ifndef TEST_INTEROP_CLIENT_H
#define TEST_INTEROP_CLIENT_H

#include <netinet/in.h>
#include <reverse.h>
#include <stdbool.h>

/* Ends the program, naming what is not so. */
#define demand(so) ((so) ? (void)0 : demand_failed(__FILE__, __LINE__, #so))
_Noreturn void demand_failed(const char *file, int line, const char *what);

/* Where the server is. */
extern struct sockaddr_in server_at;

/* A connection to it, for that program; ended by clnt_destroy(). */
CLIENT *connect_to(rpcprog_t program, rpcvers_t version);
CLIENT *connect_to_reverse(void);

/* How long each call of a handle may take from now on. */
void allow_ms(CLIENT *server, unsigned int ms);

/* Makes that many calls of TEXT at once: ours on one channel, stock by a handle
 * and a thread each, since a handle of libtirpc makes one call after the other.
 * checked is told each result. */
void call_at_once(unsigned int count, const reverse_args *args,
    void (*checked)(const reverse_result *result));

/* How many rounds: the second number with TEST_FULL. */
unsigned int rounds(unsigned int few, unsigned int full);

/* So many bytes that tell their place, to be freed; and whether a message is
 * those bytes reversed. */
message bytes_of(u_int len);
bool is_reversed(const message *text, u_int len);

/* gRPC's large_unary: a TEXT of 271,828 bytes, and as many that come back. */
enum { LARGE = 271828 };
void call_large(CLIENT *server);

#endif
