#include "schema/lexer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Bytes of a token that are told. */
	SHOWN_MAX = 40,
	/* Bytes of a number. */
	NUMBER_MAX = 24,
};

bool
lexer_fail(struct lexer *lexer, unsigned int line, const char *format, ...)
{
	va_list args;

	if (lexer->wrong)
		return false;
	lexer->wrong = true;
	lexer->error->line = line;
	va_start(args, format);
	vsnprintf(lexer->error->text, sizeof(lexer->error->text), format, args);
	va_end(args);
	lexer->at = lexer->len;
	lexer->now = (struct token){ .kind = TOKEN_END, .line = line };
	return false;
}

bool
lexer_wants(struct lexer *lexer, const char *what)
{
	const struct token *now = &lexer->now;

	if (now->kind == TOKEN_END)
		return lexer_fail(
		    lexer, now->line, "the file ends before %s", what);
	return lexer_fail(lexer, now->line, "\"%.*s\" instead of %s",
	    (int)MIN_OF(now->len, (size_t)SHOWN_MAX), now->at, what);
}

bool
lexer_is(const struct lexer *lexer, const char *what)
{
	const struct token *now = &lexer->now;

	return (now->kind == TOKEN_NAME || now->kind == TOKEN_SIGN) &&
	    strlen(what) == now->len && memcmp(what, now->at, now->len) == 0;
}

bool
lexer_takes(struct lexer *lexer, const char *what)
{
	if (!lexer_is(lexer, what))
		return false;
	lexer_next(lexer);
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The byte that many after the present one; NUL after the end. */
static char
peek(const struct lexer *lexer, size_t ahead)
{
	return ahead < lexer->len - lexer->at ? lexer->text[lexer->at + ahead]
					      : '\0';
}

static void
skip_line(struct lexer *lexer)
{
	while (lexer->at < lexer->len && peek(lexer, 0) != '\n')
		lexer->at++;
}

/* False: it has no end. */
static bool
skip_comment(struct lexer *lexer)
{
	unsigned int began = lexer->line;

	for (lexer->at += 2; lexer->at < lexer->len; lexer->at++) {
		if (peek(lexer, 0) == '*' && peek(lexer, 1) == '/') {
			lexer->at += 2;
			return true;
		}
		if (peek(lexer, 0) == '\n')
			lexer->line++;
	}
	return lexer_fail(lexer, began, "a comment without an end");
}

/* What stands between two tokens. */
static void
skip_blank(struct lexer *lexer)
{
	while (lexer->at < lexer->len) {
		char c = peek(lexer, 0);
		bool begins =
		    lexer->at == 0 || lexer->text[lexer->at - 1] == '\n';

		if (c == '\n')
			lexer->line++;
		if (c == '/' && peek(lexer, 1) == '*') {
			if (!skip_comment(lexer))
				return;
		} else if ((begins && (c == '%' || c == '#')) ||
		    (c == '/' && peek(lexer, 1) == '/')) {
			skip_line(lexer);
		} else if (c == ' ' || (c >= '\t' && c <= '\r')) {
			lexer->at++;
		} else {
			return;
		}
	}
}

/* A number as C has them; a sign may stand before it. */
static void
read_number(struct lexer *lexer)
{
	char text[NUMBER_MAX + 1], *end;
	struct token *now = &lexer->now;

	if (now->len > NUMBER_MAX) {
		lexer_wants(lexer, "a number of 64 bits");
		return;
	}
	memcpy(text, now->at, now->len);
	text[now->len] = '\0';
	errno = 0;
	now->number = strtoll(text, &end, 0);
	if (errno != 0 || *end != '\0')
		lexer_wants(lexer, "a number of 64 bits");
}

void
lexer_next(struct lexer *lexer)
{
	struct token *now = &lexer->now;
	size_t len = 1;

	skip_blank(lexer);
	if (lexer->wrong)
		return;
	*now = (struct token){ .line = lexer->line };
	if (lexer->at == lexer->len)
		return;
	now->at = lexer->text + lexer->at;
	while (is_letter(peek(lexer, len)) || is_digit(peek(lexer, len)))
		len++;
	if (is_letter(*now->at))
		now->kind = TOKEN_NAME;
	else if (is_digit(*now->at) || (*now->at == '-' && len > 1))
		now->kind = TOKEN_NUMBER;
	else {
		now->kind = TOKEN_SIGN;
		len = 1;
	}
	now->len = len;
	lexer->at += len;
	if (now->kind == TOKEN_NUMBER)
		read_number(lexer);
	else if (now->kind == TOKEN_SIGN &&
	    (*now->at == '\0' || strchr("{}[]<>()*,;:=", *now->at) == NULL))
		lexer_wants(lexer, "a word of the language");
}

void
lexer_start(struct lexer *lexer, const char *text, size_t len,
    struct schema_error *error)
{
	*lexer = (struct lexer){
		.text = text,
		.len = len,
		.line = 1,
		.error = error,
	};
	if (len > SCHEMA_TEXT_MAX)
		lexer_fail(
		    lexer, 0, "it is longer than %d bytes", SCHEMA_TEXT_MAX);
	else
		lexer_next(lexer);
}
