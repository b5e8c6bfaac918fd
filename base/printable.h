/*
 * printable: text that others chose, as a terminal or a log may show it.
 *
 * It may be a name that a user typed, the name of a file, the words of a
 * server.  A terminal obeys control characters, a newline would begin a message
 * that is not ours, and what reorders a line makes another one of it.
 */
#ifndef BASE_PRINTABLE_H
#define BASE_PRINTABLE_H

#include <stddef.h>

/*
 * Writes bytes, and as \xHH each byte of a control character, of what ends or
 * reorders a line (U+2028 to U+202E, U+2066 to U+2069) and of what is no UTF-8.
 * What was written so before stays as it is.  The result is cut to fit, between
 * two characters, and always ends in NUL.  Returns out.
 */
char *printable(char *out, size_t size, const void *bytes, size_t len);

/* Bytes of one that printable() escapes. */
#define PRINTABLE_ESCAPE 4

/* Writes a byte as \xHH, without NUL; returns what follows it. */
char *printable_escape(char *at, unsigned char byte);

#endif
