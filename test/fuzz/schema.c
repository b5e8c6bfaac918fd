/*
 * For libFuzzer: any text as a file like reverse.x, and any bytes as a message
 * and as a value of each type of the file.
 *
 * Reading the file ends well, or says what is wrong in one of its lines.  Each
 * byte of a value belongs to one part, and so does each byte of a message; what
 * is shown of that are lines of characters that can be printed.  A value
 * becomes JSON, and JSON a value, or it is said why not; and of reverse.x, in
 * which no name stands twice, that value is the same JSON again.
 *
 * The first two bytes are the length of the text, the bytes follow it.
 */
#include "test/fuzz/fuzz.h"

#include "schema/file.h"
#include "schema/from_json.h"
#include "schema/show.h"
#include "schema/texts.h"
#include "schema/to_json.h"

#include <errno.h>
#include <string.h>

#define SHOWN_MAX (64 * 1024)

static struct schema *
built_in(const unsigned char *text, size_t size)
{
	struct schema_error error;
	struct schema *schema = NULL;

	MUST(schema_new(&schema, "", text, size, &error) == 0);
	return schema;
}

static struct schema *
read_file(const uint8_t *text, size_t len)
{
	struct schema_error error = { .line = 0 };
	struct schema *schema = NULL;
	unsigned int lines = 1;
	int r = schema_new(&schema, "", text, len, &error);

	if (r == 0)
		return schema;
	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	MUST(r == SCHEMA_WRONG && schema == NULL);
	MUST(error.line <= lines);
	MUST(memchr(error.text, '\0', sizeof(error.text)) != NULL);
	MUST(error.text[0] != '\0');
	return NULL;
}

static void
check_value(const struct schema_type *type, const uint8_t *bytes, size_t len)
{
	static struct parts parts;
	struct schema_field field = { .name = "", .type = type };
	struct part part;
	size_t at = 0;
	unsigned int open = 0;
	int r;

	parts_start(&parts, &field, bytes, len);
	while ((r = parts_next(&parts, &part)) == PARTS_NEXT) {
		MUST(part.at == at);
		at += part.len + part.padding;
		MUST(at <= len && at % 4 == 0);
		MUST(part.kind != PART_END || open > 0);
		open += part.kind == PART_BEGIN;
		open -= part.kind == PART_END;
	}
	MUST(r >= PARTS_OVER && r <= PARTS_TOO_DEEP);
	MUST(open == 0 || r != PARTS_OVER);
}

/* Bytes as JSON; false: they are no such value, or it is too long. */
static bool
make_json(struct buffer *out, const struct to_json_value *value)
{
	struct to_json_error error = { .what = NULL };
	int r = to_json(out, value, value->len % 2 == 0, &error);

	MUST(r == 0 || r == TO_JSON_WRONG || r == TO_JSON_LONG);
	MUST(r != TO_JSON_WRONG || error.what != NULL);
	MUST(r != TO_JSON_WRONG || error.at <= value->len);
	return r == 0;
}

/* The bytes of a buffer, which may have none. */
static const uint8_t *
bytes_of(const struct buffer *b)
{
	return buffer_len(b) > 0 ? buffer_head(b) : (const uint8_t *)"";
}

/* JSON as a value, which then is one. */
static bool
take_json(const struct schema_field *field, const uint8_t *text, size_t len,
    struct buffer *again)
{
	struct from_json_error error = { .text = "" };
	struct to_json_value value = { .field = field };
	struct buffer bytes;
	int r;

	buffer_init(&bytes, SHOWN_MAX);
	r = from_json(&bytes, field, (const char *)text, len, &error);
	MUST(r == 0 || r == FROM_JSON_WRONG);
	MUST((r == 0) == (error.text[0] == '\0'));
	value.bytes = bytes_of(&bytes);
	value.len = buffer_len(&bytes);
	if (r == 0)
		make_json(again, &value);
	buffer_deinit(&bytes);
	return r == 0;
}

/* unique: what comes out goes in. */
static void
check_json(const struct schema_type *type, const uint8_t *bytes, size_t len,
    bool unique)
{
	struct schema_field field = { .name = "", .type = type };
	struct to_json_value value = { &field, bytes, len };
	struct buffer json, again;
	bool is_value;

	buffer_init(&json, SHOWN_MAX);
	buffer_init(&again, SHOWN_MAX);
	take_json(&field, bytes, len, &again);
	buffer_truncate(&again, 0);
	is_value = make_json(&json, &value) &&
	    take_json(&field, buffer_head(&json), buffer_len(&json), &again);
	if (unique && is_value)
		MUST(buffer_len(&json) == buffer_len(&again) &&
		    memcmp(bytes_of(&json), bytes_of(&again),
			buffer_len(&json)) == 0);
	buffer_deinit(&json);
	buffer_deinit(&again);
}

static void
check_shown(const struct buffer *out)
{
	const uint8_t *at = buffer_head(out);
	size_t left = buffer_len(out);

	for (; left > 0; at++, left--)
		MUST(*at == '\n' || (*at >= ' ' && *at != 0x7f));
}

static void
check_message(const struct message_words *words, const uint8_t *bytes,
    size_t len, const struct message_target *of)
{
	static struct message message;
	const struct show_message shown = { bytes, len, 4 };
	struct buffer out;
	struct part part;
	size_t at = 0;
	int r;

	message_start(&message, words, bytes, len, of);
	while (message_next(&message, &part)) {
		MUST(part.at == at);
		at += part.len + part.padding;
	}
	MUST(at == len);
	message_status(words, bytes, len, of);
	buffer_init(&out, SHOWN_MAX);
	r = show_message(&out, words, &shown, of, false);
	MUST(r == 0 || r == BUFFER_FULL);
	check_shown(&out);
	buffer_deinit(&out);
}

/* As a call, and as the reply to a call of a procedure of the file. */
static void
check_messages(const struct schema *file, const uint8_t *bytes, size_t len)
{
	static struct schema *rpc, *reverse;
	struct message_words words;
	const struct schema_program *program = file->programs;
	struct message_target of = { 0x20726576, 1, 3 };

	if (rpc == NULL) {
		rpc = built_in(rpc_x_text, rpc_x_size);
		reverse = built_in(schema_text, schema_size);
	}
	words = (struct message_words){ rpc, { reverse, file } };
	for (const struct schema_type *type = reverse->types; type != NULL;
	     type = type->next)
		check_json(type, bytes, len, true);
	check_message(&words, bytes, len, NULL);
	check_message(&words, bytes, len, &of);
	for (; program != NULL; program = program->next) {
		of.program = program->number;
		of.version = program->versions->number;
		of.procedure = program->versions->procedures->number;
		check_message(&words, bytes, len, &of);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct schema *file;
	size_t len;

	if (size < 2)
		return -1;
	len = (size_t)data[0] << 8 | data[1];
	data += 2;
	size -= 2;
	if (len > size)
		len = size;
	file = read_file(data, len);
	if (file == NULL)
		return 0;
	for (const struct schema_type *type = file->types; type != NULL;
	     type = type->next) {
		check_value(type, data + len, size - len);
		check_json(type, data + len, size - len, false);
	}
	check_messages(file, data + len, size - len);
	schema_free(file);
	return 0;
}
