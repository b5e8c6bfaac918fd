#include "client/session/pulse.h"

#include "base/base.h"
#include "base/clock.h"

#include <rpc/rpc.h>

static void
finish(struct pulse *pulse, enum pulse_end how)
{
	uint64_t since = how == PULSE_LATE ? pulse->moved_ms : pulse->heard_ms;

	pulse->waited_ms = pulse->item.loop->now_ms - since;
	pulse_stop(pulse);
	pulse->terms.ops->over(pulse->terms.context, how);
}

/* Whether bytes have moved since it was looked at last. */
static void
look(struct pulse *pulse)
{
	if (channel_moves(pulse->terms.channel))
		pulse->moved_ms = pulse->item.loop->now_ms;
}

static void
on_pong(struct channel_call *call, const struct rpc_err *error)
{
	struct pulse *pulse = container_of(call, struct pulse, ping);

	pulse->terms.ops->asked(pulse->terms.context, call, error);
	/* Its own bytes are none of what is owed. */
	if (call->reply_bytes > 0)
		channel_moves(pulse->terms.channel);
	if (error->re_status == RPC_SUCCESS) {
		pulse->heard_ms = pulse->item.loop->now_ms;
	} else if (error->re_status == RPC_TIMEDOUT) {
		/* On a slow line an answer comes after all that was asked
		 * before. */
		look(pulse);
		if (pulse->moved_ms <= pulse->asked_ms)
			finish(pulse, PULSE_HANGS);
		else
			pulse->heard_ms = pulse->item.loop->now_ms;
	}
}

static void
ask(struct pulse *pulse)
{
	const struct pulse_terms *terms = &pulse->terms;
	struct channel_question question = {
		.program = terms->service->program,
		.version = terms->service->version,
		.procedure = NULLPROC,
		.auth = terms->auth,
		.ms = terms->channel->to.type == SOCK_DGRAM
		    ? pulse->ping_datagram_ms
		    : pulse->ping_ms,
	};

	pulse->asked_ms = pulse->item.loop->now_ms;
	pulse->ping.done = on_pong;
	channel_send(terms->channel, &pulse->ping, &question);
}

/* When nothing has moved for too long. */
static uint64_t
late_ms(const struct pulse *pulse)
{
	return pulse->terms.limit_ms > TIMER_NEVER - pulse->moved_ms
	    ? TIMER_NEVER
	    : pulse->moved_ms + pulse->terms.limit_ms;
}

/* When it is to be looked at next. */
static void
set_clock(struct pulse *pulse, uint64_t now)
{
	uint64_t next = pulse->heard_ms + pulse->silent_ms;

	if (next <= now)
		next = now + pulse->silent_ms;
	loop_due(&pulse->item, MIN_OF(next, late_ms(pulse)));
}

static void
on_pulse(struct loop_item *item, unsigned int reasons)
{
	struct pulse *pulse = container_of(item, struct pulse, item);
	uint64_t now = item->loop->now_ms;

	(void)reasons;
	if (!pulse->listens)
		return;
	if (now >= late_ms(pulse))
		look(pulse);
	if (now >= late_ms(pulse)) {
		finish(pulse, PULSE_LATE);
		return;
	}
	if (now >= pulse->heard_ms + pulse->silent_ms &&
	    pulse->ping.channel == NULL) {
		look(pulse);
		if (pulse->terms.asks)
			ask(pulse);
	}
	set_clock(pulse, now);
}

int
pulse_init(struct pulse *pulse, struct loop *loop)
{
	*pulse = (struct pulse){
		.silent_ms = 1000,
		.ping_ms = 1000,
		/* It is sent four times in it. */
		.ping_datagram_ms = 1700,
	};
	loop_item_init(&pulse->item, loop, -1, on_pulse, NULL);
	return loop_timed(&pulse->item);
}

void
pulse_deinit(struct pulse *pulse)
{
	pulse_stop(pulse);
	loop_forget(&pulse->item);
}

void
pulse_listen(struct pulse *pulse, const struct pulse_terms *terms)
{
	uint64_t now = clock_now_ms();

	pulse->terms = *terms;
	pulse->listens = true;
	pulse->heard_ms = now;
	pulse->moved_ms = now;
	set_clock(pulse, now);
}

void
pulse_heard(struct pulse *pulse)
{
	pulse->heard_ms = pulse->item.loop->now_ms;
	pulse->moved_ms = pulse->heard_ms;
}

void
pulse_stop(struct pulse *pulse)
{
	pulse->listens = false;
	channel_cancel(&pulse->ping);
}
