/*
 * A load client made of libtirpc's handles and rpcgen's stubs, by the command
 * line of test/bench/measure.h: text only, with a thread and a handle for each
 * call in flight, since a handle has one.  Every result is compared.
 */
#include "test/bench/measure.h"
#include "text/text.h"

#include <err.h>
#include <pthread.h>
#include <reverse.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { THREADS = 1024 };

static char text[TEXT_MAX], turned[TEXT_MAX];
static struct load load;
static struct meter meter;
static atomic_ulong answered;

static CLIENT *
handle(void)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);
	int fd = connect_to(load.address);
	struct netbuf address = { .buf = &at };
	CLIENT *made;

	if (getpeername(fd, (struct sockaddr *)&at, &len) != 0)
		err(1, "getpeername");
	address.len = address.maxlen = len;
	made = clnt_vc_create(fd, &address, REVERSE_PROG, REVERSE_V1, 0, 0);
	if (made == NULL)
		errx(1, "%s", clnt_spcreateerror("clnt_vc_create"));
	clnt_control(made, CLSET_FD_CLOSE, NULL);
	return made;
}

static void
call_once(CLIENT *server)
{
	reverse_args args = { .unit = UNIT_BYTE };
	reverse_result result = { 0 };
	const message *m = &result.reverse_result_u.outcome.text;

	args.text.message_val = text;
	args.text.message_len = (u_int)load.bytes;
	if (reverse_text_1(&args, &result, server) != RPC_SUCCESS)
		errx(1, "%s", clnt_sperror(server, "TEXT"));
	if (result.code != STATUS_OK || m->message_len != load.bytes ||
	    memcmp(m->message_val, turned, load.bytes) != 0)
		errx(1, "a wrong result");
	xdr_free((xdrproc_t)xdr_reverse_result, &result);
}

static void *
call(void *server)
{
	while (!meter_is_over(&meter)) {
		call_once(server);
		answered++;
		if (meter.is_single)
			meter_count(&meter, 0);
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	static pthread_t threads[THREADS];
	static CLIENT *servers[THREADS];
	size_t count;

	load = load_from(argc, argv);
	count = load.depth * load.connections;
	if (load.work != WORK_TEXT || count > THREADS)
		errx(2, "text alone, and at most %d in flight", THREADS);
	load_fill_lines(text, load.bytes, load.bytes);
	text_reverse((uint8_t *)turned, (const uint8_t *)text, load.bytes,
	    TEXT_BY_BYTE, NULL);
	for (size_t i = 0; i < count; i++)
		servers[i] = handle();
	meter_start(&meter, &load);
	for (size_t i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, call, servers[i]) != 0)
			errx(1, "cannot start a thread");
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	meter_count(&meter, answered);
	meter_tell(&meter);
	for (size_t i = 0; i < count; i++)
		clnt_destroy(servers[i]);
	return 0;
}
