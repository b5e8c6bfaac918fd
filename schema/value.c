#include "schema/value.h"

size_t
value_size(enum schema_kind kind)
{
	switch (kind) {
	case SCHEMA_HYPER:
	case SCHEMA_UNSIGNED_HYPER:
	case SCHEMA_DOUBLE:
		return 8;
	case SCHEMA_QUADRUPLE:
		return 16;
	default:
		return 4;
	}
}

void
value_read_word(struct part *part, const uint8_t *bytes)
{
	part->value = 0;
	for (size_t i = 0; i < part->len; i++)
		part->value = part->value << 8 | bytes[part->at + i];
}

static void
name_bool(struct part *part)
{
	if (part->value <= 1)
		part->word = part->value == 1 ? "TRUE" : "FALSE";
}

void
value_read(struct part *part, const uint8_t *bytes)
{
	if (part->len > sizeof(part->value))
		return;
	value_read_word(part, bytes);
	switch (part->is.type->kind) {
	case SCHEMA_INT:
		part->value = (uint64_t)(int64_t)(int32_t)part->value;
		break;
	case SCHEMA_BOOL:
		name_bool(part);
		break;
	case SCHEMA_ENUM:
		part->value = (uint64_t)(int64_t)(int32_t)part->value;
		part->word =
		    schema_word_of(part->is.type, (int32_t)part->value);
		break;
	default:
		break;
	}
}
