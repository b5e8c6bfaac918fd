#include "test/interop/cases.h"
#include "test/interop/client.h"

void
large_unary(void)
{
	CLIENT *server = connect_to_reverse();

	call_large(server);
	clnt_destroy(server);
}
