/*
 * service: which program is called, and what is known of it beside its schema.
 */
#ifndef CLIENT_SESSION_SERVICE_H
#define CLIENT_SESSION_SERVICE_H

#include <stdint.h>

struct service {
	const char *name; /* for people */
	const char *file; /* that says what its results are */
	const char *ping; /* what procedure 0 is called */
	uint32_t program, version;
	uint16_t default_port; /* where it is when rpcbind does not know; 0: no
				  port is */
};

/* That of reverse.x. */
extern const struct service service_reverse;

#endif
