/*
 * What client/driver/carrier promises: calls in flight are answered in any
 * order, or lost all together, and a server that hangs is not waited for.
 */
#include "client/driver/carrier.h"

#include "base/base.h"
#include "base/clock.h"
#include "test/lib/hand.h"
#include "test/lib/pings.h"
#include "test/lib/user.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Of a server, of its answer when it is asked, and of a datagram. */
enum { SILENT_MS = 200, PING_MS = 200, SLOW_PING_MS = 1500, RESEND_MS = 50 };

struct fixture {
	struct user *user;
	struct carrier carrier;
	bool over; /* something was told that ends the wait */
	/* What was told: */
	unsigned int answers;
	uint64_t order[CARRIER_CALLS]; /* of the answers, by their first */
	unsigned int lost;
	int why;
	unsigned int failed;
	const struct procedure *procedure;
	unsigned int ready;
	unsigned int too_long;
	bool stays; /* a call is no longer than it has to be */
	uint32_t bytes;
	unsigned int wanted; /* answers that are waited for */
};

static void
end_wait(struct fixture *f)
{
	f->over = true;
	session_wake(&f->user->session);
}

static void
on_answered(void *context, const struct client_call *call,
    const union carrier_result *result)
{
	struct fixture *f = context;

	assert_true(f->answers < CARRIER_CALLS);
	f->order[f->answers++] = call->args.exchange.piece.first;
	if (call->kind == CLIENT_EXCHANGE)
		assert_int_equal(
		    result->exchanged.exchange_result_u.answered.piece.next,
		    call->args.exchange.piece.first);
	if (f->answers == f->wanted)
		end_wait(f);
}

static void
on_lost(void *context, int why)
{
	struct fixture *f = context;

	f->lost++;
	f->why = why;
	assert_int_equal(f->carrier.flying, 0);
	end_wait(f);
}

static void
on_failed(void *context, const struct procedure *procedure)
{
	struct fixture *f = context;

	f->failed++;
	f->procedure = procedure;
	end_wait(f);
}

static void
on_ready(void *context)
{
	struct fixture *f = context;

	f->ready++;
	end_wait(f);
}

static bool
on_too_long(void *context, uint32_t bytes)
{
	struct fixture *f = context;

	f->too_long++;
	f->bytes = bytes;
	end_wait(f);
	return !f->stays;
}

static const struct carrier_ops ops = {
	.answered = on_answered,
	.lost = on_lost,
	.failed = on_failed,
	.ready = on_ready,
	.too_long = on_too_long,
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	void *user;

	assert_non_null(f);
	user_setup(&user);
	f->user = user;
	carrier_init(&f->carrier, &f->user->session, &ops, f);
	f->user->session.pulse.silent_ms = SILENT_MS;
	f->user->session.pulse.ping_ms = PING_MS;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	void *user = f->user;

	carrier_deinit(&f->carrier);
	assert_null(f->user->session.lost);
	user_teardown(&user);
	free(f);
	return 0;
}

/* Until something is told. */
static void
wait_told(struct fixture *f)
{
	f->over = false;
	assert_int_equal(session_run(&f->user->session,
			     clock_now_ms() + USER_PATIENCE_MS, &f->over),
	    SESSION_WAIT_DONE);
}

/* An EXCHANGE whose number is in its piece. */
static bool
send_exchange(struct fixture *f, uint64_t number)
{
	struct client_call call = { .kind = CLIENT_EXCHANGE };

	call.args.exchange.piece.first = number;
	return carrier_send(&f->carrier, &call);
}

static bool
send_greet(struct fixture *f)
{
	const struct client_call call = { .kind = CLIENT_GREET };

	return carrier_send(&f->carrier, &call);
}

static void
connect_to(struct fixture *f, void (*play)(struct script *script, int fd))
{
	user_play(f->user, play);
	assert_false(send_exchange(f, 0));
	/* It is looked for once. */
	assert_false(send_exchange(f, 0));
	wait_told(f);
	assert_int_equal(f->ready, 1);
	assert_int_equal(f->carrier.flying, 0);
}

static void
answer_exchange(int fd, const struct hand_call *call)
{
	exchange_result result = { .code = STATUS_OK };

	result.exchange_result_u.answered.piece.next =
	    call->args.exchange.piece.first;
	hand_reply(fd, call, &result);
}

