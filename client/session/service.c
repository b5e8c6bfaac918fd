#include "client/session/service.h"

#include <reverse.h>

const struct service service_reverse = {
	.name = "reverse",
	.file = "reverse.x",
	.ping = "REVERSE_PING",
	.program = REVERSE_PROG,
	.version = REVERSE_V1,
	.default_port = 20726,
};
