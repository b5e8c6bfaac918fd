#include "test/interop/cases.h"
#include "test/interop/client.h"

void
rpc_soak(void)
{
	CLIENT *server = connect_to_reverse();

	for (unsigned int left = rounds(20, 1000); left > 0; left--)
		call_large(server);
	clnt_destroy(server);
}