/* As many as there are slots, and then answers to them, the last first. */
static void
play_backwards(struct script *script, int fd)
{
	struct hand_call calls[CARRIER_CALLS];
	unsigned int count = 0;

	while (count < CARRIER_CALLS && hand_take(script, fd, &calls[count]))
		count++;
	while (count-- > 0) {
		answer_exchange(fd, &calls[count]);
		hand_free(&calls[count]);
	}
	play_silence(script, fd);
}

static void
answers_come_in_any_order(void **state)
{
	struct fixture *f = *state;

	connect_to(f, play_backwards);
	f->wanted = CARRIER_CALLS;
	for (uint64_t i = 0; i < CARRIER_CALLS; i++)
		assert_true(send_exchange(f, i));
	assert_int_equal(f->carrier.flying, CARRIER_CALLS);
	wait_told(f);
	assert_int_equal(f->carrier.flying, 0);
	for (uint64_t i = 0; i < CARRIER_CALLS; i++)
		assert_int_equal(f->order[i], CARRIER_CALLS - 1 - i);
	assert_true(f->user->session.met);
	assert_int_equal(f->lost + f->failed, 0);
}

/* One at a time, so that slots are used again. */
static void
play_one_by_one(struct script *script, int fd)
{
	struct hand_call call;

	while (hand_take(script, fd, &call)) {
		if (call.procedure == REVERSE_GREET)
			hand_greet(fd, &call);
		else
			answer_exchange(fd, &call);
		hand_free(&call);
	}
}

static void
slots_are_used_again(void **state)
{
	struct fixture *f = *state;

	connect_to(f, play_one_by_one);
	for (uint64_t i = 0; i < 3 * CARRIER_CALLS; i++) {
		f->answers = 0;
		f->wanted = 1;
		assert_true(send_exchange(f, i));
		wait_told(f);
		assert_int_equal(f->order[0], i);
	}
	assert_true(send_greet(f));
	f->answers = 0;
	wait_told(f);
	assert_int_equal(f->answers, 1);
}

static atomic_uint pings; /* that came */

static void
play_silent_but_alive(struct script *script, int fd)
{
	struct hand_call call, owed = { 0 };

	while (hand_take(script, fd, &call)) {
		if (call.procedure != REVERSE_PING) {
			owed = call;
			continue;
		}
		hand_reply(fd, &call, NULL);
		if (atomic_fetch_add(&pings, 1) == 2)
			answer_exchange(fd, &owed);
	}
	hand_free(&owed);
}

/* It is asked as often as it is silent. */
static void
a_server_that_answers_pings_is_waited_for(void **state)
{
	struct fixture *f = *state;
	uint64_t began;

	atomic_store(&pings, 0);
	connect_to(f, play_silent_but_alive);
	f->wanted = 1;
	began = clock_now_ms();
	assert_true(send_exchange(f, 1));
	wait_told(f);
	assert_int_equal(f->answers, 1);
	assert_true(clock_now_ms() - began >= 3 * SILENT_MS);
	/* A server that owes nothing is left in peace. */
	user_runs(f->user, 2 * SILENT_MS);
	assert_int_equal(atomic_load(&pings), 3);
}

/* Counts them, and answers nothing. */
static void
play_hanging(struct script *script, int fd)
{
	struct hand_call call;

	while (hand_take(script, fd, &call)) {
		if (call.procedure == REVERSE_PING)
			atomic_fetch_add(&pings, 1);
		hand_free(&call);
	}
}

static void
a_server_that_hangs_is_given_up(void **state)
{
	struct fixture *f = *state;
	uint64_t began;

	atomic_store(&pings, 0);
	connect_to(f, play_hanging);
	began = clock_now_ms();
	assert_true(send_exchange(f, 1));
	assert_true(send_exchange(f, 2));
	wait_told(f);
	assert_true(clock_now_ms() - began >= SILENT_MS + PING_MS);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	assert_int_equal(atomic_load(&pings), 1);
	assert_int_equal(f->lost, 1);
	assert_int_equal(f->why, SESSION_UNANSWERED);
	assert_int_equal(f->user->session.last.error.re_status, RPC_TIMEDOUT);
	assert_null(f->user->session.channel);
	assert_int_equal(f->carrier.flying, 0);
}

