/*
 * What client/session/call makes of every way a call can end: an exit code,
 * and words that name the cause.
 */
#include "client/session/call.h"

#include "base/base.h"
#include "test/lib/script.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct settings settings;
	struct output output;
	struct session session;
	struct script script;
	int errors; /* what stands in the place of standard error */
	int kept;   /* standard error meanwhile */
	char text[8192];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->settings = settings_default;
	f->settings.host = "127.0.0.1";
	f->errors = memfd_create("errors", MFD_CLOEXEC);
	assert_true(f->errors >= 0);
	f->kept = dup(STDERR_FILENO);
	assert_int_equal(output_init(&f->output, STDOUT_FILENO), 0);
	assert_int_equal(
	    session_start(&f->session, &f->settings, &f->output), EXIT_DONE);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	session_end(&f->session);
	assert_int_equal(output_finish(&f->output, true), EXIT_DONE);
	if (f->script.play != NULL)
		script_stop(&f->script);
	close(f->errors);
	close(f->kept);
	free(f);
	return 0;
}

static void
play(struct fixture *f, void (*script)(struct script *script, int fd))
{
	f->script.play = script;
	script_start(&f->script);
	f->settings.port = endpoint_port(&f->script.at);
}

/* A call, with what it says on standard error in f->text. */
static int
call(struct fixture *f, const struct procedure *procedure, void *args,
    void *result)
{
	ssize_t n;
	int r;

	assert_int_equal(ftruncate(f->errors, 0), 0);
	assert_int_equal(lseek(f->errors, 0, SEEK_SET), 0);
	dup2(f->errors, STDERR_FILENO);
	r = call_server(&f->session, procedure, args, result);
	dup2(f->kept, STDERR_FILENO);
	n = pread(f->errors, f->text, sizeof(f->text) - 1, 0);
	assert_true(n >= 0);
	f->text[n] = '\0';
	return r;
}

static int
greet(struct fixture *f)
{
	call_context args = { 0 };
	greet_result result;
	int r = call(f, &procedure_greet, &args, &result);

	if (r == EXIT_DONE)
		procedure_free(&procedure_greet, &result);
	return r;
}

static void
assert_says(const struct fixture *f, const char *words)
{
	if (strstr(f->text, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, f->text);
}

/* The words of a reply after its xid, and what is to come of it. */
struct ending {
	uint32_t words[20];
	size_t count;
	int code;
	const char *says;
};

/* RFC 5531, section 9: MSG_ACCEPTED with a verifier of AUTH_NONE. */
#define ACCEPTED       1, 0, 0, 0
#define DENIED         1, 1
#define REFUSED(code_) ACCEPTED, SUCCESS, (code_), (code_)

static const struct ending endings[] = {
	{ { ACCEPTED, PROG_UNAVAIL }, 5, EXIT_UNREACHABLE,
	    "answers, but does not serve reverse (program 544367990)" },
	{ { ACCEPTED, PROG_MISMATCH, 2, 3 }, 7, EXIT_FAILED,
	    "serves versions 2 to 3 of reverse, and this program speaks 1" },
	{ { ACCEPTED, PROC_UNAVAIL }, 5, EXIT_FAILED,
	    "did not do REVERSE_GREET: Procedure unavailable" },
	{ { ACCEPTED, GARBAGE_ARGS }, 5, EXIT_FAILED,
	    "did not do REVERSE_GREET: Server can't decode arguments" },
	{ { ACCEPTED, SYSTEM_ERR }, 5, EXIT_FAILED,
	    "did not do REVERSE_GREET: Remote system error" },
	{ { DENIED, RPC_MISMATCH, 3, 4 }, 5, EXIT_FAILED,
	    "did not do REVERSE_GREET" },
	{ { DENIED, AUTH_ERROR, AUTH_TOOWEAK }, 4, EXIT_FAILED,
	    "does not accept the credential of this user: AUTH_TOOWEAK" },
	{ { ACCEPTED, SUCCESS, 99, 99, 0 }, 7, EXIT_FAILED,
	    "sent an answer to REVERSE_GREET that reverse.x does not allow" },
	{ { REFUSED(STATUS_UNAVAILABLE), 4, 0x676f1b6e, 0, 0, 0, 0, 1500 }, 14,
	    EXIT_FAILED,
	    "the server refused: UNAVAILABLE: go\\x1bn; "
	    "try again in 1.500 s" },
	{ { REFUSED(STATUS_DEADLINE_EXCEEDED), 0, 0, 0, 0, 0, 0 }, 13,
	    EXIT_DEADLINE, "the server refused: DEADLINE_EXCEEDED\n" },
};

static void
every_ending_has_its_code_and_words(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		f->script.words = endings[i].words;
		f->script.count = endings[i].count;
		play(f, play_reply);
		assert_int_equal(greet(f), endings[i].code);
		assert_says(f, endings[i].says);
		link_close(&f->session.link);
		script_stop(&f->script);
	}
	f->script.play = NULL;
}

