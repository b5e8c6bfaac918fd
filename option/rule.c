/*
 * option_rule: which options have no meaning together.
 */
#include "option/option.h"

bool
option_is_given(const struct option_set *set, const char *name)
{
	struct option_place place;

	return option_of_name(set, name, &place) &&
	    set->origin[place.index] == OPTION_LINE;
}

int
option_check(const struct option_set *set, const struct option_rule *rules,
    const void *context, struct option_error *error)
{
	for (; rules->name != NULL; rules++) {
		if (set != NULL && !option_is_given(set, rules->name))
			continue;
		if (rules->is_vain(context))
			return option_refuse(
			    error, "--%s: %s", rules->name, rules->why);
	}
	return 0;
}
