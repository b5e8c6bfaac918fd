#include "server/listen.h"

#include "common/log.h"
#include "transport/listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* rpcbind has one entry for a netid, whatever the number of addresses. */
static void
note_for_registry(struct registry_service *service, const struct address *a)
{
	const char *netid = address_netid(a, false);

	for (size_t i = 0; i < service->count; i++) {
		if (strcmp(netid, service->entries[i].netid) == 0)
			return;
	}
	if (service->count < REGISTRY_ENTRIES_MAX)
		universal_of_address(
		    &service->entries[service->count++], a, false);
}

/* implied: the user did not ask for just this address. */
static int
open_one(struct engine *e, const struct address *wanted, bool implied,
    struct registry_service *service)
{
	struct listener *l;
	char text[ADDRESS_TEXT_SIZE];
	int r;

	r = listener_open(&l, e, wanted);
	address_text(wanted, text);
	if (implied && wanted->u.any.sa_family == AF_INET6 &&
	    (r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL)) {
		log_info("no IPv6 here: not served address=%s", text);
		return 0;
	}
	if (r < 0) {
		log_error("cannot listen on %s: %s%s", text, strerror(-r),
		    r == -EADDRINUSE ?
			"; is it served already, or named twice?  "
			"-p names another port" : "");
		return r;
	}
	log_info("listening netid=%s address=%s",
	    address_netid(&l->address, false), address_text(&l->address, text));
	note_for_registry(service, &l->address);
	return 0;
}

/* Opens a port for IPv4 and for IPv6: the same one, unless it is any. */
static int
open_both(struct engine *e, const char *v4, const char *v6, uint16_t port,
    struct registry_service *service)
{
	struct address a;
	int r;

	address_parse(&a, v4, port);
	r = open_one(e, &a, true, service);
	if (r < 0)
		return r;
	address_parse(&a, v6, port);
	return open_one(e, &a, true, service);
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
open_item(struct engine *e, const char *item, uint16_t port,
    struct registry_service *service)
{
	static const char prefix[] = "tcp:";
	const char *host = item;
	char text[ADDRESS_TEXT_SIZE];
	struct address a;

	if (strcmp(item, "any") == 0)
		return open_both(e, "0.0.0.0", "::", port, service);
	if (strncmp(item, prefix, sizeof(prefix) - 1) == 0)
		host += sizeof(prefix) - 1;
	if (strlen(host) < sizeof(text)) {
		strcpy(text, host);
		if (cut_port(text, &port) == 0 &&
		    address_parse(&a, text, port) == 0)
			return open_one(e, &a, false, service);
	}
	log_error("cannot listen on '%s': not a numeric address, "
	    "tcp:ADDR:PORT or any", item);
	return -EINVAL;
}

int
listen_open(struct engine *e, const struct settings *settings,
    struct registry_service *service)
{
	uint16_t port = (uint16_t)settings->port;
	int r = 0;

	service->count = 0;
	if (settings->listen.count == 0)
		return open_both(e, "127.0.0.1", "::1", port, service);
	for (size_t i = 0; r == 0 && i < settings->listen.count; i++)
		r = open_item(e, settings->listen.items[i], port, service);
	return r;
}