static void
a_lost_connection_is_exit_3(void **state)
{
	struct fixture *f = *state;

	play(f, script_read_call);
	assert_int_equal(greet(f), EXIT_UNREACHABLE);
	assert_says(f, "was lost: Connection reset by peer");
	assert_null(f->session.link.handle);
}

/* Records that hold no reply: an empty one, and what other servers say. */
static void
play_others(struct script *script, int fd)
{
	static const char
	    empty[] = "\0\0\0\0\x80\0\0",
	    other[] =
		"\x80\0\0\x0cHTTP/1.1 400\x80\0\0\x08\0\0\0\x01\0\0\0\x01";

	script_read_call(script, fd);
	send(fd, empty, sizeof(empty), MSG_NOSIGNAL);
	send(fd, other, sizeof(other) - 1, MSG_NOSIGNAL);
	play_silence(script, fd);
}

static void
what_is_no_reply_is_not_taken_for_one(void **state)
{
	struct fixture *f = *state;

	f->settings.deadline_ms = 150;
	play(f, play_others);
	assert_int_equal(greet(f), EXIT_DEADLINE);
}

static void
a_passed_deadline_is_exit_4(void **state)
{
	struct fixture *f = *state;

	f->settings.deadline_ms = 150;
	play(f, play_silence);
	assert_int_equal(greet(f), EXIT_DEADLINE);
	assert_string_equal(
	    f->text, "reverse: no answer within the deadline of 0.150 s\n");
	assert_null(f->session.link.handle);
}

static void
an_interrupt_is_exit_130_without_words(void **state)
{
	struct fixture *f = *state;

	play(f, play_silence);
	kill(getpid(), SIGINT);
	assert_int_equal(greet(f), EXIT_INTERRUPTED);
	assert_string_equal(f->text, "");
}

static void
quiet_is_quiet(void **state)
{
	struct fixture *f = *state;

	play(f, script_read_call);
	say_at(SAY_NOTHING);
	assert_int_equal(greet(f), EXIT_UNREACHABLE);
	say_at(SAY_ERRORS);
	assert_string_equal(f->text, "");
}

static void
nobody_there_is_exit_3_with_what_was_tried(void **state)
{
	struct fixture *f = *state;
	char expect[128], where[ENDPOINT_TEXT_SIZE];

	play(f, play_silence);
	script_stop(&f->script);
	f->script.play = NULL;
	assert_int_equal(greet(f), EXIT_UNREACHABLE);
	assert_says(f, "cannot reach a reverse server at 127.0.0.1\n");
	snprintf(expect, sizeof(expect), "  tried %s: Connection refused\n",
	    endpoint_text(&f->script.at, where));
	assert_says(f, expect);
	assert_says(f, "start one with: reversed");
}

/* The deadline that a call to an answering server carried, in ms. */
static uint32_t
deadline_of_a_call(struct fixture *f)
{
	static const uint32_t words[] = { REFUSED(STATUS_INTERNAL), 0, 0, 0, 0,
		0, 0 };
	size_t at;

	f->script.words = words;
	f->script.count = ARRAY_LEN(words);
	play(f, play_reply);
	assert_int_equal(greet(f), EXIT_FAILED);
	at = 8 + script_call_word(&f->script, 7) / 4;
	/* The verifier is empty; a call_context begins with the deadline. */
	assert_int_equal(script_call_word(&f->script, at + 1), 0);
	return script_call_word(&f->script, at + 2);
}

static void
what_is_left_of_the_deadline_goes_along(void **state)
{
	struct fixture *f = *state;
	uint32_t deadline;

	f->settings.deadline_ms = 20000;
	deadline = deadline_of_a_call(f);
	assert_in_range(deadline, 10000, 20000);
}

static void
no_deadline_is_sent_where_none_was_asked_for(void **state)
{
	assert_int_equal(deadline_of_a_call(*state), 0);
}

static void
trace_shows_the_call(void **state)
{
	static const uint32_t words[] = { ACCEPTED, SUCCESS };
	struct fixture *f = *state;
	char expect[128], where[ENDPOINT_TEXT_SIZE];

	f->settings.trace = true;
	f->script.words = words;
	f->script.count = ARRAY_LEN(words);
	play(f, play_reply);
	assert_int_equal(call(f, &procedure_ping, NULL, NULL), EXIT_DONE);
	snprintf(expect, sizeof(expect),
	    "trace: REVERSE_PING %s xid=0x%08x call %zu bytes, reply 24 bytes",
	    endpoint_text(&f->script.at, where),
	    script_call_word(&f->script, 0), f->script.call_length);
	assert_says(f, expect);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(every_ending_has_its_code_and_words),
		CASE(a_lost_connection_is_exit_3),
		CASE(what_is_no_reply_is_not_taken_for_one),
		CASE(a_passed_deadline_is_exit_4),
		CASE(an_interrupt_is_exit_130_without_words),
		CASE(quiet_is_quiet),
		CASE(nobody_there_is_exit_3_with_what_was_tried),
		CASE(what_is_left_of_the_deadline_goes_along),
		CASE(no_deadline_is_sent_where_none_was_asked_for),
		CASE(trace_shows_the_call),
	};

	/* A script's background may have it ignored, as a shell's & does. */
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
