/* What a file says, and which ones are refused, on which line. */
#include "schema/file.h"
#include "test/lib/described.h"

#include "base/base.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TEXT_MAX = 4096 };

/* A text that grows. */
struct text {
	size_t len;
	char at[TEXT_MAX];
};

static void PRINTF_LIKE(2, 3) put(struct text *text, const char *format, ...)
{
	size_t room = sizeof(text->at) - text->len;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text->at + text->len, room, format, args);
	va_end(args);
	assert_true(len >= 0 && (size_t)len < room);
	text->len += (size_t)len;
}

static void put_type(struct text *text, const struct schema_type *type);

/* The language's own form of a declaration, with its line. */
static void
put_field(struct text *text, const struct schema_field *field)
{
	static const char *const opens[] = {
		[SCHEMA_FIXED] = "[", [SCHEMA_VARIABLE] = "<"
	};
	static const char *const closes[] = {
		[SCHEMA_FIXED] = "]", [SCHEMA_VARIABLE] = ">"
	};

	if (*field->type->name != '\0')
		put(text, "%s", field->type->name);
	else
		put_type(text, field->type);
	put(text, " %s%s", field->shape == SCHEMA_OPTIONAL ? "*" : "",
	    field->name);
	if (field->shape == SCHEMA_FIXED || field->shape == SCHEMA_VARIABLE)
		put(text, "%s%" PRIu32 "%s", opens[field->shape], field->count,
		    closes[field->shape]);
	put(text, "@%u; ", field->line);
}

static void
put_union(struct text *text, const struct schema_type *type)
{
	put(text, "union switch ( ");
	put_field(text, type->fields);
	put(text, ") { ");
	for (const struct schema_arm *arm = type->arms; arm != NULL;
	     arm = arm->next) {
		if (arm->is_default)
			put(text, "default: ");
		else
			put(text, "case %" PRId64 ": ", arm->value);
		put_field(text, arm->field);
	}
	put(text, "}");
}

static void
put_type(struct text *text, const struct schema_type *type)
{
	const struct schema_word *word = type->words;

	if (type->kind == SCHEMA_ALIAS) {
		put(text, "typedef ");
		put_field(text, type->fields);
		return;
	}
	if (type->kind == SCHEMA_UNION) {
		put_union(text, type);
		return;
	}
	put(text, type->kind == SCHEMA_ENUM ? "enum { " : "struct { ");
	for (; word != NULL; word = word->next)
		put(text, "%s@%u = %" PRId32 ", ", word->name, word->line,
		    word->value);
	for (const struct schema_field *field = type->fields; field != NULL;
	     field = field->next)
		put_field(text, field);
	put(text, "}");
}

static void
put_procedure(struct text *text, const struct schema_procedure *procedure)
{
	put(text, "%s@%u = %" PRIu32 " ( ", procedure->name, procedure->line,
	    procedure->number);
	for (const struct schema_field *field = procedure->arguments;
	     field != NULL; field = field->next)
		put_field(text, field);
	put(text, ") ");
	if (procedure->result != NULL)
		put_field(text, procedure->result);
}

static void
put_program(struct text *text, const struct schema_program *program)
{
	const struct schema_version *version = program->versions;

	put(text, "program %s = %" PRIu32 " { ", program->name,
	    program->number);
	for (; version != NULL; version = version->next) {
		put(text, "version %s = %" PRIu32 " { ", version->name,
		    version->number);
		for (const struct schema_procedure *it = version->procedures;
		     it != NULL; it = it->next)
			put_procedure(text, it);
		put(text, "} ");
	}
	put(text, "} ");
}

/* What is in the tree that a file becomes. */
static void
assert_says(const char *file, const char *expect)
{
	struct schema *schema = described_text(file);
	struct text text = { .len = 0 };

	for (const struct schema_type *type = schema->types; type != NULL;
	     type = type->next) {
		if (*type->name == '\0')
			continue;
		put(&text, "%s@%u: ", type->name, type->line);
		put_type(&text, type);
	}
	for (const struct schema_program *program = schema->programs;
	     program != NULL; program = program->next)
		put_program(&text, program);
	assert_string_equal(text.at, expect);
	schema_free(schema);
}

