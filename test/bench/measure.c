#include "test/bench/measure.h"

#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	TIMES_MAX = 1 << 20,
	NS_PER_US = 1000,
	NS_PER_MS = 1000 * 1000,
};

static const char *const works[] = { "text", "each", "collect", "spell",
	"idle" };

static size_t
number(const char *text, size_t max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end != '\0' || value < 1 || value > max)
		errx(2, "not between 1 and %zu: %s", max, text);
	return value;
}

struct load
load_from(int argc, char **argv)
{
	struct load load = { 0 };
	size_t work = 0;

	if (argc != 8)
		errx(2,
		    "usage: %s ADDRESS WORK BYTES DEPTH SEGMENT "
		    "CONNECTIONS MILLISECONDS",
		    argv[0]);
	while (strcmp(argv[2], works[work]) != 0)
		if (++work == sizeof(works) / sizeof(works[0]))
			errx(2, "no such work: %s", argv[2]);
	use_all_descriptors();
	load.address = argv[1];
	load.work = (enum work)work;
	load.bytes = number(argv[3], TEXT_MAX);
	load.depth = number(argv[4], 65536);
	load.segment = number(argv[5], 1024);
	load.connections =
	    number(argv[6], load.work == WORK_IDLE ? 65536 : PLACES);
	load.milliseconds = number(argv[7], 1000 * 1000);
	return load;
}

size_t
load_messages(const struct load *load)
{
	return TEXT_MAX / load->bytes;
}

void
load_fill_lines(char *text, size_t len, size_t line)
{
	for (size_t i = 0; i < len; i++)
		text[i] =
		    i % line == line - 1 ? '\n' : (char)('a' + i % line % 26);
}

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_un un;
};

static socklen_t
address_from(union address *at, const char *text)
{
	memset(at, 0, sizeof(*at));
	if (text[0] == '/') {
		at->un.sun_family = AF_UNIX;
		if (strlen(text) >= sizeof(at->un.sun_path))
			errx(2, "too long a path: %s", text);
		strcpy(at->un.sun_path, text);
		return sizeof(at->un);
	}
	at->in.sin_family = AF_INET;
	at->in.sin_port = htons((uint16_t)number(text, UINT16_MAX));
	at->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sizeof(at->in);
}

void
send_at_once(int fd)
{
	int one = 1;

	/* A Unix socket has no such option, and no need of it. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

int
connect_to(const char *address)
{
	union address at;
	socklen_t len = address_from(&at, address);
	int fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	if (connect(fd, &at.any, len) != 0)
		err(1, "%s", address);
	send_at_once(fd);
	return fd;
}

int
listen_on(const char *address)
{
	union address at;
	socklen_t len = address_from(&at, address);
	int fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		err(1, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0)
		err(1, "SO_REUSEADDR");
	if (bind(fd, &at.any, len) != 0)
		err(1, "%s", address);
	if (listen(fd, SOMAXCONN) != 0)
		err(1, "listen");
	return fd;
}

void
send_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;
	ssize_t n;

	for (; len > 0; at += n, len -= (size_t)n)
		if ((n = send(fd, at, len, MSG_NOSIGNAL)) < 0)
			err(1, "send");
}

uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_MS * 1000 + (uint64_t)now.tv_nsec;
}

static double
processor_seconds(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

void
meter_start(struct meter *m, const struct load *load)
{
	m->is_single = load->depth == 1 && load->connections == 1 &&
	    (load->work == WORK_TEXT || load->work == WORK_EACH);
	m->times = calloc(TIMES_MAX, sizeof(m->times[0]));
	if (m->times == NULL)
		err(1, "calloc");
	m->processor = processor_seconds();
	m->began = m->begun_call = now_ns();
	m->end = m->began + load->milliseconds * NS_PER_MS;
}

bool
meter_is_over(const struct meter *m)
{
	return (m->is_single ? m->begun_call : now_ns()) >= m->end;
}

void
meter_count(struct meter *m, uint64_t messages)
{
	uint64_t now;

	m->count += messages;
	if (!m->is_single)
		return;
	now = now_ns();
	if (m->timed < TIMES_MAX)
		m->times[m->timed++] = (uint32_t)(now - m->begun_call);
	m->begun_call = now;
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double
microseconds(const struct meter *m, size_t per_cent)
{
	size_t at = m->timed * per_cent / 100;

	return m->timed == 0 ? 0 : m->times[at] / (double)NS_PER_US;
}

void
meter_tell(struct meter *m)
{
	double seconds = (double)(now_ns() - m->began) / 1e9;
	double processor = processor_seconds() - m->processor;

	qsort(m->times, m->timed, sizeof(m->times[0]), compare);
	printf("%llu %.6f %.6f %.3f %.3f\n", (unsigned long long)m->count,
	    seconds, processor, microseconds(m, 50), microseconds(m, 99));
	free(m->times);
}

void
use_all_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		err(1, "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

void
stay_idle(void)
{
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		continue;
}
