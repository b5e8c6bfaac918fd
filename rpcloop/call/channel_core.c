#include "rpcloop/call/channel.h"

#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/call/channel_kind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Before a datagram is sent again. */
enum { RESEND_MS = 200 };

/* A call that was not answered may still be on its way when its xid is used
 * again, so no two channels begin with the same one. */
static uint32_t
first_xid(void)
{
	uint32_t xid;

	if (getrandom(&xid, sizeof(xid), GRND_NONBLOCK) != sizeof(xid))
		xid = (uint32_t)clock_now_ns() ^ (uint32_t)getpid() << 16;
	return xid;
}

static struct channel_call *
find(const struct channel *c, uint32_t xid)
{
	struct map_node *node = map_first(&c->by_xid, xid);

	return node == NULL ? NULL
			    : container_of(node, struct channel_call, node);
}

/* The clock of the channel shows the first of the times of its calls. */
static void
set_clock(struct channel *c)
{
	const struct timer *first = timers_first(&c->timers);

	loop_due(&c->clock, first != NULL ? first->due : TIMER_NEVER);
}

void
channel_look_at(struct channel_call *call, uint64_t due_ms)
{
	struct channel *c = call->channel;

	timers_set(&c->timers, &call->timer, MIN_OF(due_ms, call->ends_ms));
	set_clock(c);
}

/* It is in flight no more. */
static void
take_out(struct channel_call *call)
{
	struct channel *c = call->channel;

	map_remove(&c->by_xid, &call->node);
	TAILQ_REMOVE(&c->calls, call, entry);
	c->count--;
	timers_set(&c->timers, &call->timer, TIMER_NEVER);
	set_clock(c);
	buffer_deinit(&call->message);
	call->channel = NULL;
}

void
channel_finish(struct channel_call *call, const struct rpc_err *error)
{
	uint64_t now_ns =
	    call->reply_bytes > 0 ? call->channel->came_ns : clock_now_ns();
	struct buffer message = call->message;

	/* done() may look at it, and free the call. */
	buffer_init(&call->message, 0);
	take_out(call);
	call->took_ns = now_ns - call->began_ns;
	call->done(call, error);
	buffer_deinit(&message);
}

void
channel_cancel(struct channel_call *call)
{
	if (call->channel != NULL)
		take_out(call);
}

static void
drop_calls(struct channel *c)
{
	while (!TAILQ_EMPTY(&c->calls))
		take_out(TAILQ_FIRST(&c->calls));
}

static void
free_channel(struct channel *c)
{
	drop_calls(c);
	c->kind->end(c);
	loop_forget(&c->clock);
	timers_deinit(&c->timers);
	map_deinit(&c->by_xid);
	arena_deinit(&c->arena);
	free(c->scratch);
	free(c);
}

void
channel_enter(struct channel *c)
{
	c->busy++;
}

bool
channel_leave(struct channel *c)
{
	if (--c->busy > 0 || !c->closed)
		return true;
	free_channel(c);
	return false;
}

void
channel_close(struct channel *c)
{
	if (c == NULL)
		return;
	channel_enter(c);
	c->closed = true;
	drop_calls(c);
	channel_leave(c);
}

void
channel_break(struct channel *c, int error)
{
	struct rpc_err how = { .re_errno = error };
	struct channel_call *call;

	if (c->state == CHANNEL_BROKEN)
		return;
	channel_enter(c);
	c->state = CHANNEL_BROKEN;
	c->error = error;
	loop_want(&c->flow.item, 0);
	while ((call = TAILQ_FIRST(&c->calls)) != NULL) {
		how.re_status =
		    c->kind->has_left(call) ? RPC_CANTRECV : RPC_CANTSEND;
		channel_finish(call, &how);
	}
	if (!c->closed && c->terms.broke != NULL)
		c->terms.broke(c, c->terms.context);
	channel_leave(c);
}

bool
channel_receive(struct channel *c, const uint8_t *message, size_t len)
{
	struct channel_call *call;
	struct rpc_err error;
	uint32_t xid;

	if (!caller_is_reply(message, len, &xid))
		return false;
	call = find(c, xid);
	/* It came twice, or too late: nothing that is waited for moves. */
	if (call == NULL) {
		c->came += c->record.scanned;
		return true;
	}
	call->reply_bytes = len;
	if (c->terms.keeps) {
		call->reply_message = message;
		if (c->record.scanned > 0)
			call->reply_marks = c->record.scanned - len;
	}
	caller_take_reply(message, len, &call->result, &error);
	channel_finish(call, &error);
	arena_reset(&c->arena);
	return true;
}

