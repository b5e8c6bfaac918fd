#!/usr/bin/python3 -B
"""read.py FILE: what a page of --trace-html has, one line each.

First what is wrong with it: JSON that is none, a byte of a message that belongs
to no field or to two.  Then its size, how the run ended, how many calls it
leaves out, and each call: number, procedure, to whom, how often it was sent,
and its status.
"""

import json
import re
import sys

DATA = re.compile(
    r'<script type="application/json" id="run">(.*?)</script>', re.DOTALL)


def run_of(path):
    """What a browser would find in it."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    scripts = re.findall(r"<(?:script|!--)", text)
    assert scripts == ["<script"] * 2, f"more than the two scripts: {scripts}"
    data = DATA.search(text)[1]
    assert data.isascii() or not re.search("[\u2028\u2029]", data)
    return json.loads(data)


def shown(part):
    """How many bytes a part has, by what it shows of them."""
    return (len(bytes.fromhex(part.get("hex", ""))) + part.get("left", 0) +
            len(bytes.fromhex(part.get("tail", ""))))


def wrong_in(message, schemas):
    """Whatever is wrong with the parts of a message."""
    at = 0
    for part in message["parts"]:
        if part["at"] != at:
            yield f"at {at} there is {part}"
        if part["len"] != shown(part):
            yield f"{part['len']} bytes are {shown(part)}: {part}"
        lines = 0
        if "file" in part:
            lines = (schemas[part["file"]]["text"] or "").count("\n")
        if not 0 <= part.get("line", 0) <= lines:
            yield f"no such line: {part}"
        at += part["len"]
    if at != message["size"]:
        yield f"{at} bytes, not {message['size']}"


def wrong(run):
    for call in run["calls"]:
        for name in "call", "reply":
            if call[name] is not None:
                for what in wrong_in(call[name], run["schemas"]):
                    yield f"{name} {call['number']}: {what}"


def main(path):
    run = run_of(path)
    for what in wrong(run):
        print("wrong:", what)
    print("exit", run["exit"])
    print("left out", run["left_out"])
    for call in run["calls"]:
        print(call["number"], call["name"], call["to"], call["sends"],
              call["status"])


if __name__ == "__main__":
    main(sys.argv[1])
