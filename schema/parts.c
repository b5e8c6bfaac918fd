#include "schema/parts.h"

#include "schema/value.h"

enum { WORD = 4 };

static size_t
padding_of(size_t len)
{
	return (WORD - len % WORD) % WORD;
}

static size_t
left(const struct parts *parts)
{
	return parts->len - parts->at;
}

/* Puts a part on the stack that is all to do.  Returns 0 or PARTS_TOO_DEEP. */
static int
push(struct parts *parts, const struct part *part)
{
	struct parts_frame *frame = &parts->frames[parts->count];

	if (parts->count == PARTS_DEPTH)
		return PARTS_TOO_DEEP;
	parts->count++;
	frame->to_do = PARTS_DO_FIELD;
	frame->part = *part;
	return 0;
}

/* As it was declared. */
static struct part
part_of(const struct schema_field *field, unsigned int depth)
{
	return (struct part){
		.name = field->name,
		.type_name = field->type->name,
		.line = field->line,
		.depth = depth,
		.index = PART_NO_INDEX,
		.is = schema_field_bare(field),
	};
}

/* One of what an array or an optional value has. */
static struct part
single_of(const struct part *many)
{
	struct schema_field one = { .type = many->is.type };
	struct part part = *many;

	part.type_name = one.type->name;
	part.is = schema_field_bare(&one);
	return part;
}

/* A part of some bytes is next.  Returns PARTS_NEXT or PARTS_SHORT. */
static int
give(struct parts *parts, struct part *part, enum part_kind kind, size_t len)
{
	size_t padding = kind == PART_BYTES ? padding_of(len) : 0;

	part->kind = kind;
	part->at = parts->at;
	if (left(parts) < len || left(parts) - len < padding)
		return PARTS_SHORT;
	part->len = len;
	part->padding = padding;
	parts->at += len + padding;
	return PARTS_NEXT;
}

static int
give_none(struct parts *parts, struct part *part, enum part_kind kind)
{
	return give(parts, part, kind, 0);
}

static int
give_word(struct parts *parts, struct part *part, enum part_kind kind)
{
	int r = give(parts, part, kind, WORD);

	if (r == PARTS_NEXT)
		value_read_word(part, parts->bytes);
	return r;
}

static int
give_value(struct parts *parts, struct part *part, enum part_kind kind)
{
	int r = give(parts, part, kind, value_size(part->is.type->kind));

	if (r == PARTS_NEXT)
		value_read(part, parts->bytes);
	return r;
}

static bool
is_bytes(const struct part *part)
{
	return part->is.type->kind == SCHEMA_OPAQUE ||
	    part->is.type->kind == SCHEMA_STRING;
}

/* A value that stands once. */
static int
begin_single(struct parts *parts, struct parts_frame *frame, struct part *part)
{
	const struct schema_type *type = part->is.type;

	switch (type->kind) {
	case SCHEMA_STRUCT:
		frame->to_do = PARTS_DO_MEMBERS;
		frame->next = type->fields;
		return give_none(parts, part, PART_BEGIN);
	case SCHEMA_UNION:
		frame->to_do = PARTS_DO_CASE;
		return give_none(parts, part, PART_BEGIN);
	default:
		parts->count--;
		return give_value(parts, part, PART_VALUE);
	}
}

/* A value that may be there. */
static int
begin_optional(
    struct parts *parts, struct parts_frame *frame, struct part *part)
{
	int r = give_word(parts, part, PART_PRESENT);

	if (r != PARTS_NEXT)
		return r;
	/* libtirpc takes any other number for a yes. */
	if (part->value != 0)
		frame->part = single_of(&frame->part);
	else
		parts->count--;
	return r;
}

/* Whether so many elements can be there, each of a word or more. */
static int
begin_elements(struct parts *parts, struct parts_frame *frame, uint64_t count)
{
	if (count > left(parts) / WORD)
		return PARTS_SHORT;
	frame->to_do = PARTS_DO_ELEMENTS;
	frame->count = (uint32_t)count;
	frame->done = 0;
	return 0;
}

static int
begin_array(struct parts *parts, struct parts_frame *frame, struct part *part)
{
	int r = 0;

	if (part->is.shape == SCHEMA_FIXED)
		r = begin_elements(parts, frame, part->is.count);
	else
		frame->to_do = PARTS_DO_COUNT;
	part->at = parts->at;
	return r != 0 ? r : give_none(parts, part, PART_BEGIN);
}

/* The length of bytes or of an array. */
static int
give_length(struct parts *parts, struct parts_frame *frame, struct part *part)
{
	size_t before = parts->at;
	int r = give_word(parts, part, PART_LENGTH);

	if (r != PARTS_NEXT)
		return r;
	if (part->value <= part->is.count) {
		frame->count = (uint32_t)part->value;
		return r;
	}
	parts->at = before;
	return PARTS_TOO_MANY;
}

