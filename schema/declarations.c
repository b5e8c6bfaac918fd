/* What a type looks like, and what has a type. */
#include "schema/parser.h"

static const int64_t bound_max = UINT32_MAX;

/* Takes what may follow a name: [n] or <n>. */
static bool
declare_shape(struct parser *p, struct schema_field *field)
{
	struct lexer *lexer = &p->lexer;
	int64_t count = bound_max;

	if (lexer_takes(lexer, "[")) {
		field->shape = SCHEMA_FIXED;
		/* Nothing is for free: see the head of schema.h. */
		if (!name_value(p, 1, bound_max, &count) ||
		    !(lexer_takes(lexer, "]") || lexer_wants(lexer, "\"]\"")))
			return false;
	} else if (lexer_takes(lexer, "<")) {
		field->shape = SCHEMA_VARIABLE;
		if (!lexer_is(lexer, ">") &&
		    !name_value(p, 0, bound_max, &count))
			return false;
		if (!lexer_takes(lexer, ">"))
			return lexer_wants(lexer, "\">\"");
	}
	field->count = (uint32_t)count;
	return true;
}

/* What the type allows of the shape. */
static bool
check_shape(struct parser *p, const struct schema_field *field)
{
	enum schema_kind kind = field->type->kind;

	if (kind == SCHEMA_OPAQUE && field->shape != SCHEMA_FIXED &&
	    field->shape != SCHEMA_VARIABLE)
		return lexer_wants(&p->lexer, "\"[\" or \"<\"");
	if (kind == SCHEMA_STRING && field->shape != SCHEMA_VARIABLE)
		return lexer_fail(
		    &p->lexer, field->line, "a string has no \"<>\"");
	return true;
}

bool
declare_field(struct parser *p, bool may_be_void, struct schema_field **out)
{
	struct lexer *lexer = &p->lexer;
	struct schema_field *field = parser_take(p, sizeof(*field));
	bool optional;

	if (field == NULL || !declare_type(p, &field->type))
		return false;
	*out = field;
	field->line = lexer->now.line;
	if (field->type->kind == SCHEMA_VOID) {
		field->name = "";
		return may_be_void ||
		    lexer_fail(lexer, field->line, "void is no value");
	}
	optional = lexer_takes(lexer, "*");
	field->line = lexer->now.line;
	if (!name_take(p, &field->name, "a name"))
		return false;
	if (optional)
		field->shape = SCHEMA_OPTIONAL;
	else if (!declare_shape(p, field))
		return false;
	return check_shape(p, field);
}

bool
declare_unnamed(struct parser *p, const char *name, struct schema_field **out)
{
	struct schema_field *field = parser_take(p, sizeof(*field));

	if (field == NULL || !declare_type(p, &field->type))
		return false;
	field->name = name;
	field->line = p->lexer.now.line;
	field->count = UINT32_MAX;
	if (field->type->kind == SCHEMA_OPAQUE)
		return lexer_fail(
		    &p->lexer, field->line, "opaque needs a typedef here");
	if (field->type->kind == SCHEMA_STRING) {
		field->shape = SCHEMA_VARIABLE;
		if (lexer_is(&p->lexer, "<") && !declare_shape(p, field))
			return false;
	} else if (lexer_takes(&p->lexer, "*")) {
		field->shape = SCHEMA_OPTIONAL;
	}
	*out = field->type->kind == SCHEMA_VOID ? NULL : field;
	return true;
}

bool
declare_enum(struct parser *p, struct schema_type *type)
{
	struct lexer *lexer = &p->lexer;
	struct schema_word **end = &type->words;
	struct schema_word *word;
	int64_t value = -1;

	if (!lexer_takes(lexer, "{"))
		return lexer_wants(lexer, "\"{\"");
	do {
		word = parser_take(p, sizeof(*word));
		if (word == NULL)
			return false;
		word->line = lexer->now.line;
		value++;
		if (!name_take(p, &word->name, "a name") ||
		    (lexer_takes(lexer, "=") &&
			!name_value(p, INT32_MIN, INT32_MAX, &value)))
			return false;
		if (value > INT32_MAX)
			return lexer_fail(lexer, word->line,
			    "%s is more than 32 bits", word->name);
		if (!name_define_constant(p, word->name, word->line, value))
			return false;
		word->value = (int32_t)value;
		*end = word;
		end = &word->next;
	} while (lexer_takes(lexer, ","));
	return lexer_takes(lexer, "}") || lexer_wants(lexer, "\"}\"");
}

bool
declare_struct(struct parser *p, struct schema_type *type)
{
	struct lexer *lexer = &p->lexer;
	struct schema_field **end = &type->fields;

	if (!lexer_takes(lexer, "{"))
		return lexer_wants(lexer, "\"{\"");
	do {
		if (!declare_field(p, false, end))
			return false;
		if (!lexer_takes(lexer, ";"))
			return lexer_wants(lexer, "\";\"");
		end = &(*end)->next;
	} while (!lexer_takes(lexer, "}"));
	return true;
}

