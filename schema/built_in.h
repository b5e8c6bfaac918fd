/*
 * The schemas that are built in: those of RPC's header, of reverse.x, and of
 * the questions to an rpcbind.
 */
#ifndef SCHEMA_BUILT_IN_H
#define SCHEMA_BUILT_IN_H

#include "schema/message.h"

struct built_in {
	struct schema *rpc, *reverse, *rpcbind;
	struct message_words words; /* of all of them */
};

/* Returns 0 or -ENOMEM.  built_in_deinit() either way; it may be called twice.
 */
int built_in_init(struct built_in *built_in);
void built_in_deinit(struct built_in *built_in);

#endif
