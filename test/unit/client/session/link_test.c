/*
 * What client/session/link and client/session/watch promise: no server, however
 * it behaves, holds a call longer than its deadline.
 */
#include "client/session/link.h"

#include "base/clock.h"
#include "test/lib/script.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A deadline that passes, and the time in which that has to be noticed. */
#define DEADLINE_MS 200
#define NOTICED_MS  10000

/* A deadline that does not pass. */
#define PATIENCE_MS 20000

struct fixture {
	struct watch watch;
	struct link link;
	struct link_call how;
	struct script script;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(watch_start(&f->watch), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	link_close(&f->link);
	watch_stop(&f->watch);
	if (f->script.play != NULL)
		script_stop(&f->script);
	free(f);
	return 0;
}

/* Starts a script and a link to it. */
static void
play(struct fixture *f, void (*script)(struct script *script, int fd))
{
	f->script.play = script;
	script_start(&f->script);
	assert_int_equal(link_open(&f->link, &f->watch, &f->script.at,
			     REVERSE_PROG, REVERSE_V1, PATIENCE_MS),
	    0);
}

static void
ping(struct fixture *f, uint64_t deadline_ms)
{
	watch_arm(&f->watch, deadline_ms);
	link_call(&f->link, &f->watch, WATCH_FOREVER, &procedure_ping, NULL,
	    NULL, &f->how);
}

/* The call that is made between these ended at its deadline. */
static void
assert_ended_in_time(const struct fixture *f, uint64_t began)
{
	uint64_t took = clock_now_ms() - began;

	assert_int_equal(f->how.status, RPC_TIMEDOUT);
	assert_true(took >= DEADLINE_MS);
	assert_true(took < NOTICED_MS);
}

static void
silence_ends_at_the_deadline(void **state)
{
	struct fixture *f = *state;
	uint64_t began = clock_now_ms();

	play(f, play_silence);
	ping(f, DEADLINE_MS);
	assert_ended_in_time(f, began);
	assert_int_equal(watch_happened(&f->watch), WATCH_EXPIRED);
}

/* Half a reply, a byte at a time, each of which libtirpc would wait after. */
static void
play_drip(struct script *script, int fd)
{
	static const uint8_t header[] = { 0x00, 0x00, 0xff, 0xff };
	struct pollfd gone = { .fd = fd, .events = POLLRDHUP };

	script_read_call(script, fd);
	send(fd, header, sizeof(header), MSG_NOSIGNAL);
	while (poll(&gone, 1, DEADLINE_MS / 10) == 0)
		send(fd, "", 1, MSG_NOSIGNAL);
}

static void
drip_ends_at_the_deadline(void **state)
{
	struct fixture *f = *state;
	uint64_t began = clock_now_ms();

	play(f, play_drip);
	ping(f, DEADLINE_MS);
	assert_ended_in_time(f, began);
}

/* Replies to calls that were never made. */
static void
play_others(struct script *script, int fd)
{
	struct pollfd gone = { .fd = fd, .events = POLLRDHUP };
	uint32_t words[6] = { 0, 1 };

	script_read_call(script, fd);
	words[0] = script_call_word(script, 0) + 1;
	while (poll(&gone, 1, DEADLINE_MS / 10) == 0)
		script_send(fd, words, 6);
}

static void
replies_to_others_end_at_the_deadline(void **state)
{
	struct fixture *f = *state;
	uint64_t began = clock_now_ms();

	play(f, play_others);
	ping(f, DEADLINE_MS);
	assert_ended_in_time(f, began);
}

/* Reads nothing, until the test is over and closes the listener. */
static void
play_deaf(struct script *script, int fd)
{
	struct pollfd over = { .fd = script->listener, .events = POLLIN };

	(void)fd;
	poll(&over, 1, NOTICED_MS);
}

/* More than the socket's buffers take, so that sending blocks. */
static void
sending_ends_at_the_deadline(void **state)
{
	struct fixture *f = *state;
	reverse_args args = { .text.message_len = MESSAGE_MAX };
	reverse_result result;
	int little = 4096;
	uint64_t began;

	args.text.message_val = calloc(1, MESSAGE_MAX);
	assert_non_null(args.text.message_val);
	play(f, play_deaf);
	setsockopt(f->link.fd, SOL_SOCKET, SO_SNDBUF, &little, sizeof(little));
	began = clock_now_ms();
	watch_arm(&f->watch, DEADLINE_MS);
	do
		link_call(&f->link, &f->watch, WATCH_FOREVER, &procedure_text,
		    &args, &result, &f->how);
	while (f->how.status == RPC_SUCCESS);
	free(args.text.message_val);
	assert_ended_in_time(f, began);
}

/* By the time the call has arrived the client is in libtirpc. */
static void
play_interrupt(struct script *script, int fd)
{
	script_read_call(script, fd);
	kill(getpid(), SIGINT);
	play_silence(script, fd);
}

static void
interrupt_ends_a_call(void **state)
{
	struct fixture *f = *state;
	uint64_t began = clock_now_ms();

	play(f, play_interrupt);
	ping(f, PATIENCE_MS);
	assert_int_equal(f->how.status, RPC_TIMEDOUT);
	assert_int_equal(watch_happened(&f->watch), WATCH_INTERRUPTED);
	assert_true(clock_now_ms() - began < NOTICED_MS);
}

static void
interruption_outlives_the_call(void **state)
{
	struct fixture *f = *state;

	kill(getpid(), SIGINT);
	assert_int_equal(watch_wait(&f->watch, -1, 0, PATIENCE_MS), -EINTR);
	watch_arm(&f->watch, PATIENCE_MS);
	assert_int_equal(watch_happened(&f->watch), WATCH_INTERRUPTED);
	assert_int_equal(watch_left(&f->watch), 0);
	assert_int_equal(watch_wait(&f->watch, -1, 0, WATCH_FOREVER), -EINTR);
}

static void
waits_end_at_the_deadline_or_before(void **state)
{
	struct fixture *f = *state;
	uint64_t began = clock_now_ms();

	watch_arm(&f->watch, DEADLINE_MS);
	assert_int_equal(watch_wait(&f->watch, -1, 0, 1), -ETIMEDOUT);
	assert_int_equal(watch_happened(&f->watch), WATCH_NOTHING);
	assert_int_equal(
	    watch_wait(&f->watch, -1, 0, WATCH_FOREVER), -ETIMEDOUT);
	assert_int_equal(watch_happened(&f->watch), WATCH_EXPIRED);
	assert_true(clock_now_ms() - began >= DEADLINE_MS);
	watch_arm(&f->watch, PATIENCE_MS);
	assert_int_equal(watch_happened(&f->watch), WATCH_NOTHING);
	assert_true(watch_left(&f->watch) > PATIENCE_MS / 2);
}

static void
a_closed_connection_is_lost(void **state)
{
	struct fixture *f = *state;

	play(f, script_read_call);
	ping(f, PATIENCE_MS);
	assert_int_equal(f->how.status, RPC_CANTRECV);
	assert_int_equal(f->how.error.re_errno, ECONNRESET);
}

static void
a_reply_is_accounted_for(void **state)
{
	static const uint32_t words[] = { 1, 0, 0, 0, 0 };
	struct fixture *f = *state;

	f->script.words = words;
	f->script.count = 5;
	play(f, play_reply);
	assert_int_equal(link_identify(&f->link), 0);
	ping(f, PATIENCE_MS);
	assert_int_equal(f->how.status, RPC_SUCCESS);
	assert_int_equal(f->how.xid, script_call_word(&f->script, 0));
	assert_int_equal(f->how.call_bytes, f->script.call_length);
	assert_int_equal(f->how.reply_bytes, 6 * 4);
	assert_true(f->how.microseconds > 0);
}

/* RFC 5531, appendix A: what AUTH_SYS holds, and how much of it. */
static void
the_user_goes_along(void **state)
{
	static const uint32_t words[] = { 1, 0, 0, 0, 0 };
	struct fixture *f = *state;
	size_t at, name;

	f->script.words = words;
	f->script.count = 5;
	play(f, play_reply);
	assert_int_equal(link_identify(&f->link), 0);
	ping(f, PATIENCE_MS);
	assert_int_equal(script_call_word(&f->script, 6), AUTH_SYS);
	name = script_call_word(&f->script, 9);
	assert_true(name <= 255);
	at = 10 + (name + 3) / 4;
	assert_int_equal(script_call_word(&f->script, at), geteuid());
	assert_int_equal(script_call_word(&f->script, at + 1), getegid());
	assert_true(script_call_word(&f->script, at + 2) <= 16);
}

/* A result that ends in its midst leaves nothing behind to free. */
static void
a_torn_result_is_dropped(void **state)
{
	static const uint32_t words[] = { 1, 0, 0, 0, 0, STATUS_OK, 4,
		0x61626364, 1000 };
	struct fixture *f = *state;
	call_context args = { 0 };
	greet_result result, zero = { 0 };

	f->script.words = words;
	f->script.count = 9;
	play(f, play_reply);
	watch_arm(&f->watch, PATIENCE_MS);
	link_call(&f->link, &f->watch, WATCH_FOREVER, &procedure_greet, &args,
	    &result, &f->how);
	assert_int_equal(f->how.status, RPC_CANTDECODERES);
	assert_memory_equal(&result, &zero, sizeof(zero));
}

static void
nobody_listening_is_refused(void **state)
{
	struct fixture *f = *state;
	struct script gone = { .play = play_silence };

	script_start(&gone);
	script_stop(&gone);
	assert_int_equal(link_open(&f->link, &f->watch, &gone.at, REVERSE_PROG,
			     REVERSE_V1, PATIENCE_MS),
	    -ECONNREFUSED);
	assert_null(f->link.handle);
}

/* A listener whose queue is full drops what else would connect. */
static void
connecting_takes_its_time_and_no_more(void **state)
{
	struct fixture *f = *state;
	int queued[8];
	uint64_t began;
	struct endpoint at = { .type = SOCK_STREAM, .len = sizeof(at.at.in) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.at.in.sin_family = AF_INET;
	at.at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, &at.at.any, at.len), 0);
	assert_int_equal(listen(listener, 0), 0);
	assert_int_equal(getsockname(listener, &at.at.any, &at.len), 0);
	for (size_t i = 0; i < 8; i++) {
		queued[i] = socket(
		    AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		connect(queued[i], &at.at.any, at.len);
	}
	began = clock_now_ms();
	assert_int_equal(link_open(&f->link, &f->watch, &at, REVERSE_PROG,
			     REVERSE_V1, DEADLINE_MS),
	    -ETIMEDOUT);
	assert_true(clock_now_ms() - began >= DEADLINE_MS);
	assert_true(clock_now_ms() - began < NOTICED_MS);
	for (size_t i = 0; i < 8; i++)
		close(queued[i]);
	close(listener);
}

/* A server at a Unix socket, and as many who wait for it as can. */
static int
busy_server(struct endpoint *at, int *waiting)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*waiting = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	*at = (struct endpoint){ .type = SOCK_STREAM };
	at->len = sizeof(at->at.un);
	/* The kernel finds a name for it. */
	at->at.un.sun_family = AF_UNIX;
	assert_int_equal(bind(fd, &at->at.any, sizeof(sa_family_t)), 0);
	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(getsockname(fd, &at->at.any, &at->len), 0);
	assert_int_equal(connect(*waiting, &at->at.any, at->len), 0);
	return fd;
}

