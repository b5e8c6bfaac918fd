#include "rpcloop/wire/nothing.h"

bool_t
xdr_nothing(XDR *xdrs, ...)
{
	(void)xdrs;
	return TRUE;
}
