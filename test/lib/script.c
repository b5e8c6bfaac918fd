#include "test/lib/script.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* The bit of a fragment's header that says it is the last one. */
#define LAST_FRAGMENT 0x80000000u

static void *
run(void *arg)
{
	struct script *script = arg;
	int fd;

	while (
	    (fd = accept4(script->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		atomic_fetch_add(&script->accepted, 1);
		script->play(script, fd);
		close(fd);
	}
	return NULL;
}

void
script_start(struct script *script)
{
	struct sockaddr_in any = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = script->at.at.in.sin_port,
	};
	socklen_t len = sizeof(any);
	int on = 1;

	script->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(script->listener >= 0);
	setsockopt(script->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(
	    bind(script->listener, (struct sockaddr *)&any, len), 0);
	atomic_store(&script->accepted, 0);
	assert_int_equal(listen(script->listener, 8), 0);
	assert_int_equal(
	    getsockname(script->listener, (struct sockaddr *)&any, &len), 0);
	assert_true(endpoint_from_address(
	    &script->at, SOCK_STREAM, (struct sockaddr *)&any, len));
	assert_int_equal(pthread_create(&script->thread, NULL, run, script), 0);
}

void
script_stop(struct script *script)
{
	shutdown(script->listener, SHUT_RDWR);
	pthread_join(script->thread, NULL);
	close(script->listener);
}

/* Reads exactly len bytes; false when there are not so many. */
static bool
read_all(int fd, void *bytes, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (char *)bytes + done, len - done);

		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

bool
script_read_call(struct script *script, int fd)
{
	uint32_t header, length;
	bool first = true;

	do {
		if (!read_all(fd, &header, sizeof(header)))
			return false;
		/* The call before stays until there is another. */
		if (first)
			script->call_length = 0;
		first = false;
		header = ntohl(header);
		length = header & ~LAST_FRAGMENT;
		if (length > sizeof(script->call) - script->call_length ||
		    !read_all(fd, script->call + script->call_length, length))
			return false;
		script->call_length += length;
	} while ((header & LAST_FRAGMENT) == 0);
	return true;
}

uint32_t
script_call_word(const struct script *script, size_t index)
{
	uint32_t word;

	assert_true((index + 1) * sizeof(word) <= script->call_length);
	memcpy(&word, script->call + index * sizeof(word), sizeof(word));
	return ntohl(word);
}

void
script_send(int fd, const uint32_t *words, size_t count)
{
	uint32_t record[64];

	if (count >= sizeof(record) / sizeof(record[0]))
		return;
	record[0] = htonl(LAST_FRAGMENT | (uint32_t)(count * 4));
	for (size_t i = 0; i < count; i++)
		record[i + 1] = htonl(words[i]);
	/* A client that has gone is not the script's business. */
	send(fd, record, (count + 1) * 4, MSG_NOSIGNAL);
}

void
script_reply(const struct script *script, int fd)
{
	uint32_t words[64] = { 0 };

	memcpy(words, script->call, sizeof(words[0]));
	words[0] = ntohl(words[0]);
	memcpy(words + 1, script->words, script->count * sizeof(words[0]));
	script_send(fd, words, script->count + 1);
}

void
play_reply(struct script *script, int fd)
{
	if (script_read_call(script, fd))
		script_reply(script, fd);
}

void
play_replies(struct script *script, int fd)
{
	while (script_read_call(script, fd))
		script_reply(script, fd);
}

void
play_hang_up(struct script *script, int fd)
{
	script_read_call(script, fd);
}

void
play_silence(struct script *script, int fd)
{
	char bytes[4096];

	(void)script;
	while (read(fd, bytes, sizeof(bytes)) > 0)
		continue;
}
