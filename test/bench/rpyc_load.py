#!/usr/bin/python3 -B
"""The load client of RPyC, by the command line of test/bench/measure.h: text
alone.  Every answer is compared."""

import resource
import sys
import time

import rpyc
from rpyc.utils.factory import connect, unix_connect


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def open_one(address):
    if address[0] == "/":
        return unix_connect(address)
    return connect("127.0.0.1", int(address))


class Load:
    def __init__(self, address, size, depth, connections):
        self.depth = depth
        self.text = (b"abcdefghijklmnopqrstuvwxyz" * (size // 26 + 1))[:size]
        self.turned = self.text[::-1]
        self.places = [open_one(address) for _ in range(connections)]
        self.calls = [rpyc.async_(place.root.once) for place in self.places]
        self.times = []

    def check(self, answer):
        if answer != self.turned:
            raise ValueError("a wrong answer")

    def one_by_one(self, end):
        once = self.places[0].root.once
        while (began := time.perf_counter()) < end:
            self.check(once(self.text))
            self.times.append((time.perf_counter() - began) * 1e6)
        return len(self.times)

    def many(self, end):
        """As many as may be are sent, and each that is answered again."""
        flying = [(call, call(self.text)) for call in self.calls
                  for _ in range(self.depth)]
        count = 0
        while flying:
            call, answer = flying.pop(0)
            answer.wait()
            self.check(answer.value)
            count += 1
            if time.perf_counter() < end:
                flying.append((call, call(self.text)))
        return count

    def run(self, seconds):
        single = self.depth == 1 and len(self.places) == 1
        used, began = cpu(), time.perf_counter()
        end = began + seconds
        count = self.one_by_one(end) if single else self.many(end)
        took, used = time.perf_counter() - began, cpu() - used
        self.times.sort()
        p50, p99 = (self.times[len(self.times) * share // 100]
                    if single else 0 for share in (50, 99))
        print(f"{count} {took:.6f} {used:.6f} {p50:.3f} {p99:.3f}")


def main(address, work, *numbers):
    size, depth, _, connections, milliseconds = map(int, numbers)
    if work != "text":
        sys.exit("text alone")
    Load(address, size, depth, connections).run(milliseconds / 1000)


main(*sys.argv[1:])
