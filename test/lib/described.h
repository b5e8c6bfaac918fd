/*
 * Schemas, and random values of what they describe.
 */
#ifndef TEST_LIB_DESCRIBED_H
#define TEST_LIB_DESCRIBED_H

#include "schema/file.h"
#include "schema/parts.h"
#include "test/lib/random.h"

/* Those that are built in; to be schema_free()d.  The test fails when they are
 * wrong. */
struct schema *described_reverse(void);
struct schema *described_rpc(void);
struct schema *described_rpcbind(void);

/* That of a text, which is right. */
struct schema *described_text(const char *text);

/* A field of that type. */
struct schema_field described_field(
    const struct schema *schema, const char *type);

/* Writes the bytes of a random value; returns how many, at most size, or 0 when
 * it does not fit.  Lengths are short. */
size_t described_value(struct rng *rng, const struct schema_field *field,
    uint8_t *bytes, size_t size);

/* Walks through bytes of the field.  Asserts that parts follow each other
 * without a gap, from the first byte on, and are open and closed in pairs.
 * *at is where they end.  Returns the parts_result. */
int described_parts(const struct schema_field *field, const uint8_t *bytes,
    size_t len, size_t *at);

#endif