static int
open_link(struct fixture *f, const struct endpoint *at, uint64_t ms)
{
	return link_open(&f->link, &f->watch, at, REVERSE_PROG, REVERSE_V1, ms);
}

static void
a_busy_server_is_waited_for_and_no_longer(void **state)
{
	struct fixture *f = *state;
	uint64_t began = clock_now_ms();
	struct endpoint at;
	int waiting;
	int server = busy_server(&at, &waiting);

	assert_int_equal(open_link(f, &at, DEADLINE_MS), -ETIMEDOUT);
	assert_true(clock_now_ms() - began >= DEADLINE_MS);
	watch_arm(&f->watch, DEADLINE_MS);
	assert_int_equal(open_link(f, &at, WATCH_FOREVER), -ETIMEDOUT);
	assert_true(clock_now_ms() - began >= 2 * DEADLINE_MS);
	assert_true(clock_now_ms() - began < NOTICED_MS);
	watch_arm(&f->watch, WATCH_FOREVER);
	kill(getpid(), SIGINT);
	assert_int_equal(open_link(f, &at, WATCH_FOREVER), -EINTR);
	close(waiting);
	close(server);
}

/* Takes one who waits, after a while. */
static void *
accept_late(void *arg)
{
	const int *server = arg;

	poll(NULL, 0, DEADLINE_MS / 2);
	close(accept(*server, NULL, NULL));
	return NULL;
}

