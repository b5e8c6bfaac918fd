"""Random streams: what the command line is told, what goes in, what comes out.

A Stream is all of it, made of a seed and a number alone.  Numbers of messages
and their lengths, their bytes together, the text of whole and spell are
log-uniform: most streams are short, most bytes are in long ones.
"""

import math
import random

COUNT_MAX = 10000
LINE_MAX = 300 * 1024
COLLECT_MAX = 1024 * 1024
SPELL_MAX = 100000              # an argument of a program, in characters
DATAGRAM_MAX = 8192
# One datagram after another, and a lost one is missed after a fifth of a
# second.
DATAGRAMS_MAX = 256 * 1024
POOL = 1 << 20
RANGES = ((0x20, 0x7f), (0xa0, 0x800), (0x800, 0xd800), (0x10000, 0x20000))


def _code_point(chance):
    return chr(chance.randrange(*chance.choice(RANGES)))


def _pools():
    """Text without line ends and NUL, by unit: bytes where the unit takes
    any.  CR is not in what is parted by grapheme: CR LF is one."""
    chance = random.Random(0)
    some = bytes(byte for byte in range(1, 256) if byte != 10)
    table = bytes(some[i % len(some)] for i in range(256))
    any_bytes = chance.randbytes(POOL).translate(table)
    return {
        "byte": any_bytes,
        "line": any_bytes,
        "codepoint": "".join(_code_point(chance) for _ in range(POOL)),
        "grapheme": "".join(chr(chance.randrange(0x20, 0x7f))
                            for _ in range(POOL)),
    }


POOLS = _pools()


def log_uniform(chance, least, most):
    return round(math.exp(chance.uniform(math.log(least), math.log(most))))


def slice_of(chance, unit, length):
    """About so many bytes, not more."""
    if unit == "codepoint":
        length //= 4
    at = chance.randrange(POOL - length)
    return POOLS[unit][at:at + length]


def encoded(text):
    return text.encode() if isinstance(text, str) else text


def end_of(line):
    """The length of the end that each leaves where it is."""
    if line.endswith(b"\r\n"):
        return 2
    return 1 if line.endswith(b"\n") else 0


def lines_of(text):
    """With their LF, which the last may lack."""
    parts = text.split(b"\n")
    last = parts.pop()
    lines = [part + b"\n" for part in parts]
    return lines + [last] if last else lines


def turned(text, unit):
    """All of it reversed, bytes to bytes."""
    if unit == "line":
        return b"".join(reversed(lines_of(text)))
    if unit == "codepoint":
        return text.decode()[::-1].encode()
    return text[::-1]


def turned_line(line, unit):
    stays = len(line) - end_of(line)
    return turned(line[:stays], unit) + line[stays:]


def spelled(text, unit):
    """Each unit on a line of its own, the last one first."""
    if unit == "line":
        units = lines_of(text)
    elif unit == "codepoint":
        units = [letter.encode() for letter in text.decode()]
    else:
        units = [text[at:at + 1] for at in range(len(text))]
    return b"".join(part if part.endswith(b"\n") else part + b"\n"
                    for part in reversed(units))


class Stream:
    """most: how many bytes it has at most."""

    def __init__(self, seed, number, most):
        self.number = number
        self.chance = chance = random.Random(f"stream {seed} {number}")
        self.method = chance.choices(
            ["each", "whole", "collect", "spell"], [7, 7, 4, 4])[0]
        self.netid = chance.choices(["tcp", "udp"], [4, 1])[0]
        self.unit = chance.choice(list(POOLS))
        self.source = chance.choice(["pipe", "file", "name"])
        self.most = min(most, self._limit())
        self.text = b""         # of standard input or a file
        self.arguments = ["-n", self.netid, "-u", self.unit, self.method]
        if self.method == "spell":
            self._spell()
        else:
            self._lines()
        self.size = len(self.text)

    def _limit(self):
        """How many bytes its method and its transport allow."""
        if self.method == "spell":
            return DATAGRAM_MAX if self.netid == "udp" else SPELL_MAX
        if self.method == "collect":
            return DATAGRAM_MAX if self.netid == "udp" else COLLECT_MAX
        return DATAGRAMS_MAX if self.netid == "udp" else 1 << 40

    def _spell(self):
        length = log_uniform(self.chance, 1, self.most + 1) - 1
        text = encoded(slice_of(self.chance, self.unit, length))
        if self.unit == "line" and text:
            for _ in range(self.chance.randrange(10)):
                at = self.chance.randrange(len(text))
                text = text[:at] + b"\n" + text[at + 1:]
        self.text = text
        self.wanted = spelled(text, self.unit)
        self.arguments += ["--", text]

    def _lines(self):
        """Of a UDP stream whose input cannot be read again, no line is longer
        than a message: each would lose it with the server."""
        chance, unit = self.chance, self.unit
        longest = log_uniform(chance, 512, LINE_MAX)
        if self.netid == "udp" and self.source == "pipe":
            longest = min(longest, DATAGRAM_MAX)
        if self.netid == "udp" and self.method == "collect":
            longest = min(longest, DATAGRAM_MAX)
        ends = ["\n"]
        if self.method == "each" or unit != "grapheme":
            ends.append("\r\n")
        lines, total = [], 0
        for _ in range(log_uniform(chance, 1, COUNT_MAX)):
            end = chance.choices(ends, [9, 1][:len(ends)])[0].encode()
            text = encoded(slice_of(
                chance, unit, log_uniform(chance, 1, longest + 1) - 1))
            total += len(text) + len(end)
            if total > self.most:
                break
            lines.append(text + end)
        if lines and chance.random() < 0.5:
            lines[-1] = lines[-1].rstrip(b"\r\n")
        self.text = b"".join(lines)
        if self.method == "each":
            self.wanted = b"".join(turned_line(line, unit) for line in lines)
        else:
            self.wanted = turned(self.text, unit)

    def __str__(self):
        return (f"{self.method} over {self.netid} by {self.unit}, "
                f"{self.size} bytes from a {self.source}")
