#include "schema/show_json.h"

#include "schema/put_json.h"
#include "schema/show_words.h"
#include "schema/skipping.h"

#include <stdio.h>
#include <string.h>

struct shown {
	struct put put;
	const struct message_words *words;
	const struct show_message *message;
	struct skipping skipping;
	size_t at; /* bytes of the message that belong to parts */
	bool others;
};

/* Begins a part with so many bytes, which are next; end_part() follows. */
static void
begin_part(
    struct shown *shown, size_t len, unsigned int depth, const char *words)
{
	struct put *put = &shown->put;

	put_format(put, "%s{\"at\":%zu,\"len\":%zu,\"depth\":%u,\"words\":",
	    shown->others ? "," : "", shown->at, len, depth);
	put_json_text(put, words, strlen(words));
	shown->others = true;
	shown->at += len;
}

static void
end_part(struct shown *shown)
{
	put_text(&shown->put, "}");
}

/* What is not shown of a part. */
static void
put_left(struct shown *shown, size_t left)
{
	put_format(&shown->put, ",\"left\":%zu", left);
}

static void
put_shortened(struct shown *shown, const uint8_t *bytes, size_t len)
{
	bool cut = len > SHOW_BYTES;

	put_text(&shown->put, ",\"hex\":");
	put_json_hex(&shown->put, bytes, cut ? (size_t)SHOW_HEAD : len);
	if (!cut)
		return;
	put_left(shown, len - SHOW_HEAD - SHOW_TAIL);
	put_text(&shown->put, ",\"tail\":");
	put_json_hex(&shown->put, bytes + len - SHOW_TAIL, SHOW_TAIL);
}

/* Bytes of which nothing is shown. */
static void
add_left_out(
    struct shown *shown, size_t len, unsigned int depth, const char *words)
{
	begin_part(shown, len, depth, words);
	put_left(shown, len);
	end_part(shown);
}

static void
end_skipping(struct shown *shown)
{
	struct skipping *left_out = &shown->skipping;
	char words[64];

	if (!left_out->skips)
		return;
	left_out->skips = false;
	snprintf(words, sizeof(words), "%zu more elements", left_out->elements);
	add_left_out(shown, left_out->len, left_out->depth, words);
}

/* Where the field is declared, if a file has it. */
static void
put_line(struct shown *shown, const struct part *part)
{
	const struct message_words *words = shown->words;
	size_t i = 0;

	if (part->line == 0 || part->from == NULL)
		return;
	while (words->of[i] != NULL && words->of[i] != part->from)
		i++;
	put_format(&shown->put, ",\"file\":%zu,\"line\":%u",
	    part->from == words->rpc ? 0 : i + 1, part->line);
}

static void
add_part(struct shown *shown, const struct part *part)
{
	const uint8_t *bytes = shown->message->bytes + part->at;
	char words[SHOW_WORDS_MAX];

	show_words(words, SHOW_WORDS_MAX - 1, part, shown->message->bytes);
	if (*words == '\0' && part->len == 0)
		return;
	begin_part(shown, part->len, part->depth, words);
	if (part->len > 0)
		put_shortened(shown, bytes, part->len);
	put_line(shown, part);
	if (part->kind == PART_REST)
		put_text(&shown->put, ",\"wrong\":true");
	end_part(shown);
	if (part->padding == 0)
		return;
	begin_part(shown, part->padding, part->depth, "padding");
	put_shortened(shown, bytes + part->len, part->padding);
	end_part(shown);
}

/* Of one record mark the bytes are known, of more their number. */
static void
add_marks(struct shown *shown)
{
	size_t marks = shown->message->marks, len = shown->message->len;
	char words[SHOW_WORDS_MAX];

	if (marks == 0)
		return;
	show_words_of_marks(words, marks, len);
	if (marks == SHOW_MARK) {
		begin_part(shown, marks, 0, words);
		put_format(&shown->put, ",\"hex\":\"%08x\"",
		    (unsigned int)len | 0x80000000u);
		end_part(shown);
	} else {
		add_left_out(shown, marks, 0, words);
	}
}

int
show_json(struct buffer *out, const struct message_words *words,
    const struct show_message *message, const struct message_target *of)
{
	struct shown shown = {
		.put = { .out = out },
		.words = words,
		.message = message,
	};
	size_t size = message->len + message->marks;
	size_t most = buffer_len(out) + SHOW_JSON_MAX;
	struct message m;
	struct part part;

	put_format(&shown.put, "{\"size\":%zu,\"parts\":[", size);
	add_marks(&shown);
	message_start(&m, words, message->bytes, message->len, of);
	while (shown.put.result == 0 && buffer_len(out) < most &&
	    message_next(&m, &part)) {
		if (skipping_takes(&shown.skipping, &part))
			continue;
		end_skipping(&shown);
		add_part(&shown, &part);
	}
	end_skipping(&shown);
	if (shown.at < size)
		add_left_out(&shown, size - shown.at, 0, "not shown");
	put_text(&shown.put, "]}");
	return shown.put.result;
}

static void
put_schema(struct put *put, const struct schema *schema)
{
	put_text(put, "{\"file\":");
	put_json_text(put, schema->file, strlen(schema->file));
	put_text(put, ",\"text\":");
	if (schema->text != NULL)
		put_json_text(put, schema->text, schema->len);
	else
		put_text(put, "null");
	put_text(put, "}");
}

int
show_json_schemas(struct buffer *out, const struct message_words *words)
{
	struct put put = { .out = out };

	put_text(&put, "[");
	put_schema(&put, words->rpc);
	for (size_t i = 0; words->of[i] != NULL; i++) {
		put_text(&put, ",");
		put_schema(&put, words->of[i]);
	}
	put_text(&put, "]");
	return put.result;
}
