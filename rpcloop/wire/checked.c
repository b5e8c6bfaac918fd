#include "rpcloop/wire/checked.h"

#include "rpcloop/wire/quick.h"
#include "rpcloop/wire/word.h"
#include "rpcloop/wire/xdr.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The stream of xdr_free() has nothing but its operation. */
static bool_t
release(char **memory)
{
	free(*memory);
	*memory = NULL;
	return TRUE;
}

/* Zeroed memory, the caller's or the arena's. */
static void *
take(const XDR *xdrs, size_t size)
{
	struct arena *arena = xdr_arena(xdrs);

	return arena != NULL ? arena_take(arena, size) : calloc(1, size);
}

static void
give_back(const XDR *xdrs, char **memory)
{
	if (xdr_arena(xdrs) == NULL)
		free(*memory);
	*memory = NULL;
}

/* To where the caller has room, or into room of this size made here. */
static bool_t
decode_opaque(XDR *xdrs, char **bytes, u_int len, size_t room)
{
	bool made = *bytes == NULL;

	if (len > xdr_left(xdrs))
		return FALSE;
	if (made)
		*bytes = xdr_arena(xdrs) != NULL
		    ? arena_take(xdr_arena(xdrs), room)
		    : malloc(room);
	if (*bytes == NULL)
		return FALSE;
	if (xdr_quick_opaque(xdrs, *bytes, len))
		return TRUE;
	if (made)
		give_back(xdrs, bytes);
	return FALSE;
}

/* In any stream, word by word.  Apart from what is quick, which it would make
 * slower. */
__attribute__((noinline)) static bool_t
any_bytes(XDR *xdrs, char **bytes, u_int *len, u_int max)
{
	if (xdrs->x_op == XDR_FREE)
		return release(bytes);
	if (xdrs->x_op == XDR_ENCODE)
		return *len <= max && xdr_quick_u_int(xdrs, len) &&
		    xdr_quick_opaque(xdrs, *bytes, *len);
	if (!xdr_quick_u_int(xdrs, len) || *len > max)
		return FALSE;
	return *len == 0 || decode_opaque(xdrs, bytes, *len, *len);
}

/* Bytes that follow their length, with what pads them to whole words. */
static uint64_t
padded(u_int len)
{
	return (uint64_t)len + -len % BYTES_PER_XDR_UNIT;
}

/* To the end of a buffer that has the room.  FALSE: it has not. */
static bool_t
put_at_once(struct buffer *b, const char *bytes, u_int len)
{
	size_t size = WORD_SIZE + (size_t)padded(len);
	uint8_t *room;

	if (!buffer_fits(b, size))
		return FALSE;
	room = buffer_extend(b, size);
	/* The padding is in the last word, which may be that of the length. */
	memset(room + size - WORD_SIZE, 0, WORD_SIZE);
	word_put(room, len);
	if (len > 0)
		memcpy(room + WORD_SIZE, bytes, len);
	return TRUE;
}

/* Bytes of the message, as they are. */
static bool_t
borrow(XDR *xdrs, char **bytes, u_int *len, u_int max)
{
	uint8_t *at = xdrs->x_private;
	uint64_t left = xdrs->x_handy, size;

	if (left < WORD_SIZE)
		return FALSE;
	*len = word_get(at);
	size = WORD_SIZE + padded(*len);
	if (*len > max || size > left)
		return FALSE;
	if (*len > 0)
		*bytes = (char *)at + WORD_SIZE;
	xdrs->x_private = (void *)(at + size);
	xdrs->x_handy -= (u_int)size;
	return TRUE;
}

bool_t
xdr_checked_bytes(XDR *xdrs, char **bytes, u_int *len, u_int max)
{
	if (xdrs->x_op == XDR_ENCODE && xdr_is_buffer(xdrs) && *len <= max &&
	    put_at_once(xdrs->x_private, *bytes, *len))
		return TRUE;
	if (xdrs->x_op == XDR_DECODE && *bytes == NULL &&
	    xdr_arena(xdrs) != NULL)
		return borrow(xdrs, bytes, len, max);
	return any_bytes(xdrs, bytes, len, max);
}

static bool_t
encode_string(XDR *xdrs, char *string, u_int max)
{
	size_t len = string != NULL ? strlen(string) : SIZE_MAX;
	u_int word = (u_int)len;

	return len <= max && xdr_quick_u_int(xdrs, &word) &&
	    xdr_quick_opaque(xdrs, string, word);
}

bool_t
xdr_checked_string(XDR *xdrs, char **string, u_int max)
{
	u_int len;

	if (xdrs->x_op == XDR_FREE)
		return release(string);
	if (xdrs->x_op == XDR_ENCODE)
		return encode_string(xdrs, *string, max);
	/* The NUL at its end is not to wrap round where size_t has 32 bits. */
	if (!xdr_quick_u_int(xdrs, &len) || len > max || len == UINT_MAX ||
	    !decode_opaque(xdrs, string, len, (size_t)len + 1))
		return FALSE;
	(*string)[len] = '\0';
	return TRUE;
}

/* Zeroed, so that what does not decode can be freed. */
static bool
make_room(XDR *xdrs, char **array, u_int count, u_int size)
{
	if (count > xdr_left(xdrs) / BYTES_PER_XDR_UNIT)
		return false;
	if (*array == NULL)
		*array = take(xdrs, (size_t)count * size);
	return *array != NULL;
}

bool_t
xdr_checked_array(XDR *xdrs, char **array, u_int *count, u_int max, u_int size,
    xdrproc_t element)
{
	bool_t good = TRUE;
	char *at;

	if (xdrs->x_op != XDR_FREE) {
		if (!xdr_quick_u_int(xdrs, count) || *count > max)
			return FALSE;
		if (*count == 0)
			return TRUE;
	}
	if (xdrs->x_op == XDR_DECODE && !make_room(xdrs, array, *count, size))
		return FALSE;
	if (*array == NULL)
		return xdrs->x_op == XDR_FREE;
	at = *array;
	for (u_int left = *count; left > 0 && good; left--, at += size)
		good = element(xdrs, at);
	if (xdrs->x_op == XDR_FREE)
		release(array);
	return good;
}

bool_t
xdr_checked_pointer(XDR *xdrs, char **object, u_int size, xdrproc_t codec)
{
	bool_t is_there = FALSE;

	if (xdrs->x_op != XDR_DECODE || xdr_arena(xdrs) == NULL)
		return xdr_pointer(xdrs, object, size, codec);
	if (!xdr_quick_bool(xdrs, &is_there))
		return FALSE;
	*object = is_there ? take(xdrs, size) : NULL;
	return !is_there || (*object != NULL && codec(xdrs, *object));
}
