/* Names of types and constants, which share one table. */
#include "schema/parser.h"

#include <inttypes.h>
#include <string.h>

struct name {
	struct map_node node;
	const char *text;
	struct schema_type *type; /* NULL: it is a constant */
	int64_t value;
	bool defined;
};

#define BASIC(id, is, text) \
	static const struct schema_type id = { .kind = (is), .name = (text) }

BASIC(type_void, SCHEMA_VOID, "void");
BASIC(type_int, SCHEMA_INT, "int");
BASIC(type_unsigned, SCHEMA_UNSIGNED, "unsigned int");
BASIC(type_hyper, SCHEMA_HYPER, "hyper");
BASIC(type_unsigned_hyper, SCHEMA_UNSIGNED_HYPER, "unsigned hyper");
BASIC(type_float, SCHEMA_FLOAT, "float");
BASIC(type_double, SCHEMA_DOUBLE, "double");
BASIC(type_quadruple, SCHEMA_QUADRUPLE, "quadruple");
BASIC(type_bool, SCHEMA_BOOL, "bool");
BASIC(type_opaque, SCHEMA_OPAQUE, "opaque");
BASIC(type_string, SCHEMA_STRING, "string");

struct known {
	const char *name;
	const struct schema_type *type;
};

/* Words of the language. */
static const struct known basics[] = {
	{ "void", &type_void },
	{ "int", &type_int },
	{ "long", &type_int },
	{ "short", &type_int },
	{ "char", &type_int },
	{ "unsigned", &type_unsigned },
	{ "u_int", &type_unsigned },
	{ "u_long", &type_unsigned },
	{ "u_short", &type_unsigned },
	{ "u_char", &type_unsigned },
	{ "hyper", &type_hyper },
	{ "u_hyper", &type_unsigned_hyper },
	{ "float", &type_float },
	{ "double", &type_double },
	{ "quadruple", &type_quadruple },
	{ "bool", &type_bool },
	{ "bool_t", &type_bool },
	{ "opaque", &type_opaque },
	{ "string", &type_string },
};

/* Types of <rpc/types.h>, which a file may use, or define itself. */
static const struct known others[] = {
	{ "int8_t", &type_int },
	{ "int16_t", &type_int },
	{ "int32_t", &type_int },
	{ "int64_t", &type_hyper },
	{ "quad_t", &type_hyper },
	{ "longlong_t", &type_hyper },
	{ "uint8_t", &type_unsigned },
	{ "uint16_t", &type_unsigned },
	{ "uint32_t", &type_unsigned },
	{ "u_int8_t", &type_unsigned },
	{ "u_int16_t", &type_unsigned },
	{ "u_int32_t", &type_unsigned },
	{ "uint64_t", &type_unsigned_hyper },
	{ "u_int64_t", &type_unsigned_hyper },
	{ "u_quad_t", &type_unsigned_hyper },
	{ "u_longlong_t", &type_unsigned_hyper },
};

static const char *const keywords[] = { "case", "const", "default", "enum",
	"struct", "switch", "typedef", "union", "program", "version" };

const struct schema_type *
name_basic(const struct lexer *lexer)
{
	for (size_t i = 0; i < ARRAY_LEN(basics); i++)
		if (lexer_is(lexer, basics[i].name))
			return basics[i].type;
	return NULL;
}

bool
name_take(struct parser *p, const char **name, const char *what)
{
	const struct token *now = &p->lexer.now;
	bool taken = now->kind == TOKEN_NAME && name_basic(&p->lexer) == NULL;
	char *copy;

	for (size_t i = 0; taken && i < ARRAY_LEN(keywords); i++)
		taken = !lexer_is(&p->lexer, keywords[i]);
	if (!taken)
		return lexer_wants(&p->lexer, what);
	copy = parser_take(p, now->len + 1);
	if (copy == NULL)
		return false;
	memcpy(copy, now->at, now->len);
	*name = copy;
	lexer_next(&p->lexer);
	return true;
}

/* That of the table; made if it is new.  NULL: no memory. */
static struct name *
name_entry(struct parser *p, const char *text)
{
	uint64_t hash = hash_bytes(&p->key, text, strlen(text));
	struct map_node *node = map_first(&p->names, hash);
	struct name *name;

	for (; node != NULL; node = map_next(node)) {
		name = container_of(node, struct name, node);
		if (strcmp(name->text, text) == 0)
			return name;
	}
	name = parser_take(p, sizeof(*name));
	if (name == NULL)
		return NULL;
	name->text = text;
	map_add(&p->names, &name->node, hash);
	return name;
}

static struct schema_type *
add_type(struct parser *p, const char *name, unsigned int line)
{
	struct schema_type *type = parser_take(p, sizeof(*type));

	if (type == NULL)
		return NULL;
	type->kind = SCHEMA_UNKNOWN;
	type->name = name;
	type->line = line;
	*p->types_end = type;
	p->types_end = &type->next;
	return type;
}

