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
};

/* The answers of that line and of those after it, each with the end that the
 * line has. */
void each_print_lines(const struct each_print *print, uint64_t line,
    const message *texts, u_int count);

/* A piece of the answer of a line that is longer than a message; and after the
 * last one the end of that line. */
void each_print_piece(
    const struct each_print *print, uint64_t line, const message *text);
void each_print_end(
    const struct each_print *print, uint64_t line, const message *end);

#endif