/* Never, so that its calls are ended at some time. */
static void
a_server_that_answers_pings_alone_is_given_up(void **state)
{
	struct fixture *f = *state;

	atomic_store(&pings, 3);
	connect_to(f, play_silent_but_alive);
	f->user->session.wait_ms = 3 * SILENT_MS;
	f->user->session.patience_ms = SILENT_MS;
	assert_true(send_exchange(f, 1));
	wait_told(f);
	assert_int_equal(f->lost, 1);
	assert_int_equal(f->answers, 0);
	assert_true(atomic_load(&pings) > 4);
	assert_ptr_equal(f->carrier.overdue, &procedure_exchange);
	assert_int_equal(f->user->session.last.error.re_status, RPC_TIMEDOUT);
	assert_null(f->user->session.channel);
}

/* A part of an answer every now and then, longer than a PING is waited for. */
static void
play_slow_line(struct script *script, int fd)
{
	uint8_t record[4 + 96] = { 0x80, 0, 0, 96 };
	struct hand_call call;

	if (!hand_take(script, fd, &call))
		return;
	for (size_t i = 0; i < sizeof(record); i++) {
		if (i == 4)
			memcpy(record + 4, &(uint32_t){ htonl(call.xid) }, 4);
		record[11] = 1;
		if (send(fd, record + i, 1, MSG_NOSIGNAL) != 1)
			break;
		poll(NULL, 0, 10);
	}
	hand_free(&call);
	play_silence(script, fd);
}

static void
a_slow_line_is_no_hanging_server(void **state)
{
	struct fixture *f = *state;

	connect_to(f, play_slow_line);
	f->wanted = 1;
	assert_true(send_exchange(f, 0));
	wait_told(f);
	assert_int_equal(f->lost, 0);
	assert_int_equal(f->answers, 1);
}

static atomic_bool watched;

/* Takes long calls a bit at a time, for as long as it is watched. */
static void
play_slow_reader(struct script *script, int fd)
{
	char bytes[16 * 1024];
	int little = sizeof(bytes);

	(void)script;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little));
	while (atomic_load(&watched) && read(fd, bytes, sizeof(bytes)) > 0)
		poll(NULL, 0, 20);
}

/* More than it takes while it is watched; a busy machine may stop it for less
 * than a PING may take. */
static void
a_slow_line_to_the_server_is_no_hanging_server(void **state)
{
	struct fixture *f = *state;
	struct client_call call = { .kind = CLIENT_EXCHANGE };
	static char zeros[MESSAGE_MAX];
	message text = { sizeof(zeros), zeros };

	f->user->session.pulse.ping_ms = SLOW_PING_MS;
	atomic_store(&watched, true);
	connect_to(f, play_slow_reader);
	call.args.exchange.piece.messages.messages_val = &text;
	call.args.exchange.piece.messages.messages_len = 1;
	while (call.args.exchange.piece.first++ < 4)
		assert_true(carrier_send(&f->carrier, &call));
	user_runs(f->user, SILENT_MS + SLOW_PING_MS + PING_MS);
	atomic_store(&watched, false);
	assert_int_equal(f->lost, 0);
}

/* Takes two calls, and leaves. */
static void
play_leaving(struct script *script, int fd)
{
	script_read_call(script, fd);
	script_read_call(script, fd);
}

static void
a_connection_that_breaks_is_told_once(void **state)
{
	struct fixture *f = *state;

	connect_to(f, play_leaving);
	assert_true(send_exchange(f, 1));
	assert_true(send_exchange(f, 2));
	wait_told(f);
	assert_int_equal(f->lost, 1);
	assert_int_equal(f->why, SESSION_UNANSWERED);
	assert_int_equal(f->user->session.last.error.re_status, RPC_CANTRECV);
	user_runs(f->user, 50);
	assert_int_equal(f->lost, 1);
	assert_int_equal(f->failed + f->answers, 0);
	assert_false(send_exchange(f, 3));
	wait_told(f);
	assert_int_equal(f->ready, 2);
}

static void
no_server_is_told(void **state)
{
	struct fixture *f = *state;
	struct endpoint at = user_nowhere();
	uint64_t began = clock_now_ms();

	user_knows(f->user, &at);
	assert_false(send_greet(f));
	assert_false(send_greet(f));
	wait_told(f);
	assert_true(clock_now_ms() - began >= 600);
	assert_int_equal(f->lost, 1);
	assert_int_equal(f->why, SESSION_UNREACHABLE);
	/* It is looked for again when there is another call. */
	assert_false(send_greet(f));
	wait_told(f);
	assert_int_equal(f->lost, 2);
}

