/*
 * each_print: the answers of each, as lines or as JSON.
 */
#ifndef CLIENT_COMMANDS_EACH_PRINT_H
#define CLIENT_COMMANDS_EACH_PRINT_H

#include "client/driver/lines.h"
#include "client/terminal/output.h"

#include <stdbool.h>

struct each_print {
	struct output *output;     /* borrowed */
	const struct lines *lines; /* those that were sent; borrowed */
	bool json;
	struct buffer held; /* with it, of a long answer: yet to be printed */
};

/* Borrows the output and the lines.  each_print_deinit() follows. */
void each_print_init(struct each_print *print, struct output *output,
    const struct lines *lines, bool json);
void each_print_deinit(struct each_print *print);

/* The answers of that line and of those after it, each with the end that the
 * line has. */
void each_print_lines(const struct each_print *print, uint64_t line,
    const message *texts, u_int count);

/* Before a line that is longer than a message; a piece of its answer; and after
 * the last one the end of the line. */
void each_print_begin(struct each_print *print);
void each_print_piece(
    struct each_print *print, uint64_t line, const message *text);
void each_print_end(
    struct each_print *print, uint64_t line, const message *end);

#endif
