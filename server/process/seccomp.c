#include "server/process/seccomp.h"

#include "base/base.h"
#include "base/log.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* SYS_SECCOMP of the kernel, of which the C library's headers know nothing. */
enum { SENT_BY_FILTER = 1 };

/* Where clone(2) has its flags. */
#ifdef __s390x__
enum { CLONE_FLAGS = 1 };
#else
enum { CLONE_FLAGS = 0 };
#endif

#define NAMESPACES                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/*
 * Whatever their arguments.  A name that this processor does not have is left
 * out: those with 64 and 32 in them are for processors with 32 bits.
 */
static const int allowed[] = {
	/* Sockets.  socketcall is all of them, by a number in memory. */
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(bind),
	SCMP_SYS(connect),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt),
	SCMP_SYS(recv),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmmsg),
	SCMP_SYS(recvmmsg_time64),
	SCMP_SYS(recvmsg),
	SCMP_SYS(send),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(setsockopt),
	SCMP_SYS(shutdown),
	/* The event loop, and waiting. */
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(eventfd2),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(timerfd_settime64),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64),
	SCMP_SYS(nanosleep),
	SCMP_SYS(restart_syscall),
	/* Files: which of them, Landlock says. */
	SCMP_SYS(_llseek),
	SCMP_SYS(arm_fadvise64_64),
	SCMP_SYS(close),
	SCMP_SYS(fadvise64),
	SCMP_SYS(fadvise64_64),
	SCMP_SYS(fcntl),
	SCMP_SYS(fcntl64),
	SCMP_SYS(fstat),
	SCMP_SYS(fstat64),
	SCMP_SYS(fstatat64),
	SCMP_SYS(fstatfs),
	SCMP_SYS(fstatfs64),
	SCMP_SYS(lseek),
	SCMP_SYS(newfstatat),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(pread64),
	SCMP_SYS(preadv2),
	SCMP_SYS(pwrite64),
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(statx),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	/* Memory and threads; qsort(3) asks how much there is. */
	SCMP_SYS(brk),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(futex),
	SCMP_SYS(futex_time64),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(rseq),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(sysinfo),
#ifdef __s390x__
	/* All its arguments are in memory there, out of sight. */
	SCMP_SYS(mmap),
#endif
	/* Signals. */
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigreturn),
	/* Who, when and chance. */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(getegid),
	SCMP_SYS(getegid32),
	SCMP_SYS(geteuid),
	SCMP_SYS(geteuid32),
	SCMP_SYS(getgid),
	SCMP_SYS(getgid32),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(getrlimit),
	SCMP_SYS(getrusage),
	SCMP_SYS(gettid),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(getuid),
	SCMP_SYS(getuid32),
	SCMP_SYS(time),
	SCMP_SYS(ugetrlimit),
};

/* A name with several rules: any of them will do. */
struct rule {
	int call;
	unsigned int argument;
	uint64_t mask;
	uint64_t value; /* of the bits in the mask */
};

#define ALL_BITS UINT64_MAX

static const struct rule rules[] = {
	/* Where sockets are made by socketcall, the family is out of sight. */
	{ SCMP_SYS(socket), 0, ALL_BITS, AF_UNIX },
	{ SCMP_SYS(socket), 0, ALL_BITS, AF_INET },
	{ SCMP_SYS(socket), 0, ALL_BITS, AF_INET6 },
	/* The C library asks /dev/null whether it is a terminal. */
	{ SCMP_SYS(ioctl), 1, ALL_BITS, TCGETS },
	{ SCMP_SYS(ioctl), 1, ALL_BITS, SIOCOUTQ },
	/* An entry of rpcbind may have the scope of an IPv6 address. */
	{ SCMP_SYS(ioctl), 1, ALL_BITS, SIOCGIFINDEX },
/* Memory, but no code. */
#if !defined(__i386__) && !defined(__s390x__)
	{ SCMP_SYS(mmap), 2, PROT_EXEC, 0 },
#endif
	{ SCMP_SYS(mmap2), 2, PROT_EXEC, 0 },
	{ SCMP_SYS(mprotect), 2, PROT_EXEC, 0 },
	/* Threads, but no processes. */
	{ SCMP_SYS(clone), CLONE_FLAGS, CLONE_THREAD | NAMESPACES,
	    CLONE_THREAD },
	/* Limits are read; there is nothing to set them to. */
	{ SCMP_SYS(prlimit64), 2, ALL_BITS, 0 },
};

static int
add_rule(scmp_filter_ctx filter, const struct rule *rule)
{
	struct scmp_arg_cmp condition = {
		.arg = rule->argument,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = rule->mask,
		.datum_b = rule->value,
	};

	return seccomp_rule_add_array(
	    filter, SCMP_ACT_ALLOW, rule->call, 1, &condition);
}

/* Signals that it sends itself: abort(3) does. */
static int
allow_own_signals(scmp_filter_ctx filter)
{
	struct rule own = { SCMP_SYS(tgkill), 0, ALL_BITS, 0 };

	own.value = (uint64_t)getpid();
	return add_rule(filter, &own);
}

/* The flags of clone3 are in memory: without it, the C library takes clone. */
static int
hide_clone3(scmp_filter_ctx filter)
{
	return seccomp_rule_add(
	    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int
add_rules(scmp_filter_ctx filter)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(allowed); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(rules); i++)
		r = add_rule(filter, &rules[i]);
	if (r == 0)
		r = allow_own_signals(filter);
	if (r == 0)
		r = hide_clone3(filter);
	return r;
}

static int
set_attributes(scmp_filter_ctx filter)
{
	int r;

	/* Calls as another processor makes them are no better. */
	r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_TRAP);
	/* A tree: each call takes the kernel a few comparisons. */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	return r;
}

/* The call did not happen.  Neither does anything after the return. */
static void
on_denied(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code == SENT_BY_FILTER)
		log_error_in_handler("denied system call number=",
		    (unsigned int)info->si_syscall);
	raise(number);
}

static int
handle_denied(void)
{
	struct sigaction action = {
		.sa_sigaction = on_denied,
		.sa_flags = SA_SIGINFO | SA_RESETHAND,
	};

	sigemptyset(&action.sa_mask);
	return sigaction(SIGSYS, &action, NULL) < 0 ? -errno : 0;
}

int
seccomp_enter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int r;

	if (filter == NULL)
		return -ENOMEM;
	r = set_attributes(filter);
	if (r == 0)
		r = add_rules(filter);
	if (r == 0)
		r = handle_denied();
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}
