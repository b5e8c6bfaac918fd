#include "test/lib/each.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

int
each_setup(void **state)
{
	struct each *f = calloc(1, sizeof(*f));
	void *user;

	assert_non_null(f);
	user_setup(&user);
	f->user = user;
	f->unwatched = -1;
	f->count = 100;
	f->len = 10;
	assert_int_equal(pipe2(f->input, O_CLOEXEC), 0);
	assert_int_equal(pipe2(f->output, O_CLOEXEC), 0);
	assert_int_equal(fcntl(f->input[0], F_SETFL, O_RDONLY | O_NONBLOCK), 0);
	output_finish(&f->user->output, true);
	assert_int_equal(output_init(&f->user->output, f->output[1]), 0);
	f->user->script.context = &f->hand;
	*state = f;
	return 0;
}

void
each_closes(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int
each_teardown(void **state)
{
	struct each *f = *state;
	void *user = f->user;

	each_closes(&f->output[0]);
	user_teardown(&user);
	each_closes(&f->output[1]);
	each_closes(&f->input[0]);
	each_closes(&f->input[1]);
	each_closes(&f->unwatched);
	hand_clear(&f->hand);
	for (size_t i = 0; i < COUNT_MAX; i++)
		free(f->texts[i]);
	free(f);
	return 0;
}

/* Each message is its number and dots. */
static void
make_text(struct each *f, uint64_t number)
{
	char digits[24];
	size_t n = (size_t)snprintf(
	    digits, sizeof(digits), "%u", (unsigned int)number);

	memset(f->text, '.', f->len);
	memcpy(f->text, digits, MIN_OF(n, f->len));
}

static int
message_of(void *context, uint64_t number, message *out, u_int *count)
{
	struct each *f = context;

	if (number >= f->count)
		return f->piped && !f->ended ? CLIENT_SOURCE_WAIT
					     : CLIENT_SOURCE_END;
	if (f->texts[number] == NULL) {
		make_text(f, number);
		f->texts[number] = malloc(f->len);
		assert_non_null(f->texts[number]);
		memcpy(f->texts[number], f->text, f->len);
	}
	out->message_val = f->texts[number];
	out->message_len = (u_int)f->len;
	*count = 1;
	return 0;
}

static void
answer_is(struct each *f, uint64_t number, const message *text)
{
	assert_int_equal(number, f->answers++);
	make_text(f, number);
	assert_int_equal(text->message_len, f->len);
	assert_memory_equal(text->message_val, f->text, f->len);
	for (unsigned int i = 0; i <= f->copies; i++)
		output_bytes(f->user->session.output, text->message_val,
		    text->message_len);
}

static void
answers_are(void *context, uint64_t number, const message *texts, u_int count)
{
	for (u_int i = 0; i < count; i++)
		answer_is(context, number + i, &texts[i]);
}

static int
refill(void *context)
{
	struct each *f = context;
	char bytes[256];
	ssize_t n;

	if (++f->refills == f->refill_fails)
		return -1;
	if (f->unwatched >= 0 && f->looks-- > 0)
		return 0;
	f->ended = f->ended || f->unwatched >= 0;
	while (
	    !f->ended && (n = read(f->input[0], bytes, sizeof(bytes))) >= 0) {
		f->count += (uint64_t)n;
		f->ended = n == 0;
	}
	return 0;
}

static int
descriptor(const void *context)
{
	const struct each *f = context;

	return f->unwatched >= 0 ? f->unwatched : f->input[0];
}

static void
place(const void *context, const failure *why, char *text, size_t size)
{
	(void)context;
	snprintf(text, size, "input:%u", (unsigned int)why->at_message + 1);
}

static const struct driver_ops ops = {
	.messages = message_of,
	.answers = answers_are,
	.place = place,
};

static const struct driver_ops piped_ops = {
	.refill = refill,
	.messages = message_of,
	.answers = answers_are,
	.descriptor = descriptor,
	.place = place,
};

int
each_drives(struct each *f)
{
	const struct client_stream_terms terms = { .method = METHOD_EACH };

	return driver_run(&f->user->session, &terms,
	    f->piped ? &piped_ops : &ops, f, &f->how);
}

int
each_runs(struct each *f)
{
	int r;

	user_listens(f->user);
	r = each_drives(f);
	user_has_heard(f->user);
	return r;
}

unsigned int
each_count(const struct each *f, unsigned int procedure)
{
	return atomic_load(&f->hand.counts[procedure]);
}

void
each_is_piped(struct each *f)
{
	f->piped = true;
	f->count = 0;
}
