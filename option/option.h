/*
 * option: the settings of a program, one table row each.
 *
 * A row says what a setting is called, what values it takes and where in a
 * struct of the program the value goes.  From the rows come the parser of the
 * command line (getopt_long), the parser of the configuration file, --help,
 * and the printed effective settings, so that none of them can disagree.
 *
 * Rows come in groups, each with a title for --help and the struct that its
 * rows fill.  A program fills its structs with the defaults, and then reads
 * the sources in the order of their weight: the file, then the line.  To learn
 * the name of the file from the line it reads the line once before into
 * structs it throws away.
 *
 * Nothing here prints errors or ends the program.  A source with a mistake
 * leaves the fields before the mistake set.
 */
#ifndef OPTION_OPTION_H
#define OPTION_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Rows in all groups of a set together. */
#define OPTION_ROWS_MAX 64

/* Bytes enough for any value that is not a text. */
#define OPTION_SCRATCH 32

/* Bytes of a text. */
#define OPTION_TEXT_MAX 1024

/*
 * The outcome of a mistake by the user.  Other failures are a negative errno.
 * The text of the error is set in both cases.
 */
#define OPTION_WRONG 1

/*
 * One line without a newline: which setting, and what is allowed.  It is made
 * printable (base/printable.h).
 */
struct option_error {
	char text[1024];
};

struct option_row;
struct option_set;

/* A kind of value.  The field is what the row's offset points at. */
struct option_kind {
	/*
	 * Reads value into the field.  value is NULL for a flag on the command
	 * line.  What must outlive the call comes from option_keep.  Returns 0,
	 * or what option_refuse returned with a text about the value alone, or
	 * a negative errno.
	 */
	int (*set)(struct option_set *set, const struct option_row *row,
	    void *field, const char *value, struct option_error *error);
	/*
	 * The field's value number index, from 0, as the file spells it: a text
	 * of the field, or one written into scratch.  NULL when there are no
	 * more.  A kind without it is never printed.
	 */
	const char *(*show)(const struct option_row *row, const void *field,
	    size_t index, char scratch[OPTION_SCRATCH]);
	/* Empties a field that gathers values, before a new source adds. */
	void (*clear)(void *field);
};

/* A name for a value; a table of them ends with a name of NULL. */
struct option_choice {
	const char *name;
	int value;
};

/* The field of option_list. */
struct option_list {
	const char **items;
	size_t count;
};

enum option_flags {
	OPTION_LINE_ONLY = 1, /* may not stand in a file */
	OPTION_NO = 2         /* of a flag: the line has --no-NAME only, which
				 makes it false; the file has NAME = no */
};

struct option_row {
	const char *name;     /* --name, and the name in the file */
	char letter;          /* -l, or 0 */
	const char *argument; /* what --help calls the value; NULL: a flag */
	const char *help;     /* a newline in it starts another line */
	const struct option_kind *kind;
	size_t offset;     /* of the field in the group's struct */
	uint64_t min, max; /* both allowed */
	const struct option_choice *choices;
	unsigned int flags; /* of enum option_flags */
};

struct option_group {
	const char *title; /* NULL: --help goes on with the one before */
	const struct option_row *rows; /* ends with a name of NULL */
	void *into;
};

/* Who gave a setting its value. */
enum option_origin { OPTION_DEFAULT, OPTION_FILE, OPTION_LINE };

/* Groups that are read together.  Borrows the groups. */
struct option_set {
	const struct option_group *groups;
	size_t count;
	unsigned char origin[OPTION_ROWS_MAX]; /* of enum option_origin, by
						  row, through all groups */
	struct option_kept *kept;
};

/* Flags: field bool.  In the file yes, no, true, false, on or off. */
extern const struct option_kind option_flag;
/* A flag that stores the row's max, so that rows share a field: int. */
extern const struct option_kind option_preset;
/* A decimal number from min to max: unsigned int. */
extern const struct option_kind option_number;
/* Bytes from min to max, with K, M, G or T for powers of 1024: uint64_t. */
extern const struct option_kind option_size;
/* Seconds, down to thousandths: milliseconds, from min to max: unsigned int. */
extern const struct option_kind option_seconds;
/* The octal digits of permissions, up to max: unsigned int. */
extern const struct option_kind option_mode;
/*
 * Any text that is not empty and that a line of a file can hold: without a
 * newline, at most OPTION_TEXT_MAX bytes.  const char *, NULL when not given.
 */
extern const struct option_kind option_string;
/* One of the row's choices: int, or an enum of that size. */
extern const struct option_kind option_choice;
/* Any such texts, the row given many times: option_list. */
extern const struct option_kind option_list;

void option_init(
    struct option_set *set, const struct option_group *groups, size_t count);

/* Frees the texts that fields point at.  The set is then as after init. */
void option_release(struct option_set *set);

/* What before has read counts as read by set, whose first groups are its. */
void option_follow(struct option_set *set, const struct option_set *before);

/*
 * Reads the options of argv[1] and beyond.  Options and operands may be mixed
 * (unless the environment has POSIXLY_CORRECT); -- ends the options and - is
 * an operand.  With stop the first operand ends them too.  argv is reordered,
 * and *operands becomes the index of the first operand.
 * Returns 0, OPTION_WRONG or a negative errno.
 */
int option_line(struct option_set *set, int argc, char **argv, bool stop,
    int *operands, struct option_error *error);

/*
 * Reads a file of "name = value" lines.  A # that starts a line or follows
 * white space starts a comment, but not in a value in double quotes, where
 * a backslash takes the meaning from a quote or a backslash, and \xHH is the
 * byte of that number, unless it is 0.
 * Returns 0, OPTION_WRONG with file and line in the error, or a negative errno.
 */
int option_file(
    struct option_set *set, const char *path, struct option_error *error);

/*
 * What no row can say by itself: an option that was given has no meaning beside
 * what the others say.  A table of them ends with a name of NULL.
 */
struct option_rule {
	const char *name;
	bool (*is_vain)(const void *context);
	const char *why;
};

/* Whether the command line gave the option of that name. */
bool option_is_given(const struct option_set *set, const char *name);

/*
 * Refuses the first option of the command line that a rule calls vain, by name
 * and reason.  What a file says is not looked at: it may be a list of all
 * settings, of which the line makes some vain.  Without a set every option
 * counts as given.  The context goes to the rules.  Returns 0 or OPTION_WRONG.
 */
int option_check(const struct option_set *set, const struct option_rule *rules,
    const void *context, struct option_error *error);

/* Lists the options by group. */
void option_help(const struct option_set *set, FILE *to);

/* Writes the values in force as a file that option_file would take. */
void option_print(const struct option_set *set, FILE *to);

/* A row and where it stands. */
struct option_place {
	const struct option_row *row;
	void *into;
	size_t index; /* through all groups of the set, from 0 */
};

/* The row of that index; false past the last one. */
bool option_at(
    const struct option_set *set, size_t index, struct option_place *place);

/* The row of that name; false: there is none. */
bool option_of_name(
    const struct option_set *set, const char *name, struct option_place *place);

/* For readers: gives a row a value that comes from origin.  Returns as the kind
 * does; the text of the error is about the value alone. */
int option_set_row(struct option_set *set, const struct option_place *place,
    enum option_origin origin, const char *value, struct option_error *error);

/* What stands between -- and the name on the command line: "" or "no-". */
const char *option_prefix(const struct option_row *row);

/* For kinds: zeroed memory that lives as long as the set, or NULL. */
void *option_keep(struct option_set *set, size_t size);

/* For kinds: sets the text of the error and returns OPTION_WRONG. */
int option_refuse(struct option_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
