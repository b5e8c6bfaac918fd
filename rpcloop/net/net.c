#include "rpcloop/net/net.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void
net_reserve(struct net *net)
{
	if (net->reserve_fd < 0)
		net->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int
net_init(struct net *net, struct loop *loop, const struct net_limits *limits,
    const struct net_ops *ops)
{
	int r;

	*net = (struct net){
		.loop = loop,
		.ops = ops,
		.limits = *limits,
		.connection_id_step = 1,
		.reserve_fd = -1,
	};
	TAILQ_INIT(&net->connections);
	TAILQ_INIT(&net->datagrams);
	r = peers_init(&net->peers);
	net->scratch = malloc(NET_SCRATCH_SIZE);
	if (r < 0 || net->scratch == NULL || lender_init(&net->lender) < 0)
		return -ENOMEM;
	net_reserve(net);
	return 0;
}

void
net_deinit(struct net *net)
{
	log_limit_tell(&net->log_limit);
	log_limit_tell(&net->step_limit);
	if (net->reserve_fd >= 0)
		close(net->reserve_fd);
	net->reserve_fd = -1;
	free(net->scratch);
	net->scratch = NULL;
	lender_deinit(&net->lender);
	free(net->batch);
	net->batch = NULL;
	peers_deinit(&net->peers);
}
