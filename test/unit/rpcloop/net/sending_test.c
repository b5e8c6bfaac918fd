/* How much of a long reply rpcloop/net/flow sends at once. */
#include "test/lib/echo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	LONGEST = 1024 * 1024 + 100, /* a reply */
	PART = 256 * 1024,           /* while others have as much to say */
	WRITES = 100,
};

static struct {
	size_t len[WRITES];
	const struct flow *by[WRITES];
	unsigned int count;
} written;

/* A peer that takes whatever it is sent. */
static ssize_t
write_all(struct flow *f, const void *bytes, size_t len)
{
	(void)bytes;
	assert_in_range(written.count, 0, WRITES - 1);
	written.by[written.count] = f;
	written.len[written.count++] = len;
	return (ssize_t)len;
}

static struct remote
connect_taker(unsigned int host)
{
	static struct flow_ops taking;
	struct remote p = remote_connect(&echo_fixture.engine, host);

	taking = *p.c->flow.ops;
	taking.write = write_all;
	p.c->flow.ops = &taking;
	written.count = 0;
	return p;
}

static void
say(const struct remote *p, size_t len)
{
	struct buffer *out = connection_output(p->c);

	assert_int_equal(buffer_reserve(out, len), 0);
	memset(buffer_extend(out, len), 'x', len);
	connection_replied(p->c);
}

static void
the_longest_reply_is_sent_whole_when_nothing_else_waits(void **state)
{
	struct remote p = connect_taker(1);

	(void)state;
	say(&p, LONGEST);
	remote_run_turn(&echo_fixture.engine);
	assert_int_equal(written.count, 1);
	assert_int_equal(written.len[0], LONGEST);
	close(p.fd);
}

static void
several_are_not(void **state)
{
	struct remote p = connect_taker(1);

	(void)state;
	for (int i = 0; i < 4; i++)
		say(&p, LONGEST);
	remote_run(&echo_fixture.engine);
	assert_int_equal(written.len[0], 1024 * 1024);
	assert_int_equal(written.count, 4);
	close(p.fd);
}

static void
while_others_have_as_much_to_say_parts_are_sent_in_turn(void **state)
{
	struct remote p = connect_taker(1), q = connect_taker(2);

	(void)state;
	say(&p, LONGEST);
	say(&q, LONGEST);
	remote_run(&echo_fixture.engine);
	for (unsigned int i = 0; i < 6; i++) {
		assert_int_equal(written.len[i], PART);
		assert_ptr_equal(
		    written.by[i], i % 2 == 0 ? &p.c->flow : &q.c->flow);
	}
	close(p.fd);
	close(q.fd);
}

static void
another_that_is_put_off_counts_as_well(void **state)
{
	struct remote p = connect_taker(1), q = connect_taker(2);

	(void)state;
	say(&p, LONGEST);
	/* More records than a turn takes. */
	for (int i = 0; i < 5; i++)
		remote_send_record(&q, "call", 4);
	remote_run_turn(&echo_fixture.engine);
	assert_ptr_equal(written.by[1], &p.c->flow);
	assert_int_equal(written.len[1], PART);
	close(p.fd);
	close(q.fd);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, echo_setup, echo_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_longest_reply_is_sent_whole_when_nothing_else_waits),
		TEST(several_are_not),
		TEST(while_others_have_as_much_to_say_parts_are_sent_in_turn),
		TEST(another_that_is_put_off_counts_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
