/*
 * page: the calls of a run as a page of HTML, which --trace-html writes.
 *
 * The page is page.html, as the Makefile embeds it, with the calls as JSON in
 * place of a mark: {"release", "exit", "left_out", "schemas", "calls"}, of
 * which schema/show_json has the messages.  No byte of it ends the script that
 * it stands in.
 *
 * Of a long run the first and the last calls are kept, and how many are left
 * out is told.  The file is there under its name when all of it is written.
 */
#ifndef CLIENT_PAGE_PAGE_H
#define CLIENT_PAGE_PAGE_H

#include "schema/show.h"

enum {
	/* Calls that are kept: half of them the first, half the last. */
	PAGE_CALLS = 100,
	/* Bytes of JSON of a call; one with more is left out. */
	PAGE_CALL_MAX = 256 * 1024,
};

struct page;

/* A call that has ended; all borrowed. */
struct page_call {
	const char *name; /* of its procedure */
	const char *peer; /* where it went, as people read it */
	bool to_rpcbind;
	uint32_t xid;
	unsigned int sends;
	const uint64_t *sent_ns; /* as far as they are known */
	size_t sent_count;
	uint64_t began_ns, took_ns; /* by base/clock */
	const char *status;
	bool failed;
	const struct message_words *words;
	struct show_message call, reply; /* without bytes: there was none */
	const struct message_target *of;
};

/* Makes the file, under another name unless it is a device.  Returns 0 or a
 * negative errno; page_end() after success. */
int page_new(struct page **out, const char *path);

/* A call is part of the page; where memory is out, it is left out. */
void page_note(struct page *page, const struct page_call *call);

/* Writes the page of a run that ended with that exit code, and frees it; page
 * may be NULL.  Returns 0 or a negative errno. */
int page_end(struct page *page, int exit_code);

#endif
