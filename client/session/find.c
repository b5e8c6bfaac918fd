#include "client/session/find.h"

#include "base/base.h"
#include "base/clock.h"
#include "client/session/tried.h"

#include <errno.h>
#include <string.h>

enum {
	ROUNDS = 3,
	ROUND_PAUSE_MS = 300,
};

/* The servers that the user named. */
static const struct places *
servers_of(const struct find *find)
{
	static const struct places localhost = { { { "localhost", 0 } }, 1 };
	const struct settings *settings = find->settings;

	return settings->servers.count > 0 ? &settings->servers : &localhost;
}

static void
end(struct find *find, struct channel *channel)
{
	find_stop(find);
	find->done(find->context, channel);
}

static void
on_found(
    void *context, const struct locate_place *place, struct channel *channel)
{
	struct find *find = context;

	if (place->kind == LOCATE_HOST)
		find->first = (find->first + (size_t)(place - find->places)) %
		    servers_of(find)->count;
	end(find, channel);
}

/* Where somebody keeps silent it has taken long enough, unless another one was
 * there, and was cut off. */
static bool
another_round_may_help(const struct find *find)
{
	return !find->hopeless && (find->cut || !find->silence);
}

static void
on_nobody(void *context)
{
	struct find *find = context;

	locate_free(find->locate);
	find->locate = NULL;
	if (!another_round_may_help(find) || --find->rounds == 0)
		end(find, NULL);
	else
		loop_due(&find->pause, clock_now_ms() + ROUND_PAUSE_MS);
}

/* Nobody is there, or somebody hangs up: a server may be starting, or it was
 * cut off. */
static bool
is_refusal(const struct locate_try *what)
{
	bool by_connection = what->error.re_status == RPC_CANTSEND ||
	    what->error.re_status == RPC_CANTRECV;
	int error = what->error.re_errno;

	return what->outcome == LOCATE_UNANSWERED && by_connection &&
	    (error == ECONNREFUSED || error == ECONNRESET || error == EPIPE);
}

/* There is somebody, who may answer later. */
static bool
is_silence(const struct locate_try *what)
{
	return what->step == LOCATE_SERVER &&
	    (what->outcome == LOCATE_UNANSWERED ||
		what->outcome == LOCATE_UNFINISHED) &&
	    find_is_silence(&what->error);
}

/* That an rpcbind runs does not mean that a server does: it may name one that
 * is just being restarted.  Nor does what is not tried. */
static bool
tells_nothing(const struct locate_try *what)
{
	return what->outcome == LOCATE_NAMED ||
	    what->outcome == LOCATE_LEFT_OUT ||
	    what->outcome == LOCATE_UNREGISTERED;
}

static void
on_tried(void *context, const struct locate_try *what)
{
	struct find *find = context;

	if (is_refusal(what))
		find->cut |= what->error.re_errno != ECONNREFUSED;
	else if (is_silence(what))
		find->silence = true;
	else if (!tells_nothing(what))
		find->hopeless = true;
	tried_note(find->tried, find->service, what);
}

/* The calls of the search, for --trace and --trace-html. */
static void
on_called(void *context, const struct endpoint *at,
    const struct channel_question *what, const struct channel_call *how,
    const struct rpc_err *error)
{
	const struct find *find = context;

	if (settings_traces(find->settings))
		tried_trace(find->tracer, at, what, how, error);
}

static const struct locate_hooks hooks = {
	.found = on_found,
	.nobody = on_nobody,
	.tried = on_tried,
	.called = on_called,
};

/* Those, beginning with the first to try. */
static size_t
list_servers(struct find *find)
{
	const struct places *servers = servers_of(find);
	unsigned int port = find->settings->port;

	for (size_t i = 0; i < servers->count; i++) {
		const struct place *server =
		    &servers->at[(find->first + i) % servers->count];

		find->places[i] = (struct locate_place){
			.kind = LOCATE_HOST,
			.name = server->host,
			.port = place_port(server, port),
		};
	}
	return servers->count;
}

