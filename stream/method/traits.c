#include "stream/method/traits.h"

#include "stream/segment.h"

const struct method_traits method_traits[METHOD_TRAITS] = {
	[METHOD_COLLECT] = {
		.messages_max = NUMBER_END,
		.silent = true,
		.grows = true,
	},
	[METHOD_SPELL] = {
		.messages_max = 1,
	},
	[METHOD_EACH] = {
		.messages_max = NUMBER_END,
		.paired = true,
	},
	[METHOD_WHOLE] = {
		.messages_max = NUMBER_END,
		.largest = 65536,
		.silent = true,
	},
};
