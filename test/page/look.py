#!/usr/bin/python3 -B
"""look.py FOLDER: the pages of --trace-html of a folder, in a browser.

Says one fact a line, "ok NAME" or "not ok NAME: WHY".
"""

import pathlib
import sys

from browser import ENTER, RIGHT, browsing
from read import run_of

FIRST = '[data-kind="call"]'
OPENED = ".bytes:not([hidden])"
MODE_OF = {"METHOD_COLLECT": "collect", "METHOD_EACH": "each",
           "METHOD_SPELL": "spell", "METHOD_WHOLE": "whole"}


def holds(name, function, *arguments):
    try:
        function(*arguments)
    except Exception as why:    # whatever it is, the next fact has its turn
        print(f"not ok {name}: {type(why).__name__}: {why}".splitlines()[0])
    else:
        print(f"ok {name}", flush=True)


def same(got, wanted):
    assert got == wanted, f"{got!r}, not {wanted!r}"


class Look:
    """At one page."""

    def __init__(self, browser, path):
        self.browser = browser
        self.path = path
        self.run = run_of(path)
        self.name = path.stem
        browser.open(path)

    def has_no_complaint(self):
        same(self.browser.complaints(), [])

    def has_its_arrows(self):
        calls = self.run["calls"]
        count = self.browser.count
        same(count(FIRST), sum(call["sends"] > 0 for call in calls))
        same(count('[data-kind="reply"]'),
             sum(call["reply"] is not None for call in calls))
        same(count('[data-kind="again"]'),
             sum(max(call["sends"] - 1, 0) for call in calls))
        for call in calls:
            there = count(f'{FIRST}[data-call="{call["number"]}"]'
                          f'.{call["to"]}[aria-label*="{call["name"]}"]')
            same(there, int(call["sends"] > 0))
        same(count("#calls tr"), len(calls) + 1)

    def opens_and_closes(self, by):
        self.browser.open(self.path)
        by(FIRST)
        parts = self.run["calls"][0]["call"]["parts"]
        digits = sum(len(part.get("hex", "") + part.get("tail", ""))
                     for part in parts)
        same(self.browser.count(f"{OPENED} .byte"), digits // 2)
        same(self.browser.count(f"{OPENED} .field"), len(parts))
        by(FIRST)
        same(self.browser.count(OPENED), 0)
        by(FIRST)
        same(self.browser.count(OPENED), 1)

    def part(self, words):
        """The index of the first part of the first call that says so."""
        parts = self.run["calls"][0]["call"]["parts"]
        return next(i for i, part in enumerate(parts)
                    if part["words"].startswith(words))

    def said(self):
        return self.browser.texts(f"{OPENED} .said")[0]

    def names_a_byte(self):
        xid = self.part("xid")
        self.browser.hover(f'{OPENED} .byte[data-part="{xid}"]')
        said = self.said()
        assert "xid " in said and "rpc.x, line " in said, said
        same(self.browser.count(".byte.on"), 4)
        same(self.browser.count(".field.on"), 1)

    def marks_the_bytes_of_a_field(self):
        version = self.part("rpc_version")
        self.browser.hover(f'{OPENED} .field[data-part="{version}"]')
        same(self.browser.texts(".byte.on"), ["00", "00", "00", "02"])
        assert "rpc_version 2" in self.said(), self.said()

    def goes_by_keys(self):
        focus = "return document.activeElement.textContent"
        self.browser.run("document.querySelector('.byte').focus()")
        same(self.browser.run(focus),
             self.run["calls"][0]["call"]["parts"][0]["hex"][:2])
        first = self.browser.run(
            "return document.activeElement.getAttribute('aria-label')")
        self.browser.type(".byte:focus", RIGHT)
        second = self.browser.run(
            "return document.activeElement.getAttribute('aria-label')")
        assert ", byte 0, " in first and ", byte 1, " in second, second
        same(self.browser.count('.byte[tabindex="0"]'), 1)

    def names_a_line_of_reverse_x(self):
        """The window of a stream's call, or the text of a message."""
        call = next(call for call in self.run["calls"]
                    if call["name"] in ("REVERSE_OPEN", "REVERSE_TEXT"))
        arrow = f'{FIRST}[data-call="{call["number"]}"]'
        self.browser.open(self.path)
        self.browser.click(arrow)
        parts = call["call"]["parts"]
        index = next(i for i, part in enumerate(parts)
                     if part["words"].startswith("unit "))
        self.browser.hover(f'{OPENED} .byte[data-part="{index}"]')
        line = self.run["schemas"][1]["text"].splitlines()[
            parts[index]["line"] - 1].strip()
        assert "text_unit unit;" in line, line
        assert line in self.said(), self.said()

    def says_what_is_carried(self):
        method = next(method for method, name in MODE_OF.items()
                      if name == self.name)
        arrows = " ".join(self.browser.texts(".arrow"))
        assert method in arrows, arrows
        for words in "message", "window ", "end of the stream":
            assert words in arrows, f"no {words} in {arrows}"

    def shows_calls_sent_again(self):
        xids = {call["xid"] for call in self.run["calls"]
                if call["sends"] > 1}
        again = self.browser.texts('[data-kind="again"]')
        assert xids and again, again
        for text in again:
            assert "sent again" in text, text
            assert any(xid in text for xid in xids), text

    def shows_rpcbind(self):
        assert self.browser.count(".arrow.rpcbind") >= 2

    def shows_a_gap(self):
        same(self.browser.texts(".gap"),
             [f"… {self.run['left_out']} calls left out …"])

    def shows_a_failure(self):
        assert self.browser.count(".arrow.bad.none") >= 1

    def has_two_looks(self):
        colour = "return getComputedStyle(document.body).backgroundColor"
        looks = []
        for scheme in "light", "dark":
            self.browser.prefer(scheme)
            looks.append(self.browser.run(colour))
        assert looks[0] != looks[1], looks

    def loads_nothing(self):
        same(self.browser.run(
            "return performance.getEntriesByType('resource')"
            ".map((entry) => entry.name)"), [])
        same(self.browser.run("return window.hacked === undefined"), True)


def look_at(look):
    by_keys = (lambda selector: look.browser.type(selector, ENTER))
    facts = {
        "its arrows are those of the run": look.has_its_arrows,
        "nothing else is loaded": look.loads_nothing,
    }
    if look.name in MODE_OF.values():
        facts["what a stream carries is said"] = look.says_what_is_carried
        facts["a byte has its line of reverse.x"] = (
            look.names_a_line_of_reverse_x)
    if look.name == "each":
        facts |= {
            "a click opens the bytes": lambda: look.opens_and_closes(
                look.browser.click),
            "so does Enter": lambda: look.opens_and_closes(by_keys),
            "a byte names its field": look.names_a_byte,
            "a field marks its bytes": look.marks_the_bytes_of_a_field,
            "the arrow keys lead from byte to byte": look.goes_by_keys,
            "light and dark": look.has_two_looks,
        }
    special = {"retried": look.shows_calls_sent_again,
               "rpcbind": look.shows_rpcbind, "many": look.shows_a_gap,
               "failed": look.shows_a_failure}
    if look.name in special:
        facts["what is special is shown"] = special[look.name]
    facts["the console has nothing to complain of"] = look.has_no_complaint
    for name, function in facts.items():
        holds(f"{look.name}: {name}", function)


with browsing() as window:
    for page in sorted(pathlib.Path(sys.argv[1]).glob("*.html")):
        look_at(Look(window, page.resolve()))
