# reverse: an ONC RPC service.  `make help` lists the targets.
#
# Everything made goes to $(BUILD).  All paths are relative, so the tree may
# stand in a folder whose name has spaces.  Sources are found by wildcard: a
# new file needs no line here.  What is for tests is in test/rules.mk.

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

# The layers: what the sources of each folder may include, beside their own
# folder.  The compiler proves it: a folder is compiled with a view of the tree
# that has links to these and to nothing else.
NET     := base rpcloop/loop rpcloop/wire rpcloop/net
SERVE   := $(NET) rpcloop/auth rpcloop/serve
CALL    := $(NET) rpcloop/call
SESSION := $(CALL) option schema client/settings.h client/exit_code.h \
	client/terminal client/page
DRIVER  := $(SESSION) stream client/session

SEES.base           :=
SEES.option         := base
SEES.text           :=
SEES.schema         := base
SEES.rpcloop/loop   := base
SEES.rpcloop/wire   := base
SEES.rpcloop/net    := $(NET)
SEES.rpcloop/auth   := $(NET)
SEES.rpcloop/serve  := $(SERVE)
SEES.rpcloop/call   := $(CALL)
SEES.rpcloop/bind   := $(CALL)
SEES.stream         := base
SEES.stream/method  := base text stream
SEES.stream/server  := base stream
SEES.stream/client  := base stream/segment.h stream/method/traits.h
SEES.server/process := base rpcloop/loop
SEES.server/spool   := base stream/server/disk.h
SEES.server/service := $(SERVE) text option stream server/spool \
	schema/texts.h server/settings.h
SEES.server         := $(SERVE) rpcloop/call rpcloop/bind text option schema \
	stream
SEES.client/terminal := base text client/exit_code.h
SEES.client/page    := base schema
SEES.client/session := $(SESSION)
SEES.client/driver  := $(DRIVER)
SEES.client/bench   := $(DRIVER) text client/driver
SEES.client/commands := $(DRIVER) client/driver client/bench
SEES.client         := $(DRIVER) client/driver client/commands
FOLDERS := $(sort $(patsubst SEES.%,%,$(filter SEES.%,$(.VARIABLES))))

# Folders that may include <rpc/...>, and those that may include what rpcgen
# makes of reverse.x as well.
KNOW_RPC     := $(addprefix rpcloop/,wire auth serve call bind)
KNOW_REVERSE := $(filter-out client/terminal client/page, \
	$(filter stream% server% client%,$(FOLDERS)))

sources = $(wildcard $(1)/*.c $(1)/*/*.c)

TIRPC_CFLAGS := $(subst -I,-isystem ,$(shell $(PKG_CONFIG) --cflags libtirpc))
TIRPC_LIBS   := $(shell $(PKG_CONFIG) --libs libtirpc)
# A command that runs for a millisecond spends half of it on loading what
# libtirpc.so needs, Kerberos above all, and calls none of it: where there is an
# archive, the client has of it what it uses.  But sanitizers stand between a
# program and the functions of the library.
ifeq ($(findstring -fsanitize,$(CFLAGS) $(LDFLAGS)),)
TIRPC_ARCHIVE := $(filter /%,$(shell $(CC) $(CFLAGS) $(LDFLAGS) \
	-print-file-name=libtirpc.a))
endif
CLIENT_TIRPC  := $(if $(TIRPC_ARCHIVE),-l:libtirpc.a,$(TIRPC_LIBS))

SECCOMP_LIBS := $(shell $(PKG_CONFIG) --libs libseccomp)

# For the client alone, which has an archive of it for the same reason.
JSON_LIBS := $(shell $(PKG_CONFIG) --libs json-c)
ifneq ($(TIRPC_ARCHIVE),)
JSON_ARCHIVE := $(filter /%,$(shell $(CC) $(CFLAGS) $(LDFLAGS) \
	-print-file-name=libjson-c.a))
