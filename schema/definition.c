#include "schema/definition.h"

#include "base/put.h"

#include <inttypes.h>
#include <string.h>

struct defining {
	struct put put;
	unsigned int indent;
};

/* Begins a line. */
static void
put_indent(struct defining *d)
{
	for (unsigned int i = 0; i < d->indent; i++)
		put_text(&d->put, "\t");
}

static void put_body(struct defining *d, const struct schema_type *type);

/* What stands behind a name. */
static void
put_count(struct defining *d, const struct schema_field *field)
{
	bool fixed = field->shape == SCHEMA_FIXED;

	if (field->shape != SCHEMA_FIXED && field->shape != SCHEMA_VARIABLE)
		return;
	put_text(&d->put, fixed ? "[" : "<");
	if (fixed || field->count != UINT32_MAX)
		put_format(&d->put, "%" PRId64, (int64_t)field->count);
	put_text(&d->put, fixed ? "]" : ">");
}

static void
put_field(struct defining *d, const struct schema_field *field)
{
	if (*field->type->name != '\0')
		put_text(&d->put, field->type->name);
	else
		put_body(d, field->type);
	if (field->type->kind == SCHEMA_VOID)
		return;
	put_text(&d->put, field->shape == SCHEMA_OPTIONAL ? " *" : " ");
	put_text(&d->put, field->name);
	put_count(d, field);
}

static void
put_line(struct defining *d, const struct schema_field *field)
{
	put_indent(d);
	put_field(d, field);
	put_text(&d->put, ";\n");
}

static void
put_struct(struct defining *d, const struct schema_type *type)
{
	for (const struct schema_field *field = type->fields; field != NULL;
	     field = field->next)
		put_line(d, field);
}

static void
put_words(struct defining *d, const struct schema_type *type)
{
	for (const struct schema_word *word = type->words; word != NULL;
	     word = word->next) {
		put_indent(d);
		put_text(&d->put, word->name);
		put_text(&d->put, " = ");
		put_format(&d->put, "%" PRId64, (int64_t)word->value);
		put_text(&d->put, word->next != NULL ? ",\n" : "\n");
	}
}

static void
put_case(struct defining *d, const struct schema_type *type,
    const struct schema_arm *arm)
{
	const struct schema_type *of = schema_field_bare(type->fields).type;
	const char *name = of->kind == SCHEMA_ENUM
	    ? schema_word_of(of, (int32_t)arm->value)
	    : NULL;

	if (of->kind == SCHEMA_BOOL)
		name = arm->value != 0 ? "TRUE" : "FALSE";
	put_indent(d);
	put_text(&d->put, arm->is_default ? "default" : "case ");
	if (!arm->is_default && name != NULL)
		put_text(&d->put, name);
	else if (!arm->is_default)
		put_format(&d->put, "%" PRId64, (int64_t)arm->value);
	put_text(&d->put, ":\n");
}

static void
put_arms(struct defining *d, const struct schema_type *type)
{
	d->indent--;
	for (const struct schema_arm *arm = type->arms; arm != NULL;
	     arm = arm->next) {
		put_case(d, type, arm);
		/* Cases may share what follows the last of them. */
		if (arm->next != NULL && arm->next->field == arm->field)
			continue;
		d->indent++;
		put_line(d, arm->field);
		d->indent--;
	}
	d->indent++;
}

/* What the word for it begins. */
static void
put_head(struct defining *d, const struct schema_type *type)
{
	static const char *const words[] = {
		[SCHEMA_ENUM] = "enum",
		[SCHEMA_STRUCT] = "struct",
		[SCHEMA_UNION] = "union",
	};

	put_text(&d->put, words[type->kind]);
	if (*type->name != '\0') {
		put_text(&d->put, " ");
		put_text(&d->put, type->name);
	}
	if (type->kind == SCHEMA_UNION) {
		put_text(&d->put, " switch (");
		put_field(d, type->fields);
		put_text(&d->put, ")");
	}
}

static void
put_body(struct defining *d, const struct schema_type *type)
{
	put_head(d, type);
	put_text(&d->put, " {\n");
	d->indent++;
	if (type->kind == SCHEMA_ENUM)
		put_words(d, type);
	else if (type->kind == SCHEMA_UNION)
		put_arms(d, type);
	else
		put_struct(d, type);
	d->indent--;
	put_indent(d);
	put_text(&d->put, "}");
}

int
definition_add(struct buffer *out, const struct schema_type *type)
{
	struct defining d = { .put.out = out };

	if (type->kind == SCHEMA_ALIAS) {
		put_text(&d.put, "typedef ");
		put_field(&d, type->fields);
	} else {
		put_body(&d, type);
	}
	put_text(&d.put, ";\n");
	return d.put.result;
}
