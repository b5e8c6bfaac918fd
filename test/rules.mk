# The tests, part of the Makefile.
#
# A unit test is test/unit/.../NAME_test.c, and becomes a program.  What tests
# share is in test/lib, in an archive of which each program takes what it uses.

UNIT_PROGRAMS := $(patsubst %.c,$(BUILD)/%, \
	$(wildcard $(addprefix test/unit/,*/*_test.c */*/*_test.c)))

# For libFuzzer, one file each in test/fuzz; each has a corpus there.
FUZZ_TARGETS := call datagram record reply schema settings streams text

# Those that send raw bytes.  The first lines measure time, and have no company
# that takes the processors; how long others wait takes a minute.
BRIEF_TIMED_TESTS := $(patsubst %,test/hostile/%.py,deadlines disk promises \
	descriptors) test/wire/workers.py
TIMED_TESTS := test/hostile/honest_waits.py $(BRIEF_TIMED_TESTS)
PYTHON_TESTS := $(patsubst %,test/hostile/%.py,allocations limits memory \
	shares stopped weather) \
	$(patsubst %,test/wire/%.py,datagrams messages errors records streams) \
	test/lies/lies.py

$(BUILD)/libtest.a: $(patsubst %.c,$(BUILD)/%.o, \
	$(filter-out $(patsubst %,test/lib/%.c,allocations disk noset), \
	$(wildcard test/lib/*.c)))

# The two programs have names in common: a test sees one of them.
end = $(if $(findstring /client/,$(1)),client,server)
.SECONDEXPANSION:
$(UNIT_PROGRAMS): %: %.o $(BUILD)/libtest.a \
	$(BUILD)/lib$$(call end,$$@).a $(LAYERS)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) \
		$(JSON_LIBS) -lcmocka

# It runs the program.
$(BUILD)/test/unit/client/main_test: | $(BUILD)/reverse

SIMULATE := $(BUILD)/test/simulation/simulate
$(SIMULATE): $(call objects,test/simulation) $(BUILD)/libtest.a $(LAYERS)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

# Each target of libFuzzer by itself, and with what runs its corpus once.
FUZZERS := $(addprefix $(BUILD)/test/fuzz/,$(FUZZ_TARGETS))
REPLAYS := $(addprefix $(BUILD)/test/fuzz/replay-,$(FUZZ_TARGETS))
$(REPLAYS): $(BUILD)/test/fuzz/replay-%: $(BUILD)/test/fuzz/replay.o
$(FUZZERS): FUZZER_MAIN := -fsanitize=fuzzer
$(FUZZERS): $(BUILD)/test/fuzz/%: $(BUILD)/test/fuzz/%.o
$(REPLAYS): $(BUILD)/test/fuzz/replay-%: $(BUILD)/test/fuzz/%.o
$(FUZZERS) $(REPLAYS): $(BUILD)/libtest.a $(BUILD)/libserver.a $(LAYERS)
$(addprefix $(BUILD)/test/fuzz/,call replay-call datagram replay-datagram): \
	$(BUILD)/test/fuzz/judge.o $(BUILD)/test/fuzz/served.o
$(addprefix $(BUILD)/test/fuzz/,streams replay-streams): \
	$(BUILD)/test/fuzz/talk.o
$(FUZZERS) $(REPLAYS):
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) $(FUZZER_MAIN) -o $@ \
		$(filter %.o,$^) $(filter %.a,$^) $(LIBS) $(JSON_LIBS)

# A build of their own, by the compiler that has libFuzzer.
FUZZ_FLAGS := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
	-fsanitize=fuzzer-no-link,address,undefined
fuzz-programs: $(FUZZERS)
fuzz:
	@FUZZ='$(BUILD)/fuzz' FUZZ_FLAGS='$(FUZZ_FLAGS)' \
		sh test/fuzz/run $(FUZZ_TARGETS)

SEGMENT := $(BUILD)/test/unit/text/segment
$(SEGMENT): $(SEGMENT).o $(BUILD)/libtext.a
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

# The textbook server and client as the benchmarks start them: what rpcgen makes
# without -M, by the flags of everything else, and a main() of our own.
TEXTBOOK := $(BUILD)/test/bench/textbook
TEXTBOOK_CLIENT := $(BUILD)/test/bench/textbook_client
$(TEXTBOOK): test/bench/textbook.c test/bench/measure.c test/stock/server.c \
	reverse.x
$(TEXTBOOK): GENERATES := -m -o reverse_svc.c
$(TEXTBOOK_CLIENT): test/bench/textbook_client.c reverse.x
$(TEXTBOOK_CLIENT): GENERATES := -l -o reverse_clnt.c
$(TEXTBOOK) $(TEXTBOOK_CLIENT):
	@rm -rf $@.gen && mkdir -p $@.gen && cp reverse.x $@.gen
	$(Q)cd $@.gen && rpcgen -h -o reverse.h reverse.x && \
		rpcgen -c -o reverse_xdr.c reverse.x && \
		rpcgen $(GENERATES) reverse.x
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -w -D_GNU_SOURCE \
		-I$@.gen -I. $(TIRPC_CFLAGS) -o $@ $(filter %.c,$^) $@.gen/*.c \
		$(TIRPC_LIBS)

# What all that measure have in common, and then each: RAW, the limit; load,
# which drives all that serve reverse.x; handles of libtirpc and of ours.
MEASURED := $(addprefix $(BUILD)/test/bench/,measure.o)
BENCH_PROGRAMS := $(addprefix $(BUILD)/test/bench/,raw raw_server load stock \
	channel handle)
$(BENCH_PROGRAMS): %: %.o $(MEASURED) $(LAYERS)
$(BUILD)/test/bench/load: $(addprefix $(BUILD)/test/bench/,streams.o rpc.o)
$(BENCH_PROGRAMS):
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
		$(filter %.a,$^) $(LIBS)

# gRPC, where there is one.
GRPC := $(addprefix $(BUILD)/test/bench/,grpc_server grpc_load)
GRPC_GEN := $(BUILD)/test/bench/grpc.gen
CXX ?= c++
$(GRPC_GEN)/made: test/bench/reverse.proto
	@mkdir -p $(@D)
	$(call say,PROTOC,$<)protoc -I test/bench --cpp_out=$(@D) \
		--grpc_out=$(@D) --python_out=$(@D) \
		--plugin=protoc-gen-grpc="$$(command -v grpc_cpp_plugin)" $<
	@touch $@
$(GRPC): $(BUILD)/%: %.cc $(GRPC_GEN)/made $(MEASURED) $(BUILD)/libtext.a
	$(call say,CXX,$@)$(CXX) -std=c++17 -pthread -D_GNU_SOURCE $(CFLAGS) \
		$(LDFLAGS) -I. -isystem $(GRPC_GEN) -o $@ $< $(GRPC_GEN)/*.cc \
		$(filter-out %/made,$(filter %.o %.a,$^)) \
		$$($(PKG_CONFIG) --cflags --libs grpc++ protobuf)

# ntirpc, where there is one: its headers stand for libtirpc's.
NTIRPC := $(BUILD)/test/bench/ntirpc_server
$(NTIRPC): test/bench/ntirpc_server.c $(MEASURED) $(BUILD)/libtext.a
	$(call say,CC,$@)$(CC) $(OWN) $(CFLAGS) $(LDFLAGS) -I. \
		$$($(PKG_CONFIG) --cflags libntirpc | \
		sed 's/-I/-isystem /') -o $@ $^ \
		$$($(PKG_CONFIG) --libs libntirpc)

# The cases of gRPC's interop tests, twice: with our channels; and by libtirpc
# and what rpcgen makes of reverse.x, in which nothing else of this tree is.
INTEROP := $(BUILD)/test/interop/ours $(BUILD)/test/interop/stock
INTEROP_CASES := $(filter-out %/ours.c %/stock.c,$(wildcard test/interop/*.c))
$(BUILD)/test/interop/ours: $(BUILD)/test/interop/ours.o \
	$(patsubst %.c,$(BUILD)/%.o,$(INTEROP_CASES)) $(LAYERS)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/test/interop/stock: reverse.x test/interop/stock.c \
	$(INTEROP_CASES) $(wildcard test/interop/*.h)
	@rm -rf $@.gen && mkdir -p $@.gen && cp reverse.x $@.gen
	$(Q)cd $@.gen && rpcgen -C -M -h -o reverse.h reverse.x && \
		rpcgen -C -M -c -o reverse_xdr.c reverse.x && \
		rpcgen -C -M -l -o reverse_clnt.c reverse.x
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -w -I. -I$@.gen -pthread \
		$(TIRPC_CFLAGS) -o $@ $(filter %.c,$^) $@.gen/*.c \
		$(TIRPC_LIBS)

# Preloaded into a daemon, with whatever flags that was built.
PRELOADS := $(patsubst %,$(BUILD)/test/lib/%.so,allocations disk)
$(PRELOADS): $(BUILD)/%.so: %.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -D_GNU_SOURCE -O1 -shared -fPIC -o $@ $<

test-programs: all $(UNIT_PROGRAMS) $(SIMULATE) $(REPLAYS) $(PRELOADS) \
	$(INTEROP)

# The longest come first.
LONGEST := test/hostile/stopped.py \
	$(patsubst %,test/shell/%.t,client-links udp registry) \
	$(BUILD)/test/unit/client/driver/driver_lost_test \
	$(patsubst %,test/shell/%.t,progress client options bench client-find) \
	$(patsubst %,$(BUILD)/test/unit/client/%_test,session/find \
	session/call_lost session/pulse driver/carrier) test/hostile/weather.py
SHELL_TESTS ?= $(wildcard test/shell/*.t)
# gRPC's cases, by their names there.
INTEROP_TESTS ?= $(wildcard test/interop/*.t)
# What the sources and the archives show without being run.
LINT_TESTS := $(wildcard test/lint/*.py test/lint/*.t)
TESTS = $(PYTHON_TESTS) $(SHELL_TESTS) $(INTEROP_TESTS) $(LINT_TESTS) \
	$(SIMULATE) $(UNIT_PROGRAMS) $(REPLAYS)
test: test-programs
	@$(tell) TEST_TIMED='$(TIMED_TESTS)' sh test/run \
		$(foreach test,$(LONGEST),$(filter $(test),$(TESTS))) \
		$(filter-out $(LONGEST),$(TESTS))

# The client's tests, as far as they need no more of a server than reverse.x
# says, against one that was written from it; what is skipped needs the daemon.
test-prose: all
	@$(tell) TEST_SERVER=test/stock/server.py sh test/run \
		test/wire/streams.py test/wire/datagrams.py \
		$$(grep -lE 'daemon_start|scripts/start' test/shell/*.t)

# How fast all of it is, beside others: ROUNDS=..., PEERS=all, COLUMNS=...
bench: all $(TEXTBOOK) $(BENCH_PROGRAMS)
	@if $(PKG_CONFIG) --exists grpc++ protobuf && command -v protoc \
		grpc_cpp_plugin >/dev/null; then \
		$(MAKE) -s --no-print-directory bench-grpc; fi
	@if $(PKG_CONFIG) --exists libntirpc; then \
		$(MAKE) -s --no-print-directory bench-ntirpc; fi
	@$(tell) python3 -B test/bench/bench.py

bench-grpc: $(GRPC)
bench-ntirpc: $(NTIRPC)

# How fast the client is, beside libtirpc's, rev, tac and a raw client.
bench-client: all $(TEXTBOOK) $(BENCH_PROGRAMS)
	@$(tell) python3 -B test/bench/client.py

# What a second worker brings: ROUNDS=...
bench-workers: all $(BUILD)/test/bench/load
	@$(tell) python3 -B test/bench/workers.py

# How the client fares where datagrams get lost, servers hang, time is short.
bench-weather: all $(TEXTBOOK_CLIENT) $(BUILD)/test/bench/handle
	@$(tell) python3 -B test/bench/weather.py

# Random streams in a bad network; WEATHER_STREAMS of them.
WEATHER_STREAMS ?= 10000
weather: all
	@$(tell) WEATHER_STREAMS='$(WEATHER_STREAMS)' WEATHER_BYTES=134217728 \
		python3 -B test/hostile/weather.py
	@$(tell) python3 -B test/hostile/weather_long.py

# What hostile peers cost everybody else, and how the textbook server fares.
hostile: all $(PRELOADS)
	@$(tell) python3 -B test/hostile/report.py

# What the client makes of servers that lie.
lies: all
	@$(tell) python3 -B test/lies/report.py

hostile-textbook: $(TEXTBOOK)
	@$(tell) python3 -B test/hostile/textbook.py

test-all:
	@sh scripts/setup test-all
	@$(tell) sh test/run-all

# Small faults, and whether the tests notice them; but those that measure time
# may notice a busy machine instead.
print-tests:
	@printf '%s\n' $(TESTS)
mutants:
	@$(tell) python3 -B test/mutants/run.py

lint: all
	@$(tell) sh test/run $(LINT_TESTS)
	shellcheck -x $$(grep -rlE '^#!/(bin/sh|usr/bin/env bash)$$' \
		scripts test .ci)
	mandoc -T lint -W warning $(wildcard man/*)
	find * -path build -prune -o -name '*.[ch]' ! -name 'tables.*' \
		-exec clang-format --dry-run -Werror {} +
	sh scripts/check-form

.PHONY: bench bench-client bench-grpc bench-ntirpc bench-text bench-weather \
	bench-workers check-unit fuzz fuzz-programs hostile hostile-textbook \
	lies lint mutants print-tests test test-all test-programs test-prose \
	weather
