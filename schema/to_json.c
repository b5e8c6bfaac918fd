#include "schema/to_json.h"

#include "base/json_text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INDENT = 2 };

struct writing {
	struct buffer *out;
	const uint8_t *bytes;
	bool indented;
	bool first; /* nothing was written since what begins here */
	int result; /* 0, TO_JSON_LONG or -ENOMEM */
};

static void
put(void *context, const void *bytes, size_t len)
{
	struct writing *w = context;
	int r;

	if (w->result != 0)
		return;
	r = buffer_append(w->out, bytes, len);
	if (r != 0)
		w->result = r == BUFFER_FULL ? TO_JSON_LONG : r;
}

static void
put_text(struct writing *w, const char *text)
{
	put(w, text, strlen(text));
}

static void
put_line(struct writing *w, unsigned int depth)
{
	if (!w->indented)
		return;
	put_text(w, "\n");
	for (unsigned int i = 0; i < INDENT * depth; i++)
		put_text(w, " ");
}

/* What stands before a value. */
static void
put_name(struct writing *w, const struct part *part)
{
	if (part->depth == 0)
		return;
	if (!w->first)
		put_text(w, ",");
	put_line(w, part->depth);
	if (part->index != PART_NO_INDEX)
		return;
	put_text(w, "\"");
	put_text(w, part->name);
	put_text(w, w->indented ? "\": " : "\":");
}

static bool
is_array(const struct part *part)
{
	return part->is.shape == SCHEMA_FIXED ||
	    part->is.shape == SCHEMA_VARIABLE;
}

static void
put_begin(struct writing *w, const struct part *part)
{
	put_name(w, part);
	put_text(w, is_array(part) ? "[" : "{");
	w->first = true;
}

static void
put_end(struct writing *w, const struct part *part)
{
	if (!w->first)
		put_line(w, part->depth);
	put_text(w, is_array(part) ? "]" : "}");
	w->first = false;
}

static void
put_double(struct writing *w, double value, int digits)
{
	char text[64];

	if (isnan(value))
		strcpy(text, "\"NaN\"");
	else if (isinf(value))
		strcpy(text, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
	else
		snprintf(text, sizeof(text), "%.*g", digits, value);
	put_text(w, text);
}

static void
put_real(struct writing *w, const struct part *part)
{
	uint32_t bits = (uint32_t)part->value;
	double d;
	float f;

	if (part->is.type->kind == SCHEMA_FLOAT) {
		memcpy(&f, &bits, sizeof(f));
		put_double(w, (double)f, 9);
	} else {
		memcpy(&d, &part->value, sizeof(d));
		put_double(w, d, 17);
	}
}

static void
put_number(struct writing *w, const struct part *part)
{
	enum schema_kind kind = part->is.type->kind;
	char text[32];

	if (kind == SCHEMA_UNSIGNED || kind == SCHEMA_UNSIGNED_HYPER)
		snprintf(text, sizeof(text), "%" PRIu64, part->value);
	else
		snprintf(text, sizeof(text), "%" PRId64, (int64_t)part->value);
	put_text(w, text);
}

static void
put_bytes(struct writing *w, const struct part *part)
{
	const struct json_sink sink = { put, w };
	const uint8_t *bytes = w->bytes + part->at;

	if (part->is.type->kind != SCHEMA_QUADRUPLE &&
	    memchr(bytes, '\0', part->len) == NULL &&
	    json_is_text(bytes, part->len)) {
		json_put_string(&sink, bytes, part->len);
	} else {
		put_text(w, w->indented ? "{\"base64\": " : "{\"base64\":");
		json_put_base64(&sink, bytes, part->len);
		put_text(w, "}");
	}
}

static void
put_word(struct writing *w, const struct part *part)
{
	const struct json_sink sink = { put, w };

	if (part->word == NULL)
		put_number(w, part);
	else if (part->is.type->kind == SCHEMA_BOOL)
		put_text(w, part->value != 0 ? "true" : "false");
	else
		json_put_string(&sink, part->word, strlen(part->word));
}

static void
put_value(struct writing *w, const struct part *part)
{
	put_name(w, part);
	w->first = false;
	switch (part->is.type->kind) {
	case SCHEMA_FLOAT:
	case SCHEMA_DOUBLE:
		put_real(w, part);
		break;
	case SCHEMA_QUADRUPLE:
	case SCHEMA_OPAQUE:
	case SCHEMA_STRING:
		put_bytes(w, part);
		break;
	default:
		put_word(w, part);
	}
}

static void
put_part(struct writing *w, const struct part *part)
{
	switch (part->kind) {
	case PART_BEGIN:
		put_begin(w, part);
		break;
	case PART_END:
		put_end(w, part);
		break;
	case PART_VALUE:
	case PART_CASE:
	case PART_BYTES:
		put_value(w, part);
		break;
	case PART_PRESENT:
		/* Else the value follows, which has the name. */
		if (part->value != 0)
			break;
		put_name(w, part);
		put_text(w, "null");
		w->first = false;
		break;
	default:
		break;
	}
}

/* As to_json(). */
static int
write_parts(struct writing *w, struct parts *parts, struct to_json_error *error)
{
	struct part part = { .name = "" };
	int r;

	while ((r = parts_next(parts, &part)) == PARTS_NEXT) {
		put_part(w, &part);
		if (w->result != 0)
			return w->result;
	}
	if (r == PARTS_OVER && parts->at == parts->len)
		return 0;
	*error = (struct to_json_error){
		.what = r == PARTS_OVER ? "no field has the bytes that follow"
					: parts_words(r),
		.name = r == PARTS_OVER ? "" : part.name,
		.at = parts->at,
	};
	return TO_JSON_WRONG;
}

int
to_json(struct buffer *out, const struct to_json_value *value, bool indented,
    struct to_json_error *error)
{
	struct parts *parts = malloc(sizeof(*parts));
	struct writing w = {
		.out = out,
		.bytes = value->bytes,
		.indented = indented,
	};
	int r;

	if (parts == NULL)
		return -ENOMEM;
	parts_start(parts, value->field, value->bytes, value->len);
	if (value->field == NULL)
		put_text(&w, "null");
	r = w.result != 0 ? w.result : write_parts(&w, parts, error);
	free(parts);
	return r;
}