endif
CLIENT_JSON := $(if $(JSON_ARCHIVE),-l:libjson-c.a,$(JSON_LIBS))

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wvla -Wformat=2
ifneq ($(WERROR),0)
WARN += -Werror
endif
STD  := -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -pthread
OWN  := $(STD) $(WARN) -DREVERSE_VERSION='"$(VERSION)"'
# What rpcgen writes is compiled as it is, with the warnings it is known for
# switched off; but it calls functions of rpcloop/wire/generated.h.
GENERATED = $(STD) -include rpcloop/wire/generated.h -Wall -Wextra \
	-Wno-unused-variable -Wno-cast-function-type -Wno-unused-parameter \
	-I$(GEN) -I$(call view,rpcloop/wire) $(TIRPC_CFLAGS)

# Where a source of a folder finds headers: in its view; tests see all.
VIEWS := $(BUILD)/see
view  = $(VIEWS)/$(subst /,-,$(1))
finds = $(if $(filter $(1),$(FOLDERS)),-I$(call view,$(1)),-I.) \
	$(if $(filter $(KNOW_RPC) $(KNOW_REVERSE) test%,$(1)),$(TIRPC_CFLAGS)) \
	$(if $(filter $(KNOW_REVERSE) test%,$(1)),-isystem $(GEN))
compile = $(CC) $(OWN) $(call finds,$(1)) $(CFLAGS)

ifeq ($(V),0)
Q = @
say = @echo '  $(1)  $(2)';
endif

objects = $(patsubst %.c,$(BUILD)/%.o,$(call sources,$(1)))
DISSECTOR := $(patsubst %,$(GEN)/dissector_%.c,fields values messages)
GEN_SRC := $(GEN)/reverse_xdr.c $(GEN)/reverse_svc.c $(GEN)/reverse_clnt.c \
	$(GEN)/schema.c $(GEN)/rpc_x.c $(GEN)/rpcbind_x.c \
	$(DISSECTOR) $(GEN)/page_html.c

all: $(BUILD)/reversed $(BUILD)/reverse

# rpcgen writes the path of its input into #include lines and refuses to
# overwrite: give it a copy in its own folder, and remove its output first.
$(GEN)/reverse.x: reverse.x
	@mkdir -p $(@D)
	$(Q)cp reverse.x $@

RPCGEN := rpcgen -C -M
rpcgen = cd $(GEN) && rm -f $(1) && $(RPCGEN) $(2) -o $(1) reverse.x

$(GEN)/reverse.h: $(GEN)/reverse.x
	$(call say,RPCGEN,$@)$(call rpcgen,reverse.h,-h)
$(GEN)/reverse_xdr.c: $(GEN)/reverse.x $(GEN)/reverse.h
	$(call say,RPCGEN,$@)$(call rpcgen,reverse_xdr.c,-c)
$(GEN)/reverse_svc.c: $(GEN)/reverse.x $(GEN)/reverse.h
	$(call say,RPCGEN,$@)$(call rpcgen,reverse_svc.c,-m)
$(GEN)/reverse_clnt.c: $(GEN)/reverse.x $(GEN)/reverse.h
	$(call say,RPCGEN,$@)$(call rpcgen,reverse_clnt.c,-l)

# What all of that is, for whoever learns it.
gen: $(GEN_SRC)
	@show() { printf '%-46s # %s\n' "$(RPCGEN) $$1 reverse.x" "$$2"; }; \
	echo 'cp reverse.x $(GEN) && cd $(GEN)'; \
	show '-h -o reverse.h' 'types, numbers, prototypes'; \
	show '-c -o reverse_xdr.c' 'each type to bytes and back'; \
	show '-l -o reverse_clnt.c' 'the stubs of a client'; \
	show '-m -o reverse_svc.c' 'the dispatcher of a server'

# Files as bytes: reverse.x as the daemon hands it out, what else the client
# shows calls by, its script for Wireshark, and the page that it writes.
embed = { \
	echo '\#include <stddef.h>'; \
	echo 'const unsigned char $(1)_text[] = {'; \
	od -An -v -tu1 $< | sed 's/[0-9][0-9]*/&,/g'; \
	echo '};'; \
	echo 'const size_t $(1)_size = sizeof($(1)_text);'; \
} >$@
$(GEN)/schema.c: $(GEN)/reverse.x
	$(call say,EMBED,$@)$(call embed,schema)
$(GEN)/rpc_x.c $(GEN)/rpcbind_x.c: $(GEN)/%_x.c: schema/%.x
	@mkdir -p $(@D)
	$(call say,EMBED,$@)$(call embed,$*_x)
