#include "server/listen.h"

#include "base/log.h"
#include "base/runtime.h"
#include "rpcloop/net/datagram.h"
#include "rpcloop/net/listener.h"
#include "rpcloop/serve/dispatcher.h"
#include "server/process/privileges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Beside 0 and a negative errno, which was logged. */
enum { NOT_AN_ADDRESS = 1 };

enum kind {
	KIND_STREAM,
	KIND_DATAGRAM,
	KIND_FILE,
};

/* What -l says before the address. */
static const struct {
	const char *prefix;
	enum kind kind;
} prefixes[] = {
	{ "tcp:", KIND_STREAM },
	{ "udp:", KIND_DATAGRAM },
	{ "unix:", KIND_FILE },
};

struct opening {
	struct engine *engine;
	const struct settings *settings;
	struct registry_service *service;
	struct socket_file_access access;
	uint16_t port; /* the first that was opened, 0 = none yet */
};

/* rpcbind has one entry for a netid, whatever the number of addresses. */
static void
note_for_registry(
    struct registry_service *service, const struct universal *where)
{
	for (size_t i = 0; i < service->count; i++) {
		if (strcmp(where->netid, service->entries[i].netid) == 0)
			return;
	}
	if (service->count < REGISTRY_ENTRIES_MAX)
		service->entries[service->count++] = *where;
}

static void
note(struct opening *o, const struct address *a, bool datagram)
{
	char text[ADDRESS_TEXT_SIZE];
	struct universal where;

	universal_of_address(&where, a, datagram);
	log_info("listening netid=%s address=%s", where.netid,
	    address_text(a, text));
	note_for_registry(o->service, &where);
	if (o->port == 0)
		o->port =
		    ntohs(a->u.any.sa_family == AF_INET6 ? a->u.in6.sin6_port
							 : a->u.in.sin_port);
}

/* Opens a socket, and says in bound where it is. */
static int
open_socket(struct engine *e, const struct address *wanted, bool datagram,
    struct address *bound)
{
	struct datagram *d;
	struct listener *l;
	int r;

	if (datagram) {
		r = datagram_open(&d, &e->net, wanted, dispatcher_datagram);
		if (r == 0)
			*bound = d->address;
	} else {
		r = engine_listen(e, wanted, &l);
		if (r == 0)
			*bound = l->address;
	}
	return r;
}

/* implied: the user did not ask for just this address. */
static int
open_one(struct opening *o, const struct address *wanted, bool datagram,
    bool implied)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address bound;
	int r = open_socket(o->engine, wanted, datagram, &bound);

	if (r == 0) {
		note(o, &bound, datagram);
		return 0;
	}
	address_text(wanted, text);
	if (implied && wanted->u.any.sa_family == AF_INET6 &&
	    (r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL)) {
		log_info("no IPv6 here: not served netid=%s address=%s",
		    address_netid(wanted, datagram), text);
		return 0;
	}
	log_error("cannot listen on %s (%s): %s%s", text,
	    address_netid(wanted, datagram), strerror(-r),
	    r == -EADDRINUSE ? "; is it served already, or named twice?  "
			       "-p names another port"
			     : "");
	return r;
}

/* Opens a port for IPv4 and for IPv6: the same one, unless it is any. */
static int
open_both(struct opening *o, const char *v4, const char *v6, uint16_t port,
    bool datagram)
{
	struct address a;
	int r;

	address_parse(&a, v4, port);
	r = open_one(o, &a, datagram, true);
	if (r < 0)
		return r;
	address_parse(&a, v6, port);
	return open_one(o, &a, datagram, true);
}

static const char *
explain_file(const struct opening *o, int error)
{
	switch (error) {
	case -EADDRINUSE:
		return "a server listens there";
	case -EEXIST:
		return "something else than a socket is there";
	case -EUCLEAN:
		return "others than this user can change the folder";
	case -EPERM:
		if (o->settings->socket_owner != NULL)
			return "the file cannot be given to its owner";
		break;
	}
	return strerror(-error);
}

static int
open_file(struct opening *o, const char *path)
{
	struct universal where;
	struct listener *l;
	int r = engine_listen_file(o->engine, path, &o->access, &l);

	if (r < 0)
		return r;
	universal_of_path(&where, l->file.path);
	log_info("listening netid=%s address=%s", where.netid, where.address);
	/* Elsewhere a relative path names nothing. */
	if (path[0] == '/')
		note_for_registry(o->service, &where);
	return 0;
}

