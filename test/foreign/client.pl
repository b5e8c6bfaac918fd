#!/usr/bin/perl
# A client in Perl, by its core modules alone: client.pl PORT.  What it prints
# is in test/foreign/expected.
use strict;
use warnings;
use IO::Socket::INET;

my ($PING, $TEXT, $OPEN, $EXCHANGE) = (0, 2, 3, 4);
my ($EACH, $BYTE, $WINDOW, $WAIT_MS) = (3, 2, 65536, 5000);
my $NO_CONTEXT = pack('N2', 0, 0);
my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
	PeerPort => $ARGV[0], Proto => 'tcp') or die "connect: $@";
my $xid = 0;

# Length, bytes, and zeros up to a multiple of four.
sub opaque { pack('N/a* x!4', $_[0]) }

sub take_bytes
{
	my ($count) = @_;
	my $bytes = '';
	while (length $bytes < $count) {
		$server->sysread($bytes, $count - length $bytes, length $bytes)
			or die 'the server closed';
	}
	return $bytes;
}

# Returns whether the call was accepted, and its result.
sub call
{
	my ($procedure, $arguments) = @_;
	my $message = pack('N10', ++$xid, 0, 2, 0x20726576, 1, $procedure,
		0, 0, 0, 0) . $arguments;
	$server->print(pack('N', 0x80000000 | length $message), $message);
	$server->flush;
	my $size = unpack('N', take_bytes(4)) & 0x7fffffff;
	my ($got, $reply, $denied, $flavor, $length, $status, $result) =
		unpack('N6 a*', take_bytes($size));
	die 'not a reply to the call' if $got != $xid || $reply != 1 || $denied;
	return ($status, $result);
}

sub piece
{
	my ($sent, $heard, $last, @texts) = @_;
	return pack('Q> N', $sent, scalar @texts) .
		join('', map { opaque($_) } @texts) .
		pack('N Q> N', $last, $heard, $WINDOW);
}

# Takes an answer apart: what the server takes next, the number of the answer
# that is next, whether that was the end, and the answers.
sub answer
{
	my ($answer) = @_;
	my ($first, $count, $at) = (unpack('Q> N', $answer), 12);
	my @texts;
	for (1 .. $count) {
		push @texts, unpack("x$at N/a*", $answer);
		$at += 4 * int((length($texts[-1]) + 7) / 4);
	}
	my (undef, $next, undef, $end, $code) =
		unpack("x$at N Q> N N N", $answer);
	die "ended with status $code" if $end && $code;
	return ($next, $first + $count, $end, @texts);
}

my ($status) = call($PING, '');
print $status == 0 ? "ping: answered\n" : "ping: $status\n";

for my $size (0, 65536, 1048576, 1048577) {
	my $text = substr(join('', map { chr } 0 .. 250) x ($size / 251 + 1),
		0, $size);
	my ($status, $result) =
		call($TEXT, $NO_CONTEXT . pack('N', $BYTE) . opaque($text));
	my $answer = "accept status $status";
	if ($status == 0) {
		my ($code, $reversed) = unpack('N N/a*', $result);
		$answer = $code == 0 && $reversed eq reverse($text)
			? 'reversed' : "status $code";
	}
	print "text of $size: $answer\n";
}

my ($accepted, $opened) = call($OPEN, $NO_CONTEXT . pack('x16 N4', $EACH, $BYTE,
	0, 0) . piece(0, 0, 0) . pack('N', 0));
my ($code, $token, undef, $rest) = unpack('N a16 N a*', $opened);
die "open: status $code" if $accepted || $code;
my @texts = ('one', 'two', 'three');
my ($next, $heard, $end, @answers) = answer($rest);
while (!$end) {
	my ($status, $result) = call($EXCHANGE, $token .
		piece($next, $heard, 1, @texts[$next .. $#texts]) .
		pack('N2', $WAIT_MS, 0));
	my $code = unpack('N', $result);
	die "exchange: status $code" if $status || $code;
	($next, $heard, $end, my @more) = answer(substr($result, 4));
	push @answers, @more;
}
print "each: @answers\n";
