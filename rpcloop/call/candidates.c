/* Which attempts a search has. */
#include "rpcloop/call/search.h"

#include "rpcloop/call/belongs.h"

#include <errno.h>
#include <rpc/pmap_prot.h>
#include <stdlib.h>

/*
 * Puts an attempt into the list after *after, or at its end for NULL; then that
 * is *after.  It is of the place and the host of like.  Returns it, or NULL.
 */
static struct attempt *
add(struct attempt **after, const struct attempt *like, enum locate_step step,
    const struct endpoint *at)
{
	struct attempts *list = &like->search->attempts;
	struct attempt *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->search = like->search;
	a->place = like->place;
	a->host = like->host;
	a->step = step;
	a->at = *at;
	if (*after != NULL)
		TAILQ_INSERT_AFTER(list, *after, a, entry);
	else
		TAILQ_INSERT_TAIL(list, a, entry);
	*after = a;
	return a;
}

/* At the end of the list. */
static int
add_path(const struct attempt *like, enum locate_step step, const char *path)
{
	struct attempt *after = NULL;
	struct endpoint at = { .len = 0 };

	endpoint_from_path(&at, path);
	return add(&after, like, step, &at) != NULL ? 0 : -ENOMEM;
}

static int
add_local(const struct attempt *like)
{
	const struct locate_place *place = like->place;
	const char *const *path = place->paths;
	int r = add_path(like, LOCATE_RPCBIND, place->name);

	while (r == 0 && path != NULL && *path != NULL)
		r = add_path(like, LOCATE_SERVER, *path++);
	return r;
}

static int
add_place(const struct attempt *like)
{
	static const struct endpoint nowhere;
	struct attempt *after = NULL;

	switch (like->place->kind) {
	case LOCATE_PATH:
		return add_path(like, LOCATE_SERVER, like->place->name);
	case LOCATE_LOCAL:
		return add_local(like);
	default:
		return add(&after, like, LOCATE_NAME, &nowhere) != NULL
		    ? 0
		    : -ENOMEM;
	}
}

int
candidates_of_places(struct locate *l)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->terms.place_count; i++) {
		const struct attempt like = {
			.search = l,
			.place = &l->terms.places[i],
			.host = &l->hosts[i],
		};

		r = add_place(&like);
	}
	return r;
}

/* An attempt at a port of each address. */
static int
add_port(struct attempt **after, enum locate_step step, uint16_t port)
{
	const struct attempt *like = *after;
	const struct host *host = like->host;

	for (size_t i = 0; i < host->count; i++) {
		struct endpoint at = host->at[i];

		endpoint_set_port(&at, port);
		if (add(after, like, step, &at) == NULL)
			return -ENOMEM;
	}
	return 0;
}

static bool
is_known(const struct host *host, const struct endpoint *at)
{
	for (size_t i = 0; i < host->count; i++)
		if (endpoint_equal(&host->at[i], at))
			return true;
	return false;
}

int
candidates_of_name(
    struct attempt *a, const struct addrinfo *list, size_t *left_out)
{
	const struct locate_terms *terms = &a->search->terms;
	struct host *host = a->host;
	uint16_t rpcbind =
	    terms->rpcbind_port != 0 ? terms->rpcbind_port : PMAPPORT;
	struct endpoint at;
	int r;

	*left_out = 0;
	for (; list != NULL; list = list->ai_next) {
		if (!endpoint_from_address(
			&at, terms->type, list->ai_addr, list->ai_addrlen) ||
		    is_known(host, &at))
			continue;
		if (host->count < LOCATE_ADDRESSES_MAX)
			host->at[host->count++] = at;
		else
			*left_out += 1;
	}
	if (a->place->port != 0)
		return add_port(&a, LOCATE_SERVER, a->place->port);
	r = add_port(&a, LOCATE_RPCBIND, rpcbind);
	return r != 0 || terms->default_port == 0
	    ? r
	    : add_port(&a, LOCATE_SERVER, terms->default_port);
}

int
candidates_of_rpcbind(
    struct attempt *a, const struct endpoint *named, bool *belongs)
{
	struct attempt *after = a, *found;
	struct endpoint at = *named, asked = a->at;

	*belongs = belongs_to_host(&at, &asked, a->host->at, a->host->count);
	if (asked.at.any.sa_family != AF_UNIX) {
		endpoint_set_port(&asked, endpoint_port(named));
		found = add(&after, a, LOCATE_SERVER, &asked);
		if (found == NULL)
			return -ENOMEM;
		found->named_by = &a->at;
	}
	if (!*belongs)
		return 0;
	found = add(&after, a, LOCATE_SERVER, &at);
	if (found == NULL)
		return -ENOMEM;
	found->named_by = &a->at;
	return 0;
}
