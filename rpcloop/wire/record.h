/*
 * Record marking (RFC 5531, section 11): finds the records in a stream of
 * bytes.
 *
 * A record is one or more fragments; each has a header of four bytes, whose
 * highest bit marks the last fragment and whose other bits are its length.
 * The reader joins the fragments in place: it moves bytes down over the
 * headers between them, each byte at most once.  It allocates nothing and
 * does no I/O, and a length it is told never makes anyone wait for or store
 * more than the limits.
 */
#ifndef RPCLOOP_WIRE_RECORD_H
#define RPCLOOP_WIRE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RECORD_HEADER_SIZE = 4,
};

#define RECORD_LAST_FRAGMENT 0x80000000u

struct record_limits {
	uint32_t bytes;           /* of a record, without headers */
	uint32_t fragments;       /* of a record */
	uint32_t empty_fragments; /* of a record */
};

enum record_result {
	RECORD_COMPLETE,      /* body_at and body_len tell where it is */
	RECORD_PARTIAL,       /* more input is needed */
	RECORD_TOO_LARGE,     /* beyond the limit of bytes */
	RECORD_TOO_SCATTERED, /* beyond a limit of fragments */
};

/* Zeroed before each record.  Positions count from the record's first byte. */
struct record_reader {
	size_t scanned;  /* bytes of input looked at */
	size_t body_at;  /* of the first byte of the body */
	size_t body_len; /* bytes of it so far */
	uint32_t left;   /* bytes of the present fragment to come */
	uint32_t fragments;
	uint32_t empty_fragments;
	bool last; /* the present fragment ends the record */
};

/*
 * Goes on with a record whose first len bytes, headers included, are at
 * input; bytes after it may follow.  The same bytes, as this function left
 * them, must be given again with more after them once it was RECORD_PARTIAL.
 *
 * After RECORD_COMPLETE the record took r->scanned bytes of input and its body
 * is at input + r->body_at; zero the reader before the next one.  After
 * RECORD_TOO_LARGE and RECORD_TOO_SCATTERED there is no boundary left to go on
 * from.  O(len) for a whole record, however it is cut.
 */
enum record_result record_scan(struct record_reader *r,
    const struct record_limits *limits, uint8_t *input, size_t len);

/* The header of a last fragment of len bytes, len below 2^31. */
void record_put_header(uint8_t header[RECORD_HEADER_SIZE], uint32_t len);

#endif
