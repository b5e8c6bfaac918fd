#include "schema/definition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct defining {
	struct buffer *out;
	unsigned int indent;
	int result;
};

static void
put_text(struct defining *d, const char *text)
{
	if (d->result == 0)
		d->result = buffer_append(d->out, text, strlen(text));
}

static void
put_number(struct defining *d, int64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, number);
	put_text(d, text);
}

/* Begins a line. */
static void
put_indent(struct defining *d)
{
	for (unsigned int i = 0; i < d->indent; i++)
		put_text(d, "\t");
}

static void put_body(struct defining *d, const struct schema_type *type);

/* What stands behind a name. */
static void
put_count(struct defining *d, const struct schema_field *field)
{
	bool fixed = field->shape == SCHEMA_FIXED;

	if (field->shape != SCHEMA_FIXED && field->shape != SCHEMA_VARIABLE)
		return;
	put_text(d, fixed ? "[" : "<");
	if (fixed || field->count != UINT32_MAX)
		put_number(d, field->count);
	put_text(d, fixed ? "]" : ">");
}

static void
put_field(struct defining *d, const struct schema_field *field)
{
	if (*field->type->name != '\0')
		put_text(d, field->type->name);
	else
		put_body(d, field->type);
	if (field->type->kind == SCHEMA_VOID)
		return;
	put_text(d, field->shape == SCHEMA_OPTIONAL ? " *" : " ");
	put_text(d, field->name);
	put_count(d, field);
}

static void
put_line(struct defining *d, const struct schema_field *field)
{
	put_indent(d);
	put_field(d, field);
	put_text(d, ";\n");
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
		put_text(d, word->name);
		put_text(d, " = ");
		put_number(d, word->value);
		put_text(d, word->next != NULL ? ",\n" : "\n");
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
	put_text(d, arm->is_default ? "default" : "case ");
	if (!arm->is_default && name != NULL)
		put_text(d, name);
	else if (!arm->is_default)
		put_number(d, arm->value);
	put_text(d, ":\n");
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

	put_text(d, words[type->kind]);
	if (*type->name != '\0') {
		put_text(d, " ");
		put_text(d, type->name);
	}
	if (type->kind == SCHEMA_UNION) {
		put_text(d, " switch (");
		put_field(d, type->fields);
		put_text(d, ")");
	}
}

static void
put_body(struct defining *d, const struct schema_type *type)
{
	put_head(d, type);
	put_text(d, " {\n");
	d->indent++;
	if (type->kind == SCHEMA_ENUM)
		put_words(d, type);
	else if (type->kind == SCHEMA_UNION)
		put_arms(d, type);
	else
		put_struct(d, type);
	d->indent--;
	put_indent(d);
	put_text(d, "}");
}

int
definition_add(struct buffer *out, const struct schema_type *type)
{
	struct defining d = { .out = out };

	if (type->kind == SCHEMA_ALIAS) {
		put_text(&d, "typedef ");
		put_field(&d, type->fields);
	} else {
		put_body(&d, type);
	}
	put_text(&d, ";\n");
	return d.result;
}
