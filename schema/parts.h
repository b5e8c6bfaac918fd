/*
 * The parts of a value (RFC 4506), as a schema says what it is: one after the
 * other, in the order of the bytes.
 *
 * Each byte belongs to one part.  Some parts have none: they say where a
 * struct, a union or an array begins and ends.  Nothing is read beyond the
 * bytes, and there are no more than PARTS_DEPTH parts in each other.
 */
#ifndef SCHEMA_PARTS_H
#define SCHEMA_PARTS_H

#include "schema/part.h"

enum { PARTS_DEPTH = 256 };

/* Why there is no next part. */
enum parts_result {
	PARTS_OVER,        /* 0: all of the value was there */
	PARTS_SHORT,       /* the bytes end within the part */
	PARTS_TOO_MANY,    /* a length is more than the schema allows */
	PARTS_NO_ARM,      /* no case of the union has the discriminant */
	PARTS_TOO_DEEP,    /* parts in each other */
	PARTS_NEXT = 1000, /* there is a part */
};

/* What is left to do of a part. */
enum parts_to_do {
	PARTS_DO_FIELD, /* all */
	PARTS_DO_COUNT, /* the length of an array, and its elements, */
	PARTS_DO_ELEMENTS,
	PARTS_DO_BYTES,
	PARTS_DO_MEMBERS, /* of a struct */
	PARTS_DO_CASE,    /* the discriminant of a union, and its arm */
	PARTS_DO_NO_ARM,
	PARTS_DO_CLOSE, /* nothing but to say that it ends */
};

struct parts_frame {
	enum parts_to_do to_do;
	struct part part;                /* what all its parts have in common */
	const struct schema_field *next; /* of a struct or a union */
	uint32_t count, done;            /* elements */
};

struct parts {
	const uint8_t *bytes; /* borrowed */
	size_t len;
	size_t at; /* bytes that belong to parts */
	unsigned int count;
	struct parts_frame frames[PARTS_DEPTH];
};

/* Begins with a value; field NULL: there is none, and no part. */
void parts_start(struct parts *parts, const struct schema_field *field,
    const uint8_t *bytes, size_t len);

/* Goes on.  PARTS_NEXT: it is in *part.  Else a parts_result: of what is wrong
 * part has the name, the line and where it begins; its bytes belong to no part.
 */
int parts_next(struct parts *parts, struct part *part);

/* What a result is, in words. */
const char *parts_words(int result);

#endif
