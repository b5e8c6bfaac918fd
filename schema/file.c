#include "schema/file.h"

#include "schema/parser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The schema is seen, and its memory is not. */
struct owner {
	struct schema schema;
	struct arena arena;
};

/* Returns 0 or -ENOMEM. */
static int
keep(struct owner *owner, const void *text, size_t len)
{
	char *kept;

	if (len > SCHEMA_KEPT_MAX)
		return 0;
	kept = arena_take(&owner->arena, len + 1);
	if (kept == NULL)
		return -ENOMEM;
	memcpy(kept, text, len);
	owner->schema.text = kept;
	owner->schema.len = len;
	return 0;
}

/* Returns as schema_new(). */
static int
parse(struct owner *owner, const void *text, size_t len,
    struct schema_error *error)
{
	struct parser p = { .arena = &owner->arena };
	bool taken;

	if (map_init(&p.names) != 0)
		return -ENOMEM;
	hash_key_init(&p.key);
	p.types_end = &p.types;
	p.programs_end = &p.programs;
	lexer_start(&p.lexer, text, len, error);
	taken = parser_run(&p);
	map_deinit(&p.names);
	owner->schema.types = p.types;
	owner->schema.programs = p.programs;
	if (p.no_memory)
		return -ENOMEM;
	return taken ? 0 : SCHEMA_WRONG;
}

int
schema_new(struct schema **out, const char *file, const void *text, size_t len,
    struct schema_error *error)
{
	struct owner *owner = calloc(1, sizeof(*owner));
	int r;

	if (owner == NULL)
		return -ENOMEM;
	owner->schema.file = file;
	r = parse(owner, text, len, error);
	if (r == 0)
		r = keep(owner, text, len);
	if (r == 0)
		*out = &owner->schema;
	else
		schema_free(&owner->schema);
	return r;
}

void
schema_free(struct schema *schema)
{
	struct owner *owner;

	if (schema == NULL)
		return;
	owner = container_of(schema, struct owner, schema);
	arena_deinit(&owner->arena);
	free(owner);
}