/* The time of a call has come. */
static void
look_at(struct channel_call *call, uint64_t now_ms)
{
	struct rpc_err late = { .re_status = RPC_TIMEDOUT };

	/* There is not even a connection. */
	if (call->channel->state == CHANNEL_CONNECTING)
		late.re_errno = ETIMEDOUT;
	if (call->ends_ms <= now_ms)
		channel_finish(call, &late);
	else
		call->channel->kind->again(call);
}

static void
on_clock(struct loop_item *item, unsigned int reasons)
{
	struct channel *c = container_of(item, struct channel, clock);
	struct timer *first;

	(void)reasons;
	channel_enter(c);
	while ((first = timers_first(&c->timers)) != NULL &&
	    first->due <= c->loop->now_ms) {
		timers_set(&c->timers, first, TIMER_NEVER);
		look_at(container_of(first, struct channel_call, timer),
		    c->loop->now_ms);
	}
	if (channel_leave(c))
		set_clock(c);
}

/* Its memory, but for what kind->start() makes.  Returns 0 or -ENOMEM. */
static int
prepare(struct channel *c)
{
	timers_init(&c->timers);
	TAILQ_INIT(&c->calls);
	loop_item_init(&c->clock, c->loop, -1, on_clock, NULL);
	c->scratch = malloc(CHANNEL_SCRATCH);
	if (c->scratch == NULL || map_init(&c->by_xid) != 0)
		return -ENOMEM;
	return loop_timed(&c->clock);
}

/* Its socket, which has begun to connect. */
static int
connect_socket(struct channel *c)
{
	int fd = socket(c->to.at.any.sa_family,
	    c->to.type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	loop_item_init(
	    &c->flow.item, c->loop, fd, c->kind->run, c->kind->settle);
	return c->kind->start(c);
}

/* When what begins then has taken that long, and no earlier. */
static uint64_t
end_after(uint64_t began_ns, uint64_t ms)
{
	uint64_t began_ms = (began_ns + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS;

	return ms > TIMER_NEVER - began_ms ? TIMER_NEVER : began_ms + ms;
}

int
channel_open(struct channel **out, struct loop *loop, const struct endpoint *to,
    const struct channel_terms *terms)
{
	struct channel *c = calloc(1, sizeof(*c));
	int r;

	if (c == NULL)
		return -ENOMEM;
	c->to = *to;
	c->loop = loop;
	c->terms = *terms;
	c->kind = to->type == SOCK_DGRAM ? &channel_of_datagrams
					 : &channel_of_records;
	c->next_xid = first_xid();
	c->resend_ms = RESEND_MS;
	c->connect_by_ms = terms->connect_ms > 0
	    ? end_after(clock_now_ns(), terms->connect_ms)
	    : TIMER_NEVER;
	c->flow.item.fd = -1;
	r = prepare(c);
	if (r == 0)
		r = connect_socket(c);
	if (r == 0)
		*out = c;
	else
		channel_close(c);
	return r;
}

/* An xid that no call in flight has. */
static uint32_t
next_xid(struct channel *c)
{
	while (find(c, c->next_xid) != NULL)
		c->next_xid++;
	return c->next_xid++;
}

static void
list_call(struct channel *c, struct channel_call *call)
{
	call->channel = c;
	timer_init(&call->timer);
	map_add(&c->by_xid, &call->node, call->xid);
	TAILQ_INSERT_TAIL(&c->calls, call, entry);
	c->count++;
	channel_look_at(call, call->ends_ms);
}

enum clnt_stat
channel_send(struct channel *c, struct channel_call *call,
    const struct channel_question *question)
{
	struct caller_call what = {
		.xid = next_xid(c),
		.program = question->program,
		.version = question->version,
		.procedure = question->procedure,
		.auth = question->auth,
		.args = question->args,
		.value = question->args_value,
	};
	enum clnt_stat r;

	call->call_message = call->reply_message = NULL;
	call->reply_marks = 0;
	if (c->state == CHANNEL_BROKEN)
		return RPC_CANTSEND;
	if (timers_reserve(&c->timers, c->count + 1) != 0)
		return RPC_SYSTEMERROR;
	call->xid = what.xid;
	call->sends = 0;
	call->reply_bytes = 0;
	call->result = (struct caller_result){
		.auth = question->auth,
		.codec = question->result,
		.value = question->value,
		.arena = question->borrows ? &c->arena : NULL,
	};
	call->began_ns = clock_now_ns();
	call->ends_ms = end_after(call->began_ns, question->ms);
	buffer_init(&call->message, UINT32_MAX / 2);
	call->steady = question->steady;
	call->channel = c;
	r = c->kind->put(call, &what);
	call->channel = NULL;
	if (r != RPC_SUCCESS)
		return r;
	if (c->terms.keeps)
		call->call_message = buffer_head(&call->message);
	list_call(c, call);
	return r;
}
