#include "schema/message.h"

#include "base/base.h"

#include <string.h>

enum {
	WORD = 4,
	/* Words of a call, by their place. */
	AT_TYPE = 1,
	AT_PROGRAM = 3,
	AT_VERSION = 4,
	AT_PROCEDURE = 5,
	/* RFC 5531, sections 8.2 and 9. */
	CALL = 0,
	REPLY = 1,
	ACCEPT_SUCCESS = 0,
	FLAVOR_SYS = 1,
};

static uint32_t
word_at(const uint8_t *bytes, size_t index)
{
	const uint8_t *at = bytes + index * WORD;

	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	    (uint32_t)at[2] << 8 | at[3];
}

static bool
is_type(const uint8_t *bytes, size_t len, uint32_t type)
{
	return len >= (size_t)(AT_TYPE + 1) * WORD &&
	    word_at(bytes, AT_TYPE) == type;
}

bool
message_target_of(
    const uint8_t *bytes, size_t len, struct message_target *target)
{
	if (!is_type(bytes, len, CALL) ||
	    len < (size_t)(AT_PROCEDURE + 1) * WORD)
		return false;
	target->program = word_at(bytes, AT_PROGRAM);
	target->version = word_at(bytes, AT_VERSION);
	target->procedure = word_at(bytes, AT_PROCEDURE);
	return true;
}

/* As far as a schema has them; from is that schema. */
struct found {
	const struct schema *from;
	const struct schema_program *program;
	const struct schema_version *version;
	const struct schema_procedure *procedure;
};

/* In the first schema that has the program. */
static struct found
find(const struct message_words *words, const struct message_target *target)
{
	struct found it = { .from = NULL };

	for (size_t i = 0; words->of[i] != NULL && it.program == NULL; i++) {
		it.from = words->of[i];
		it.program = schema_program_of(it.from, target->program);
		it.version = schema_version_of(it.program, target->version);
		it.procedure =
		    schema_procedure_of(it.version, target->procedure);
	}
	return it;
}

const struct schema_procedure *
message_procedure(const struct message_words *words,
    const struct message_target *target, const struct schema **from)
{
	struct found found = find(words, target);

	if (from != NULL)
		*from = found.from;
	return found.procedure;
}

static void
start_rpc(const struct message *m, struct parts *parts, const char *name,
    const char *type, const uint8_t *bytes, size_t len)
{
	struct schema_field field = {
		.name = name,
		.type = schema_type_named(m->words->rpc, type),
	};

	parts_start(parts, field.type != NULL ? &field : NULL, bytes, len);
}

void
message_start(struct message *m, const struct message_words *words,
    const uint8_t *bytes, size_t len, const struct message_target *of)
{
	m->words = words;
	m->bytes = bytes;
	m->len = len;
	m->stage = MESSAGE_HEADER;
	m->is_reply = is_type(bytes, len, REPLY);
	m->target = of != NULL ? *of : (struct message_target){ 0 };
	m->flavor = 0;
	m->succeeded = false;
	m->next = NULL;
	m->from = NULL;
	m->wrong = NULL;
	m->where = "";
	m->body_at = 0;
	start_rpc(m, &m->parts, m->is_reply ? "reply" : "call",
	    m->is_reply ? "reply_header" : "call_header", bytes, len);
}

/* A number of the header that schemas have names for. */
static void
name_number(struct message *m, struct part *part)
{
	struct found found;

	if (strcmp(part->name, "program_number") == 0)
		m->target.program = (uint32_t)part->value;
	else if (strcmp(part->name, "version_number") == 0)
		m->target.version = (uint32_t)part->value;
	else if (strcmp(part->name, "procedure_number") == 0)
		m->target.procedure = (uint32_t)part->value;
	else
		return;
	found = find(m->words, &m->target);
	if (strcmp(part->name, "program_number") == 0) {
		part->word = found.program != NULL ? found.program->name : NULL;
	} else if (strcmp(part->name, "version_number") == 0) {
		part->word = found.version != NULL ? found.version->name : NULL;
	} else if (found.procedure != NULL) {
		part->word = found.procedure->name;
	}
}

/* Takes note of what later parts depend on. */
static void
note(struct message *m, struct part *part)
{
	if (part->kind != PART_VALUE && part->kind != PART_CASE)
		return;
	name_number(m, part);
	if (strcmp(part->name, "flavor") == 0)
		m->flavor = (uint32_t)part->value;
	if (strcmp(part->name, "accept_status") == 0)
		m->succeeded = part->value == ACCEPT_SUCCESS;
}

