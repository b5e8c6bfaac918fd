/*
 * long_line: a line that is longer than a message, where lines are at
 * LINES_LONG: its content is read in pieces of any length.
 */
#ifndef CLIENT_DRIVER_LONG_LINE_H
#define CLIENT_DRIVER_LONG_LINE_H

#include "client/driver/lines.h"

/*
 * The content of the long line, once all lines before are released: as
 * files_read and files_seek, with FILES_END at its end.
 */
int long_line_read(struct lines *lines, void *bytes, size_t room, size_t *len);
int long_line_seek(struct lines *lines, uint64_t offset);

/* Goes on after the long line, of which nobody wants what was not read. */
void long_line_drop(struct lines *lines);

/* Goes on after the long line; its end is borrowed until the next refill. */
void long_line_end(struct lines *lines, message *end);

#endif
