# reverse: an ONC RPC service.  `make help` lists the targets.
#
# Everything made goes to $(BUILD).  All paths are relative, so the tree may
# stand in a folder whose name has spaces.  Each folder of sources is a layer
# and becomes an archive; a program links its own folder and those below.

CC      ?= cc
CFLAGS  ?= -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2
PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
PKG_CONFIG ?= pkg-config
V       ?= 0
WERROR  ?= 0

VERSION := $(shell cat VERSION)
GEN     := $(BUILD)/gen

COMMON_SRC := common/buffer.c common/clock.c common/fifo.c common/hash.c \
	common/log.c common/option.c common/option_kind.c \
	common/option_print.c common/runtime.c common/timers.c
TEXT_SRC := text/cluster.c text/kernel.c text/kernel_avx2.c \
	text/kernel_avx512.c text/kernel_portable.c text/kernel_x86.c \
	text/pieces.c text/rules_avx512.c text/tables.c text/text.c \
	text/units.c text/utf8.c text/walk.c text/whole.c
TRANSPORT_SRC := transport/address.c transport/admission.c \
	transport/call.c transport/connection.c transport/credential.c \
	transport/datagram.c transport/datagram_io.c transport/deadlines.c \
	transport/engine.c transport/header.c transport/listener.c \
	transport/nothing.c transport/ping.c transport/record.c \
	transport/registry.c transport/rpcbind.c transport/site.c \
	transport/socket_file.c transport/ticket.c transport/universal.c \
	transport/xdrbuf.c transport/xprt.c
SERVER_SRC := server/daemon.c server/landlock.c server/listen.c \
	server/memory.c server/privileges.c server/result.c \
	server/sandbox.c server/seccomp.c server/service.c \
	server/settings.c server/streaming.c \
	server/streams/checker.c server/streams/directory.c \
	server/streams/methods.c server/streams/opening.c \
	server/streams/parked.c server/streams/spool.c \
	server/streams/stream.c server/streams/streams.c \
	server/streams/table.c server/streams/whole.c
CLIENT_SRC := client/arguments.c client/collect.c client/commands.c \
	client/describe.c client/each.c client/endpoint.c client/explain.c \
	client/files.c client/getaddr.c client/greet.c client/help.c \
	client/input.c client/json.c client/lines.c client/link.c \
	client/locate.c client/output.c client/pieces.c client/ping.c \
	client/procedure.c client/resolve.c client/say.c client/send.c \
	client/session.c client/settings.c client/spell.c client/status.c \
	client/stream.c client/streaming.c client/watch.c client/whoami.c \
	client/whole.c

# Unit tests: one program each.
UNIT_TESTS := test/unit/address.c test/unit/admission.c test/unit/buffer.c \
	test/unit/connection.c test/unit/datagram.c test/unit/fifo.c \
	test/unit/golden.c test/unit/hash.c \
	test/unit/header.c test/unit/listener.c test/unit/log.c \
	test/unit/option.c test/unit/option_text.c \
	test/unit/ping.c test/unit/privileges.c \
	test/unit/record.c test/unit/runtime.c \
	test/unit/sandbox_calls.c test/unit/sandbox_files.c test/unit/site.c \
	test/unit/socket_file.c test/unit/spool.c test/unit/ticket.c \
	test/unit/timers.c test/unit/turns.c test/unit/universal.c
CLIENT_TESTS := test/unit/client_datagram.c test/unit/client_link.c \
	test/unit/client_session.c test/unit/client_words.c
TEXT_TESTS := test/text/backward_test.c test/text/bounds_test.c \
	test/text/conformance_test.c \
	test/text/kernels_test.c test/text/pieces_test.c \
	test/text/reverse_test.c test/text/roundtrip_test.c

# The two ends of a stream, each by itself and against each other.
STREAM_TESTS := test/streams/bounds_test.c test/streams/client_test.c \
	test/streams/datagram_test.c \
	test/streams/ends_test.c \
	test/streams/methods_test.c test/streams/rules_test.c \
	test/streams/simulate.c

# For libFuzzer, one file each in test/fuzz; each has a corpus there.
FUZZ_TARGETS := call datagram record settings streams text

# Those that send raw bytes; the longest come first.
PYTHON_TESTS := $(patsubst %,test/hostile/%.py,attacked deadlines \
	descriptors disk limits shares streams) \
	$(patsubst %,test/wire/%.py,datagrams messages errors records)