$(DISSECTOR): $(GEN)/%.c: schema/%.lua
	@mkdir -p $(@D)
	$(call say,EMBED,$@)$(call embed,$*)
$(GEN)/page_html.c: client/page/page.html
	@mkdir -p $(@D)
	$(call say,EMBED,$@)$(call embed,page_html)

$(GEN)/%.o: $(GEN)/%.c $(BUILD)/flags | $(VIEWS)/made
	$(call say,CC,$<)$(CC) $(GENERATED) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.c $(BUILD)/flags | $(GEN)/reverse.h $(VIEWS)/made
	@mkdir -p $(@D)
	$(call say,CC,$<)$(call compile,$(patsubst %/,%,$(dir $<))) \
		-MMD -MP -c -o $@ $<

# Everything is made again when the version or the flags are others.
flags := $(CC) $(OWN) $(GENERATED) $(CFLAGS) $(TIRPC_CFLAGS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(flags))' | cmp -s - $@ || \
		printf '%s\n' '$(subst ','\'',$(flags))' >$@

# A folder sees itself too, and a link to a folder shows all that is below.
seen = $(sort $(filter-out $(1)/%,$(SEES.$(1))) \
	$(if $(filter $(firstword $(subst /, ,$(1))),$(SEES.$(1))),,$(1)))
link = mkdir -p $(dir $(1)/$(2)) && ln -srfT $(2) $(1)/$(2)
$(VIEWS)/made: Makefile
	@rm -rf $(VIEWS)
	@set -e; $(foreach folder,$(FOLDERS), \
		$(foreach it,$(call seen,$(folder)), \
		$(call link,$(call view,$(folder)),$(it));))
	@touch $@

# For test/lint: each folder, what it sees, and how a source of it is compiled.
print-layers: $(VIEWS)/made $(GEN)/reverse.h
	@$(foreach folder,$(FOLDERS),printf '%s\n' '$(folder)' \
		'$(call seen,$(folder))' \
		'$(subst ','\'',$(call compile,$(folder)))';)

$(BUILD)/libbase.a: $(call objects,base)
$(BUILD)/liboption.a: $(call objects,option)
$(BUILD)/libtext.a: $(call objects,text)
$(BUILD)/libschema.a: $(call objects,schema)
$(BUILD)/librpcloop.a: $(call objects,rpcloop)
$(BUILD)/libstream.a: $(call objects,stream)
$(BUILD)/libserver.a: $(filter-out %/main.o,$(call objects,server))
$(BUILD)/libclient.a: $(filter-out %/main.o,$(call objects,client))
$(BUILD)/libgen.a: $(patsubst %.c,%.o,$(GEN_SRC))
$(BUILD)/lib%.a:
	@mkdir -p $(@D)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

# In the order in which a linker wants them.
LAYERS := $(addprefix $(BUILD)/lib,stream.a schema.a gen.a rpcloop.a text.a \
	option.a base.a)
LIBS := $(TIRPC_LIBS) $(SECCOMP_LIBS) -pthread

$(BUILD)/reversed: $(BUILD)/server/main.o $(BUILD)/libserver.a $(LAYERS)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/reverse: $(BUILD)/client/main.o $(BUILD)/libclient.a $(LAYERS)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ \
		$(CLIENT_TIRPC) $(CLIENT_JSON) -pthread

# The scripts are told where the programs are; MESSAGE and the like reach them
# by the environment, never through a command line of make's.
tell = BUILD='$(BUILD)'

demo: all
	@$(tell) sh scripts/show

screenshots: all
	@$(tell) sh scripts/screenshots

# The same bytes from the same tree.
zip:
	@mkdir -p $(BUILD)
	$(Q)python3 -B scripts/archive $(BUILD)/reverse-$(VERSION).zip
	@echo $(BUILD)/reverse-$(VERSION).zip

include test/rules.mk

# Manuals show the version they were made for.
MANUALS := $(BUILD)/man/reverse.1 $(BUILD)/man/reversed.8
$(BUILD)/man/%: man/% VERSION
	@mkdir -p $(@D)
	$(call say,MAN,$@)sed 's/^\.Os$$/.Os "reverse $(VERSION)"/' $< >$@

