/* A file is definitions, one after the other. */
#include "schema/parser.h"

void *
parser_take(struct parser *p, size_t size)
{
	void *taken = arena_take(p->arena, size);

	if (taken == NULL)
		p->no_memory = true;
	return taken;
}

/* Takes what follows the word const. */
static bool
define_constant(struct parser *p)
{
	unsigned int line = p->lexer.now.line;
	const char *name;
	int64_t value;

	if (!name_take(p, &name, "the name of a constant"))
		return false;
	if (!lexer_takes(&p->lexer, "="))
		return lexer_wants(&p->lexer, "\"=\"");
	return name_value(p, INT64_MIN, INT64_MAX, &value) &&
	    name_define_constant(p, name, line, value);
}

/* Takes what follows the word typedef. */
static bool
define_alias(struct parser *p)
{
	struct schema_field *field;
	struct schema_type *type;

	if (!declare_field(p, false, &field) ||
	    !name_define_type(p, field->name, field->line, SCHEMA_ALIAS, &type))
		return false;
	type->fields = field;
	return true;
}

/* Takes the name and the body of a type. */
static bool
define_type(struct parser *p, enum schema_kind kind,
    bool (*declare)(struct parser *p, struct schema_type *type))
{
	unsigned int line = p->lexer.now.line;
	struct schema_type *type;
	const char *name;

	return name_take(p, &name, "the name of a type") &&
	    name_define_type(p, name, line, kind, &type) && declare(p, type);
}

static bool
define(struct parser *p)
{
	struct lexer *lexer = &p->lexer;

	if (lexer_takes(lexer, "const"))
		return define_constant(p);
	if (lexer_takes(lexer, "typedef"))
		return define_alias(p);
	if (lexer_takes(lexer, "enum"))
		return define_type(p, SCHEMA_ENUM, declare_enum);
	if (lexer_takes(lexer, "struct"))
		return define_type(p, SCHEMA_STRUCT, declare_struct);
	if (lexer_takes(lexer, "union"))
		return define_type(p, SCHEMA_UNION, declare_union);
	return lexer_wants(lexer, "a definition");
}

/* What everybody knows. */
static bool
define_bools(struct parser *p)
{
	return name_define_constant(p, "FALSE", 0, 0) &&
	    name_define_constant(p, "TRUE", 0, 1);
}

bool
parser_run(struct parser *p)
{
	struct lexer *lexer = &p->lexer;

	if (!define_bools(p))
		return false;
	while (!lexer->wrong && lexer->now.kind != TOKEN_END) {
		/* The number of a program has its semicolon. */
		if (lexer_takes(lexer, "program")) {
			if (!program_define(p))
				return false;
			continue;
		}
		if (!define(p))
			return false;
		if (!lexer_takes(lexer, ";"))
			return lexer_wants(lexer, "\";\"");
	}
	return !lexer->wrong && names_check(p);
}
