/*
 * completion: what a shell may offer for a word that is being typed.
 *
 * The words are looked up in the tables of commands and options, as the help
 * is made of them, so nothing is offered that does not exist.  A shell asks
 * each time, by its script (completion_scripts.c).
 */
#include "client/commands/completion.h"

#include "client/bench/bench.h"

#include <string.h>

/* What the words before that one say. */
struct typed {
	const struct command *command;     /* NULL: none yet */
	const struct option_row *expected; /* lacks its value; or NULL */
	bool only_operands;                /* -- has ended the options */
};

/* The option of that long name, up to len, or else of that letter; NULL: it has
 * no meaning for the command. */
static const struct option_row *
row_of(const struct command *command, const char *name, size_t len, char letter)
{
	struct option_group groups[COMMAND_GROUPS];
	struct option_place p;
	struct option_set set;

	option_init(&set, groups, command_groups(command, groups));
	for (size_t i = 0; option_at(&set, i, &p); i++) {
		if (name == NULL ? p.row->letter == letter
				 : strlen(p.row->name) == len &&
			    memcmp(p.row->name, name, len) == 0)
			return p.row;
	}
	return NULL;
}

/* The option that a word leaves without its value, or NULL. */
static const struct option_row *
expected_after(const struct command *command, const char *word)
{
	const struct option_row *row = NULL;

	if (word[0] != '-')
		return NULL;
	if (word[1] == '-')
		row = row_of(command, word + 2, strlen(word + 2), '\0');
	else
		/* The first that takes a value has the rest of the word. */
		for (word++; *word != '\0'; word++) {
			row = row_of(command, NULL, 0, *word);
			if (row != NULL && row->argument != NULL)
				return word[1] == '\0' ? row : NULL;
		}
	return row != NULL && row->argument != NULL ? row : NULL;
}

static void
take(struct typed *typed, const char *word)
{
	if (typed->expected != NULL) {
		/* bash(1) makes a word of the = in --name=value. */
		if (strcmp(word, "=") != 0)
			typed->expected = NULL;
	} else if (strcmp(word, "--") == 0) {
		typed->only_operands = true;
	} else if (word[0] == '-' && !typed->only_operands) {
		typed->expected = expected_after(typed->command, word);
	} else if (typed->command == NULL) {
		typed->command = command_find(word);
	}
}

/* A line with a word that begins with what was typed: the word, before it what
 * stands before it in that, and what it means. */
static void
offer(struct output *output, const char *start, const char *before,
    const char *word, const char *meaning)
{
	if (strncmp(word, start, strlen(start)) == 0)
		output_text(output, "%s%s\t%.*s\n", before, word,
		    (int)strcspn(meaning, "\n"), meaning);
}

static void
offer_value(struct output *output, const struct option_row *row,
    const char *start, const char *before)
{
	const struct option_choice *choice = row->choices;

	if (choice != NULL)
		for (; choice->name != NULL; choice++)
			offer(output, start, before, choice->name, "");
	else if (strcmp(row->argument, "PATH") == 0 ||
	    strcmp(row->argument, "FILE") == 0)
		output_text(output, COMPLETION_FILES "\n");
	else if (strcmp(row->argument, "HOST") == 0)
		output_text(output, COMPLETION_HOSTS "\n");
}

static void
offer_options(
    struct output *output, const struct command *command, const char *start)
{
	struct option_group groups[COMMAND_GROUPS];
	struct option_place p;
	struct option_set set;
	char name[64];

	option_init(&set, groups, command_groups(command, groups));
	for (size_t i = 0; option_at(&set, i, &p); i++) {
		snprintf(name, sizeof(name), "--%s%s", option_prefix(p.row),
		    p.row->name);
		offer(output, start, "", name, p.row->help);
	}
}

static void
offer_commands(struct output *output, const char *start)
{
	for (const struct command *const *at = commands; *at != NULL; at++)
		offer(output, start, "", (*at)->name, (*at)->summary);
}

static void
offer_targets(struct output *output, const char *start)
{
	for (const struct bench_target *at = bench_targets; at->name != NULL;
	     at++)
		offer(output, start, "", at->name,
		    command_find(at->name)->summary);
}

static void
offer_operands(
    struct output *output, const struct command *command, const char *start)
{
	if (command == NULL || command == &command_help)
		offer_commands(output, start);
	else if (command == &command_completion)
		completion_offer_shells(output, start);
	else if (command == &command_bench)
		offer_targets(output, start);
	else if (strstr(command->operands, "FILE") != NULL)
		output_text(output, COMPLETION_FILES "\n");
}

/* The word itself, which may be --name=value. */
static void
offer_for(struct output *output, const struct typed *typed, const char *word)
{
	const struct option_row *row = typed->expected;
	const char *value = strchr(word, '=');
	char before[64];

	if (row != NULL) {
		offer_value(
		    output, row, strcmp(word, "=") == 0 ? "" : word, "");
	} else if (word[0] != '-' || typed->only_operands) {
		offer_operands(output, typed->command, word);
	} else if (value == NULL || strncmp(word, "--", 2) != 0) {
		offer_options(output, typed->command, word);
	} else {
		row = row_of(
		    typed->command, word + 2, (size_t)(value - word - 2), '\0');
		snprintf(before, sizeof(before), "%.*s",
		    (int)(value + 1 - word), word);
		if (row != NULL && row->argument != NULL)
			offer_value(output, row, value + 1, before);
	}
}

static int
completion(
    struct session *session, const void *options, int count, char **operands)
{
	struct typed typed = { .command = NULL };

	(void)options;
	if (strcmp(operands[0], "words") != 0)
		return completion_script(session->output, operands[0]);
	for (int i = 1; i < count - 1; i++)
		take(&typed, operands[i]);
	offer_for(
	    session->output, &typed, count > 1 ? operands[count - 1] : "");
	return EXIT_DONE;
}

const struct command command_completion = {
	.name = "completion",
	.operands = "SHELL | words [WORD...]",
	.summary = "print a script by which bash, zsh or fish completes",
	.about =
	    "Prints a script by which a shell completes commands, options and\n"
	    "their values:\n\n"
	    "  bash:  . <(reverse completion bash)\n"
	    "  zsh:   . <(reverse completion zsh)\n"
	    "  fish:  reverse completion fish | source\n\n"
	    "The scripts call it with words, which stands before what was\n"
	    "typed up to the word that is to be completed; it prints a line\n"
	    "for each word that this one may become.",
	.least = 1,
	.most = COMMAND_MANY,
	.run = completion,
};
