/*
 * main() for the textbook server of test/stock at an address of our choice
 * (test/bench/measure.h), and without rpcbind: what is measured against must
 * not depend on either.
 *
 *	textbook ADDRESS
 */
#include "test/bench/measure.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "reverse.h"

/* By rpcgen -m, which has no prototype for it. */
void reverse_prog_1(struct svc_req *call, SVCXPRT *transport);

int
main(int argc, char **argv)
{
	struct netconfig *kind;
	SVCXPRT *transport;

	if (argc != 2)
		errx(2, "usage: textbook ADDRESS");
	kind = getnetconfigent(argv[1][0] == '/' ? "local" : "tcp");
	if (kind == NULL)
		errx(1, "no tcp or local in /etc/netconfig");
	transport = svc_tli_create(listen_on(argv[1]), kind, NULL, 0, 0);
	/* Without a netconfig entry it is not made known to rpcbind. */
	if (transport == NULL ||
	    !svc_reg(transport, REVERSE_PROG, REVERSE_V1, reverse_prog_1, NULL))
		errx(1, "libtirpc makes no transport of the socket");
	svc_run();
	return 1;
}
