/*
 * The units that are the same for every kernel.  For the sources of this
 * folder.
 */
#ifndef TEXT_UNITS_H
#define TEXT_UNITS_H

#include "text/kernel.h"

text_function words_reverse;
text_function lines_reverse;

#endif
