#include "test/lib/hand.h"

#include "base/base.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	WINDOW = 264 * 1024,
	LEASE_MS = 60000,
	/* Messages of an answer, at most. */
	AT_ONCE = 16,
	/* Words of a call before its arguments, without its credential. */
	HEAD_BYTES = 40,
	LAST_FRAGMENT = (int)0x80000000u,
};

struct codec {
	xdrproc_t args, result;
};

static const struct codec *
codec_of(uint32_t procedure)
{
	static const struct codec codecs[] = {
		[REVERSE_PING] = { NULL, NULL },
		[REVERSE_GREET] = { (xdrproc_t)xdr_call_context,
		    (xdrproc_t)xdr_greet_result },
		[REVERSE_OPEN] = { (xdrproc_t)xdr_open_args,
		    (xdrproc_t)xdr_open_result },
		[REVERSE_EXCHANGE] = { (xdrproc_t)xdr_exchange_args,
		    (xdrproc_t)xdr_exchange_result },
		[REVERSE_CANCEL] = { (xdrproc_t)xdr_cancel_args,
		    (xdrproc_t)xdr_cancel_result },
	};
	static const struct codec none;

	return procedure < ARRAY_LEN(codecs) ? &codecs[procedure] : &none;
}

bool
hand_waits(int fd, int ms)
{
	struct pollfd waits = { .fd = fd, .events = POLLIN };

	return poll(&waits, 1, ms) > 0;
}

bool
hand_take(struct script *script, int fd, struct hand_call *call)
{
	uint32_t words[HEAD_BYTES / 4], credential;
	const struct codec *codec;
	XDR xdrs;

	memset(call, 0, sizeof(*call));
	if (!script_read_call(script, fd) ||
	    script->call_length < sizeof(words))
		return false;
	memcpy(words, script->call, sizeof(words));
	credential = ntohl(words[7]);
	call->xid = ntohl(words[0]);
	call->procedure = ntohl(words[5]);
	call->flavor = ntohl(words[6]);
	codec = codec_of(call->procedure);
	if (codec->args == NULL)
		return true;
	if (script->call_length < HEAD_BYTES + credential)
		return false;
	xdrmem_create(&xdrs, (char *)script->call + HEAD_BYTES + credential,
	    (u_int)(script->call_length - HEAD_BYTES - credential), XDR_DECODE);
	if (codec->args(&xdrs, &call->args))
		return true;
	hand_free(call);
	return false;
}

void
hand_free(struct hand_call *call)
{
	const struct codec *codec = codec_of(call->procedure);

	if (codec->args != NULL)
		xdr_free(codec->args, &call->args);
}

/* All of it, to a client that may have left. */
static void
send_all(int fd, const char *bytes, size_t len)
{
	ssize_t n;

	for (size_t done = 0; done < len; done += (size_t)n) {
		n = send(fd, bytes + done, len - done, MSG_NOSIGNAL);
		if (n <= 0)
			return;
	}
}

void
hand_reply(int fd, const struct hand_call *call, void *result)
{
	const struct codec *codec = codec_of(call->procedure);
	size_t len = result != NULL ? xdr_sizeof(codec->result, result) : 0;
	char *record = calloc(1, 28 + len);
	uint32_t words[7] = { 0, htonl(call->xid), htonl(1) };
	XDR xdrs;

	if (record == NULL)
		return;
	words[0] = htonl((uint32_t)LAST_FRAGMENT | (uint32_t)(24 + len));
	memcpy(record, words, sizeof(words));
	xdrmem_create(&xdrs, record + 28, (u_int)len, XDR_ENCODE);
	if (result == NULL || codec->result(&xdrs, result))
		send_all(fd, record, 28 + len);
	free(record);
}

void
hand_deny(int fd, const struct hand_call *call)
{
	const uint32_t words[] = { call->xid, REPLY, MSG_DENIED, AUTH_ERROR,
		AUTH_TOOWEAK };

	script_send(fd, words, ARRAY_LEN(words));
}

void
hand_greet(int fd, const struct hand_call *call)
{
	greet_result result = { .code = STATUS_OK };
	greeting *hello = &result.greet_result_u.hello;

	hello->server.server_val = (char[]){ "hand" };
	hello->server.server_len = 4;
	hello->release.release_val = (char[]){ "0.1.0" };
	hello->release.release_len = 5;
	hello->message_max = MESSAGE_MAX;
	hello->window = WINDOW;
	hello->datagram_max = 8192;
	hello->wait_max_ms = 10000;
	hello->lease_ms = LEASE_MS;
	hand_reply(fd, call, &result);
}

/* Takes what it expects. */
static void
take(struct hand *hand, const segment *piece)
{
	for (u_int i = 0; i < piece->messages.messages_len; i++) {
		const message *from = &piece->messages.messages_val[i];
		message *to = &hand->texts[hand->next];

		if (piece->first + i != hand->next ||
		    hand->next == HAND_MESSAGES)
			continue;
		/* Of a stream that was forgotten. */
		free(to->message_val);
		to->message_val = malloc(from->message_len + 1);
		if (to->message_val == NULL)
			return;
		memcpy(to->message_val, from->message_val, from->message_len);
		to->message_len = from->message_len;
		hand->next++;
		atomic_fetch_add(&hand->messages, 1);
	}
	if (piece->last &&
	    piece->first + piece->messages.messages_len == hand->next)
		hand->last = true;
}

/* What has come and gone on this stream. */
static void
count(struct hand *hand)
{
	uint64_t bytes = 0;

	for (uint64_t i = hand->first; i < hand->next; i++)
		bytes += hand->texts[i].message_len;
	hand->end.messages_in = hand->next - hand->first;
	hand->end.bytes_in = hand->end.bytes_out = bytes;
}

/* What is there to say, within a credit. */
static void
say(struct hand *hand, u_int credit, answer *out)
{
	segment *piece = &out->piece;
	u_int cost = 0;

	piece->first = hand->sent;
	piece->messages.messages_val = &hand->texts[hand->sent];
	while (credit > 0 && hand->sent < hand->next &&
	    piece->messages.messages_len < AT_ONCE) {
		cost += 4 + (hand->texts[hand->sent].message_len + 3) / 4 * 4;
		if (cost > credit && piece->messages.messages_len > 0)
			break;
		piece->messages.messages_len++;
		hand->sent++;
	}
	piece->next = hand->next;
	piece->window = WINDOW;
	if (hand->end.why.code != STATUS_OK && hand->sent > 0) {
		piece->last = TRUE;
		out->end = &hand->end;
	} else if (hand->last && hand->sent == hand->next) {
		count(hand);
		piece->last = TRUE;
		out->end = &hand->end;
	}
}

/* Answers a call, if there is something to say. */
static bool
answer_exchange(
    struct hand *hand, int fd, const struct hand_call *call, bool anything)
{
	const exchange_args *args = &call->args.exchange;
	exchange_result result = { .code = STATUS_OK };
	answer *out = &result.exchange_result_u.answered;

	say(hand, args->piece.window, out);
	if (!anything && out->piece.messages.messages_len == 0 &&
	    !out->piece.last)
		return false;
	hand_reply(fd, call, &result);
	return true;
}

/* Those that wait, in their order; all that is left with an end. */
static void
answer_parked(struct hand *hand, int fd)
{
	unsigned int done = 0;

	while (done < hand->waiting &&
	    answer_exchange(hand, fd, &hand->parked[done], false))
		hand_free(&hand->parked[done++]);
	hand->waiting -= done;
	memmove(hand->parked, hand->parked + done,
	    hand->waiting * sizeof(hand->parked[0]));
}

static void
abort_parked(struct hand *hand, int fd)
{
	exchange_result result = { .code = STATUS_ABORTED };

	result.exchange_result_u.why.code = STATUS_ABORTED;
	for (unsigned int i = 0; i < hand->waiting; i++) {
		if (fd >= 0)
			hand_reply(fd, &hand->parked[i], &result);
		hand_free(&hand->parked[i]);
	}
	hand->waiting = 0;
}

static void
refuse(int fd, const struct hand_call *call, status_code code)
{
	open_result opened = { .code = code };
	exchange_result exchanged = { .code = code };

	opened.open_result_u.why.code = code;
	exchanged.exchange_result_u.why.code = code;
	hand_reply(fd, call,
	    call->procedure == REVERSE_OPEN ? (void *)&opened
					    : (void *)&exchanged);
}

static void
open_stream(struct hand *hand, int fd, const struct hand_call *call)
{
	open_result result = { .code = STATUS_OK };
	opened *started = &result.open_result_u.started;

	if (hand->refuses != STATUS_OK) {
		refuse(fd, call, hand->refuses);
		return;
	}
	if (!hand->named) {
		memset(hand->name, 7, sizeof(hand->name));
		hand->named = true;
		hand->last = false;
		hand->first = call->args.open.piece.first;
		hand->next = hand->sent = hand->first;
		take(hand, &call->args.open.piece);
	}
	memcpy(started->stream, hand->name, sizeof(hand->name));
	started->lease_ms = hand->lease_ms > 0 ? hand->lease_ms : LEASE_MS;
	say(hand, call->args.open.piece.window, &started->first_answer);
	hand_reply(fd, call, &result);
}

static void
park(struct hand *hand, struct hand_call *call)
{
	hand->parked[hand->waiting++] = *call;
	memset(call, 0, sizeof(*call));
	if (hand->waiting > atomic_load(&hand->in_flight))
		atomic_store(&hand->in_flight, hand->waiting);
}

/* Whether it has to wait for others. */
static bool
is_held(struct hand *hand)
{
	if (hand->waiting + 1 >= hand->hold)
		hand->hold = 0;
	return hand->hold > 0;
}

static void
exchange(struct hand *hand, int fd, struct hand_call *call)
{
	const exchange_args *args = &call->args.exchange;

	if (!hand->named) {
		refuse(fd, call, STATUS_NOT_FOUND);
		return;
	}
	if (args->piece.messages.messages_len == 0 && args->piece.window == 0)
		atomic_fetch_add(&hand->renewals, 1);
	if (!args->ahead && args->piece.window > 0) {
		abort_parked(hand, fd);
		hand->sent = args->piece.next;
	}
	take(hand, &args->piece);
	if (is_held(hand)) {
		park(hand, call);
		return;
	}
	answer_parked(hand, fd);
	if (!answer_exchange(hand, fd, call,
		args->wait_ms == 0 || hand->waiting == HAND_PARKED))
		park(hand, call);
}

/* Returns false when the connection is to be cut. */
static bool
serve(struct hand *hand, int fd, struct hand_call *call)
{
	cancel_result cancelled = { .code = STATUS_OK };
	unsigned int count =
	    1 + atomic_fetch_add(&hand->counts[call->procedure % 9], 1);
	bool exchanges = call->procedure == REVERSE_EXCHANGE;
	bool mute =
	    call->procedure == REVERSE_OPEN && count <= hand->mute_opens;
	bool silent = hand->silent_from > 0 &&
	    atomic_load(&hand->counts[REVERSE_EXCHANGE]) >= hand->silent_from;

	if ((exchanges && count == hand->interrupt_at) ||
	    (mute && count == hand->mute_opens))
		kill(getpid(), SIGINT);
	if (exchanges && count == hand->cut_after)
		return false;
	if (mute || (hand->ignores_pings && call->procedure == REVERSE_PING))
		return true;
	if (silent && (call->procedure != REVERSE_PING || !hand->answers_pings))
		return true;
	if (call->flavor == AUTH_SYS && (hand->denies >> call->procedure & 1)) {
		hand_deny(fd, call);
		return true;
	}
	switch (call->procedure) {
	case REVERSE_GREET:
		hand_greet(fd, call);
		break;
	case REVERSE_OPEN:
		open_stream(hand, fd, call);
		break;
	case REVERSE_EXCHANGE:
		exchange(hand, fd, call);
		break;
	case REVERSE_CANCEL:
		if (!hand->ignores_cancels)
			hand_reply(fd, call, &cancelled);
		break;
	default:
		hand_reply(fd, call, NULL);
	}
	return true;
}

/* Calls that have waited for long enough are answered with nothing. */
static void
wait_for_call(struct hand *hand, int fd)
{
	if (hand->wait_ms == 0 || hand->hold > 0 || hand->waiting == 0 ||
	    hand_waits(fd, hand->wait_ms))
		return;
	for (unsigned int i = 0; i < hand->waiting; i++) {
		answer_exchange(hand, fd, &hand->parked[i], true);
		hand_free(&hand->parked[i]);
	}
	hand->waiting = 0;
}

void
play_hand(struct script *script, int fd)
{
	struct hand *hand = script->context;
	struct hand_call call;
	bool more = true;

	while (more && hand_take(script, fd, &call)) {
		more = serve(hand, fd, &call);
		hand_free(&call);
		wait_for_call(hand, fd);
	}
	abort_parked(hand, -1);
	if (hand->forgets)
		hand->named = false;
}

void
hand_clear(struct hand *hand)
{
	for (size_t i = 0; i < HAND_MESSAGES; i++)
		free(hand->texts[i].message_val);
	memset(hand, 0, sizeof(*hand));
}