/* Takes the cases before a declaration, and adds an arm for each. */
static bool
declare_cases(struct parser *p, struct schema_arm ***end, bool *is_last)
{
	struct lexer *lexer = &p->lexer;
	struct schema_arm *arm;

	do {
		arm = parser_take(p, sizeof(*arm));
		if (arm == NULL)
			return false;
		**end = arm;
		*end = &arm->next;
		arm->is_default = lexer_takes(lexer, "default");
		if (!arm->is_default) {
			if (!lexer_takes(lexer, "case"))
				return lexer_wants(
				    lexer, "\"case\" or \"default\"");
			if (!name_value(p, INT32_MIN, UINT32_MAX, &arm->value))
				return false;
		}
		*is_last = arm->is_default;
		if (!lexer_takes(lexer, ":"))
			return lexer_wants(lexer, "\":\"");
	} while (!*is_last && lexer_is(lexer, "case"));
	return true;
}

bool
declare_union(struct parser *p, struct schema_type *type)
{
	struct lexer *lexer = &p->lexer;
	struct schema_arm **end = &type->arms, **first, *arm;
	struct schema_field *field;
	bool is_last = false;

	if (!lexer_takes(lexer, "switch"))
		return lexer_wants(lexer, "\"switch\"");
	if (!lexer_takes(lexer, "("))
		return lexer_wants(lexer, "\"(\"");
	if (!declare_field(p, false, &type->fields))
		return false;
	if (!lexer_takes(lexer, ")"))
		return lexer_wants(lexer, "\")\"");
	if (!lexer_takes(lexer, "{"))
		return lexer_wants(lexer, "\"{\"");
	do {
		first = end;
		if (!declare_cases(p, &end, &is_last) ||
		    !declare_field(p, true, &field))
			return false;
		if (!lexer_takes(lexer, ";"))
			return lexer_wants(lexer, "\";\"");
		for (arm = *first; arm != NULL; arm = arm->next)
			arm->field = field;
	} while (!is_last && !lexer_is(lexer, "}"));
	return lexer_takes(lexer, "}") || lexer_wants(lexer, "\"}\"");
}

/* Takes the body of a type that has no name of its own. */
static bool
declare_body(struct parser *p, enum schema_kind kind,
    bool (*declare)(struct parser *p, struct schema_type *type),
    const struct schema_type **out)
{
	struct schema_type *type;
	bool taken;

	if (p->depth == PARSER_DEPTH)
		return lexer_fail(&p->lexer, p->lexer.now.line,
		    "more than %d bodies within each other", PARSER_DEPTH);
	if (!name_define_type(p, "", p->lexer.now.line, kind, &type))
		return false;
	*out = type;
	p->depth++;
	taken = declare(p, type);
	p->depth--;
	return taken;
}

/* Takes what follows "unsigned". */
static const struct schema_type *
declare_unsigned(struct lexer *lexer, const struct schema_type *type)
{
	static const struct schema_type hyper = { .kind = SCHEMA_UNSIGNED_HYPER,
		.name = "unsigned hyper" };

	if (lexer_takes(lexer, "hyper"))
		return &hyper;
	if (!lexer_takes(lexer, "long") && !lexer_takes(lexer, "short") &&
	    !lexer_takes(lexer, "char"))
		lexer_takes(lexer, "int");
	return type;
}

/* Takes the name of a type, which may be defined later. */
static bool
declare_reference(struct parser *p, const struct schema_type **type)
{
	unsigned int line = p->lexer.now.line;
	const char *name;

	if (!name_take(p, &name, "a type"))
		return false;
	*type = name_type(p, name, line);
	return *type != NULL;
}

bool
declare_type(struct parser *p, const struct schema_type **type)
{
	struct lexer *lexer = &p->lexer;

	*type = name_basic(lexer);
	if (*type != NULL) {
		lexer_next(lexer);
		if ((*type)->kind == SCHEMA_UNSIGNED)
			*type = declare_unsigned(lexer, *type);
		return true;
	}
	if (lexer_takes(lexer, "enum"))
		return lexer_is(lexer, "{")
		    ? declare_body(p, SCHEMA_ENUM, declare_enum, type)
		    : declare_reference(p, type);
	if (lexer_takes(lexer, "struct"))
		return lexer_is(lexer, "{")
		    ? declare_body(p, SCHEMA_STRUCT, declare_struct, type)
		    : declare_reference(p, type);
	if (lexer_takes(lexer, "union"))
		return lexer_is(lexer, "switch")
		    ? declare_body(p, SCHEMA_UNION, declare_union, type)
		    : declare_reference(p, type);
	return declare_reference(p, type);
}
