/* Programs, versions, procedures. */
#include "schema/parser.h"

/* Takes "= n ;", which ends each of them. */
static bool
take_number(struct parser *p, uint32_t *number)
{
	struct lexer *lexer = &p->lexer;
	int64_t value;

	if (!lexer_takes(lexer, "="))
		return lexer_wants(lexer, "\"=\"");
	if (!name_value(p, 0, UINT32_MAX, &value))
		return false;
	*number = (uint32_t)value;
	return lexer_takes(lexer, ";") || lexer_wants(lexer, "\";\"");
}

/* Takes the arguments, from parenthesis to parenthesis. */
static bool
take_arguments(struct parser *p, struct schema_field **out)
{
	struct lexer *lexer = &p->lexer;

	if (!lexer_takes(lexer, "("))
		return lexer_wants(lexer, "\"(\"");
	do {
		if (!declare_unnamed(p, "arguments", out))
			return false;
		if (*out == NULL)
			break;
		out = &(*out)->next;
	} while (lexer_takes(lexer, ","));
	return lexer_takes(lexer, ")") || lexer_wants(lexer, "\")\"");
}

static bool
take_procedure(struct parser *p, struct schema_procedure **out)
{
	struct schema_procedure *it = parser_take(p, sizeof(*it));

	if (it == NULL || !declare_unnamed(p, "result", &it->result))
		return false;
	it->line = p->lexer.now.line;
	*out = it;
	return name_take(p, &it->name, "the name of a procedure") &&
	    take_arguments(p, &it->arguments) && take_number(p, &it->number) &&
	    name_note_number(p, it->name, it->number);
}

static bool
take_version(struct parser *p, struct schema_version **out)
{
	struct lexer *lexer = &p->lexer;
	struct schema_version *it = parser_take(p, sizeof(*it));
	struct schema_procedure **end;

	if (it == NULL)
		return false;
	*out = it;
	end = &it->procedures;
	if (!lexer_takes(lexer, "version"))
		return lexer_wants(lexer, "\"version\"");
	if (!name_take(p, &it->name, "the name of a version"))
		return false;
	if (!lexer_takes(lexer, "{"))
		return lexer_wants(lexer, "\"{\"");
	do {
		if (!take_procedure(p, end))
			return false;
		end = &(*end)->next;
	} while (!lexer_takes(lexer, "}"));
	return take_number(p, &it->number);
}

bool
program_define(struct parser *p)
{
	struct lexer *lexer = &p->lexer;
	struct schema_program *it = parser_take(p, sizeof(*it));
	struct schema_version **end;

	if (it == NULL || !name_take(p, &it->name, "the name of a program"))
		return false;
	*p->programs_end = it;
	p->programs_end = &it->next;
	end = &it->versions;
	if (!lexer_takes(lexer, "{"))
		return lexer_wants(lexer, "\"{\"");
	do {
		if (!take_version(p, end))
			return false;
		end = &(*end)->next;
	} while (!lexer_takes(lexer, "}"));
	return take_number(p, &it->number);
}
