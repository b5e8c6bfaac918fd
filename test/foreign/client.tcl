#!/usr/bin/tclsh
# A client in Tcl, by its core alone: client.tcl PORT.  What it prints is in
# test/foreign/expected.

set PING 0
set TEXT 2
set OPEN 3
set EXCHANGE 4
set EACH 3
set BYTE 2
set WINDOW 65536
set WAIT_MS 5000
set NO_CONTEXT [binary format II 0 0]
set xid 0
set server [socket 127.0.0.1 [lindex $argv 0]]
fconfigure $server -translation binary -buffering none

proc padding {size} {
	return [expr {-$size & 3}]
}

proc opaque {data} {
	set size [string length $data]
	return [binary format Ia*x[padding $size] $size $data]
}

proc take {count} {
	global server
	set bytes [read $server $count]
	if {[string length $bytes] < $count} {
		error "the server closed"
	}
	return $bytes
}

# Returns the accept status, and the result.
proc call {procedure arguments} {
	global server xid
	incr xid
	set message [binary format I10a* [list $xid 0 2 0x20726576 1 \
	    $procedure 0 0 0 0] $arguments]
	puts -nonewline $server [binary format I \
	    [expr {0x80000000 | [string length $message]}]]$message
	binary scan [take 4] Iu mark
	set reply [take [expr {$mark & 0x7fffffff}]]
	binary scan $reply Iu6a* words result
	if {[lrange $words 0 2] ne [list $xid 1 0]} {
		error "not a reply to the call"
	}
	return [list [lindex $words 5] $result]
}

proc piece {sent heard last texts} {
	global WINDOW
	set bytes [binary format WI $sent [llength $texts]]
	foreach text $texts {
		append bytes [opaque $text]
	}
	return $bytes[binary format IWI $last $heard $WINDOW]
}

# What the server takes next, the number of the answer that is next, whether
# that was the end, and the answers.
proc answer {data} {
	binary scan $data WI first count
	set at 12
	set texts {}
	for {set i 0} {$i < $count} {incr i} {
		binary scan $data @${at}I size
		lappend texts [string range $data [expr {$at + 4}] \
		    [expr {$at + 3 + $size}]]
		incr at [expr {4 + $size + [padding $size]}]
	}
	binary scan $data @${at}IWII last taken window end
	if {$end} {
		binary scan $data @[expr {$at + 20}]I code
		if {$code} {
			error "ended with status $code"
		}
	}
	return [list $taken [expr {$first + $count}] $end $texts]
}

proc text {size} {
	global TEXT BYTE NO_CONTEXT
	set unit {}
	for {set i 0} {$i < 251} {incr i} {
		append unit [binary format c $i]
	}
	set data [string range \
	    [string repeat $unit [expr {$size / 251 + 1}]] 0 [expr {$size - 1}]]
	lassign [call $TEXT $NO_CONTEXT[binary format I $BYTE][opaque $data]] \
	    status result
	if {$status} {
		return "accept status $status"
	}
	set reversed [opaque [string reverse $data]]
	if {$result ne "[binary format I 0]$reversed[binary format I 0]"} {
		return "not reversed"
	}
	return reversed
}

proc each {texts} {
	global OPEN EXCHANGE EACH BYTE NO_CONTEXT WAIT_MS
	set how [binary format x16IIII $EACH $BYTE 0 0]
	lassign [call $OPEN \
	    $NO_CONTEXT$how[piece 0 0 0 {}][binary format I 0]] status opened
	binary scan $opened Ia16Ia* code token lease rest
	if {$status || $code} {
		error "open: status $code"
	}
	lassign [answer $rest] taken heard end found
	while {!$end} {
		lassign [call $EXCHANGE $token[piece $taken $heard 1 \
		    [lrange $texts $taken end]][binary format II $WAIT_MS 0]] \
		    status result
		binary scan $result Ia* code rest
		if {$status || $code} {
			error "exchange: status $code"
		}
		lassign [answer $rest] taken heard end more
		lappend found {*}$more
	}
	return $found
}

lassign [call $PING ""] status
puts "ping: [expr {$status ? $status : "answered"}]"
foreach size {0 65536 1048576 1048577} {
	puts "text of $size: [text $size]"
}
puts "each: [each {one two three}]"
