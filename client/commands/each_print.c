#include "client/commands/each_print.h"

#include "client/terminal/json.h"

#include <string.h>

/* A line as JSON; without its end, NULL, it goes on in the next object. */
static void
print_json(const struct each_print *print, uint64_t line, const message *text,
    const char *end)
{
	struct json json = { .output = print->output };
	uint64_t in_file;

	json_text(&json, "file", lines_place(print->lines, line, &in_file));
	json_number(&json, "line", in_file);
	json_bytes(&json, "text", text->message_val, text->message_len);
	if (end != NULL)
		json_text(&json, "end", end);
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
		print_json(print, line + i, &texts[i],
		    lines_end_text(end_len_of(print, line + i)));
}

void
each_print_piece(
    const struct each_print *print, uint64_t line, const message *text)
{
	if (print->json)
		print_json(print, line, text, NULL);
	else
		output_bytes(
		    print->output, text->message_val, text->message_len);
}

void
each_print_end(
    const struct each_print *print, uint64_t line, const message *end)
{
	static const message nothing;

	if (print->json)
		print_json(
		    print, line, &nothing, lines_end_text(end->message_len));
	else
		output_bytes(print->output, end->message_val, end->message_len);
}
