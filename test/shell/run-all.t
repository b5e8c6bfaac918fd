#!/bin/sh
# What `make test-all` says at its end.

# shellcheck source=test/lib/tap.sh
. "${0%/*}/../lib/tap.sh"

# A tree of two scripts and the stages of this test.
mkdir -p "$tmp/test/all" "$tmp/test/lib"
cp "$top/test/run" "$top/test/run-all" "$tmp/test"
cp "$top/test/lib/record" "$tmp/test/lib"

# stage NAME: a stage, whose program is on standard input.
stage()
{
	cat >"$tmp/test/all/$1"
	chmod +x "$tmp/test/all/$1"
}

# The stages have their own settings, whoever runs this test.
run_all()
{
	run env -u BUILD -u TEST_WRAPPER -u TEST_TIMED -u TEST_JOBS \
	    sh "$tmp/test/run-all" "$@"
}

cat >"$tmp/holds.t" <<'TEST'
echo '1..2'
echo 'ok 1 - a fact'
echo 'ok 2 - one more # SKIP not here'
TEST
cat >"$tmp/fails.t" <<'TEST'
echo '1..3'
echo 'ok 1 - the first'
echo 'not ok 2 - the second'
seq 20 | sed 's/^/# why /'
echo 'not ok 3 - the third'
exit 1
TEST
cat >"$tmp/breaks.t" <<'TEST'
echo 'ok 1 - as far as it came'
exit 3
TEST
cat >"$tmp/killed.t" <<'TEST'
echo '1..1'
echo 'ok 1 - all of it'
kill -9 $$
TEST

stage good <<'STAGE'
#!/bin/sh
exec sh test/run holds.t
STAGE
run_all good
is "$status $(printf '%s\n' "$stdout" | tail -n +2)" \
    '0 skipped: good: holds.t: not here
1 passed, 0 failed, 1 skipped' 'a good end: what was skipped, and the counts'

# What a shell says of a process that was ended is no part of a green run.
cat >"$tmp/ends.t" <<'TEST'
sleep 100 &
kill $!
wait $!
echo '1..1'
echo 'ok 1 - it was ended'
TEST
stage noisy <<'STAGE'
#!/bin/sh
exec sh test/run ends.t
STAGE
run_all noisy
is "$status" 1 'a test whose shell says "Terminated" fails'
like "$stdout" '^failed: noisy: ends\.t: .* tells nothing of processes$' \
    'and is told why'
like "$(tail -n 1 "$tmp/stdout")" '^1 passed, 1 failed' 'once'
rm "$tmp/test/all/noisy"

stage bad <<'STAGE'
#!/bin/sh
exec sh test/run fails.t holds.t
STAGE
run_all bad good
is "$status" 1 'one bad stage is enough'
is "$(printf '%s\n' "$stdout" | sed -n '/^skipped: bad/,$p')" \
    "skipped: bad: holds.t: not here
skipped: good: holds.t: not here
failed: bad: fails.t: the second
$(seq 10 | sed 's/^/failed: bad: fails.t: # why /')
failed: bad: fails.t: the third
3 passed, 2 failed, 2 skipped" \
    'what failed, and the beginning of why, comes before the counts'

stage broken <<'STAGE'
#!/bin/sh
exec sh test/run breaks.t killed.t
STAGE
run_all broken
is "$status" 1 'a program that breaks off is a failure'
like "$stdout" '^failed: broken: breaks\.t: Parse errors: No plan found' \
    'which is told'
like "$stdout" '^failed: broken: killed\.t: Non-zero .*: 137$' \
    'and one that was killed'

stage other <<'STAGE'
#!/bin/sh
echo 'some words'
echo 'the last words'
exit 2
STAGE
run_all other
is "$status $(printf '%s\n' "$stdout" | tail -n 2)" \
    '1 failed: other: the last words
0 passed, 1 failed, 0 skipped' 'other stages fail by their last line'

stage slow <<'STAGE'
#!/bin/sh
sleep 100
STAGE
sed -i 's/^longest=.*/longest=1/' "$tmp/test/run-all"
run_all slow
is "$status $(printf '%s\n' "$stdout" | tail -n 2)" \
    '1 failed: slow: ended after 1 s
0 passed, 1 failed, 0 skipped' 'and one that does not end by its limit'

done_testing