static void
a_busy_server_is_connected_to_once_it_has_time(void **state)
{
	struct fixture *f = *state;
	struct endpoint at;
	pthread_t thread;
	int waiting;
	int server = busy_server(&at, &waiting);

	assert_int_equal(
	    pthread_create(&thread, NULL, accept_late, &server), 0);
	assert_int_equal(open_link(f, &at, PATIENCE_MS), 0);
	pthread_join(thread, NULL);
	close(waiting);
	close(server);
}

static void
sockets_are_not_inherited(void **state)
{
	struct fixture *f = *state;

	play(f, play_silence);
	assert_true((fcntl(f->link.fd, F_GETFD) & FD_CLOEXEC) != 0);
}

/* REVERSE_TEXT as a mirror, for a server of libtirpc's own. */
static void
mirror(struct svc_req *request, SVCXPRT *xprt)
{
	reverse_args args = { 0 };
	reverse_result result = { .code = STATUS_OK };

	(void)request;
	if (!svc_getargs(xprt, (xdrproc_t)xdr_reverse_args, &args)) {
		svcerr_decode(xprt);
		return;
	}
	result.reverse_result_u.outcome.text = args.text;
	svc_sendreply(xprt, (xdrproc_t)xdr_reverse_result, &result);
	svc_freeargs(xprt, (xdrproc_t)xdr_reverse_args, &args);
}

