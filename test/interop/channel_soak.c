#include "test/interop/cases.h"
#include "test/interop/client.h"

void
channel_soak(void)
{
	for (unsigned int left = rounds(20, 1000); left > 0; left--) {
		CLIENT *server = connect_to_reverse();

		call_large(server);
		clnt_destroy(server);
	}
}
