/*
 * What rpcgen writes calls these in place of libtirpc's, by the flag -include
 * that it is compiled with; it is not changed, and decides what is right.
 */
#ifndef RPCLOOP_WIRE_GENERATED_H
#define RPCLOOP_WIRE_GENERATED_H

#include "rpcloop/wire/checked.h"
#include "rpcloop/wire/quick.h"

#define xdr_int      xdr_quick_int
#define xdr_u_int    xdr_quick_u_int
#define xdr_enum     xdr_quick_int
#define xdr_bool     xdr_quick_bool
#define xdr_quad_t   xdr_quick_quad_t
#define xdr_u_quad_t xdr_quick_u_quad_t
#define xdr_opaque   xdr_quick_opaque

#define xdr_bytes   xdr_checked_bytes
#define xdr_string  xdr_checked_string
#define xdr_array   xdr_checked_array
#define xdr_pointer xdr_checked_pointer

#endif