TIRPC_CFLAGS := $(subst -I,-isystem ,$(shell $(PKG_CONFIG) --cflags libtirpc))
TIRPC_LIBS   := $(shell $(PKG_CONFIG) --libs libtirpc)
EVENT_LIBS   := $(shell $(PKG_CONFIG) --libs libevent_core)
SECCOMP_LIBS := $(shell $(PKG_CONFIG) --libs libseccomp)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wvla -Wformat=2
ifneq ($(WERROR),0)
WARN += -Werror
endif
STD  := -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -pthread
OWN  := $(STD) $(WARN) -I. -isystem $(GEN) $(TIRPC_CFLAGS) \
	-DREVERSE_VERSION='"$(VERSION)"'
# What rpcgen writes is compiled as it is, with the warnings it is known for
# switched off.
GENERATED := $(STD) -Wall -Wextra -Wno-unused-variable \
	-Wno-cast-function-type -Wno-unused-parameter -I$(GEN) $(TIRPC_CFLAGS)

ifeq ($(V),0)
Q = @
say = @echo '  $(1)  $(2)';
endif

objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
GEN_SRC := $(GEN)/reverse_xdr.c $(GEN)/reverse_svc.c $(GEN)/reverse_clnt.c \
	$(GEN)/schema.c

all: $(BUILD)/reversed $(BUILD)/reverse

# rpcgen writes the path of its input into #include lines and refuses to
# overwrite: give it a copy in its own folder, and remove its output first.
$(GEN)/reverse.x: reverse.x
	@mkdir -p $(@D)
	$(Q)cp reverse.x $@

rpcgen = cd $(GEN) && rm -f $(1) && rpcgen -C -M $(2) -o $(1) reverse.x

$(GEN)/reverse.h: $(GEN)/reverse.x
	$(call say,RPCGEN,$@)$(call rpcgen,reverse.h,-h)
$(GEN)/reverse_xdr.c: $(GEN)/reverse.x $(GEN)/reverse.h
	$(call say,RPCGEN,$@)$(call rpcgen,reverse_xdr.c,-c)
$(GEN)/reverse_svc.c: $(GEN)/reverse.x $(GEN)/reverse.h
	$(call say,RPCGEN,$@)$(call rpcgen,reverse_svc.c,-m)
$(GEN)/reverse_clnt.c: $(GEN)/reverse.x $(GEN)/reverse.h
	$(call say,RPCGEN,$@)$(call rpcgen,reverse_clnt.c,-l)

# The interface as the daemon hands it out.
$(GEN)/schema.c: $(GEN)/reverse.x
	$(call say,EMBED,$@){ \
		echo '#include <stddef.h>'; \
		echo 'const unsigned char schema_text[] = {'; \
		od -An -v -tu1 reverse.x | sed 's/[0-9][0-9]*/&,/g'; \
		echo '};'; \
		echo 'const size_t schema_size = sizeof(schema_text);'; \
	} >$@

$(GEN)/%.o: $(GEN)/%.c
	$(call say,CC,$<)$(CC) $(GENERATED) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.c | $(GEN)/reverse.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(OWN) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libcommon.a: $(call objects,$(COMMON_SRC))
$(BUILD)/libtext.a: $(call objects,$(TEXT_SRC))
$(BUILD)/libserver.a: $(call objects,$(SERVER_SRC))
$(BUILD)/libclient.a: $(call objects,$(CLIENT_SRC))
$(BUILD)/libtransport.a: $(call objects,$(TRANSPORT_SRC))
$(BUILD)/libgen.a: $(patsubst %.c,%.o,$(GEN_SRC))
$(BUILD)/lib%.a:
	@mkdir -p $(@D)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

LAYERS := $(BUILD)/libtransport.a $(BUILD)/libgen.a $(BUILD)/libtext.a \
	$(BUILD)/libcommon.a
LIBS := $(EVENT_LIBS) $(TIRPC_LIBS) $(SECCOMP_LIBS) -pthread

$(BUILD)/reversed: $(BUILD)/server/main.o $(BUILD)/libserver.a $(LAYERS)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/reverse: $(BUILD)/client/main.o $(BUILD)/libclient.a $(LAYERS)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ \
		$(TIRPC_LIBS) -pthread

# test/unit/x.c becomes build/test/unit/x
UNIT_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(UNIT_TESTS) $(CLIENT_TESTS) \
	$(TEXT_TESTS) $(STREAM_TESTS))
$(UNIT_PROGRAMS): $(BUILD)/%: $(BUILD)/%.o $(LAYERS)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ \
		$(filter %.o,$^) $(filter-out $(LAYERS),$(filter %.a,$^)) \
		$(LAYERS) $(LIBS) -lcmocka
$(addprefix $(BUILD)/test/unit/,admission connection listener ticket turns): \
	$(BUILD)/test/unit/peer.o