static void
every_definition_is_taken(void **state)
{
	(void)state;
	assert_says("", "");
	assert_says("const A = 3;\nconst B = A;\ntypedef opaque x[B];",
	    "x@3: typedef opaque x[3]@3; ");
	assert_says("enum e { A = 1, B = A, C = -2, D, F = 0x10, G = 010 };",
	    "e@1: enum { A@1 = 1, B@1 = 1, C@1 = -2, D@1 = -1, F@1 = 16, "
	    "G@1 = 8, }");
	assert_says("enum e { A, B };", "e@1: enum { A@1 = 0, B@1 = 1, }");
	assert_says("struct s {\n\tint a;\n\tint *b;\n};",
	    "s@1: struct { int a@2; int *b@3; }");
	assert_says("union u switch (bool b) { case TRUE: int a; "
		    "case FALSE: void; };",
	    "u@1: union switch ( bool b@1; ) { case 1: int a@1; "
	    "case 0: void @1; }");
	assert_says("union u switch (int i) { case 1: case -2: int a; "
		    "default: hyper b; };",
	    "u@1: union switch ( int i@1; ) { case 1: int a@1; "
	    "case -2: int a@1; default: hyper b@1; }");
}

static void
every_type_and_shape_is_taken(void **state)
{
	(void)state;
	assert_says("struct s { int a; unsigned b; unsigned int c; hyper d; "
		    "unsigned hyper e; float f; double g; quadruple h; "
		    "bool i; };",
	    "s@1: struct { int a@1; unsigned int b@1; unsigned int c@1; "
	    "hyper d@1; unsigned hyper e@1; float f@1; double g@1; "
	    "quadruple h@1; bool i@1; }");
	assert_says("struct s { long a; short b; char c; unsigned long d; "
		    "unsigned short e; unsigned char f; u_int g; u_char h; };",
	    "s@1: struct { int a@1; int b@1; int c@1; unsigned int d@1; "
	    "unsigned int e@1; unsigned int f@1; unsigned int g@1; "
	    "unsigned int h@1; }");
	assert_says("struct s { opaque a[4]; opaque b<5>; opaque c<>; "
		    "string d<6>; string e<>; int f[7]; int g<8>; int h<>; "
		    "opaque i<0>; };",
	    "s@1: struct { opaque a[4]@1; opaque b<5>@1; "
	    "opaque c<4294967295>@1; string d<6>@1; string e<4294967295>@1; "
	    "int f[7]@1; int g<8>@1; int h<4294967295>@1; opaque i<0>@1; }");
}

/* Bodies where a name of a type may stand, and words before such a name. */
static void
types_stand_within_types(void **state)
{
	(void)state;
	assert_says("struct s { struct { int a; } b; enum { A } c; "
		    "union switch (int i) { default: void; } d; };",
	    "s@1: struct { struct { int a@1; } b@1; enum { A@1 = 0, } c@1; "
	    "union switch ( int i@1; ) { default: void @1; } d@1; }");
	assert_says("struct s { int a; struct s *next; enum e b; union u c; };"
		    "enum e { A }; union u switch (e d) { default: void; };",
	    "s@1: struct { int a@1; s *next@1; e b@1; u c@1; }"
	    "e@1: enum { A@1 = 0, }"
	    "u@1: union switch ( e d@1; ) { default: void @1; }");
}

/* A type may be used before it is defined, or come with <rpc/types.h>. */
static void
types_are_known_by_name(void **state)
{
	(void)state;
	assert_says("typedef b a<2>;\ntypedef int b;",
	    "b@2: typedef int b@2; a@1: typedef b a<2>@1; ");
	assert_says("typedef uint64_t a;",
	    "uint64_t@1: typedef unsigned hyper uint64_t@1; "
	    "a@1: typedef uint64_t a@1; ");
	assert_says("typedef unsigned hyper int8_t; typedef int8_t a;",
	    "int8_t@1: typedef unsigned hyper int8_t@1; "
	    "a@1: typedef int8_t a@1; ");
}

static void
programs_are_taken(void **state)
{
	(void)state;
	assert_says("typedef int n;\n"
		    "program P { version V { void A(void) = 0;\nn B(n) = 1;\n"
		    "string C(string, n, unsigned hyper) = 2; } = 1; "
		    "version W { n *D(n *) = 7; } = 2; } = 0x20000000;",
	    "n@1: typedef int n@1; program P = 536870912 { version V = 1 { "
	    "A@2 = 0 ( ) B@3 = 1 ( n arguments@3; ) n result@3; "
	    "C@4 = 2 ( string arguments<4294967295>@4; n arguments@4; "
	    "unsigned hyper arguments@4; ) string result<4294967295>@4; } "
	    "version W = 2 { D@4 = 7 ( n *arguments@4; ) n *result@4; } } ");
}

