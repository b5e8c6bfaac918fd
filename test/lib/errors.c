#include "test/lib/errors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

void
errors_begin(struct errors *errors)
{
	errors->file = memfd_create("errors", MFD_CLOEXEC);
	errors->kept = dup(STDERR_FILENO);
	assert_true(errors->file >= 0 && errors->kept >= 0);
	errors_go_on(errors);
}

void
errors_pause(const struct errors *errors)
{
	dup2(errors->kept, STDERR_FILENO);
}

void
errors_go_on(const struct errors *errors)
{
	dup2(errors->file, STDERR_FILENO);
}

void
errors_read(const struct errors *errors, char *text, size_t size)
{
	ssize_t n = pread(errors->file, text, size - 1, 0);

	errors_pause(errors);
	assert_true(n >= 0);
	text[n] = '\0';
}

void
errors_end(struct errors *errors)
{
	errors_pause(errors);
	close(errors->kept);
	close(errors->file);
}
