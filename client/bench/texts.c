#include "client/bench/texts.h"

#include "client/driver/files.h"
#include "client/driver/release.h"
#include "client/session/explain.h"
#include "client/session/status_name.h"
#include "text/text.h"

#include <stdlib.h>

/* Bytes of a file that are read at a time. */
enum { PIECE = 64 * 1024 };

void
texts_init(struct texts *texts)
{
	*texts = (struct texts){ 0 };
	buffer_init(&texts->sent, TEXTS_MAX + PIECE);
	buffer_init(&texts->wanted, TEXTS_MAX + PIECE);
}

void
texts_deinit(struct texts *texts)
{
	buffer_deinit(&texts->sent);
	buffer_deinit(&texts->wanted);
	free(texts->ends);
	texts->ends = NULL;
}

static size_t
begin_of(const struct texts *texts, size_t number)
{
	return number > 0 ? texts->ends[number - 1] : 0;
}

struct text
texts_next(struct texts *texts)
{
	size_t begin = begin_of(texts, texts->next);
	struct text text = {
		.sent = (char *)buffer_head(&texts->sent) + begin,
		.wanted = (const char *)buffer_head(&texts->wanted) + begin,
		.len = texts->ends[texts->next] - begin,
	};

	texts->next = (texts->next + 1) % texts->count;
	return text;
}

/* Room for one text more; false: no memory. */
static bool
make_room(struct texts *texts)
{
	size_t room = texts->room > 0 ? 2 * texts->room : 64;
	size_t *ends;

	if (texts->count < texts->room)
		return true;
	ends = reallocarray(texts->ends, room, sizeof(*ends));
	if (ends == NULL)
		return false;
	texts->ends = ends;
	texts->room = room;
	return true;
}

/* The last len bytes of what is sent are a text.  Returns 0, TEXT_ILL_FORMED
 * with *bad_at, or -ENOMEM. */
static int
add(struct texts *texts, size_t len, text_unit unit, size_t *bad_at)
{
	size_t begin = begin_of(texts, texts->count);
	int r;

	/* Also of no bytes there is an address. */
	if (!make_room(texts) || buffer_reserve(&texts->wanted, len + 1) != 0)
		return -ENOMEM;
	r = len > 0 ? text_reverse(buffer_tail(&texts->wanted),
			  buffer_head(&texts->sent) + begin, len,
			  (enum text_by)unit, bad_at)
		    : 0;
	if (r != 0)
		return r;
	buffer_commit(&texts->wanted, len);
	texts->ends[texts->count++] = begin + len;
	return 0;
}

int
texts_make(struct texts *texts, size_t len, text_unit unit)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz ";
	size_t bad_at;

	if (buffer_reserve(&texts->sent, len + 1) != 0)
		return say_no_memory();
	for (size_t i = 0; i < len; i++)
		*buffer_extend(&texts->sent, 1) =
		    (uint8_t)letters[i % (sizeof(letters) - 1)];
	return add(texts, len, unit, &bad_at) == 0 ? EXIT_DONE
						   : say_no_memory();
}

/* All of a file, however slowly it comes. */
static int
read_all(struct texts *texts, struct session *session, struct files *files)
{
	size_t len;
	int r = files_next(files);

	files_invite(files);
	while (r == 0 || r == FILES_WAIT) {
		if (r == FILES_WAIT)
			r = explain_wait(session,
			    release_wait(session, files->fd, SESSION_FOREVER));
		if (r != EXIT_DONE)
			return r;
		if (buffer_reserve(&texts->sent, PIECE) != 0)
			return say_no_memory();
		r = files_read(files, buffer_tail(&texts->sent), PIECE, &len);
		if (r == 0)
			buffer_commit(&texts->sent, len);
		if (buffer_len(&texts->sent) > TEXTS_MAX) {
			say_failure(status_name(STATUS_INVALID_ARGUMENT),
			    "%s is longer than messages may be in all: "
			    "%d bytes",
			    files->name, TEXTS_MAX);
			return EXIT_USAGE;
		}
	}
	return r == FILES_END ? EXIT_DONE : EXIT_FAILED;
}

/* A line of a file, which is moved to the end of the texts before it. */
static int
add_line(struct texts *texts, const char *line, size_t len, text_unit unit)
{
	size_t bad_at;
	int r;

	memmove(buffer_head(&texts->sent) + begin_of(texts, texts->count), line,
	    len);
	r = add(texts, len, unit, &bad_at);
	if (r == 0)
		return EXIT_DONE;
	if (r != TEXT_ILL_FORMED)
		return say_no_memory();
	say_failure(status_name(STATUS_INVALID_ARGUMENT),
	    "message %zu is not UTF-8 from byte %zu on", texts->count + 1,
	    bad_at);
	return EXIT_USAGE;
}

/* Makes texts of the lines of all that was read. */
static int
split(struct texts *texts, size_t max, text_unit unit)
{
	const char *at = (const char *)buffer_head(&texts->sent);
	const char *end = (const char *)buffer_tail(&texts->sent);
	const char *next;
	size_t len;
	int r;

	for (; at < end; at = next) {
		next = memchr(at, '\n', (size_t)(end - at));
		len = (size_t)((next != NULL ? next : end) - at);
		next = next != NULL ? next + 1 : end;
		if (len > 0 && at[len - 1] == '\r' && next > at + len)
			len--;
		if (len > max) {
			say_failure(status_name(STATUS_INVALID_ARGUMENT),
			    "message %zu is longer than the server "
			    "takes: %zu bytes",
			    texts->count + 1, max);
			return EXIT_USAGE;
		}
		r = add_line(texts, at, len, unit);
		if (r != EXIT_DONE)
			return r;
	}
	return EXIT_DONE;
}

int
texts_read(struct texts *texts, struct session *session, char *name, size_t max)
{
	struct files files;
	int r;

	files_init(&files, 1, &name);
	r = read_all(texts, session, &files);
	if (r == EXIT_DONE)
		r = split(texts, max, session->settings->unit);
	if (r == EXIT_DONE && texts->count == 0) {
		say_failure(status_name(STATUS_INVALID_ARGUMENT),
		    "there is no message in %s", files.name);
		r = EXIT_USAGE;
	}
	files_deinit(&files);
	return r;
}