/* The Unix socket that nobody asked for: named by the port. */
static void
open_own_file(struct opening *o)
{
	char path[RUNTIME_PATH_SIZE];
	int r;

	if (!runtime_socket(runtime_own(), o->port, path)) {
		log_warn("no Unix socket is served: the path of the runtime "
			 "directory is too long");
		return;
	}
	r = runtime_make();
	if (r == 0)
		r = open_file(o, path);
	if (r < 0)
		log_warn("no Unix socket is served path=%s: %s", path,
		    explain_file(o, r));
}

static int
open_named_file(struct opening *o, const char *path)
{
	int r = open_file(o, path);

	if (r < 0)
		log_error(
		    "cannot listen on '%s': %s", path, explain_file(o, r));
	return r;
}

/*
 * Splits ADDR or ADDR:PORT; an IPv6 address has colons of its own, so a port
 * can follow it only after its bracket.  Cuts the text at the port.
 */
static int
cut_port(char *text, uint16_t *port)
{
	char *colon = strrchr(text, ':');
	char *end;
	unsigned long n;

	if (colon == NULL)
		return 0;
	if (strchr(text, ':') != colon && (colon == text || colon[-1] != ']'))
		return 0;
	n = strtoul(colon + 1, &end, 10);
	if (colon[1] < '0' || colon[1] > '9' || *end != '\0' || n > 65535)
		return -EINVAL;
	*port = (uint16_t)n;
	*colon = '\0';
	return 0;
}

static int
open_network(struct opening *o, const char *host, bool datagram)
{
	uint16_t port = (uint16_t)o->settings->port;
	char text[ADDRESS_TEXT_SIZE];
	struct address a;

	if (strlen(host) >= sizeof(text))
		return NOT_AN_ADDRESS;
	strcpy(text, host);
	if (cut_port(text, &port) < 0)
		return NOT_AN_ADDRESS;
	if (strcmp(text, "any") == 0)
		return open_both(o, "0.0.0.0", "::", port, datagram);
	if (address_parse(&a, text, port) < 0)
		return NOT_AN_ADDRESS;
	return open_one(o, &a, datagram, false);
}

static int
open_item(struct opening *o, const char *item)
{
	enum kind kind = KIND_STREAM;
	const char *where = item;
	int r = NOT_AN_ADDRESS;

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t len = strlen(prefixes[i].prefix);

		if (strncmp(item, prefixes[i].prefix, len) == 0) {
			kind = prefixes[i].kind;
			where = item + len;
			break;
		}
	}
	if (kind != KIND_FILE)
		r = open_network(o, where, kind == KIND_DATAGRAM);
	else if (where[0] != '\0')
		r = open_named_file(o, where);
	if (r != NOT_AN_ADDRESS)
		return r;
	log_error("cannot listen on '%s': not a numeric address, ADDR:PORT or "
		  "any, with tcp: or udp: before it, nor unix:PATH",
	    item);
	return -EINVAL;
}

static int
open_default(struct opening *o)
{
	uint16_t port = (uint16_t)o->settings->port;
	int r = open_both(o, "127.0.0.1", "::1", port, false);

	if (r == 0)
		r = open_both(o, "127.0.0.1", "::1", port, true);
	if (r == 0)
		open_own_file(o);
	return r;
}

int
listen_open(struct engine *e, const struct settings *settings,
    struct registry_service *service)
{
	struct opening o = {
		.engine = e,
		.settings = settings,
		.service = service,
	};
	int r = 0;

	service->count = 0;
	o.access.mode = settings->socket_mode;
	if (privileges_find_owner(
		settings->socket_owner, &o.access.uid, &o.access.gid) < 0) {
		log_error(
		    "socket-owner '%s' is unknown", settings->socket_owner);
		return -ENOENT;
	}
	if (settings->listen.count == 0)
		return open_default(&o);
	for (size_t i = 0; r == 0 && i < settings->listen.count; i++)
		r = open_item(&o, settings->listen.items[i]);
	return r;
}

size_t
listen_folders(const struct engine *e,
    char folders[LISTEN_FOLDERS_MAX][SOCKET_FILE_PATH_SIZE])
{
	const struct listener *l;
	size_t count = 0;

	TAILQ_FOREACH(l, &e->listeners, entry) {
		if (l->file.path[0] == '\0' || count == LISTEN_FOLDERS_MAX)
			continue;
		socket_file_folder(folders[count++], l->file.path);
	}
	return count;
}
