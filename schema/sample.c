#include "schema/sample.h"

#include "schema/value.h"

#include <string.h>

enum {
	WORD = 4,
	/* Arrays of what has arrays have no element from here on: a type may
	 * be within itself. */
	DEPTH = 8,
};

struct sampling {
	struct buffer *out;
	unsigned int depth;
	int result;
};

static void
add_zeroes(struct sampling *s, size_t len)
{
	if (s->result == 0)
		s->result = buffer_reserve(s->out, len);
	if (s->result == 0)
		memset(buffer_extend(s->out, len), 0, len);
}

static void
add_word(struct sampling *s, uint32_t word)
{
	add_zeroes(s, WORD);
	for (int i = 1; s->result == 0 && i <= WORD; i++, word >>= 8)
		buffer_tail(s->out)[-i] = (uint8_t)word;
}

static void add_field(struct sampling *s, const struct schema_field *field);

static void
add_union(struct sampling *s, const struct schema_type *type)
{
	const struct schema_arm *arm = type->arms;

	add_word(s, (uint32_t)arm->value);
	if (arm->field->type->kind != SCHEMA_VOID)
		add_field(s, arm->field);
}

static void
add_single(struct sampling *s, const struct schema_type *type)
{
	switch (type->kind) {
	case SCHEMA_STRUCT:
		for (const struct schema_field *field = type->fields;
		     field != NULL; field = field->next)
			add_field(s, field);
		break;
	case SCHEMA_UNION:
		add_union(s, type);
		break;
	case SCHEMA_ENUM:
		add_word(s, (uint32_t)type->words->value);
		break;
	default:
		add_zeroes(s, value_size(type->kind));
	}
}

static void
add_array(struct sampling *s, const struct schema_field *bare)
{
	struct schema_field one = { .type = bare->type };
	uint32_t count = bare->count;

	if (bare->shape == SCHEMA_VARIABLE) {
		count = s->depth < DEPTH && count > 0 ? 1 : 0;
		add_word(s, count);
	}
	for (uint32_t i = 0; i < count && s->result == 0; i++)
		add_field(s, &one);
}

static void
add_bytes(struct sampling *s, const struct schema_field *bare)
{
	size_t words = ((size_t)bare->count + WORD - 1) / WORD;

	add_zeroes(s, bare->shape == SCHEMA_FIXED ? words * WORD : WORD);
}

static void
add_field(struct sampling *s, const struct schema_field *field)
{
	struct schema_field bare = schema_field_bare(field);

	if (s->result != 0)
		return;
	s->depth++;
	if (bare.shape == SCHEMA_SINGLE)
		add_single(s, bare.type);
	else if (bare.shape == SCHEMA_OPTIONAL)
		add_word(s, 0);
	else if (bare.type->kind == SCHEMA_OPAQUE ||
	    bare.type->kind == SCHEMA_STRING)
		add_bytes(s, &bare);
	else
		add_array(s, &bare);
	s->depth--;
}

int
sample_value(struct buffer *out, const struct schema_field *field)
{
	struct sampling s = { .out = out };

	add_field(&s, field);
	return s.result;
}
