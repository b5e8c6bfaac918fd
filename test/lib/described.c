#include "test/lib/described.h"

#include "schema/file.h"
#include "schema/texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { WORD = 4, LENGTH_MAX = 5, DEPTH = 12 };

static struct schema *
made_of(const char *file, const void *text, size_t len)
{
	struct schema_error error = { .line = 0 };
	struct schema *schema = NULL;

	if (schema_new(&schema, file, text, len, &error) != 0)
		fail_msg("%s:%u: %s", file, error.line, error.text);
	return schema;
}

struct schema *
described_reverse(void)
{
	return made_of("reverse.x", schema_text, schema_size);
}

struct schema *
described_rpc(void)
{
	return made_of("rpc.x", rpc_x_text, rpc_x_size);
}

struct schema *
described_rpcbind(void)
{
	return made_of("rpcbind.x", rpcbind_x_text, rpcbind_x_size);
}

struct schema *
described_text(const char *text)
{
	return made_of("text", text, strlen(text));
}

struct schema_field
described_field(const struct schema *schema, const char *type)
{
	struct schema_field field = {
		.name = "it",
		.type = schema_type_named(schema, type),
	};

	assert_non_null(field.type);
	return field;
}

/* What is written, and how deep it goes. */
struct writing {
	struct rng *rng;
	uint8_t *bytes;
	size_t at, size;
	bool full;
	int depth;
};

static void
write_bytes(struct writing *w, size_t len)
{
	size_t padded = (len + WORD - 1) / WORD * WORD;

	w->full = w->full || padded > w->size - w->at;
	if (w->full)
		return;
	rng_fill(w->rng, w->bytes + w->at, len);
	memset(w->bytes + w->at + len, 0, padded - len);
	w->at += padded;
}

static void
write_word(struct writing *w, uint32_t word)
{
	uint8_t *to = w->bytes + w->at;

	write_bytes(w, WORD);
	for (int i = 0; i < WORD && !w->full; i++)
		to[i] = (uint8_t)(word >> (24 - 8 * i));
}

static void write_field(struct writing *w, const struct schema_field *field);

static uint32_t
some_word(struct writing *w, const struct schema_type *type)
{
	const struct schema_word *word = type->words;
	uint32_t count = 0;

	for (; word != NULL; word = word->next)
		count++;
	count = rng_below(w->rng, count);
	for (word = type->words; count > 0; count--)
		word = word->next;
	return (uint32_t)word->value;
}

static void
write_union(struct writing *w, const struct schema_type *type)
{
	const struct schema_arm *arm = type->arms;

	while (arm->next != NULL && rng_once_in(w->rng, 2))
		arm = arm->next;
	/* The default's: a number that no enum has. */
	write_word(w, arm->is_default ? 77 : (uint32_t)arm->value);
	if (arm->field->type->kind != SCHEMA_VOID)
		write_field(w, arm->field);
}

static void
write_single(struct writing *w, const struct schema_type *type)
{
	switch (type->kind) {
	case SCHEMA_HYPER:
	case SCHEMA_UNSIGNED_HYPER:
	case SCHEMA_DOUBLE:
		write_bytes(w, 8);
		break;
	case SCHEMA_QUADRUPLE:
		write_bytes(w, 16);
		break;
	case SCHEMA_BOOL:
		write_word(w, rng_below(w->rng, 2));
		break;
	case SCHEMA_ENUM:
		write_word(w, some_word(w, type));
		break;
	case SCHEMA_STRUCT:
		for (const struct schema_field *field = type->fields;
		     field != NULL; field = field->next)
			write_field(w, field);
		break;
	case SCHEMA_UNION:
		write_union(w, type);
		break;
	default:
		write_bytes(w, WORD);
	}
}

/* Many of them, or none. */
static void
write_many(struct writing *w, const struct schema_field *bare)
{
	struct schema_field one = { .type = bare->type };
	uint32_t most = bare->count < LENGTH_MAX ? bare->count : LENGTH_MAX;
	uint32_t count = w->depth < DEPTH ? rng_between(w->rng, 0, most) : 0;

	if (bare->shape == SCHEMA_FIXED)
		count = bare->count;
	else if (bare->shape == SCHEMA_OPTIONAL)
		count = count > 0 ? 1 : 0;
	if (bare->shape != SCHEMA_FIXED)
		write_word(w, count);
	if (bare->type->kind == SCHEMA_OPAQUE ||
	    bare->type->kind == SCHEMA_STRING) {
		write_bytes(w, count);
		return;
	}
	for (uint32_t i = 0; i < count && !w->full; i++)
		write_field(w, &one);
}

static void
write_field(struct writing *w, const struct schema_field *field)
{
	struct schema_field bare = schema_field_bare(field);

	w->depth++;
	if (bare.shape == SCHEMA_SINGLE)
		write_single(w, bare.type);
	else
		write_many(w, &bare);
	w->depth--;
}

size_t
described_value(struct rng *rng, const struct schema_field *field,
    uint8_t *bytes, size_t size)
{
	struct writing w = { .rng = rng, .bytes = bytes, .size = size };

	write_field(&w, field);
	return w.full ? 0 : w.at;
}

int
described_parts(const struct schema_field *field, const uint8_t *bytes,
    size_t len, size_t *at)
{
	struct parts *parts = malloc(sizeof(*parts));
	struct part part;
	unsigned int open = 0;
	int r;

	assert_non_null(parts);
	*at = 0;
	parts_start(parts, field, bytes, len);
	while ((r = parts_next(parts, &part)) == PARTS_NEXT) {
		assert_int_equal(part.at, *at);
		*at += part.len + part.padding;
		assert_int_equal(parts->at, *at);
		assert_true(*at <= len && *at % WORD == 0);
		if (part.kind == PART_END)
			open--;
		/* The length of an array stands where the array does. */
		assert_int_equal(part.depth,
		    part.kind == PART_LENGTH &&
			    part.is.type->kind != SCHEMA_OPAQUE &&
			    part.is.type->kind != SCHEMA_STRING
			? open - 1
			: open);
		if (part.kind == PART_BEGIN)
			open++;
	}
	assert_true(open == 0 || r != PARTS_OVER);
	free(parts);
	return r;
}
