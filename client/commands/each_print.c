#include "client/commands/each_print.h"

#include "client/terminal/json.h"

#include <string.h>

void
each_print_init(struct each_print *print, struct output *output,
    const struct lines *lines, bool json)
{
	*print = (struct each_print){
		.output = output,
		.lines = lines,
		.json = json,
	};
	buffer_init(&print->held, SIZE_MAX);
}

void
each_print_deinit(struct each_print *print)
{
	buffer_deinit(&print->held);
}

static struct json
begin_json(const struct each_print *print, uint64_t line)
{
	struct json json = { .output = print->output };
	uint64_t in_file;

	json_text(&json, "file", lines_place(print->lines, line, &in_file));
	json_number(&json, "line", in_file);
	return json;
}

static void
print_json(const struct each_print *print, uint64_t line, const message *text,
    size_t end_len)
{
	struct json json = begin_json(print, line);

	json_bytes(&json, "text", text->message_val, text->message_len);
	json_text(&json, "end", lines_end_text(end_len));
	json_end(&json);
}

static size_t
end_len_of(const struct each_print *print, uint64_t line)
{
	message asked;

	/* One that is gone has no end. */
	lines_get(print->lines, line, &asked);
	return lines_end_len(&asked);
}

/* Returns where it ends. */
static char *
put_line(char *at, const message *text, size_t end_len)
{
	if (text->message_len > 0)
		memcpy(at, text->message_val, text->message_len);
	at += text->message_len;
	if (end_len == 2)
		*at++ = '\r';
	if (end_len > 0)
		*at++ = '\n';
	return at;
}

/* All at once, for there may be many short ones. */
static void
put_lines(const struct each_print *print, uint64_t line, const message *texts,
    u_int count)
{
	size_t most = count * (size_t)LINES_END_MAX;
	char *room, *at;

	for (u_int i = 0; i < count; i++)
		most += texts[i].message_len;
	room = at = output_room(print->output, most);
	if (room == NULL)
		return;
	for (u_int i = 0; i < count; i++)
		at = put_line(at, &texts[i], end_len_of(print, line + i));
	output_unused(print->output, most - (size_t)(at - room));
}

void
each_print_lines(const struct each_print *print, uint64_t line,
    const message *texts, u_int count)
{
	if (!print->json) {
		put_lines(print, line, texts, count);
		return;
	}
	for (u_int i = 0; i < count; i++)
		print_json(
		    print, line + i, &texts[i], end_len_of(print, line + i));
}

void
each_print_begin(struct each_print *print)
{
	buffer_truncate(&print->held, 0);
}

/* The line goes on in the next object, so this one has no end. */
void
each_print_piece(struct each_print *print, uint64_t line, const message *text)
{
	struct json json;

	if (!print->json) {
		output_bytes(
		    print->output, text->message_val, text->message_len);
		return;
	}
	json = begin_json(print, line);
	json_piece(
	    &json, "text", &print->held, text->message_val, text->message_len);
	json_end(&json);
}

void
each_print_end(struct each_print *print, uint64_t line, const message *end)
{
	message rest = { (u_int)buffer_len(&print->held), NULL };

	if (!print->json) {
		output_bytes(print->output, end->message_val, end->message_len);
		return;
	}
	if (rest.message_len > 0)
		rest.message_val = (char *)buffer_head(&print->held);
	print_json(print, line, &rest, end->message_len);
}
