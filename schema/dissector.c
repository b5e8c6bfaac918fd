/*
 * The schema becomes tables.  What shows them is the same for all, and written
 * in Lua itself.
 */
#include "schema/dissector.h"

#include "base/put.h"
#include "schema/texts.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* A string of Lua. */
static void
put_string(struct put *w, const char *text)
{
	put_text(w, "\"");
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (isalnum(c) || strchr(" ._-/", c) != NULL)
			put_format(w, "%c", c);
		else
			put_format(w, "\\%03u", (unsigned int)c);
	}
	put_text(w, "\"");
}

/* A prefix for names of fields: letters, digits and underscores. */
static void
put_prefix(struct put *w, const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash != NULL ? slash + 1 : file;
	size_t len = strlen(name);

	if (len > 2 && strcmp(name + len - 2, ".x") == 0)
		len -= 2;
	put_text(w, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		put_format(w, "%c", isalnum(c) ? tolower(c) : '_');
	}
	put_text(w, "\"");
}

static void put_body(struct put *w, const struct schema_type *type);

/* Types have names, but for bodies that stand where they are used. */
static void
put_type(struct put *w, const struct schema_type *type)
{
	put_text(w, "type = ");
	if (*type->name != '\0')
		put_string(w, type->name);
	else
		put_body(w, type);
}

static void
put_field(struct put *w, const struct schema_field *field)
{
	static const char *const shapes[] = {
		[SCHEMA_FIXED] = "fixed",
		[SCHEMA_VARIABLE] = "variable",
		[SCHEMA_OPTIONAL] = "optional",
	};
	struct schema_field bare = schema_field_bare(field);

	put_text(w, "{ name = ");
	put_string(w, bare.name);
	put_format(w, ", line = %u, ", bare.line);
	if (bare.shape != SCHEMA_SINGLE)
		put_format(w, "shape = \"%s\", count = %" PRIu32 ", ",
		    shapes[bare.shape], bare.count);
	put_type(w, bare.type);
	put_text(w, " },\n");
}

/* All that follow, from this one on. */
static void
put_fields(struct put *w, const char *name, const struct schema_field *field)
{
	put_format(w, "%s = {\n", name);
	for (; field != NULL; field = field->next)
		put_field(w, field);
	put_text(w, "},\n");
}

/* Of words for the same number the first one counts. */
static void
put_words(struct put *w, const struct schema_type *type)
{
	put_text(w, "words = {\n");
	for (const struct schema_word *word = type->words; word != NULL;
	     word = word->next) {
		if (schema_word_of(type, word->value) != word->name)
			continue;
		put_format(w, "[%" PRId32 "] = ", word->value);
		put_string(w, word->name);
		put_text(w, ",\n");
	}
	put_text(w, "},\n");
}

/* Cases may share what follows the last of them. */
static void
put_arms(struct put *w, const struct schema_type *type)
{
	const struct schema_arm *arm = type->arms;

	put_text(w, "arms = {\n");
	while (arm != NULL) {
		const struct schema_field *field = arm->field;
		bool is_default = false;

		put_text(w, "{ cases = { ");
		for (; arm != NULL && arm->field == field; arm = arm->next) {
			is_default = is_default || arm->is_default;
			if (!arm->is_default)
				put_format(
				    w, "%" PRIu32 ", ", (uint32_t)arm->value);
		}
		put_format(
		    w, "}, default = %s,\n", is_default ? "true" : "false");
		put_fields(w, "fields",
		    field->type->kind != SCHEMA_VOID ? field : NULL);
		put_text(w, "},\n");
	}
	put_text(w, "},\n");
}

static void
put_body(struct put *w, const struct schema_type *type)
{
	static const char *const kinds[] = {
		[SCHEMA_ENUM] = "enum",
		[SCHEMA_STRUCT] = "struct",
		[SCHEMA_UNION] = "union",
		[SCHEMA_ALIAS] = "alias",
	};

	put_format(w, "{ kind = \"%s\",\n", kinds[type->kind]);
	if (type->kind == SCHEMA_ENUM)
		put_words(w, type);
	else
		put_fields(w, "fields", type->fields);
	if (type->kind == SCHEMA_UNION)
		put_arms(w, type);
	put_text(w, "}");
}

static void
put_types(struct put *w, const struct schema *schema)
{
	put_text(w, "local types = {}\n");
	for (const struct schema_type *type = schema->types; type != NULL;
	     type = type->next) {
		if (*type->name == '\0')
			continue;
		put_text(w, "types[");
		put_string(w, type->name);
		put_text(w, "] = ");
		put_body(w, type);
		put_text(w, "\n");
	}
}

static void
put_procedures(struct put *w, const struct schema_procedure *procedure)
{
	for (; procedure != NULL; procedure = procedure->next) {
		put_format(w, "[%" PRIu32 "] = { name = ", procedure->number);
		put_string(w, procedure->name);
		put_text(w, ",\n");
		put_fields(w, "arguments", procedure->arguments);
		put_fields(w, "results", procedure->result);
		put_text(w, "},\n");
	}
}

static void
put_programs(struct put *w, const struct schema *schema)
{
	put_text(w, "local programs = {\n");
	for (const struct schema_program *program = schema->programs;
	     program != NULL; program = program->next) {
		put_format(w, "[%" PRIu32 "] = {\n", program->number);
		for (const struct schema_version *version = program->versions;
		     version != NULL; version = version->next) {
			put_format(w, "[%" PRIu32 "] = {\n", version->number);
			put_procedures(w, version->procedures);
			put_text(w, "},\n");
		}
		put_text(w, "},\n");
	}
	put_text(w, "}\n");
}

int
dissector_add(struct buffer *out, const struct schema *schema)
{
	struct put w = { .out = out };

	put_text(&w,
	    "-- For Wireshark: the arguments and results of an RPC service.\n"
	    "-- Made by `reverse dissector`.  tshark -X lua_script:THIS, or a\n"
	    "-- file in the folder of personal Lua plugins.\n\n"
	    "local FILE = ");
	put_string(&w, schema->file);
	put_text(&w, "\nlocal NAME = ");
	put_prefix(&w, schema->file);
	put_text(&w, "\n\n");
	put_types(&w, schema);
	put_programs(&w, schema);
	put_bytes(&w, dissector_fields_text, dissector_fields_size);
	put_bytes(&w, dissector_values_text, dissector_values_size);
	put_bytes(&w, dissector_messages_text, dissector_messages_size);
	return w.result;
}
