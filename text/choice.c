/* The choice of the inner loops: see text/choice.h. */
#include "text/choice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text/kernel_x86.h"

/* Best last. */
static const struct text_kernel *const kernels[] = {
	&text_kernel_portable,
#ifdef TEXT_KERNEL_X86
	&text_kernel_avx2,
	&text_kernel_avx512,
#endif
};

#define KERNELS (sizeof(kernels) / sizeof(kernels[0]))

/* Right from the first instruction on: constructors may call us, too. */
static const struct text_kernel *in_use = &text_kernel_portable;

static bool
is_supported(const struct text_kernel *kernel)
{
#ifdef TEXT_KERNEL_X86
	/* Constructors may come before the one that fills this in. */
	__builtin_cpu_init();
	if (kernel == &text_kernel_avx2)
		return __builtin_cpu_supports("avx2");
	if (kernel == &text_kernel_avx512)
		return __builtin_cpu_supports("bmi2") &&
		    __builtin_cpu_supports("avx512bw") &&
		    __builtin_cpu_supports("avx512vl") &&
		    __builtin_cpu_supports("avx512vbmi") &&
		    __builtin_cpu_supports("avx512vbmi2");
#endif
	return kernel == &text_kernel_portable;
}

const struct text_kernel *
text_kernel(void)
{
	return in_use;
}

int
text_kernel_use(const char *name)
{
	for (size_t i = 0; i < KERNELS; i++) {
		if (strcmp(kernels[i]->name, name) == 0 &&
		    is_supported(kernels[i])) {
			in_use = kernels[i];
			return 0;
		}
	}
	return -ENOTSUP;
}

void
text_kernel_choose(const char *name)
{
	if (name != NULL && text_kernel_use(name) == 0)
		return;
	for (size_t i = 0; i < KERNELS; i++)
		if (is_supported(kernels[i]))
			in_use = kernels[i];
}

__attribute__((constructor)) static void
choose(void)
{
	text_kernel_choose(getenv("REVERSE_KERNEL"));
}
