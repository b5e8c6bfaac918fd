#include "server/tracing.h"

#include "base/log.h"
#include "schema/show.h"

#include <inttypes.h>

/* Of the lines of one message. */
#define SHOWN_MAX (1024 * 1024)

static struct message_target
target_of(const struct seen_message *message)
{
	return (struct message_target){
		.program = message->program,
		.version = message->version,
		.procedure = message->procedure,
	};
}

/* The line before its bytes. */
static void
log_head(const struct tracing *tracing, const struct seen_message *message,
    const struct message_target *target)
{
	const struct message_words *words = &tracing->schemas.words;
	const struct schema_procedure *procedure =
	    message_procedure(words, target, NULL);
	const char *name = procedure != NULL ? procedure->name : "unknown";
	char peer[ADDRESS_TEXT_SIZE];
	const char *status;

	address_text(message->peer, peer);
	if (!message->is_reply) {
		log_info("trace call from=%s procedure=%s xid=0x%08" PRIx32
			 " bytes=%zu",
		    peer, name, message->xid, message->len);
		return;
	}
	status = message_status(words, message->bytes, message->len, target);
	log_info("trace reply to=%s procedure=%s xid=0x%08" PRIx32
		 " bytes=%zu%s%s",
	    peer, name, message->xid, message->len,
	    status != NULL ? " status=" : "", status != NULL ? status : "");
}

static void
on_seen(void *context, const struct seen_message *message)
{
	const struct tracing *tracing = context;
	const struct show_message shown = {
		.bytes = message->bytes,
		.len = message->len,
		.marks = message->marks,
	};
	struct message_target target = target_of(message);
	struct buffer lines;

	buffer_init(&lines, SHOWN_MAX);
	log_head(tracing, message, &target);
	/* What does not fit is left out. */
	show_message(&lines, &tracing->schemas.words, &shown,
	    message->is_reply ? &target : NULL, false);
	if (buffer_len(&lines) > 0)
		log_lines(
		    (const char *)buffer_head(&lines), buffer_len(&lines));
	buffer_deinit(&lines);
}

void
tracing_start(struct tracing *tracing, struct dispatcher *dispatcher)
{
	if (built_in_init(&tracing->schemas) == 0)
		dispatcher_show(dispatcher, on_seen, tracing);
	else
		log_warn("no trace: out of memory");
}

void
tracing_end(struct tracing *tracing)
{
	built_in_deinit(&tracing->schemas);
}