static void
programs_keep_their_order(void **state)
{
	(void)state;
	assert_says("program P { version V { void A(void) = 0; } = 1; } = 1;\n"
		    "program Q { version V { void A(void) = 0; } = 1; } = 2;",
	    "program P = 1 { version V = 1 { A@1 = 0 ( ) } } "
	    "program Q = 2 { version V = 1 { A@2 = 0 ( ) } } ");
}

/* As in <rpc/rpcb_prot.x>, which says that BCAST is CALLIT. */
static void
a_procedure_is_a_constant_that_others_have(void **state)
{
	(void)state;
	assert_says("program P {\n"
		    "version V { void A(void) = 5; } = 1;\n"
		    "version W { void A(void) = 6; void B(void) = A; } = 2;\n"
		    "} = 1;\n",
	    "program P = 1 { version V = 1 { A@2 = 5 ( ) } "
	    "version W = 2 { A@3 = 6 ( ) B@3 = 5 ( ) } } ");
}

static void
what_is_for_others_is_skipped(void **state)
{
	(void)state;
	assert_says("/* one\n * two */ // three\n%#include <x.h>\n"
		    "#ifdef RPC_HDR\n# 7 \"y\"\n\ttypedef /**/ int\fa\r\n;",
	    "a@6: typedef int a@6; ");
}

static void
bare_fields_have_no_typedefs(void **state)
{
	struct schema *schema = described_text(
	    "typedef opaque bytes<7>; typedef bytes more; typedef more many<3>;"
	    "typedef int *maybe;");
	struct schema_field field = described_field(schema, "many");
	struct schema_field bare = schema_field_bare(&field), element;

	(void)state;
	assert_string_equal(bare.name, "it");
	assert_int_equal(bare.shape, SCHEMA_VARIABLE);
	assert_int_equal(bare.count, 3);
	element = (struct schema_field){ .type = bare.type };
	bare = schema_field_bare(&element);
	assert_int_equal(bare.shape, SCHEMA_VARIABLE);
	assert_int_equal(bare.type->kind, SCHEMA_OPAQUE);
	assert_int_equal(bare.count, 7);
	field = described_field(schema, "maybe");
	bare = schema_field_bare(&field);
	assert_int_equal(bare.shape, SCHEMA_OPTIONAL);
	assert_int_equal(bare.type->kind, SCHEMA_INT);
	schema_free(schema);
}

static void
things_are_found_by_number_and_name(void **state)
{
	struct schema *schema = described_text(
	    "enum e { A = 5, B = -1 }; program P { version V { void X(void) = "
	    "3; } = 2; } = 1;");
	const struct schema_program *p = schema_program_of(schema, 1);
	const struct schema_version *v = schema_version_of(p, 2);
	const struct schema_type *e = schema_type_named(schema, "e");

	(void)state;
	assert_string_equal(schema_procedure_of(v, 3)->name, "X");
	assert_null(schema_procedure_of(v, 4));
	assert_null(schema_procedure_of(NULL, 3));
	assert_null(schema_version_of(p, 1));
	assert_null(schema_version_of(NULL, 1));
	assert_null(schema_program_of(schema, 2));
	assert_null(schema_type_named(schema, "f"));
	assert_string_equal(schema_word_of(e, -1), "B");
	assert_null(schema_word_of(e, 0));
	schema_free(schema);
}

static void
assert_refused(const char *file, unsigned int line, const char *words)
{
	struct schema_error error = { .line = 9999 };
	struct schema *schema = NULL;

	assert_int_equal(
	    schema_new(&schema, "f", file, strlen(file), &error), SCHEMA_WRONG);
	assert_null(schema);
	assert_string_equal(error.text, words);
	assert_int_equal(error.line, line);
}

