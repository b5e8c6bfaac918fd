/*
 * For tests of the client: a session as a user of the command line has it, with
 * what is said on standard error, and a scripted server that it knows the port
 * of.
 */
#ifndef TEST_LIB_USER_H
#define TEST_LIB_USER_H

#include "client/session/session.h"
#include "test/lib/script.h"

enum {
	/* A time that passes, and in which that has to be noticed. */
	USER_BRIEF_MS = 200,
	USER_NOTICED_MS = 10000,
	/* A time that does not pass. */
	USER_PATIENCE_MS = 20000,
};

struct user {
	struct settings settings;
	struct output output;
	struct session session;
	struct script script;
	int errors; /* what stands in the place of standard error */
	int kept;   /* standard error meanwhile */
	char text[8192];
};

/* The set-up of a test and its end, for cmocka: *state is the user.  The
 * settings lose a connection without trying again. */
int user_setup(void **state);
int user_teardown(void **state);

/* Begins the session once more, after the settings were changed. */
void user_restart(struct user *u);

/* Starts the script of a server, the only one of the settings. */
void user_play(struct user *u, void (*play)(struct script *script, int fd));
void user_stop_playing(struct user *u);

/* Keeps what is said from now on, and has all of it in u->text. */
void user_listens(struct user *u);
void user_has_heard(struct user *u);
void assert_says(const struct user *u, const char *words);

/* As call_server(), with what it says in u->text. */
int user_calls(struct user *u, const struct procedure *procedure, void *args,
    void *result);

/* A PING, until so many milliseconds from now; as session_try(). */
int user_pings(struct user *u, uint64_t ms);

/* Milliseconds of base/clock in which turns are run, however long they take. */
void user_runs(struct user *u, uint64_t ms);

/* No turn of the loop can be run any more. */
void user_loses_loop(struct user *u);

/* The settings name one server, or one more. */
void user_knows(struct user *u, const struct endpoint *at);

/* A port of the loopback that nobody listens on. */
struct endpoint user_nowhere(void);

/* cmocka's main() of such tests needs what main() of the client sets up. */
void user_main(void);

#endif
