/*
 * main() for the textbook server of test/stock on a port of our choice, and
 * without rpcbind: what is measured against must not depend on either.
 *
 *	textbook PORT
 */

#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "reverse.h"

/* By rpcgen -m, which has no prototype for it. */
void reverse_prog_1(struct svc_req *call, SVCXPRT *transport);

/* A socket that listens on the port of the loopback. */
static int
listen_on(uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0)
		err(1, "SO_REUSEADDR");
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		err(1, "port %u", port);
	if (listen(fd, SOMAXCONN) != 0)
		err(1, "listen");
	return fd;
}

int
main(int argc, char **argv)
{
	struct netconfig *tcp = getnetconfigent("tcp");
	SVCXPRT *transport;

	if (argc != 2)
		errx(2, "usage: textbook PORT");
	if (tcp == NULL)
		errx(1, "no tcp in /etc/netconfig");
	transport =
	    svc_tli_create(listen_on((uint16_t)atoi(argv[1])), tcp, NULL, 0, 0);
	/* Without a netconfig entry it is not made known to rpcbind. */
	if (transport == NULL ||
	    !svc_reg(transport, REVERSE_PROG, REVERSE_V1, reverse_prog_1, NULL))
		errx(1, "libtirpc makes no transport of the socket");
	svc_run();
	return 1;
}