$(filter $(BUILD)/test/unit/client_%,$(UNIT_PROGRAMS)): \
	$(BUILD)/test/unit/script.o $(BUILD)/libclient.a
STREAM_PROGRAMS := $(filter $(BUILD)/test/streams/%,$(UNIT_PROGRAMS))
$(STREAM_PROGRAMS): $(BUILD)/libserver.a $(BUILD)/libclient.a \
	$(BUILD)/test/streams/fake_disk.o
$(filter %_test,$(STREAM_PROGRAMS)): $(BUILD)/test/streams/bench.o
$(BUILD)/test/streams/simulate: $(addprefix $(BUILD)/test/streams/, \
	invariants.o script.o world.o world_client.o world_net.o \
	world_server.o)
$(addprefix $(BUILD)/test/unit/,privileges sandbox_calls sandbox_files \
	spool): \
	$(BUILD)/libserver.a
$(addprefix $(BUILD)/test/unit/,sandbox_calls sandbox_files): \
	$(BUILD)/test/unit/sandboxed.o

# Each target of libFuzzer by itself, and with what runs its corpus once.
FUZZERS := $(addprefix $(BUILD)/test/fuzz/,$(FUZZ_TARGETS))
REPLAYS := $(addprefix $(BUILD)/test/fuzz/replay-,$(FUZZ_TARGETS))
$(REPLAYS): $(BUILD)/test/fuzz/replay-%: $(BUILD)/test/fuzz/replay.o
$(FUZZERS): FUZZER_MAIN := -fsanitize=fuzzer
$(FUZZERS): $(BUILD)/test/fuzz/%: $(BUILD)/test/fuzz/%.o
$(REPLAYS): $(BUILD)/test/fuzz/replay-%: $(BUILD)/test/fuzz/%.o
$(FUZZERS) $(REPLAYS): $(BUILD)/test/streams/fake_disk.o \
	$(BUILD)/test/streams/invariants.o $(BUILD)/libserver.a $(LAYERS)
$(addprefix $(BUILD)/test/fuzz/,call replay-call datagram replay-datagram): \
	$(BUILD)/test/fuzz/reply.o $(BUILD)/test/fuzz/serving.o
$(addprefix $(BUILD)/test/fuzz/,streams replay-streams): \
	$(BUILD)/test/fuzz/talk.o
$(FUZZERS) $(REPLAYS):
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) $(FUZZER_MAIN) -o $@ \
		$(filter %.o,$^) $(filter %.a,$^) $(LIBS)

# A build of their own, by the compiler that has libFuzzer.
FUZZ_FLAGS := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
	-fsanitize=fuzzer-no-link,address,undefined
fuzz-programs: $(FUZZERS)
fuzz:
	@FUZZ='$(BUILD)/fuzz' FUZZ_FLAGS='$(FUZZ_FLAGS)' \
		sh test/fuzz/run $(FUZZ_TARGETS)

TEXT_PROGRAMS := $(filter $(BUILD)/test/text/%,$(UNIT_PROGRAMS)) \
	$(BUILD)/test/text/segment
$(TEXT_PROGRAMS): $(BUILD)/test/text/samples.o
$(BUILD)/test/text/segment: $(BUILD)/test/text/segment.o $(BUILD)/libtext.a
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/test/bench/text: $(BUILD)/test/bench/text.o $(BUILD)/libtext.a
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

bench-text: $(BUILD)/test/bench/text
	@set -e; sh test/bench/corpora '$(BUILD)/bench'; \
	cd '$(BUILD)/bench'; ../test/bench/text $(BENCH_FLAGS) \
	english french russian japanese hindi jamo emoji chat flags marks \
	conjuncts jamo-run joined prepended cr-run mixed

check-unit: $(UNIT_PROGRAMS)
	$(Q)set -e; for t in $(UNIT_PROGRAMS); do "$$t"; done

