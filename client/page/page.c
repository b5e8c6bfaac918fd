#include "client/page/page.h"

#include "base/clock.h"
#include "client/page/file.h"
#include "client/page/template.h"
#include "schema/put_json.h"
#include "schema/show_json.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum { HALF = PAGE_CALLS / 2 };

struct page {
	struct page_file file;
	uint64_t began_ns;
	size_t count;                    /* of all calls */
	struct buffer schemas;           /* as JSON, from the first call on */
	struct buffer calls[PAGE_CALLS]; /* likewise; empty: left out */
};

static void
page_free(struct page *page)
{
	buffer_deinit(&page->schemas);
	for (size_t i = 0; i < PAGE_CALLS; i++)
		buffer_deinit(&page->calls[i]);
	free(page);
}

int
page_new(struct page **out, const char *path)
{
	struct page *page = calloc(1, sizeof(*page));
	int r;

	if (page == NULL)
		return -ENOMEM;
	r = page_file_make(&page->file, path);
	if (r != 0) {
		free(page);
		return r;
	}
	page->began_ns = clock_now_ns();
	buffer_init(&page->schemas, SIZE_MAX / 2);
	for (size_t i = 0; i < PAGE_CALLS; i++)
		buffer_init(&page->calls[i], PAGE_CALL_MAX);
	*out = page;
	return 0;
}

/* Microseconds of this run. */
static uint64_t
us_at(const struct page *page, uint64_t time_ns)
{
	return time_ns > page->began_ns ? (time_ns - page->began_ns) / 1000 : 0;
}

static void
put_member(struct put *put, const char *name, const char *text)
{
	put_format(put, ",\"%s\":", name);
	put_json_text(put, text, strlen(text));
}

static void
put_head(const struct page *page, struct put *put, const struct page_call *call)
{
	put_format(put,
	    "{\"number\":%zu,\"to\":\"%s\",\"xid\":\"0x%08" PRIx32
	    "\",\"failed\":%s",
	    page->count + 1, call->to_rpcbind ? "rpcbind" : "server", call->xid,
	    call->failed ? "true" : "false");
	put_member(put, "name", call->name);
	put_member(put, "peer", call->peer);
	put_member(put, "status", call->status);
	put_format(put,
	    ",\"began_us\":%" PRIu64 ",\"took_us\":%" PRIu64
	    ",\"sends\":%u,\"sent_us\":[",
	    us_at(page, call->began_ns), call->took_ns / 1000, call->sends);
	for (size_t i = 0; i < call->sent_count; i++)
		put_format(put, "%s%" PRIu64, i > 0 ? "," : "",
		    us_at(page, call->sent_ns[i]));
	put_text(put, "]");
}

static void
put_message(struct put *put, const char *name, const struct page_call *call,
    const struct show_message *message)
{
	put_format(put, ",\"%s\":", name);
	if (message->bytes == NULL)
		put_text(put, "null");
	else if (put->result == 0)
		put->result =
		    show_json(put->out, call->words, message, call->of);
}

/* Where the JSON of the next call is kept. */
static struct buffer *
next_place(struct page *page)
{
	size_t at = page->count;

	return &page->calls[at < HALF ? at : HALF + (at - HALF) % HALF];
}

void
page_note(struct page *page, const struct page_call *call)
{
	struct put put = { .out = next_place(page) };

	buffer_truncate(put.out, 0);
	if (buffer_len(&page->schemas) == 0 &&
	    show_json_schemas(&page->schemas, call->words) != 0)
		buffer_truncate(&page->schemas, 0);
	put_head(page, &put, call);
	put_message(&put, "call", call, &call->call);
	put_message(&put, "reply", call, &call->reply);
	put_text(&put, "}");
	if (put.result != 0)
		buffer_truncate(put.out, 0);
	page->count++;
}

/* JSON has these within strings alone, where an escape means the same. */
static bool
is_markup(uint8_t byte)
{
	return byte == '<' || byte == '>' || byte == '&';
}

/* Adds JSON such that nothing of it is markup. */
static void
write_json(struct page_file *file, const struct buffer *json)
{
	const uint8_t *from = buffer_head(json), *end = buffer_tail(json);

	for (const uint8_t *at = from; at < end; at++) {
		if (!is_markup(*at))
			continue;
		page_file_put(file, from, (size_t)(at - from));
		put_format(&file->put, "\\u%04x", *at);
		from = at + 1;
	}
	page_file_put(file, from, (size_t)(end - from));
}

/* Those that are kept, in their order; returns how many they are. */
static size_t
write_calls(struct page *page)
{
	size_t from = page->count > PAGE_CALLS ? page->count % HALF : 0;
	size_t written = 0;

	for (size_t i = 0; i < PAGE_CALLS; i++) {
		size_t at = i < HALF ? i : HALF + (i - HALF + from) % HALF;

		if (buffer_len(&page->calls[at]) == 0)
			continue;
		put_text(&page->file.put, written > 0 ? ",\n" : "");
		write_json(&page->file, &page->calls[at]);
		written++;
	}
	return written;
}

static void
write_run(struct page *page, int exit_code)
{
	struct page_file *file = &page->file;
	size_t written;

	put_format(&file->put,
	    "{\"release\":\"%s\",\"exit\":%d,\"schemas\":", REVERSE_VERSION,
	    exit_code);
	if (buffer_len(&page->schemas) > 0)
		write_json(file, &page->schemas);
	else
		put_text(&file->put, "[]");
	put_text(&file->put, ",\"calls\":[");
	written = write_calls(page);
	put_format(&file->put, "],\"left_out\":%zu}", page->count - written);
}

static void
write_page(struct page *page, int exit_code)
{
	const char *text = (const char *)page_html_text;
	size_t mark = strlen(TEMPLATE_MARK);
	const char *at = memmem(text, page_html_size, TEMPLATE_MARK, mark);

	assert(at != NULL);
	page_file_put(&page->file, text, (size_t)(at - text));
	write_run(page, exit_code);
	at += mark;
	page_file_put(&page->file, at, page_html_size - (size_t)(at - text));
}

int
page_end(struct page *page, int exit_code)
{
	int r;

	if (page == NULL)
		return 0;
	write_page(page, exit_code);
	r = page_file_end(&page->file);
	page_free(page);
	return r;
}
