/*
 * locate: the search for a server, and notes of it.
 *
 * Each attempt that fails leaves a note.  The search is over when a link is
 * open or something happened on the watch; until then each step goes on after a
 * failure of the one before.
 */
#include "client/session/locate.h"

#include "base/base.h"
#include "base/runtime.h"
#include "client/session/getaddr.h"
#include "client/session/resolve.h"
#include "rpcloop/net/universal.h"

#include <errno.h>
#include <rpc/rpcb_prot.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where reverse is when rpcbind does not know. */
#define DEFAULT_PORT 20726

/* Milliseconds for a connection, and for an answer of rpcbind. */
#define CONNECT_MS 2000

/* Addresses of a host that are looked at. */
#define HOSTS_MAX 16

/* Each may be tried at the port rpcbind names, the address it names and the
 * default port. */
#define TRIES_MAX (3 * HOSTS_MAX)

/* Noted with an endpoint that rpcbind named. */
#define REGISTERED " (named by rpcbind)"

/* Bytes of notes, of which a message has to leave some for others. */
#define NOTES_MAX 4096

struct search {
	const struct settings *settings;
	struct watch *watch;
	struct link *link;
	struct say_lines *notes;
	struct endpoint hosts[HOSTS_MAX];
	size_t host_count;
	struct endpoint tried[TRIES_MAX];
	size_t tried_count;
};

/* Notes an attempt; what no longer fits is left out. */
static void PRINTF_LIKE(2, 3)
    note(struct search *search, const char *format, ...)
{
	char attempt[512];
	va_list args;

	va_start(args, format);
	vsnprintf(attempt, sizeof(attempt), format, args);
	va_end(args);
	say_step("tried %s", attempt);
	if (search->notes->len < NOTES_MAX)
		say_line(search->notes, "  tried %s", attempt);
}

/* There is a server, or no more time to find one. */
static bool
is_over(const struct search *search)
{
	return search->link->handle != NULL ||
	    watch_happened(search->watch) != WATCH_NOTHING;
}

static bool
was_tried(const struct search *search, const struct endpoint *to)
{
	for (size_t i = 0; i < search->tried_count; i++)
		if (endpoint_equal(&search->tried[i], to))
			return true;
	return false;
}

/* A call on the way to the server; how tells what became of it. */
static struct link_call
call(const struct search *search, struct link *link,
    const struct procedure *procedure, void *args, void *result)
{
	struct link_call how;

	link_call(
	    link, search->watch, CONNECT_MS, procedure, args, result, &how);
	if (search->settings->trace)
		link_trace(link, procedure, &how);
	return how;
}

/* A datagram socket is always connected: only an answer proves a server. */
static bool
answers(struct search *search, const char *where)
{
	struct link_call how;

	if (search->link->peer.type != SOCK_DGRAM)
		return true;
	how = call(search, search->link, &procedure_ping, NULL, NULL);
	if (how.status == RPC_SUCCESS)
		return true;
	note(search, "%s: %s", where, link_call_words(&how));
	return false;
}

/* source says who named the endpoint, for the notes: "" for the user. */
static void
try_server(struct search *search, const struct endpoint *to, const char *source)
{
	struct link *link = search->link;
	char where[ENDPOINT_TEXT_SIZE];
	int r;

	if (is_over(search) || was_tried(search, to) ||
	    search->tried_count == TRIES_MAX)
		return;
	search->tried[search->tried_count++] = *to;
	endpoint_text(to, where);
	r = link_open(
	    link, search->watch, to, REVERSE_PROG, REVERSE_V1, CONNECT_MS);
	if (r == 0 && !answers(search, where)) {
		link_close(link);
		return;
	}
	if (r == 0)
		r = link_identify(link);
	if (r == 0) {
		say_step("connected to %s", where);
		return;
	}
	note(search, "%s%s: %s", where, source, strerror(-r));
	link_close(link);
}

/* The address that rpcbind, at the other end of link, has; false: none. */
static bool
getaddr(struct search *search, struct link *link, struct endpoint *found)
{
	char netid[8], empty[] = "", where[ENDPOINT_TEXT_SIZE];
	struct rpcb wanted = {
		.r_prog = REVERSE_PROG,
		.r_vers = REVERSE_V1,
		.r_netid = netid,
		.r_addr = empty,
		.r_owner = empty,
	};
	struct link_call how;
	char *universal;
	bool ok = false;

	strcpy(netid, endpoint_netid(&link->peer));
	endpoint_text(&link->peer, where);
	how = call(search, link, &procedure_getaddr, &wanted, &universal);
	if (how.status != RPC_SUCCESS) {
		note(search, "rpcbind at %s: %s", where, link_call_words(&how));
		return false;
	}
	if (universal == NULL || universal[0] == '\0')
		note(search, "rpcbind at %s: knows no reverse server on %s",
		    where, netid);
	else if (universal_resolve_like(found, universal, &link->peer) != 0)
		note(search, "rpcbind at %s: names \"%s\", which is no address",
		    where, universal);
	else
		ok = true;
	procedure_free(&procedure_getaddr, &universal);
	return ok;
}