struct schema_type *
name_type(struct parser *p, const char *text, unsigned int line)
{
	struct name *name = name_entry(p, text);

	if (name == NULL)
		return NULL;
	if (name->type == NULL && name->defined) {
		lexer_fail(&p->lexer, line, "%s is no type", text);
		return NULL;
	}
	if (name->type == NULL)
		name->type = add_type(p, text, line);
	return name->type;
}

bool
name_define_type(struct parser *p, const char *text, unsigned int line,
    enum schema_kind kind, struct schema_type **out)
{
	struct name *name = NULL;
	struct schema_type *type;

	if (*text != '\0') {
		name = name_entry(p, text);
		if (name == NULL)
			return false;
		if (name->defined)
			return lexer_fail(
			    &p->lexer, line, "%s is defined twice", text);
		name->defined = true;
	}
	type = name == NULL ? NULL : name->type;
	if (type == NULL)
		type = add_type(p, text, line);
	if (type == NULL)
		return false;
	if (name != NULL)
		name->type = type;
	type->kind = kind;
	type->line = line;
	*out = type;
	return true;
}

bool
name_define_constant(
    struct parser *p, const char *text, unsigned int line, int64_t value)
{
	struct name *name = name_entry(p, text);

	if (name == NULL)
		return false;
	if (name->defined || name->type != NULL)
		return lexer_fail(&p->lexer, line, "%s is defined twice", text);
	name->defined = true;
	name->value = value;
	return true;
}

bool
name_note_number(struct parser *p, const char *text, uint32_t number)
{
	struct name *name = name_entry(p, text);

	if (name == NULL)
		return false;
	if (name->defined || name->type != NULL)
		return true;
	name->defined = true;
	name->value = number;
	return true;
}

/* Takes the name of a constant. */
static bool
constant(struct parser *p, int64_t *value)
{
	unsigned int line = p->lexer.now.line;
	const struct name *name;
	const char *text;

	if (!name_take(p, &text, "a number or the name of a constant"))
		return false;
	name = name_entry(p, text);
	if (name == NULL)
		return false;
	if (name->type != NULL || !name->defined)
		return lexer_fail(&p->lexer, line,
		    "%s is no constant that was defined before", text);
	*value = name->value;
	return true;
}

bool
name_value(struct parser *p, int64_t low, int64_t high, int64_t *value)
{
	const struct token now = p->lexer.now;

	if (now.kind == TOKEN_NUMBER) {
		*value = now.number;
		lexer_next(&p->lexer);
	} else if (!constant(p, value)) {
		return false;
	}
	if (*value >= low && *value <= high)
		return true;
	return lexer_fail(&p->lexer, now.line,
	    "%" PRId64 " is not from %" PRId64 " to %" PRId64, *value, low,
	    high);
}

/* The file does not say what it is, but everybody knows. */
static bool
define_known(struct parser *p, struct schema_type *type)
{
	struct schema_field *field;

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (strcmp(others[i].name, type->name) != 0)
			continue;
		field = parser_take(p, sizeof(*field));
		if (field == NULL)
			return false;
		field->name = type->name;
		field->line = type->line;
		field->type = others[i].type;
		type->kind = SCHEMA_ALIAS;
		type->fields = field;
		return true;
	}
	return lexer_fail(
	    &p->lexer, type->line, "%s is not defined", type->name);
}

/* Typedefs come to an end. */
static bool
check_alias(struct parser *p, const struct schema_type *type)
{
	const struct schema_type *at = type;

	for (int i = 0; at->kind == SCHEMA_ALIAS; i++) {
		if (i == SCHEMA_ALIASES_MAX)
			return lexer_fail(&p->lexer, type->line,
			    "%s is a typedef of itself, or of too many others",
			    type->name);
		at = at->fields->type;
	}
	return true;
}

static bool
check_discriminant(struct parser *p, const struct schema_type *type)
{
	struct schema_field bare = schema_field_bare(type->fields);

	if (bare.shape == SCHEMA_SINGLE &&
	    (bare.type->kind == SCHEMA_INT ||
		bare.type->kind == SCHEMA_UNSIGNED ||
		bare.type->kind == SCHEMA_BOOL ||
		bare.type->kind == SCHEMA_ENUM))
		return true;
	return lexer_fail(&p->lexer, type->fields->line,
	    "%s is nothing that a union can switch on", type->fields->name);
}

bool
names_check(struct parser *p)
{
	struct schema_type *type;

	for (type = p->types; type != NULL; type = type->next)
		if (type->kind == SCHEMA_UNKNOWN && !define_known(p, type))
			return false;
	for (type = p->types; type != NULL; type = type->next)
		if (type->kind == SCHEMA_ALIAS && !check_alias(p, type))
			return false;
	for (type = p->types; type != NULL; type = type->next)
		if (type->kind == SCHEMA_UNION && !check_discriminant(p, type))
			return false;
	return true;
}