static void
serve_unix(char *path)
{
	SVCXPRT *xprt = svcunix_create(RPC_ANYSOCK, 0, 0, path);

	if (xprt == NULL ||
	    !svc_reg(xprt, REVERSE_PROG, REVERSE_V1, mirror, NULL))
		_exit(1);
	svc_run();
	_exit(1);
}

static void
libtirpc_is_called_over_a_unix_socket(void **state)
{
	struct fixture *f = *state;
	char folder[] = "/tmp/client-test.XXXXXX", path[64];
	reverse_args args = { .text = { 5, (char[]){ "hello" } } };
	reverse_result result;
	struct endpoint at;
	pid_t child;
	int r;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	child = fork();
	if (child == 0)
		serve_unix(path);
	assert_true(endpoint_from_path(&at, path));
	watch_arm(&f->watch, PATIENCE_MS);
	while ((r = link_open(&f->link, &f->watch, &at, REVERSE_PROG,
		    REVERSE_V1, PATIENCE_MS)) != 0 &&
	    watch_wait(&f->watch, -1, 0, 10) == -ETIMEDOUT &&
	    watch_left(&f->watch) > 0)
		continue;
	if (r == 0)
		link_call(&f->link, &f->watch, WATCH_FOREVER, &procedure_text,
		    &args, &result, &f->how);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	unlink(path);
	rmdir(folder);
	assert_int_equal(r, 0);
	assert_int_equal(f->how.status, RPC_SUCCESS);
	assert_int_equal(result.reverse_result_u.outcome.text.message_len, 5);
	procedure_free(&procedure_text, &result);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(silence_ends_at_the_deadline),
		CASE(drip_ends_at_the_deadline),
		CASE(replies_to_others_end_at_the_deadline),
		CASE(sending_ends_at_the_deadline),
		CASE(interrupt_ends_a_call),
		CASE(interruption_outlives_the_call),
		CASE(waits_end_at_the_deadline_or_before),
		CASE(a_closed_connection_is_lost),
		CASE(a_reply_is_accounted_for),
		CASE(the_user_goes_along),
		CASE(a_torn_result_is_dropped),
		CASE(nobody_listening_is_refused),
		CASE(connecting_takes_its_time_and_no_more),
		CASE(a_busy_server_is_waited_for_and_no_longer),
		CASE(a_busy_server_is_connected_to_once_it_has_time),
		CASE(sockets_are_not_inherited),
		CASE(libtirpc_is_called_over_a_unix_socket),
	};

	/* A script's background may have it ignored, as a shell's & does. */
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