/* Asks the rpcbind at an endpoint where the server is; false: no idea. */
static bool
ask_rpcbind(
    struct search *search, const struct endpoint *at, struct endpoint *found)
{
	struct link link = { .handle = NULL };
	char where[ENDPOINT_TEXT_SIZE];
	bool ok;
	int r;

	r = link_open(&link, search->watch, at, RPCBPROG, RPCBVERS, CONNECT_MS);
	if (r != 0) {
		note(search, "rpcbind at %s: %s", endpoint_text(at, where),
		    strerror(-r));
		return false;
	}
	ok = getaddr(search, &link, found);
	if (ok)
		say_step("rpcbind at %s: the server is at %s",
		    endpoint_text(at, where),
		    endpoint_text(found, (char[ENDPOINT_TEXT_SIZE]){ "" }));
	link_close(&link);
	return ok;
}

/* Tries one port at every address of the host. */
static void
try_port(struct search *search, uint16_t port)
{
	for (size_t i = 0; i < search->host_count; i++) {
		struct endpoint to = search->hosts[i];

		endpoint_set_port(&to, port);
		try_server(search, &to, "");
	}
}

/*
 * The address that the user named comes first: it is known to be reached,
 * while the one in rpcbind may be of an inner network.
 */
static void
try_registered(struct search *search)
{
	for (size_t i = 0; i < search->host_count && !is_over(search); i++) {
		struct endpoint to = search->hosts[i], found;

		endpoint_set_port(&to, RPCBIND_PORT);
		if (!ask_rpcbind(search, &to, &found))
			continue;
		endpoint_set_port(&to, endpoint_port(&found));
		try_server(search, &to, REGISTERED);
		try_server(search, &found, REGISTERED);
	}
}

/* Fills search->hosts; an error of getaddrinfo(3) otherwise. */
static int
look_up(struct search *search)
{
	static const struct {
		int family, type;
	} kinds[] = {
		[TRANSPORT_ANY] = { AF_UNSPEC, SOCK_STREAM },
		[TRANSPORT_TCP] = { AF_INET, SOCK_STREAM },
		[TRANSPORT_TCP6] = { AF_INET6, SOCK_STREAM },
		[TRANSPORT_UDP] = { AF_INET, SOCK_DGRAM },
		[TRANSPORT_UDP6] = { AF_INET6, SOCK_DGRAM },
	};
	const struct settings *settings = search->settings;
	int type = kinds[settings->transport].type;
	struct addrinfo *list, *at;
	int r;

	r = resolve(search->watch, settings->host,
	    kinds[settings->transport].family, type, &list);
	if (r != 0)
		return r;
	for (at = list; at != NULL; at = at->ai_next)
		if (search->host_count < HOSTS_MAX &&
		    endpoint_from_address(&search->hosts[search->host_count],
			type, at->ai_addr, at->ai_addrlen))
			search->host_count++;
	freeaddrinfo(list);
	return 0;
}

/* The errors of getaddrinfo(3); EAI_INTR is the watch's. */
static const char *
name_error(int error)
{
	if (error == EAI_INTR)
		return "no answer";
	return error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
}

static void
search_network(struct search *search)
{
	const struct settings *settings = search->settings;
	int r = look_up(search);

	if (r != 0) {
		note(search, "the name %s: %s", settings->host, name_error(r));
		return;
	}
	if (settings->port != 0) {
		try_port(search, (uint16_t)settings->port);
		return;
	}
	try_registered(search);
	try_port(search, DEFAULT_PORT);
}

/* The socket of a daemon at the default port, in a runtime directory. */
static void
try_runtime(struct search *search, enum runtime_of whose)
{
	char path[RUNTIME_PATH_SIZE];
	struct endpoint at;

	if (is_over(search) || !runtime_socket(whose, DEFAULT_PORT, path) ||
	    !endpoint_from_path(&at, path) || was_tried(search, &at))
		return;
	if (whose == RUNTIME_USER && runtime_check(whose) == -EUCLEAN)
		note(search, "%s: not in a folder of this user alone", path);
	else
		try_server(search, &at, "");
}

static void
search_local(struct search *search)
{
	const char *path = search->settings->path;
	struct endpoint at, found;

	if (path != NULL) {
		if (endpoint_from_path(&at, path))
			try_server(search, &at, "");
		else
			note(search, "%s: too long for a Unix socket", path);
		return;
	}
	if (endpoint_from_path(&at, _PATH_RPCBINDSOCK) &&
	    ask_rpcbind(search, &at, &found))
		try_server(search, &found, REGISTERED);
	try_runtime(search, RUNTIME_SYSTEM);
	try_runtime(search, RUNTIME_USER);
}

bool
locate_server(const struct settings *settings, struct watch *watch,
    struct link *link, struct say_lines *tried)
{
	struct search search = {
		.settings = settings,
		.watch = watch,
		.link = link,
		.notes = tried,
	};

	tried->len = 0;
	if (settings_is_local(settings))
		search_local(&search);
	else
		search_network(&search);
	return link->handle != NULL;
}