static int
begin_bytes(struct parts *parts, struct parts_frame *frame, struct part *part)
{
	frame->to_do = PARTS_DO_BYTES;
	if (part->is.shape == SCHEMA_VARIABLE)
		return give_length(parts, frame, part);
	parts->count--;
	return give(parts, part, PART_BYTES, part->is.count);
}

static int
begin(struct parts *parts, struct parts_frame *frame, struct part *part)
{
	switch (part->is.shape) {
	case SCHEMA_SINGLE:
		return begin_single(parts, frame, part);
	case SCHEMA_OPTIONAL:
		return begin_optional(parts, frame, part);
	default:
		return is_bytes(part) ? begin_bytes(parts, frame, part)
				      : begin_array(parts, frame, part);
	}
}

static int
count_array(struct parts *parts, struct parts_frame *frame, struct part *part)
{
	size_t before = parts->at;
	int r = give_length(parts, frame, part), more;

	if (r != PARTS_NEXT)
		return r;
	more = begin_elements(parts, frame, part->value);
	if (more == 0)
		return r;
	parts->at = before;
	return more;
}

static int
close_part(struct parts *parts, struct part *part)
{
	parts->count--;
	return give_none(parts, part, PART_END);
}

/* Goes on within a part that has others: 0, and there is one to do on the
 * stack. */
static int
go_inside(struct parts *parts, struct parts_frame *frame, struct part *part)
{
	struct part inside;

	if (frame->to_do == PARTS_DO_ELEMENTS) {
		if (frame->done == frame->count)
			return close_part(parts, part);
		inside = single_of(&frame->part);
		inside.depth++;
		inside.index = frame->done++;
		inside.indexes = frame->count;
		return push(parts, &inside);
	}
	if (frame->next == NULL)
		return close_part(parts, part);
	inside = part_of(frame->next, frame->part.depth + 1);
	frame->next = frame->next->next;
	return push(parts, &inside);
}

static int
choose(struct parts *parts, struct parts_frame *frame, struct part *part)
{
	const struct schema_type *type = part->is.type;
	const struct schema_field *arm;
	int r;

	*part = part_of(type->fields, part->depth + 1);
	r = give_value(parts, part, PART_CASE);
	if (r != PARTS_NEXT)
		return r;
	arm = schema_arm_of(type, (uint32_t)part->value);
	if (arm == NULL) {
		frame->to_do = PARTS_DO_NO_ARM;
	} else if (arm->type->kind == SCHEMA_VOID) {
		frame->to_do = PARTS_DO_CLOSE;
	} else {
		frame->to_do = PARTS_DO_MEMBERS;
		frame->next = arm;
	}
	return r;
}

/* One step.  0: nothing was found yet. */
static int
step(struct parts *parts, struct part *part)
{
	struct parts_frame *frame = &parts->frames[parts->count - 1];

	*part = frame->part;
	part->at = parts->at;
	switch (frame->to_do) {
	case PARTS_DO_FIELD:
		return begin(parts, frame, part);
	case PARTS_DO_COUNT:
		return count_array(parts, frame, part);
	case PARTS_DO_BYTES:
		parts->count--;
		return give(parts, part, PART_BYTES, frame->count);
	case PARTS_DO_ELEMENTS:
	case PARTS_DO_MEMBERS:
		return go_inside(parts, frame, part);
	case PARTS_DO_CASE:
		return choose(parts, frame, part);
	case PARTS_DO_NO_ARM:
		return PARTS_NO_ARM;
	default:
		return close_part(parts, part);
	}
}

void
parts_start(struct parts *parts, const struct schema_field *field,
    const uint8_t *bytes, size_t len)
{
	struct part part;

	parts->bytes = bytes;
	parts->len = len;
	parts->at = 0;
	parts->count = 0;
	if (field == NULL)
		return;
	part = part_of(field, 0);
	push(parts, &part);
}

int
parts_next(struct parts *parts, struct part *part)
{
	int r = 0;

	while (r == 0 && parts->count > 0)
		r = step(parts, part);
	if (r != PARTS_NEXT)
		parts->count = 0;
	return r;
}

const char *
parts_words(int result)
{
	switch (result) {
	case PARTS_SHORT:
		return "the bytes end here";
	case PARTS_TOO_MANY:
		return "longer than the schema allows";
	case PARTS_NO_ARM:
		return "the union has no such case";
	case PARTS_TOO_DEEP:
		return "too many parts within each other";
	default:
		return "complete";
	}
}
