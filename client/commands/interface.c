#include "client/commands/interface.h"

#include "client/exit_code.h"
#include "client/session/status_name.h"
#include "client/terminal/say.h"
#include "schema/file.h"
#include "schema/texts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Its text becomes the schema. */
static int
parse(struct interface *interface, const void *text, size_t len)
{
	struct schema_error error = { .line = 0 };
	int r =
	    schema_new(&interface->schema, interface->file, text, len, &error);

	if (r == SCHEMA_WRONG) {
		say_failure(status_name(STATUS_INVALID_ARGUMENT), "%s:%u: %s",
		    interface->file, error.line, error.text);
		return EXIT_USAGE;
	}
	if (r != 0)
		return say_no_memory();
	if (interface->schema->programs != NULL)
		return EXIT_DONE;
	say_failure(status_name(STATUS_INVALID_ARGUMENT),
	    "%s defines no program", interface->file);
	interface_free(interface);
	return EXIT_USAGE;
}

/* A longer one is refused by the parser. */
static int
read_stream(struct interface *interface, FILE *stream)
{
	size_t size = SCHEMA_TEXT_MAX + 1, len;
	char *text = malloc(size);
	int r;

	if (text == NULL)
		return say_no_memory();
	len = fread(text, 1, size, stream);
	if (ferror(stream)) {
		say_failure(status_of_errno(errno), "cannot read %s: %s",
		    interface->file, strerror(errno));
		r = EXIT_USAGE;
	} else {
		r = parse(interface, text, len);
	}
	free(text);
	return r;
}

int
interface_read(struct interface *interface, const char *file)
{
	FILE *stream;
	int r;

	*interface = (struct interface){
		.file = file != NULL ? file : service_reverse.file,
		.is_ours = file == NULL,
	};
	if (file == NULL)
		return parse(interface, schema_text, schema_size);
	stream = fopen(file, "re");
	if (stream == NULL) {
		say_failure(status_of_errno(errno), "cannot read %s: %s", file,
		    strerror(errno));
		return EXIT_USAGE;
	}
	r = read_stream(interface, stream);
	fclose(stream);
	return r;
}

void
interface_free(struct interface *interface)
{
	schema_free(interface->schema);
	interface->schema = NULL;
}

bool
interface_next(
    const struct interface *interface, struct interface_target *target)
{
	if (target->program == NULL)
		target->program = interface->schema->programs;
	else if (target->procedure->next != NULL) {
		target->procedure = target->procedure->next;
		return true;
	} else if (target->version->next != NULL) {
		target->version = target->version->next;
		target->procedure = target->version->procedures;
		return true;
	} else if (target->program->next != NULL) {
		target->program = target->program->next;
	} else {
		return false;
	}
	target->version = target->program->versions;
	target->procedure = target->version->procedures;
	return true;
}

/* Whether a name ends in another one, before which a dot may be; then *len is
 * what is left before that. */
static bool
ends_in(const char *name, size_t *len, const char *end)
{
	size_t n = strlen(end);

	if (*len < n || memcmp(name + *len - n, end, n) != 0 ||
	    (*len > n && name[*len - n - 1] != '.'))
		return false;
	*len -= *len > n ? n + 1 : n;
	return true;
}

static bool
is_named(const struct interface_target *target, const char *name)
{
	size_t len = strlen(name);

	return ends_in(name, &len, target->procedure->name) &&
	    (len == 0 || ends_in(name, &len, target->version->name)) &&
	    (len == 0 || ends_in(name, &len, target->program->name)) &&
	    len == 0;
}

static void
add_name(struct say_lines *lines, const struct interface_target *target)
{
	say_line(lines, "  %s.%s.%s", target->program->name,
	    target->version->name, target->procedure->name);
}

int
interface_find(const struct interface *interface, const char *name,
    struct interface_target *target)
{
	struct interface_target at = { .program = NULL };
	struct say_lines lines = { .len = 0 };
	unsigned int found = 0;

	say_line(
	    &lines, "%s has several of the name %s:", interface->file, name);
	while (interface_next(interface, &at)) {
		if (!is_named(&at, name))
			continue;
		*target = at;
		add_name(&lines, &at);
		found++;
	}
	if (found == 1)
		return EXIT_DONE;
	if (found == 0)
		say_failure(status_name(STATUS_INVALID_ARGUMENT),
		    "%s has no procedure %s; reverse list shows all",
		    interface->file, name);
	else
		say_failure_lines(status_name(STATUS_INVALID_ARGUMENT), &lines);
	return EXIT_USAGE;
}

struct service
interface_service(
    const struct interface *interface, const struct interface_target *target)
{
	const struct schema_procedure *null =
	    schema_procedure_of(target->version, 0);

	return (struct service){
		.name = target->program->name,
		.file = interface->file,
		.ping = null != NULL ? null->name : "procedure 0",
		.program = target->program->number,
		.version = target->version->number,
		/* It may be that of a server like ours, by describe. */
		.default_port =
		    target->program->number == service_reverse.program
		    ? service_reverse.default_port
		    : 0,
	};
}
