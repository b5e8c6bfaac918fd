#include "test/lib/user.h"

#include "base/clock.h"
#include "client/session/call.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static void
start(struct user *u)
{
	assert_int_equal(
	    session_start(&u->session, &u->settings, &u->output), EXIT_DONE);
}

int
user_setup(void **state)
{
	struct user *u = calloc(1, sizeof(*u));

	assert_non_null(u);
	u->settings = settings_default;
	u->settings.retry_ms = 0;
	u->errors = memfd_create("errors", MFD_CLOEXEC);
	assert_true(u->errors >= 0);
	u->kept = dup(STDERR_FILENO);
	assert_int_equal(output_init(&u->output, STDOUT_FILENO), 0);
	start(u);
	*state = u;
	return 0;
}

int
user_teardown(void **state)
{
	struct user *u = *state;

	session_end(&u->session);
	assert_int_equal(output_finish(&u->output, true), EXIT_DONE);
	if (u->script.play != NULL)
		script_stop(&u->script);
	close(u->errors);
	close(u->kept);
	free(u);
	return 0;
}

void
user_restart(struct user *u)
{
	session_end(&u->session);
	start(u);
}

void
user_knows(struct user *u, const struct endpoint *at)
{
	struct places *servers = &u->settings.servers;

	servers->at[servers->count++] =
	    (struct place){ "127.0.0.1", endpoint_port(at) };
}

void
user_play(struct user *u, void (*play)(struct script *script, int fd))
{
	u->script.play = play;
	u->script.at = (struct endpoint){ 0 };
	script_start(&u->script);
	u->settings.servers.count = 0;
	user_knows(u, &u->script.at);
}

void
user_stop_playing(struct user *u)
{
	session_disconnect(&u->session);
	script_stop(&u->script);
	u->script.play = NULL;
}

void
user_listens(struct user *u)
{
	assert_int_equal(ftruncate(u->errors, 0), 0);
	assert_int_equal(lseek(u->errors, 0, SEEK_SET), 0);
	dup2(u->errors, STDERR_FILENO);
}

void
user_has_heard(struct user *u)
{
	ssize_t n;

	dup2(u->kept, STDERR_FILENO);
	n = pread(u->errors, u->text, sizeof(u->text) - 1, 0);
	assert_true(n >= 0);
	u->text[n] = '\0';
}

void
assert_says(const struct user *u, const char *words)
{
	if (strstr(u->text, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, u->text);
}

int
user_calls(
    struct user *u, const struct procedure *procedure, void *args, void *result)
{
	int r;

	user_listens(u);
	r = call_server(&u->session, procedure, args, result);
	user_has_heard(u);
	return r;
}

int
user_pings(struct user *u, uint64_t ms)
{
	return session_try(
	    &u->session, &procedure_ping, NULL, NULL, clock_now_ms() + ms);
}

void
user_runs(struct user *u, uint64_t ms)
{
	static const bool never = false;

	session_run(&u->session, clock_now_ms() + ms, &never);
}

void
user_loses_loop(struct user *u)
{
	int other = memfd_create("none", MFD_CLOEXEC);

	assert_int_equal(
	    dup2(other, u->session.loop.epoll), u->session.loop.epoll);
	close(other);
}

/* Or another's connection might have it: a socket that does not listen, beside
 * which a script can. */
static void
keep_port(const struct endpoint *at)
{
	const struct sockaddr *address = (const void *)&at->at;
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, address, sizeof(at->at.in)), 0);
}

struct endpoint
user_nowhere(void)
{
	static struct script gone;

	gone.at = (struct endpoint){ 0 };
	script_start(&gone);
	script_stop(&gone);
	keep_port(&gone.at);
	return gone.at;
}

void
user_main(void)
{
	/* A script's background may have it ignored, as a shell's & does. */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
}
