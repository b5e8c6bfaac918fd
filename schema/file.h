/*
 * A file in the language of RPC and XDR, which becomes a schema.
 *
 * Beside what RFC 4506 and RFC 5531 have, it may have what rpcgen takes: long,
 * short, char and u_int, enums without numbers, several arguments, names of
 * types that <rpc/types.h> has, and lines that begin with % or #, which are
 * skipped.  So no #define counts.
 *
 * Nothing of the file is trusted: it is at most SCHEMA_TEXT_MAX bytes long, and
 * the first thing that is wrong is told with its line.
 */
#ifndef SCHEMA_FILE_H
#define SCHEMA_FILE_H

#include "schema/lexer.h"

enum schema_result {
	SCHEMA_WRONG = 1, /* error says what */
};

/* Returns 0, and then schema_free() follows; SCHEMA_WRONG; or -ENOMEM.  The
 * text is not needed after that. */
int schema_new(struct schema **out, const char *file, const void *text,
    size_t len, struct schema_error *error);

/* schema may be NULL. */
void schema_free(struct schema *schema);

#endif
