/*
 * Small things that every layer uses.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stddef.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The object of the given type whose member is at ptr. */
#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))

/* The compiler checks format strings of functions like printf. */
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/* Whether the address sanitizer looks on: then what is over is made to show.
 * And whether the thread sanitizer does. */
#if defined(__has_feature)
#define BASE_IS_WATCHED          __has_feature(address_sanitizer)
#define BASE_THREADS_ARE_WATCHED __has_feature(thread_sanitizer)
#else
#if defined(__SANITIZE_ADDRESS__)
#define BASE_IS_WATCHED 1
#else
#define BASE_IS_WATCHED 0
#endif
#if defined(__SANITIZE_THREAD__)
#define BASE_THREADS_ARE_WATCHED 1
#else
#define BASE_THREADS_ARE_WATCHED 0
#endif
#endif

#endif
