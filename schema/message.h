/*
 * A message of RPC (RFC 5531, section 9) as parts: the header by rpc.x, then
 * the arguments or the result by the schema that has the procedure.
 *
 * Each byte belongs to one part, whatever the bytes are: where they are not
 * what the schemas say, the rest is one part, PART_REST.
 */
#ifndef SCHEMA_MESSAGE_H
#define SCHEMA_MESSAGE_H

#include "schema/parts.h"

enum { MESSAGE_SCHEMAS = 4 };

/* What messages are about; borrowed.  An array without a schema ends in NULL.
 */
struct message_words {
	const struct schema *rpc; /* schema/rpc.x */
	const struct schema *of[MESSAGE_SCHEMAS + 1];
};

/* What a call asks for, which its reply does not say. */
struct message_target {
	uint32_t program, version, procedure;
};

/* Where a message is. */
enum message_stage {
	MESSAGE_HEADER,
	MESSAGE_INNER, /* the body of a credential, within the header */
	MESSAGE_BODY,  /* arguments or result */
	MESSAGE_REST,
	MESSAGE_OVER,
};

struct message {
	const struct message_words *words;
	const uint8_t *bytes; /* borrowed */
	size_t len;
	enum message_stage stage;
	bool is_reply;
	struct message_target target;
	uint32_t flavor; /* of the latest credential or verifier */
	bool succeeded;  /* the reply has a result */
	const struct schema_field *next; /* argument or result */
	const struct schema *from;       /* of that */
	const char *wrong, *where;       /* of the rest; NULL: nothing, "" */
	size_t body_at;                  /* where what parts has begins */
	size_t inner_at;
	unsigned int inner_depth;
	struct parts parts, inner;
};

/* What a call asks for; false: it is too short, or no call. */
bool message_target_of(
    const uint8_t *bytes, size_t len, struct message_target *target);

/* The procedure; NULL: no schema has it.  *from, which may be NULL, is the
 * schema. */
const struct schema_procedure *message_procedure(
    const struct message_words *words, const struct message_target *target,
    const struct schema **from);

/* Begins with a call, or with a reply to the call of that target; NULL: the
 * target is not known.  Whether it is a call the bytes say. */
void message_start(struct message *message, const struct message_words *words,
    const uint8_t *bytes, size_t len, const struct message_target *of);

/*
 * Goes on to the next part.  False: there is none, and all bytes were parts.
 * Of a PART_REST, which is the last one and may be empty, word says what is
 * wrong, and name where.
 */
bool message_next(struct message *message, struct part *part);

/* The name of the value that a result begins with, such as that of a
 * discriminant; NULL: it has none, or the message is no reply with a result. */
const char *message_status(const struct message_words *words,
    const uint8_t *bytes, size_t len, const struct message_target *of);

#endif
