#include "client/terminal/failures.h"

#include "client/terminal/json.h"
#include "client/terminal/say.h"

static void
print(void *context, const char *status, const char *message, size_t len)
{
	const struct failures *failures = context;
	struct json json = { .output = failures->output };

	if (!*failures->json)
		return;
	json_text(&json, "status", status);
	json_bytes(&json, "message", message, len);
	json_end(&json);
}

void
failures_print(struct failures *failures)
{
	say_failures_to(print, failures);
}