static const struct {
	const char *file;
	unsigned int line;
	const char *words;
} wrong[] = {
	{ "\n\nfoo", 3, "\"foo\" instead of a definition" },
	{ "const", 1, "the file ends before the name of a constant" },
	{ "const A", 1, "the file ends before \"=\"" },
	{ "const A = x;", 1, "x is no constant that was defined before" },
	{ "const A = ;", 1,
	    "\";\" instead of a number or the name of a constant" },
	{ "const A = 1\nconst", 2, "\"const\" instead of \";\"" },
	{ "const A = 1;\nconst A = 1;", 2, "A is defined twice" },
	{ "typedef int a;\ntypedef int a;", 2, "a is defined twice" },
	{ "typedef int a;\nconst a = 1;", 2, "a is defined twice" },
	{ "const a = 1;\nstruct a { int b; };", 2, "a is defined twice" },
	{ "const a = 1; typedef a b;", 1, "a is no type" },
	{ "enum e { A }; enum f { A };", 1, "A is defined twice" },
	{ "const TRUE = 1;", 1, "TRUE is defined twice" },
	{ "const A = 99999999999999999999;", 1,
	    "\"99999999999999999999\" instead of a number of 64 "
	    "bits" },
	{ "const A = 08;", 1, "\"08\" instead of a number of 64 bits" },
	{ "const A = 000000000000000000000000000001;", 1,
	    "\"000000000000000000000000000001\" instead of a number "
	    "of 64 bits" },
	{ "enum e { A = 2147483648 };", 1,
	    "2147483648 is not from -2147483648 to 2147483647" },
	{ "enum e { A = 2147483647,\nB };", 2, "B is more than 32 bits" },
	{ "enum e { };", 1, "\"}\" instead of a name" },
	{ "enum e { A B };", 1, "\"B\" instead of \"}\"" },
	{ "enum e A;", 1, "\"A\" instead of \"{\"" },
	{ "struct s { };", 1, "\"}\" instead of a type" },
	{ "struct s int a;", 1, "\"int\" instead of \"{\"" },
	{ "struct s { int a }", 1, "\"}\" instead of \";\"" },
	{ "struct s { void; };", 1, "void is no value" },
	{ "typedef void x;", 1, "void is no value" },
	{ "struct s { int version; };", 1, "\"version\" instead of a name" },
	{ "struct s { int int; };", 1, "\"int\" instead of a name" },
	{ "struct s { opaque a; };", 1, "\";\" instead of \"[\" or \"<\"" },
	{ "struct s { opaque *a; };", 1, "\";\" instead of \"[\" or \"<\"" },
	{ "struct s { string a; };", 1, "a string has no \"<>\"" },
	{ "struct s { string a[3]; };", 1, "a string has no \"<>\"" },
	{ "struct s { int a[0]; };", 1, "0 is not from 1 to 4294967295" },
	{ "struct s { int a[-1]; };", 1, "-1 is not from 1 to 4294967295" },
	{ "struct s { int a<4294967296>; };", 1,
	    "4294967296 is not from 0 to 4294967295" },
	{ "struct s { int a[]; };", 1,
	    "\"]\" instead of a number or the name of a constant" },
	{ "struct s { int a[1>; };", 1, "\">\" instead of \"]\"" },
	{ "struct s { int a<1]; };", 1, "\"]\" instead of \">\"" },
	{ "struct s {\nfoo a;\n};", 2, "foo is not defined" },
	{ "typedef a b;\ntypedef b a;", 2,
	    "a is a typedef of itself, or of too many others" },
	{ "union u {", 1, "\"{\" instead of \"switch\"" },
	{ "union u switch {", 1, "\"{\" instead of \"(\"" },
	{ "union u switch (int a {", 1, "\"{\" instead of \")\"" },
	{ "union u switch (int a) case", 1, "\"case\" instead of \"{\"" },
	{ "union u switch (int a) { };", 1,
	    "\"}\" instead of \"case\" or \"default\"" },
	{ "union u switch (int a) { case 1 int b; };", 1,
	    "\"int\" instead of \":\"" },
	{ "union u switch (int a) { case 1: int b };", 1,
	    "\"}\" instead of \";\"" },
	{ "union u switch (int a) { default: void; case 1: void; };", 1,
	    "\"case\" instead of \"}\"" },
	{ "union u switch (int a) { case 4294967296: void; };", 1,
	    "4294967296 is not from -2147483648 to 4294967295" },
	{ "typedef int t<2>;\nunion u switch (t a) { case 1: void; };", 2,
	    "a is nothing that a union can switch on" },
	{ "union u switch (hyper a) { case 1: void; };", 1,
	    "a is nothing that a union can switch on" },
	{ "program {", 1, "\"{\" instead of the name of a program" },
	{ "program P V", 1, "\"V\" instead of \"{\"" },
	{ "program P { };", 1, "\"}\" instead of \"version\"" },
	{ "program P { version {", 1,
	    "\"{\" instead of the name of a version" },
	{ "program P { version V (", 1, "\"(\" instead of \"{\"" },
	{ "program P { version V { void (", 1,
	    "\"(\" instead of the name of a procedure" },
	{ "program P { version V { void A;", 1, "\";\" instead of \"(\"" },
	{ "program P { version V { void A(void;", 1, "\";\" instead of \")\"" },
	{ "program P { version V { void A(void);", 1,
	    "\";\" instead of \"=\"" },
	{ "program P { version V { void A(void) = 1 }", 1,
	    "\"}\" instead of \";\"" },
	{ "program P { version V { void A(void) = -1;", 1,
	    "-1 is not from 0 to 4294967295" },
	{ "program P { version V { void A(opaque) = 1;", 1,
	    "opaque needs a typedef here" },
	{ "int a;\n", 1, "\"int\" instead of a definition" },
	{ "const A = 1;\n /* x\n\n", 2, "a comment without an end" },
	{ "typedef int a\n!", 2, "\"!\" instead of a word of the language" },
};

