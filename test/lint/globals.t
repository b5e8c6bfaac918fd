#!/bin/sh
# What changes while a program runs hangs off a struct: the archives have no
# variable of their own that can be written, but for those listed here.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

# Each with its reason:
#   log.o state      the level, and how many lines were lost: whatever is
#                    logged, from any thread, meets there
#   block.o keeper   where a thread keeps what it frees, as the heap has it
#   choice.o in_use  set once, by a constructor, to what the processor can do
#   say.o state      the level of the client's words, which is its log, who is
#                    told of failures, and what is on the terminal
cat >"$tmp/allowed" <<'END'
libbase.a log.o state
libbase.a block.o keeper
libtext.a choice.o in_use
libclient.a say.o state
END

# Those of a thread have no O; a d is a section.
# Those of a sanitizer are its own.  The C library's "relro" is written before
# main() and never after.
for name in base option text schema rpcloop stream server client; do
	archive=$build/lib$name.a
	[ -e "$archive" ] || bail "$archive is there"
	objdump -t "$archive" | awk -v archive="lib$name.a" \
	    -v thread='[ \t][.]t(data|bss)[ \t]' '
		/file format/ { object = $1; sub(/:$/, "", object) }
		(/ O / || $0 ~ thread && !/ d /) &&
		    $0 !~ /\.data\.rel\.ro/ &&
		    /[ \t](\.(data|bss|tdata|tbss)[.a-z]*|\*COM\*)[ \t]/ {
			variable = $NF
			sub(/\.[0-9]+$/, "", variable)
			if (variable !~ /^(__odr_asan|__asan_|\.LASAN)/)
				print archive, object, variable
		}'
done >"$tmp/found"

is "$(grep -vxF -f "$tmp/allowed" "$tmp/found")" '' \
    'no variable of a module can be written'
is "$(grep -vxF -f "$tmp/found" "$tmp/allowed")" '' \
    'those that may are there'

done_testing
