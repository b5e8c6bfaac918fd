/*
 * list: the procedures that call knows, and what they take and return.
 */
#include "client/commands/command.h"
#include "client/commands/interface.h"
#include "client/session/status_name.h"
#include "schema/definition.h"
#include "schema/sample.h"
#include "schema/to_json.h"

#include <string.h>

enum { TYPES_MAX = 256, SAMPLE_MAX = 1024 * 1024 };

static const char *
name_of(const struct schema_field *field)
{
	return field != NULL ? field->type->name : "void";
}

/* As the file has it. */
static const char *
mark_of(const struct schema_field *field)
{
	return field != NULL && field->shape == SCHEMA_OPTIONAL ? " *" : "";
}

static void
print_procedure(struct output *output, const struct schema_procedure *procedure)
{
	const struct schema_field *argument = procedure->arguments;

	output_text(output, "%s%s %s(", name_of(procedure->result),
	    mark_of(procedure->result), procedure->name);
	do {
		output_text(
		    output, "%s%s", name_of(argument), mark_of(argument));
		argument = argument != NULL ? argument->next : NULL;
		output_text(output, "%s", argument != NULL ? ", " : "");
	} while (argument != NULL);
	output_text(output, ") = %u\n", (unsigned int)procedure->number);
}

static void
print_all(struct output *output, const struct interface *interface)
{
	struct interface_target at = { .program = NULL }, before = at;

	for (; interface_next(interface, &at); before = at) {
		if (at.program != before.program)
			output_text(output, "program %s = %u\n",
			    at.program->name, (unsigned int)at.program->number);
		if (at.version != before.version)
			output_text(output, "  version %s = %u\n",
			    at.version->name, (unsigned int)at.version->number);
		output_text(output, "    ");
		print_procedure(output, at.procedure);
	}
}

/* The types that others are made of, each once. */
struct types {
	const struct schema_type *of[TYPES_MAX];
	size_t count;
};

static void add_type(struct types *types, const struct schema_type *type);

static void
add_fields(struct types *types, const struct schema_field *field)
{
	for (; field != NULL; field = field->next)
		add_type(types, field->type);
}

static bool
is_there(const struct types *types, const struct schema_type *type)
{
	for (size_t i = 0; i < types->count; i++)
		if (types->of[i] == type)
			return true;
	return false;
}

/* Types that the language has need no definition. */
static void
add_type(struct types *types, const struct schema_type *type)
{
	if (type->kind < SCHEMA_ENUM || types->count == TYPES_MAX ||
	    is_there(types, type))
		return;
	types->of[types->count++] = type;
	add_fields(types, type->fields);
	for (const struct schema_arm *arm = type->arms; arm != NULL;
	     arm = arm->next)
		add_type(types, arm->field->type);
}

/* Adds a text. */
static int
add_text(struct buffer *out, const char *text)
{
	return buffer_append(out, text, strlen(text));
}

static int
add_definitions(struct buffer *out, const struct schema_procedure *procedure)
{
	struct types types = { .count = 0 };
	int r = 0;

	add_fields(&types, procedure->arguments);
	add_fields(&types, procedure->result);
	for (size_t i = 0; r == 0 && i < types.count; i++) {
		/* A body without a name stands where it is used. */
		if (*types.of[i]->name == '\0')
			continue;
		r = add_text(out, "\n");
		if (r == 0)
			r = definition_add(out, types.of[i]);
	}
	return r;
}

/* A value of the field as JSON. */
static int
add_sample(struct buffer *out, const struct schema_field *field)
{
	struct to_json_value value = { .field = field };
	struct to_json_error error;
	struct buffer bytes;
	int r;

	buffer_init(&bytes, SAMPLE_MAX);
	r = sample_value(&bytes, field);
	value.bytes = buffer_head(&bytes);
	value.len = buffer_len(&bytes);
	if (r == 0)
		r = to_json(out, &value, true, &error);
	buffer_deinit(&bytes);
	return r;
}

/* As call takes them. */
static int
add_arguments(struct buffer *out, const struct schema_procedure *procedure)
{
	const struct schema_field *field = procedure->arguments;
	bool several = field != NULL && field->next != NULL;
	int r = 0;

	if (field == NULL)
		return 0;
	if (several)
		r = add_text(out, "[");
	for (; r == 0 && field != NULL; field = field->next) {
		r = add_sample(out, field);
		if (r == 0 && field->next != NULL)
			r = add_text(out, ", ");
	}
	return r != 0 ? r : add_text(out, several ? "]\n" : "\n");
}

/* What it takes, as JSON to begin with, and the types of all it has. */
static int
print_one(struct output *output, const struct schema_procedure *procedure)
{
	struct buffer text;
	int r;

	buffer_init(&text, SAMPLE_MAX);
	print_procedure(output, procedure);
	r = add_arguments(&text, procedure);
	if (r == 0)
		r = add_definitions(&text, procedure);
	if (r >= 0 && buffer_len(&text) > 0)
		output_bytes(output, buffer_head(&text), buffer_len(&text));
	buffer_deinit(&text);
	if (r < 0)
		return say_no_memory();
	if (r > 0)
		say_failure(status_name(STATUS_OUT_OF_RANGE),
		    "it is too long to be shown");
	return r > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int
list(struct session *session, const void *options, int count, char **operands)
{
	struct interface_target target = { .program = NULL };
	struct interface interface;
	int r = interface_read(&interface, session->settings->interface);

	(void)options;
	if (r != EXIT_DONE)
		return r;
	if (count == 0)
		print_all(session->output, &interface);
	else
		r = interface_find(&interface, operands[0], &target);
	if (target.procedure != NULL)
		r = print_one(session->output, target.procedure);
	interface_free(&interface);
	return r;
}

const struct command command_list = {
	.name = "list",
	.operands = "[PROCEDURE]",
	.summary = "list the procedures that call knows",
	.about =
	    "Prints each procedure of reverse.x, or with -x of a file like\n"
	    "it, with the types of its arguments and its result; of one\n"
	    "that is named JSON to begin with, and the types themselves.",
	.uses = SETTINGS_INTERFACE,
	.most = 1,
	.run = list,
};
