/*
 * interface: which procedures there are to call by name: those of reverse.x, or
 * of a file like it.
 */
#ifndef CLIENT_COMMANDS_INTERFACE_H
#define CLIENT_COMMANDS_INTERFACE_H

#include "client/session/service.h"
#include "schema/schema.h"

#include <stdbool.h>

struct interface {
	struct schema *schema;
	const char *file; /* its name; borrowed */
	bool is_ours;     /* reverse.x as it is built in */
};

/* A procedure, and where it is; of the interface. */
struct interface_target {
	const struct schema_program *program;
	const struct schema_version *version;
	const struct schema_procedure *procedure;
};

/* The functions return an exit code, having said what is not EXIT_DONE. */

/* Reads the file; NULL: reverse.x.  interface_free() after success. */
int interface_read(struct interface *interface, const char *file);
void interface_free(struct interface *interface);

/* The one procedure of a name, which may have that of its version before it,
 * and that of the program before that, with dots between. */
int interface_find(const struct interface *interface, const char *name,
    struct interface_target *target);

/* Goes on to the next procedure, in the order of the file; a zeroed target to
 * the first.  False: that was the last. */
bool interface_next(
    const struct interface *interface, struct interface_target *target);

/* The service of a procedure; of the interface and the target. */
struct service interface_service(
    const struct interface *interface, const struct interface_target *target);

#endif