# What shells complete, each at the place where that shell looks for it.
COMPLETIONS := bash-completion/completions/reverse \
	zsh/site-functions/_reverse fish/vendor_completions.d/reverse.fish

# Every file that install puts, in the order of the commands below.
D := $(DESTDIR)$(PREFIX)
INSTALLED := bin/reverse sbin/reversed share/man/man1/reverse.1 \
	share/man/man8/reversed.8 share/reverse/reverse.x \
	share/reverse/LICENSE $(addprefix share/,$(COMPLETIONS))

install: all $(MANUALS)
	install -d "$D/bin" "$D/sbin" "$D/share/man/man1" "$D/share/man/man8" \
		"$D/share/reverse"
	install -m 755 $(BUILD)/reverse "$D/bin"
	install -m 755 $(BUILD)/reversed "$D/sbin"
	install -m 644 $(BUILD)/man/reverse.1 "$D/share/man/man1"
	install -m 644 $(BUILD)/man/reversed.8 "$D/share/man/man8"
	install -m 644 reverse.x LICENSE "$D/share/reverse"
	for file in $(COMPLETIONS); do \
		$(BUILD)/reverse completion "$${file%%[-/]*}" \
			>$(BUILD)/completion && \
		install -D -m 644 $(BUILD)/completion "$D/share/$$file" || \
			exit; \
	done

uninstall:
	for file in $(INSTALLED); do rm -f "$D/$$file"; done
	-rmdir "$D/share/reverse"

help:
	@echo 'make             build $(BUILD)/reversed and $(BUILD)/reverse'
	@echo 'make gen         what rpcgen makes of reverse.x, and how'
	@echo 'make demo        show them at work; MESSAGE=... reverses that'
	@echo 'make test        every test, in a minute or so'
	@echo 'make test-all    every test in every build: compilers,'
	@echo '                 sanitizers, valgrind, 32-bit, big-endian'
	@echo 'make test-prose  the client, against a server that was written'
	@echo '                 from the words of reverse.x alone'
	@echo 'make fuzz        each target of libFuzzer for a minute, or for'
	@echo '                 FUZZ_SECONDS=...'
	@echo 'make lint        layers and form of sources, scripts, manuals'
	@echo 'make mutants     small faults put into the code, and how many of'
	@echo '                 them the tests notice; MUTANTS=... only some'
	@echo 'make bench       how fast all of it is, beside others that do'
	@echo '                 the same; PEERS=all, ROUNDS=..., COLUMNS=...'
	@echo 'make bench-client  the client, beside handles of libtirpc,'
	@echo '                 rev and tac'
	@echo 'make bench-workers  two workers beside one'
	@echo 'make hostile     what hostile peers cost everybody else'
	@echo 'make lies        what the client makes of servers that lie'
	@echo 'make weather     10000 random streams where connections are cut,'
	@echo '                 datagrams get lost and servers are killed'
	@echo 'make bench-text  GB/s of reversal, beside memcpy, rev and tac'
	@echo 'make screenshots  what client and server show, as doc/*.png'
	@echo 'make zip         the source archive, always the same'
	@echo 'make install     to PREFIX ($(PREFIX)) below DESTDIR'
	@echo 'make uninstall   remove what install put there'
	@echo 'make clean       remove $(BUILD)'
	@echo 'Variables: CC CFLAGS LDFLAGS BUILD PREFIX DESTDIR; V=1 shows'
	@echo 'the commands, WERROR=1 makes warnings errors.'

clean:
	rm -rf $(BUILD)

# The stages of test-all have build folders of their own in $(BUILD)/all, fuzz
# has $(BUILD)/fuzz, mutants have trees of theirs in $(BUILD)/mutants, and other
# architectures their roots in $(BUILD)/foreign.
-include $(shell [ -d $(BUILD) ] && \
	find $(BUILD) \( -path $(BUILD)/all -o -path $(BUILD)/fuzz \
	-o -path $(BUILD)/mutants -o -path $(BUILD)/foreign \) -prune \
	-o -name '*.d' -print)

.PHONY: all clean demo gen help install print-layers screenshots uninstall zip \
	FORCE
.PRECIOUS: $(BUILD)/%.o
.DELETE_ON_ERROR:
