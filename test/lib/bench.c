#include "test/lib/bench.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

#define TEXTS_MAX 100

static void
hear(struct said *out, const segment *piece)
{
	size_t at = 0;
	const message *m;

	out->first = piece->first;
	out->count = piece->messages.messages_len;
	out->last = piece->last;
	out->next = piece->next;
	out->window = piece->window;
	for (u_int i = 0; i < piece->messages.messages_len; i++) {
		m = &piece->messages.messages_val[i];
		assert_true(m->message_len + 2 < sizeof(out->heard) - at);
		if (i > 0)
			out->heard[at++] = ',';
		if (m->message_len > 0)
			memcpy(out->heard + at, m->message_val, m->message_len);
		at += m->message_len;
	}
	out->heard[at] = '\0';
	out->heard_len = at;
}

static void
hear_end(struct said *out, const stream_end *end)
{
	const metadatum *m;

	out->has_end = true;
	out->end = end->why.code;
	out->at_message = end->why.at_message;
	out->at_byte = end->why.at_byte;
	out->messages_in = end->messages_in;
	out->bytes_in = end->bytes_in;
	out->bytes_out = end->bytes_out;
	if (end->metadata.metadata_len == 0)
		return;
	assert_int_equal(end->metadata.metadata_len, 1);
	m = &end->metadata.metadata_val[0];
	snprintf(out->echo, sizeof(out->echo), "%.*s", (int)m->value.value_len,
	    m->value.value_val);
}

static void
hear_answer(struct said *out, const answer *a)
{
	hear(out, &a->piece);
	assert_int_equal(a->end != NULL, a->piece.last != 0);
	if (a->end != NULL)
		hear_end(out, a->end);
}

static bool
answer_open(struct stream_call *call, open_result *result)
{
	struct said *out = container_of(call, struct handed, call)->said;

	assert_int_equal(out->answers++, 0);
	if (out->bench->mute)
		return false;
	out->answered_at = out->bench->now;
	out->code = result->code;
	if (result->code != STATUS_OK) {
		assert_int_equal(result->open_result_u.why.code, result->code);
		out->retry_after_ms = result->open_result_u.why.retry_after_ms;
		return true;
	}
	memcpy(out->stream, result->open_result_u.started.stream,
	    sizeof(out->stream));
	hear_answer(out, &result->open_result_u.started.first_answer);
	return true;
}

static bool
answer_exchange(struct stream_call *call, exchange_result *result)
{
	struct said *out = container_of(call, struct handed, call)->said;

	assert_int_equal(out->answers++, 0);
	if (out->bench->mute)
		return false;
	out->answered_at = out->bench->now;
	out->code = result->code;
	if (result->code != STATUS_OK) {
		assert_int_equal(
		    result->exchange_result_u.why.code, result->code);
		out->retry_after_ms =
		    result->exchange_result_u.why.retry_after_ms;
		return true;
	}
	hear_answer(out, &result->exchange_result_u.answered);
	return true;
}

static void
fill_random(void *context, void *bytes, size_t len)
{
	struct bench *b = context;

	rng_fill(&b->rng, bytes, len);
}

static struct stream_call *
keep(struct stream_call *call)
{
	struct said *out = container_of(call, struct handed, call)->said;

	if (out->bench->keepless)
		return NULL;
	assert_int_equal(out->answers, 0);
	out->waits = true;
	out->kept.said = out;
	return &out->kept.call;
}

/* A turn is a millisecond. */
static size_t
spend(void *context, size_t bytes)
{
	struct bench *b = context;

	if (b->turn != b->now)
		b->left = b->turn_bytes;
	b->turn = b->now;
	b->left -= MIN_OF(bytes, b->left);
	return b->left;
}

void
bench_work(struct bench *b)
{
	b->left = b->turn_bytes;
	streams_work(b->streams, b->now);
}

static const struct streams_ops ops = {
	.answer_open = answer_open,
	.answer_exchange = answer_exchange,
	.keep = keep,
	.random = fill_random,
	.spend = spend,
};

void
bench_init(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->rng.state = 1;
	b->now = 1000;
	fake_disk_init(&b->disk, &b->rng);
	b->limits = streams_default_limits;
	b->turn_bytes = 256 * 1024;
	b->limits.window = BENCH_WINDOW;
	b->limits.message_max = BENCH_MESSAGE;
	b->limits.spool_memory = 1500;
	b->limits.spool_block = 100;
	account_init(&b->all, NULL, NULL);
	for (int i = 0; i < BENCH_PEERS; i++)
		account_init(&b->peers[i], &b->all, NULL);
	charge_take(&b->elsewhere, &b->peers[0], CHARGE_BYTES, 0);
	bench_limit(b, CHARGE_STREAMS, 4096, 256);
	bench_limit(b, CHARGE_UNPROVEN, 256, CHARGE_ANY);
	bench_limit(b, CHARGE_KEPT, 16384, CHARGE_ANY);
	bench_limit(b, CHARGE_BYTES, 1 << 29, 1 << 26);
}

void
bench_limit(struct bench *b, enum charge_kind kind, uint64_t all, uint64_t each)
{
	b->all.most[kind] = all;
	for (int i = 1; i < BENCH_PEERS; i++)
		b->peers[i].most[kind] = each;
}

void
bench_use(struct bench *b, uint64_t bytes)
{
	charge_set(&b->elsewhere, bytes);
}

void
bench_hold(struct bench *b, unsigned int client, uint64_t bytes)
{
	charge_release(&b->held);
	charge_take(&b->held, &b->peers[client], CHARGE_BYTES, bytes);
}

