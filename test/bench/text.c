/*
 * Measures text/ on files, and memcpy, rev(1) and tac(1) on the same bytes:
 *
 *	bench/text [-r ROUNDS] FILE...
 *
 * Each file is cut or repeated to 1 MiB.  Figures are 10^9 bytes of input in a
 * second of processor time, in the best of the rounds: whatever disturbs one
 * only makes it slower.  Graphemes, code points and words include the
 * validation of the text.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "text/choice.h"
#include "text/text.h"

#define SIZE      ((size_t)1 << 20)
#define TOOL_SIZE ((size_t)16 << 20) /* so that their start counts little */
#define ROUND_NS  4000000

static const char *const kernels[] = { "portable", "avx2", "avx512" };

struct subject {
	uint8_t *in;
	uint8_t *out;
	size_t len;
};

enum task {
	COPY,
	GRAPHEMES,
	CODEPOINTS,
	BYTES,
	WORDS,
	LINES,
	VALIDATION,
	TASKS,
};

static uint64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void
perform(const struct subject *s, enum task task)
{
	int r = 0;

	switch (task) {
	case COPY:
		memcpy(s->out, s->in, s->len);
		break;
	case VALIDATION:
		r = text_validate(s->in, s->len, NULL);
		break;
	default:
		r = text_reverse(s->out, s->in, s->len,
		    (enum text_by)(task - GRAPHEMES), NULL);
	}
	if (r != 0)
		abort();
	/* The result counts as used. */
	__asm__ volatile("" : : "r"(s->out) : "memory");
}

/* 10^9 bytes a second. */
static double
speed(const struct subject *s, enum task task, size_t rounds)
{
	uint64_t start, spent;
	double best = 0, one;
	size_t repeats;

	for (size_t i = 0; i < rounds; i++) {
		repeats = 0;
		start = now();
		do {
			perform(s, task);
			repeats++;
			spent = now() - start;
		} while (spent < ROUND_NS);
		one = (double)(repeats * s->len) / (double)spent;
		if (one > best)
			best = one;
	}
	return best;
}

static double
seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Runs a tool on the file, its output thrown away; 0 if it fails. */
static double
tool_speed(const char *tool, const char *path, size_t size, size_t rounds)
{
	double best = 0, one;
	struct rusage usage;
	int status;
	pid_t pid;

	for (size_t i = 0; i < rounds; i++) {
		pid = fork();
		if (pid == 0) {
			int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

			dup2(null, STDOUT_FILENO);
			setenv("LC_ALL", "C.UTF-8", 1);
			execlp(tool, tool, path, (char *)NULL);
			_exit(127);
		}
		if (pid < 0 || wait4(pid, &status, 0, &usage) != pid ||
		    status != 0)
			return 0;
		one = (double)size / 1e9 /
		    (seconds(usage.ru_utime) + seconds(usage.ru_stime));
		if (one > best)
			best = one;
	}
	return best;
}

/* The length up to which no character is cut. */
static size_t
whole_characters(const uint8_t *in, size_t len)
{
	size_t at = len;

	if (text_validate(in, len, &at) == 0)
		return len;
	return at;
}

/* Fills buf with the file over and over.  Returns false if there is none. */
static bool
load(struct subject *s, const char *path)
{
	FILE *file = fopen(path, "re");
	size_t len, n;

	if (file == NULL)
		return false;
	len = fread(s->in, 1, SIZE, file);
	fclose(file);
	len = whole_characters(s->in, len);
	if (len == 0)
		return false;
	for (s->len = len; s->len < SIZE; s->len += n) {
		n = SIZE - s->len < len ? SIZE - s->len : len;
		memcpy(s->in + s->len, s->in, n);
	}
	s->len = whole_characters(s->in, SIZE);
	return true;
}

static void
print_tools(const struct subject *s, size_t rounds)
{
	char path[] = "/tmp/reverse-bench.XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);
	size_t size = 0;
	bool is_written = fd >= 0;

	while (is_written && size < TOOL_SIZE) {
		is_written = write(fd, s->in, s->len) == (ssize_t)s->len;
		size += s->len;
	}
	printf("  rev %.3f  tac %.3f\n",
	    is_written ? tool_speed("rev", path, size, rounds) : 0,
	    is_written ? tool_speed("tac", path, size, rounds) : 0);
	if (fd >= 0) {
		unlink(path);
		close(fd);
	}
}

static void
print_rows(const struct subject *s, const char *name, size_t rounds)
{
	printf("%s: memcpy %.1f", name, speed(s, COPY, rounds));
	fflush(stdout);
	print_tools(s, rounds < 3 ? rounds : 3);
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		if (text_kernel_use(kernels[i]) != 0)
			continue;
		printf("  %-9s", kernels[i]);
		for (enum task task = GRAPHEMES; task < TASKS; task++)
			printf(" %9.2f", speed(s, task, rounds));
		putchar('\n');
		fflush(stdout);
	}
}

int
main(int argc, char *argv[])
{
	struct subject s = { .in = malloc(SIZE), .out = malloc(SIZE) };
	size_t rounds = 9;
	cpu_set_t cpus;
	char *name;

	if (argc > 2 && strcmp(argv[1], "-r") == 0) {
		rounds = strtoul(argv[2], NULL, 10);
		argv += 2;
	}
	if (rounds < 1 || s.in == NULL || s.out == NULL)
		return 2;
	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	printf("  %-9s %9s %9s %9s %9s %9s %9s\n", "GB/s", "grapheme",
	    "codepoint", "byte", "word", "line", "validate");
	for (char **path = argv + 1; *path != NULL; path++) {
		name = strrchr(*path, '/');
		if (!load(&s, *path)) {
			fprintf(stderr, "%s: no text\n", *path);
			return 1;
		}
		print_rows(&s, name == NULL ? *path : name + 1, rounds);
	}
	free(s.in);
	free(s.out);
	return 0;
}
