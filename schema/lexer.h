/*
 * The words of a file in the language of RPC and XDR, and what is wrong with
 * it.  The functions are for schema/ alone.
 */
#ifndef SCHEMA_LEXER_H
#define SCHEMA_LEXER_H

#include "base/base.h"
#include "schema/schema.h"

#define SCHEMA_TEXT_MAX (1024 * 1024)

struct schema_error {
	unsigned int line;
	char text[160]; /* may quote the file: see base/printable */
};

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_NUMBER, TOKEN_SIGN };

/* Its bytes are borrowed from the text. */
struct token {
	enum token_kind kind;
	const char *at;
	size_t len;
	unsigned int line;
	int64_t number;
};

struct lexer {
	const char *text;
	size_t len, at;
	unsigned int line;
	bool wrong;
	struct schema_error *error;
	struct token now; /* TOKEN_END when something is wrong */
};

/* Begins with the first token. */
void lexer_start(struct lexer *lexer, const char *text, size_t len,
    struct schema_error *error);

/* Goes on to the next token. */
void lexer_next(struct lexer *lexer);

/* Notes what is wrong in that line, unless something was before, and ends the
 * tokens.  Returns false. */
bool lexer_fail(struct lexer *lexer, unsigned int line, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The same, of the present token, which should have been something else. */
bool lexer_wants(struct lexer *lexer, const char *what);

/* Whether the present token is that sign or that word. */
bool lexer_is(const struct lexer *lexer, const char *what);

/* Takes the present token, if it is that. */
bool lexer_takes(struct lexer *lexer, const char *what);

#endif