uint64_t
bench_memory(const struct bench *b)
{
	const struct stream *s;
	uint64_t sum = 0;

	TAILQ_FOREACH(s, &b->streams->open, life)
		sum += s->bytes.amount;
	TAILQ_FOREACH(s, &b->streams->finished, life)
		sum += s->bytes.amount;
	return sum;
}

void
bench_gone(struct bench *b, struct said *said)
{
	assert_true(said->waits);
	said->waits = false;
	streams_call_gone(&said->kept.call, b->now);
}

void
bench_start(struct bench *b)
{
	assert_int_equal(
	    streams_new(&b->streams, &b->limits, &ops, &b->disk.disk, b), 0);
}

void
bench_stop(struct bench *b)
{
	streams_end_all(b->streams, b->now);
	b->streams = streams_free(b->streams);
	while (b->disk.jobs > 0) {
		b->disk.now++;
		b->disk.disk.poll(&b->disk.disk);
	}
	assert_int_equal(b->disk.files, 0);
	/* Nobody holds anything any more. */
	charge_set(&b->elsewhere, 0);
	charge_release(&b->held);
	for (int kind = 0; kind < CHARGE_KINDS; kind++)
		assert_int_equal(b->all.held[kind], 0);
	/* Nor knows anybody, but for those elsewhere. */
	for (int i = 0; i < BENCH_PEERS; i++)
		assert_int_equal(b->peers[i].references, i == 0);
}

static void
fill(segment *piece, message *messages, const struct saying *saying)
{
	u_int count = saying->count;

	assert_true(count <= TEXTS_MAX);
	memset(piece, 0, sizeof(*piece));
	if (count > 0)
		memcpy(messages, saying->messages, count * sizeof(*messages));
	while (saying->texts != NULL && saying->texts[count] != NULL) {
		assert_true(count < TEXTS_MAX);
		messages[count].message_val = (char *)saying->texts[count];
		messages[count].message_len =
		    (u_int)strlen(saying->texts[count]);
		count++;
	}
	piece->first = saying->first;
	piece->messages.messages_len = count;
	piece->messages.messages_val = messages;
	piece->last = saying->last;
	piece->next = saying->next;
	piece->window = saying->credit;
}

int
bench_set_up(void **state)
{
	struct bench *b = malloc(sizeof(*b));

	bench_init(b);
	bench_start(b);
	*state = b;
	return 0;
}

int
bench_tear_down(void **state)
{
	bench_stop(*state);
	free(*state);
	return 0;
}

static void
prepare(struct bench *b, struct handed *handed, struct said *out,
    const struct saying *saying)
{
	struct stream_call *call = &handed->call;

	memset(out, 0, sizeof(*out));
	memset(handed, 0, sizeof(*handed));
	out->bench = b;
	handed->said = out;
	call->connection = saying->connection > 0 ? saying->connection : 1;
	call->host = call->connection;
	call->peer = &b->peers[saying->client];
	call->datagram = saying->datagram;
	call->at_once = saying->at_once;
	call->room = saying->room > 0 ? saying->room : UINT32_MAX;
	call->space = saying->space;
}

/* Whoever was not answered was kept. */
static void
check_handed(struct handed *handed)
{
	assert_int_equal(handed->said->answers, !handed->said->waits);
	memset(handed, 0xff, sizeof(*handed));
}

void
bench_open(struct bench *b, struct said *out, struct saying saying)
{
	message messages[TEXTS_MAX];
	struct handed handed;
	metadatum echo = { { 9, (char *)"echo-test" }, { 0, NULL } };
	open_args args = {
		.method = saying.method != 0 ? saying.method : METHOD_EACH,
		.unit = saying.unit,
		.pace_ms = saying.pace_ms,
		.largest = saying.largest,
		.wait_ms = saying.wait_ms,
	};

	prepare(b, &handed, out, &saying);
	fill(&args.piece, messages, &saying);
	args.context.deadline_ms = saying.deadline_ms;
	args.nonce[0] = saying.nonce;
	if (saying.echo != NULL) {
		echo.value.value_val = (char *)saying.echo;
		echo.value.value_len = (u_int)strlen(saying.echo);
		args.context.metadata.metadata_len = 1;
		args.context.metadata.metadata_val = &echo;
	}
	streams_open(b->streams, b->now, &args, &handed.call);
	check_handed(&handed);
}

void
bench_exchange(
    struct bench *b, struct said *out, const token stream, struct saying saying)
{
	message messages[TEXTS_MAX];
	struct handed handed;
	exchange_args args = {
		.wait_ms = saying.wait_ms,
		.ahead = saying.ahead,
	};

	memcpy(args.stream, stream, sizeof(args.stream));
	prepare(b, &handed, out, &saying);
	fill(&args.piece, messages, &saying);
	streams_exchange(b->streams, b->now, &args, &handed.call);
	check_handed(&handed);
}

void
bench_cancel(struct bench *b, const token stream)
{
	cancel_args args;

	memcpy(args.stream, stream, sizeof(args.stream));
	streams_cancel(b->streams, b->now, &args);
}

void
bench_pass(struct bench *b, uint64_t ms)
{
	for (; ms > 0; ms--) {
		b->now++;
		b->disk.now = b->now;
		while (streams_next_due(b->streams) <= b->now) {
			b->left = b->turn_bytes;
			streams_tick(b->streams, b->now);
		}
		streams_disk_ready(b->streams, b->now);
		while (streams_has_work(b->streams))
			bench_work(b);
	}
}

void
bench_wait(struct bench *b, const struct said *said)
{
	for (int i = 0; i < 100000 && said->answers == 0; i++)
		bench_pass(b, 1);
	assert_int_equal(said->answers, 1);
}