/* The socket of a daemon of ours at the default port, in a runtime directory,
 * unless others could have put it there. */
static bool
list_runtime(struct find *find, enum runtime_of whose, char *path)
{
	if (!runtime_socket(whose, find->service->default_port, path))
		return false;
	if (whose != RUNTIME_USER || runtime_check(whose) != -EUCLEAN)
		return true;
	tried_note_path(
	    find->tried, path, "not in a folder of this user alone");
	return false;
}

static size_t
list_local(struct find *find)
{
	const char *path = find->settings->path;
	size_t count = 0;

	if (path != NULL) {
		find->places[0] =
		    (struct locate_place){ .kind = LOCATE_PATH, .name = path };
		return 1;
	}
	for (int whose = RUNTIME_SYSTEM;
	     find->service->default_port != 0 && whose <= RUNTIME_USER; whose++)
		if (list_runtime(
			find, (enum runtime_of)whose, find->paths[count]))
			count++;
	for (size_t i = 0; i < count; i++)
		find->path_list[i] = find->paths[i];
	find->path_list[count] = NULL;
	find->places[0] = (struct locate_place){ .kind = LOCATE_LOCAL,
		.name = _PATH_RPCBINDSOCK,
		.paths = find->path_list };
	return 1;
}

static void
begin_round(struct find *find)
{
	static const struct {
		int family, type;
	} kinds[] = {
		[TRANSPORT_ANY] = { AF_UNSPEC, SOCK_STREAM },
		[TRANSPORT_TCP] = { AF_INET, SOCK_STREAM },
		[TRANSPORT_TCP6] = { AF_INET6, SOCK_STREAM },
		[TRANSPORT_UDP] = { AF_INET, SOCK_DGRAM },
		[TRANSPORT_UDP6] = { AF_INET6, SOCK_DGRAM },
		[TRANSPORT_LOCAL] = { AF_UNIX, SOCK_STREAM },
	};
	const struct settings *settings = find->settings;
	struct locate_terms terms = {
		.places = find->places,
		.family = kinds[settings->transport].family,
		.type = kinds[settings->transport].type,
		.program = find->service->program,
		.version = find->service->version,
		.default_port = find->service->default_port,
		.pace = locate_pace,
		.channel = find->terms,
		.hooks = &hooks,
		.context = find,
	};

	terms.channel.keeps = settings_traces(settings);
	find->tried->len = 0;
	find->cut = find->silence = find->hopeless = false;
	terms.place_count =
	    settings_is_local(settings) ? list_local(find) : list_servers(find);
	if (locate_start(&find->locate, find->pause.loop, &terms) != 0)
		loop_due(&find->pause, clock_now_ms() + ROUND_PAUSE_MS);
}

static void
on_pause(struct loop_item *item, unsigned int reasons)
{
	(void)reasons;
	begin_round(container_of(item, struct find, pause));
}

bool
find_has_others(const struct find *find)
{
	return !settings_is_local(find->settings) &&
	    servers_of(find)->count > 1;
}

void
find_avoid(struct find *find)
{
	if (find_has_others(find))
		find->first = (find->first + 1) % servers_of(find)->count;
}

int
find_init(struct find *find, struct loop *loop, const struct settings *settings,
    struct say_lines *tried)
{
	*find = (struct find){
		.settings = settings,
		.service = &service_reverse,
		.tried = tried,
	};
	loop_item_init(&find->pause, loop, -1, on_pause, NULL);
	return loop_timed(&find->pause);
}

void
find_deinit(struct find *find)
{
	find_stop(find);
	loop_forget(&find->pause);
}

void
find_start(struct find *find, bool met, find_done *done, void *context)
{
	find->done = done;
	find->context = context;
	find->rounds = met ? 1 : ROUNDS;
	begin_round(find);
}

void
find_stop(struct find *find)
{
	if (find->locate != NULL)
		locate_tell_unfinished(find->locate);
	locate_free(find->locate);
	find->locate = NULL;
	loop_due(&find->pause, TIMER_NEVER);
}
