/*
 * REVERSE_TEXT, by hand where a call is of the usual kind.
 */
#ifndef SERVER_SERVICE_TEXT_H
#define SERVER_SERVICE_TEXT_H

#include <reverse.h>
#include <stdbool.h>

/*
 * Answers a call of REVERSE_TEXT as reverse_text_1_svc() and what rpcgen makes
 * around it do, if it has no deadline and no metadata, came over a connection,
 * and has a text that can be reversed.  Returns false, having done nothing, for
 * any other.
 */
bool text_answer(const struct svc_req *request);

#endif