static void
what_fails_is_told(void **state)
{
	static const uint32_t words[] = { 1, 0, 0, 0, GARBAGE_ARGS };
	struct fixture *f = *state;

	f->user->script.words = words;
	f->user->script.count = ARRAY_LEN(words);
	connect_to(f, play_replies);
	assert_true(send_greet(f));
	wait_told(f);
	assert_int_equal(f->failed, 1);
	assert_ptr_equal(f->procedure, &procedure_greet);
	assert_int_equal(
	    f->user->session.last.error.re_status, RPC_CANTDECODEARGS);
	assert_int_equal(f->lost + f->answers, 0);
	assert_int_equal(f->carrier.flying, 0);
}

static void
arguments_that_cannot_be_encoded_are_told(void **state)
{
	struct fixture *f = *state;
	struct client_call call = { .kind = CLIENT_EXCHANGE };

	connect_to(f, play_silence);
	call.args.exchange.piece.messages.messages_len = SEGMENT_MAX + 1;
	assert_true(carrier_send(&f->carrier, &call));
	assert_int_equal(f->failed, 1);
	assert_ptr_equal(f->procedure, &procedure_exchange);
	assert_int_equal(
	    f->user->session.last.error.re_status, RPC_CANTENCODEARGS);
	assert_int_equal(f->carrier.flying, 0);
}

static void
what_is_forgotten_is_told_to_nobody(void **state)
{
	struct fixture *f = *state;

	connect_to(f, play_one_by_one);
	assert_true(send_exchange(f, 1));
	assert_true(send_exchange(f, 2));
	carrier_deinit(&f->carrier);
	assert_int_equal(f->carrier.flying, 0);
	user_runs(f->user, 50);
	assert_int_equal(f->answers + f->lost + f->failed, 0);
	carrier_init(&f->carrier, &f->user->session, &ops, f);
	session_disconnect(&f->user->session);
	assert_false(send_exchange(f, 1));
	carrier_deinit(&f->carrier);
	user_runs(f->user, 50);
	assert_int_equal(f->ready, 1);
	assert_null(f->user->session.find.locate);
}

/* A server over UDP, which the user knows. */
static void
serve_datagrams(struct fixture *f, struct pings *server)
{
	pings_start(server);
	f->user->settings.transport = TRANSPORT_UDP;
	user_knows(f->user, &server->at);
}

/* After the fourth time; a GREET has nothing that could be shorter. */
static void
what_is_lost_four_times_may_be_too_long(void **state)
{
	struct fixture *f = *state;
	struct pings server;
	uint64_t began;

	serve_datagrams(f, &server);
	assert_false(send_exchange(f, 1));
	wait_told(f);
	assert_int_equal(f->ready, 1);
	f->user->session.channel->resend_ms = RESEND_MS;
	assert_true(send_greet(f));
	user_runs(f->user, 8 * RESEND_MS);
	assert_int_equal(f->too_long, 0);
	assert_int_equal(f->carrier.flying, 1);
	began = clock_now_ms();
	f->stays = true;
	assert_true(send_exchange(f, 1));
	wait_told(f);
	assert_true(clock_now_ms() - began >= (1 + 2 + 4) * RESEND_MS);
	assert_int_equal(f->carrier.flying, 2);
	f->stays = false;
	f->too_long = 0;
	wait_told(f);
	assert_int_equal(f->too_long, 1);
	assert_int_equal(f->carrier.flying, 1);
	/* What the loopback carries of IPv4; or any path, where the kernel
	 * does not tell. */
	if (f->bytes != 1280 - 28 - 640)
		assert_int_equal(f->bytes, 65535 - 28 - 640);
	assert_int_equal(f->lost, 0);
	pings_stop(&server);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(answers_come_in_any_order),
		CASE(slots_are_used_again),
		CASE(a_server_that_answers_pings_is_waited_for),
		CASE(a_server_that_hangs_is_given_up),
		CASE(a_server_that_answers_pings_alone_is_given_up),
		CASE(a_slow_line_is_no_hanging_server),
		CASE(a_slow_line_to_the_server_is_no_hanging_server),
		CASE(a_connection_that_breaks_is_told_once),
		CASE(no_server_is_told),
		CASE(what_fails_is_told),
		CASE(arguments_that_cannot_be_encoded_are_told),
		CASE(what_is_forgotten_is_told_to_nobody),
		CASE(what_is_lost_four_times_may_be_too_long),
	};

	user_main();
	return cmocka_run_group_tests_name("client_carrier", tests, NULL, NULL);
}