static void
begin_rest(struct message *m, const char *wrong, const char *where)
{
	m->stage = MESSAGE_REST;
	m->wrong = wrong;
	m->where = where;
}

/* The header is over. */
static void
begin_body(struct message *m)
{
	const struct schema_procedure *procedure =
	    message_procedure(m->words, &m->target, &m->from);

	m->body_at += m->parts.at;
	m->stage = MESSAGE_BODY;
	parts_start(&m->parts, NULL, m->bytes, 0);
	if (m->is_reply && !m->succeeded)
		return;
	if (procedure == NULL)
		begin_rest(m, "no schema has the procedure", "");
	else
		m->next =
		    m->is_reply ? procedure->result : procedure->arguments;
}

/* Whether the part is the body of a credential of which more is known. */
static bool
begin_inner(struct message *m, const struct part *part)
{
	if (part->kind != PART_BYTES || part->len == 0 ||
	    m->flavor != FLAVOR_SYS || strcmp(part->name, "body") != 0)
		return false;
	m->stage = MESSAGE_INNER;
	m->inner_at = part->at;
	m->inner_depth = part->depth;
	/* Its padding is a part that nobody expects. */
	start_rpc(m, &m->inner, "body", "authsys_parms", m->bytes + part->at,
	    part->len + part->padding);
	return true;
}

/* Each of these returns whether there is a part. */

static bool
next_of_header(struct message *m, struct part *part)
{
	int r = parts_next(&m->parts, part);

	if (r == PARTS_NEXT) {
		note(m, part);
		part->from = m->words->rpc;
		return !begin_inner(m, part);
	}
	if (r != PARTS_OVER) {
		m->body_at = m->parts.at;
		begin_rest(m, parts_words(r), part->name);
	} else {
		begin_body(m);
	}
	return false;
}

static bool
next_of_inner(struct message *m, struct part *part)
{
	int r = parts_next(&m->inner, part);
	size_t at = m->inner_at + m->inner.at;

	if (r == PARTS_NEXT) {
		part->at += m->inner_at;
		part->depth += m->inner_depth;
		part->from = m->words->rpc;
		return true;
	}
	m->stage = MESSAGE_HEADER;
	if (m->inner.at == m->inner.len && r == PARTS_OVER)
		return false;
	*part = (struct part){
		.kind = PART_REST,
		.name = r != PARTS_OVER ? part->name : "body",
		.type_name = "",
		.word = r != PARTS_OVER ? parts_words(r) : "no field has them",
		.depth = m->inner_depth,
		.index = PART_NO_INDEX,
		.from = m->words->rpc,
		.at = at,
		.len = m->inner.len - m->inner.at,
	};
	return true;
}

static bool
next_of_body(struct message *m, struct part *part)
{
	int r = parts_next(&m->parts, part);

	if (r == PARTS_NEXT) {
		part->at += m->body_at;
		part->from = m->from;
		return true;
	}
	m->body_at += m->parts.at;
	if (r != PARTS_OVER) {
		begin_rest(m, parts_words(r), part->name);
	} else if (m->next != NULL) {
		parts_start(&m->parts, m->next, m->bytes + m->body_at,
		    m->len - m->body_at);
		m->next = m->next->next;
	} else {
		begin_rest(
		    m, m->body_at < m->len ? "no field has them" : NULL, "");
	}
	return false;
}

static bool
next_of_rest(struct message *m, struct part *part)
{
	m->stage = MESSAGE_OVER;
	if (m->wrong == NULL)
		return false;
	*part = (struct part){
		.kind = PART_REST,
		.name = m->where,
		.type_name = "",
		.word = m->wrong,
		.index = PART_NO_INDEX,
		.at = m->body_at,
		.len = m->len - m->body_at,
	};
	return true;
}

bool
message_next(struct message *m, struct part *part)
{
	static bool (*const next[])(struct message * m, struct part * part) = {
		[MESSAGE_HEADER] = next_of_header,
		[MESSAGE_INNER] = next_of_inner,
		[MESSAGE_BODY] = next_of_body,
		[MESSAGE_REST] = next_of_rest,
	};

	while (m->stage != MESSAGE_OVER)
		if (next[m->stage](m, part))
			return true;
	return false;
}

const char *
message_status(const struct message_words *words, const uint8_t *bytes,
    size_t len, const struct message_target *of)
{
	struct message m;
	struct part part;

	message_start(&m, words, bytes, len, of);
	if (!m.is_reply)
		return NULL;
	while (message_next(&m, &part))
		if (m.stage == MESSAGE_BODY && part.kind != PART_BEGIN)
			return part.word;
	return NULL;
}