# The textbook server as the benchmark starts it: what rpcgen makes without
# -M, by the flags of everything else, and a main() of our own.
TEXTBOOK := $(BUILD)/test/bench/textbook
$(TEXTBOOK): test/bench/textbook.c test/stock/server.c reverse.x
	@rm -rf $@.gen && mkdir -p $@.gen && cp reverse.x $@.gen
	$(Q)cd $@.gen && rpcgen -h -o reverse.h reverse.x && \
		rpcgen -c -o reverse_xdr.c reverse.x && \
		rpcgen -m -o reverse_svc.c reverse.x
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -w -I$@.gen \
		$(TIRPC_CFLAGS) -o $@ $(filter %.c,$^) $@.gen/*.c \
		$(TIRPC_LIBS)

$(BUILD)/test/bench/calls: $(BUILD)/test/bench/calls.o
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

# The scripts are told where the programs are; MESSAGE and the like reach them
# by the environment, never through a command line of make's.
tell = BUILD='$(BUILD)'

demo: all
	@$(tell) sh scripts/show

# Preloaded into a daemon, with whatever flags that was built.
SLOW_DISK := $(BUILD)/test/lib/disk.so
$(SLOW_DISK): test/lib/disk.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -D_GNU_SOURCE -O1 -shared -fPIC -o $@ $<

test-programs: all $(UNIT_PROGRAMS) $(REPLAYS) $(SLOW_DISK)

SHELL_TESTS ?= $(wildcard test/shell/*.t)
test: test-programs
	@$(tell) sh test/run $(PYTHON_TESTS) $(UNIT_PROGRAMS) $(REPLAYS) \
		$(SHELL_TESTS)

bench: all $(TEXTBOOK) $(BUILD)/test/bench/calls
	@$(tell) python3 -B test/bench/calls.py

# What hostile peers cost everybody else, and how the textbook server fares.
hostile: all $(SLOW_DISK)
	@$(tell) python3 -B test/hostile/report.py

hostile-textbook: $(TEXTBOOK)
	@$(tell) python3 -B test/hostile/textbook.py

test-all:
	@sh scripts/setup test-all
	@$(tell) sh test/run-all

lint:
	shellcheck -x $$(grep -rlE '^#!/(bin/sh|usr/bin/env bash)$$' \
		scripts test .ci)
	mandoc -T lint -W warning $(wildcard man/*)
	sh scripts/check-layers
	sh scripts/check-form

# Manuals show the version they were made for.
MANUALS := $(BUILD)/man/reverse.1 $(BUILD)/man/reversed.8
$(BUILD)/man/%: man/% VERSION
	@mkdir -p $(@D)
	$(call say,MAN,$@)sed 's/^\.Os$$/.Os "reverse $(VERSION)"/' $< >$@

# Every file that install puts, in the order of the commands below.
D := $(DESTDIR)$(PREFIX)
INSTALLED := bin/reverse sbin/reversed share/man/man1/reverse.1 \
	share/man/man8/reversed.8 share/reverse/reverse.x share/reverse/LICENSE

install: all $(MANUALS)
	install -d "$D/bin" "$D/sbin" "$D/share/man/man1" "$D/share/man/man8" \
		"$D/share/reverse"
	install -m 755 $(BUILD)/reverse "$D/bin"
	install -m 755 $(BUILD)/reversed "$D/sbin"
	install -m 644 $(BUILD)/man/reverse.1 "$D/share/man/man1"
	install -m 644 $(BUILD)/man/reversed.8 "$D/share/man/man8"
	install -m 644 reverse.x LICENSE "$D/share/reverse"

uninstall:
	for file in $(INSTALLED); do rm -f "$D/$$file"; done
	-rmdir "$D/share/reverse"

help:
	@echo 'make             build $(BUILD)/reversed and $(BUILD)/reverse'
	@echo 'make demo        show them at work; MESSAGE=... reverses that'
	@echo 'make test        every test, in two minutes or so'
	@echo 'make test-all    every test in every build: compilers,'
	@echo '                 sanitizers, valgrind, 32-bit, big-endian'
	@echo 'make fuzz        each target of libFuzzer for a minute, or for'
	@echo '                 FUZZ_SECONDS=...'
	@echo 'make lint        the form of the sources, scripts and manuals'
	@echo 'make bench       calls a second, beside the textbook server'
	@echo 'make hostile     what hostile peers cost everybody else'
	@echo 'make bench-text  GB/s of reversal, beside memcpy, rev and tac'
	@echo 'make install     to PREFIX ($(PREFIX)) below DESTDIR'
	@echo 'make uninstall   remove what install put there'
	@echo 'make clean       remove $(BUILD)'
	@echo 'Variables: CC CFLAGS LDFLAGS BUILD PREFIX DESTDIR; V=1 shows'
	@echo 'the commands, WERROR=1 makes warnings errors.'

clean:
	rm -rf $(BUILD)

# The stages of test-all have build folders of their own in $(BUILD)/all, fuzz
# has $(BUILD)/fuzz, and other architectures their roots in $(BUILD)/foreign.
-include $(shell [ -d $(BUILD) ] && \
	find $(BUILD) \( -path $(BUILD)/all -o -path $(BUILD)/fuzz \
	-o -path $(BUILD)/foreign \) -prune -o -name '*.d' -print)

.PHONY: all bench bench-text check-unit demo fuzz fuzz-programs hostile \
	hostile-textbook test-programs test test-all lint install uninstall \
	help clean
.PRECIOUS: $(BUILD)/%.o
.DELETE_ON_ERROR:
