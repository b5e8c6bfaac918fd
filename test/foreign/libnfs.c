/*
 * libnfs, a library of NFS whose calls are callbacks.  Its headers have no
 * call of any program but the null one; the functions that make others are
 * there, and declared here.
 */
#include "test/foreign/client.h"

/* Which the other one needs. */
#include <nfsc/libnfs.h>

#include <err.h>
#include <nfsc/libnfs-raw.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 2 * 1024 * 1024 };

/* The front of one. */
struct rpc_pdu {
	struct rpc_pdu *next;
	uint32_t xid;
	ZDR zdr;
};

struct rpc_pdu *rpc_allocate_pdu2(struct rpc_context *rpc, int program,
    int version, int procedure, rpc_cb done, void *data, zdrproc_t decode,
    int decoded_size, size_t size);
int rpc_queue_pdu(struct rpc_context *rpc, struct rpc_pdu *pdu);

static struct rpc_context *rpc;
static struct coded expected;
static bool is_over;
static int outcome;

bool
code_word(void *xdrs, uint32_t *word)
{
	return zdr_u_int(xdrs, word);
}

bool
code_fixed(void *xdrs, char *bytes, uint32_t len)
{
	return zdr_opaque(xdrs, bytes, len);
}

/* What it decodes is in its own memory, and only while it does. */
bool
code_bytes(void *xdrs, char **bytes, uint32_t *len)
{
	char *copy;

	if (!zdr_bytes(xdrs, bytes, len, UINT32_MAX))
		return false;
	if (((ZDR *)xdrs)->x_op != ZDR_DECODE)
		return true;
	copy = malloc(*len + 1);
	if (copy == NULL)
		err(1, "malloc");
	*bytes = memcpy(copy, *bytes, *len);
	return true;
}

static uint32_t
decode(ZDR *zdrs, void *value, ...)
{
	(void)value;
	return expected.codec(zdrs, expected.value);
}

static void
done(struct rpc_context *of, int status, void *data, void *unused)
{
	(void)of;
	(void)unused;
	is_over = true;
	outcome = 0;
	if (status == RPC_STATUS_SUCCESS)
		return;
	if (status != RPC_STATUS_ERROR ||
	    strstr(data, "Garbage arguments") == NULL)
		errx(1, "%s", data != NULL ? (char *)data : "no answer");
	outcome = ACCEPT_GARBAGE;
}

static int
wait_for_it(void)
{
	for (is_over = false; !is_over;) {
		struct pollfd fd = {
			.fd = rpc_get_fd(rpc),
			.events = (short)rpc_which_events(rpc),
		};

		if (poll(&fd, 1, -1) < 0 || rpc_service(rpc, fd.revents) < 0)
			errx(1, "%s", rpc_get_error(rpc));
	}
	return outcome;
}

void
library_connect(uint16_t port)
{
	rpc = rpc_init_context();
	if (rpc == NULL ||
	    rpc_connect_port_async(
		rpc, "127.0.0.1", port, PROGRAM, VERSION, done, NULL) != 0)
		errx(1, "cannot begin");
	wait_for_it();
}

int
library_call(uint32_t procedure, struct coded arguments, struct coded result)
{
	struct rpc_pdu *pdu;

	if (procedure == 0) {
		if (rpc_null_async(rpc, PROGRAM, VERSION, done, NULL) != 0)
			errx(1, "%s", rpc_get_error(rpc));
		return wait_for_it();
	}
	expected = result;
	pdu = rpc_allocate_pdu2(rpc, PROGRAM, VERSION, (int)procedure, done,
	    NULL, decode, sizeof(int), LARGEST);
	if (pdu == NULL || !arguments.codec(&pdu->zdr, arguments.value) ||
	    rpc_queue_pdu(rpc, pdu) != 0)
		errx(1, "%s", rpc_get_error(rpc));
	return wait_for_it();
}
