#include "schema/built_in.h"

#include "schema/file.h"
#include "schema/texts.h"

#include <assert.h>
#include <errno.h>

/* Nothing is wrong with those: the tests read them. */
static struct schema *
read_text(const char *file, const unsigned char *text, size_t size)
{
	struct schema_error error;
	struct schema *schema = NULL;
	int r = schema_new(&schema, file, text, size, &error);

	assert(r != SCHEMA_WRONG);
	return r == 0 ? schema : NULL;
}

int
built_in_init(struct built_in *it)
{
	it->rpc = read_text("rpc.x", rpc_x_text, rpc_x_size);
	it->reverse = read_text("reverse.x", schema_text, schema_size);
	it->rpcbind = read_text("rpcbind.x", rpcbind_x_text, rpcbind_x_size);
	it->words = (struct message_words){
		.rpc = it->rpc,
		.of = { it->reverse, it->rpcbind },
	};
	return it->rpc != NULL && it->reverse != NULL && it->rpcbind != NULL
	    ? 0
	    : -ENOMEM;
}

void
built_in_deinit(struct built_in *it)
{
	schema_free(it->rpc);
	schema_free(it->reverse);
	schema_free(it->rpcbind);
	*it = (struct built_in){ .rpc = NULL };
}