static void
what_is_wrong_is_told_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_refused(wrong[i].file, wrong[i].line, wrong[i].words);
}

/* A file of one thing within the other, that many times. */
static char *
nested(const char *before, const char *after, size_t times)
{
	size_t size = times * (strlen(before) + strlen(after)) + 100;
	char *text = malloc(size), *at = text;

	assert_non_null(text);
	at += sprintf(at, "struct s { ");
	for (size_t i = 0; i < times; i++)
		at += sprintf(at, "%s", before);
	at += sprintf(at, "int a; ");
	for (size_t i = 0; i < times; i++)
		at += sprintf(at, "%s", after);
	sprintf(at, "};");
	return text;
}

static void
bodies_within_bodies_have_an_end(void **state)
{
	char *text = nested("struct { ", "} b; ", 32);

	(void)state;
	schema_free(described_text(text));
	free(text);
	text = nested("struct { ", "} b; ", 33);
	assert_refused(text, 1, "more than 32 bodies within each other");
	free(text);
	text = nested("struct { ", "} b; ", 10000);
	assert_refused(text, 1, "more than 32 bodies within each other");
	free(text);
}

static void
typedefs_of_typedefs_have_an_end(void **state)
{
	struct text text = { .len = 0 };

	(void)state;
	put(&text, "typedef int t0;");
	for (int i = 1; i < SCHEMA_ALIASES_MAX; i++)
		put(&text, "typedef t%d t%d;", i - 1, i);
	schema_free(described_text(text.at));
	put(&text, "typedef t%d t;", SCHEMA_ALIASES_MAX - 1);
	assert_refused(
	    text.at, 1, "t is a typedef of itself, or of too many others");
}

/* A megabyte of names takes no longer than it should, and no more is read. */
static void
a_file_has_a_largest_size(void **state)
{
	char *text = malloc(SCHEMA_TEXT_MAX + 2), *at = text;

	(void)state;
	assert_non_null(text);
	for (int i = 0; at - text < SCHEMA_TEXT_MAX - 40; i++)
		at += sprintf(at, "typedef int t%d;", i);
	memset(at, ' ', (size_t)(text + SCHEMA_TEXT_MAX - at));
	text[SCHEMA_TEXT_MAX] = '\0';
	schema_free(described_text(text));
	strcpy(text + SCHEMA_TEXT_MAX, " ");
	assert_refused(text, 0, "it is longer than 1048576 bytes");
	free(text);
}

static void
the_built_in_files_are_right(void **state)
{
	struct schema *schemas[] = { described_rpc(), described_rpcbind(),
		described_reverse() };

	(void)state;
	assert_non_null(schema_program_of(schemas[1], 100000));
	assert_non_null(schema_program_of(schemas[2], 0x20726576));
	for (size_t i = 0; i < ARRAY_LEN(schemas); i++)
		schema_free(schemas[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_definition_is_taken),
		cmocka_unit_test(every_type_and_shape_is_taken),
		cmocka_unit_test(types_stand_within_types),
		cmocka_unit_test(types_are_known_by_name),
		cmocka_unit_test(programs_are_taken),
		cmocka_unit_test(programs_keep_their_order),
		cmocka_unit_test(a_procedure_is_a_constant_that_others_have),
		cmocka_unit_test(what_is_for_others_is_skipped),
		cmocka_unit_test(bare_fields_have_no_typedefs),
		cmocka_unit_test(things_are_found_by_number_and_name),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(bodies_within_bodies_have_an_end),
		cmocka_unit_test(typedefs_of_typedefs_have_an_end),
		cmocka_unit_test(a_file_has_a_largest_size),
		cmocka_unit_test(the_built_in_files_are_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
