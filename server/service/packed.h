/*
 * packed - answers whose messages lie in memory as they are on the wire
 *
 * Messages taken one after the other from a fifo (stream/fifo.h) that has not
 * changed since lie there in a row: each after its length, and padded.  These
 * functions encode such a row at once.  What they encode is what the function
 * of rpcgen encodes whose name they have without the prefix; they do nothing
 * but encode, and return FALSE otherwise.
 */
#ifndef SERVER_SERVICE_PACKED_H
#define SERVER_SERVICE_PACKED_H

#include <reverse.h>

/* The row of a segment, from the length of the first message on, and its bytes;
 * 0 when there is no message, and no row. */
char *packed_row(const segment *piece);
u_int packed_row_size(const segment *piece);

bool_t packed_open_result(XDR *xdrs, open_result *result);
bool_t packed_exchange_result(XDR *xdrs, exchange_result *result);

#endif
