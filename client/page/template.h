/*
 * page.html, as the Makefile embeds it.
 */
#ifndef CLIENT_PAGE_TEMPLATE_H
#define CLIENT_PAGE_TEMPLATE_H

#include <stddef.h>

extern const unsigned char page_html_text[];
extern const size_t page_html_size;

/* Stands once in it, where the JSON goes. */
#define TEMPLATE_MARK "@TRACE@"

#endif
