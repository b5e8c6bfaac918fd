"""Messages written down word by word, to be compared with what is sent.

A golden message is a text.  Each line begins with words and goes on with what
they mean:

    0a0b0c0d    four bytes, as they are
    ????????    four bytes, whatever they are
    (text)      opaque data for people: UTF-8 on one line, and not empty
"""

import re

from oncrpc import Reader

_WORD = re.compile(r"\s*([0-9a-f]{8}|\?{8}|\(text\))(?=\s|$)")
_TEXT_MAX = 512


def words(text):
    """The words of a golden message, without what they mean."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        at = 0
        while match := _WORD.match(line, at):
            found.append(match[1])
            at = match.end()
        assert at > 0, f"no word in {line!r}"
    return found


def golden(text):
    """The bytes of a golden message that is known to the last of them."""
    return bytes.fromhex("".join(words(text)))


def _is_for_people(data):
    text = data.decode("utf-8")
    return text != "" and text.isprintable()


def matches(got, text):
    """Fails unless the message is the golden one."""
    reader = Reader(got)
    for number, word in enumerate(words(text), 1):
        if word == "(text)":
            data = reader.opaque(_TEXT_MAX)
            assert _is_for_people(data), f"item {number}: {data!r}"
            continue
        found = reader.bytes(4).hex()
        assert word in ("????????", found), (
            f"item {number} is {found}, not {word}, in\n{got.hex(' ', 4)}")
    reader.end()
