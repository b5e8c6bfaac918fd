/*
 * Strings of JSON, beside what else of it is put into a buffer.
 */
#ifndef SCHEMA_PUT_JSON_H
#define SCHEMA_PUT_JSON_H

#include "base/put.h"

/* A string, with its quotes; null where the text is no UTF-8. */
void put_json_text(struct put *put, const void *text, size_t len);

/* A string of hexadecimal digits. */
void put_json_hex(struct put *put, const uint8_t *bytes, size_t len);

#endif
