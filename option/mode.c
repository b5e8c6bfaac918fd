/* option_mode: who may use a file, as the octal digits of chmod(1). */
#include "option/option.h"

#include <stdlib.h>

static int
mode_set(struct option_set *set, const struct option_row *row, void *field,
    const char *value, struct option_error *error)
{
	unsigned int *mode = field;
	unsigned long n;
	char *end;

	(void)set;
	n = strtoul(value, &end, 8);
	if (value[0] < '0' || value[0] > '7' || *end != '\0' || n > row->max)
		return option_refuse(error,
		    "\"%.100s\" is no mode: three "
		    "octal digits, such as 660",
		    value);
	*mode = (unsigned int)n;
	return 0;
}

static const char *
mode_show(const struct option_row *row, const void *field, size_t index,
    char scratch[OPTION_SCRATCH])
{
	const unsigned int *mode = field;

	(void)row;
	snprintf(scratch, OPTION_SCRATCH, "%03o", *mode);
	return index == 0 ? scratch : NULL;
}

const struct option_kind option_mode = { .set = mode_set, .show = mode_show };
