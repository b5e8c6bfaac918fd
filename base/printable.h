/*
 * printable: text that others chose, as a terminal or a log may show it.
 *
 * It may be a name that a user typed, the name of a file, the words of a
 * server.  A terminal obeys control characters, a newline would begin a message
 * that is not ours, and what reorders a line makes another one of it.
 */
#ifndef BASE_PRINTABLE_H
#define BASE_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The character that bytes begin with, and how many of them it is.  Returns 0
 * when they begin with none (the Unicode Standard, table 3-7); len is not 0. */
size_t printable_character(
    const uint8_t *bytes, size_t len, uint32_t *character);

/* It moves a terminal, or the rest of its line: a control character, or what
 * ends or reorders a line (U+2028 to U+202E, U+2066 to U+2069). */
bool printable_is_wild(uint32_t character);

/*
 * Writes bytes, and as \xHH each byte of a wild character and of what is no
 * UTF-8. What was written so before stays as it is.  The result is cut to fit,
 * between two characters, and always ends in NUL.  Returns out.
 */
char *printable(char *out, size_t size, const void *bytes, size_t len);

/* Bytes of one that printable() escapes. */
#define PRINTABLE_ESCAPE 4

/* Writes a byte as \xHH, without NUL; returns what follows it. */
char *printable_escape(char *at, unsigned char byte);

#endif
