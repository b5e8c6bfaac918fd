#!/usr/bin/python3 -B
"""What the #include lines and the sources say by themselves; that the compiler
finds no other folder's headers is the fact of test/lint/layers.t.
"""

import os
import re
import sys

FOLDERS = "base option text schema rpcloop stream server client".split()
# These are below all that knows of RPC.
NO_RPC = ("base/", "option/", "text/", "rpcloop/loop/", "rpcloop/net/")
STANDARD = set("""assert ctype errno immintrin inttypes limits stdalign stdbool
    stddef stdint stdlib string""".split())
# What libtirpc's headers call private, in the one folder that must touch it.
PRIVATE = re.compile(
    r"SVCXPRT_EXT|xp_p[123]|SVC_XP_AUTH|SVCEXT|rpc/svc_mt\.h")
PRIVATE_OWNER = "rpcloop/serve/"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]*)[">]', re.M)


def sources():
    for top in FOLDERS:
        for folder, _, names in os.walk(top):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield f"{folder}/{name}"


def blank(match):
    """As many lines as the comment had."""
    return "\n" * match[0].count("\n")


def code_of(path):
    with open(path, encoding="utf-8") as file:
        return COMMENT.sub(blank, file.read())


os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
CODE = {path: code_of(path) for path in sources()}


def includes(path, kind):
    return [found[2] for found in INCLUDE.finditer(CODE[path])
            if found[1] == kind]


def quoted():
    return ((path, header) for path in CODE for header in includes(path, '"'))


def bracketed():
    return ((path, header) for path in CODE for header in includes(path, "<"))


def names_its_folder(header):
    return header.split("/")[0] in FOLDERS and "/../" not in header


def headers_are_named_with_their_folder():
    """What rpcgen makes has none, and is included as the system's are."""
    return [f'{path}: "{header}"' for path, header in quoted()
            if not names_its_folder(header) and header != "reverse.h"]


def the_ground_knows_no_rpc():
    return [f"{path}: <{header}>" for path, header in bracketed()
            if path.startswith(NO_RPC) and header.startswith("rpc/")]


def text_includes_itself_and_the_standard_only():
    wrong = [f'{path}: "{header}"' for path, header in quoted()
             if path.startswith("text/") and not header.startswith("text/")]
    return wrong + [
        f"{path}: <{header}>" for path, header in bracketed()
        if path.startswith("text/") and header[:-2] not in STANDARD]


def one_folder_touches_what_is_private_to_libtirpc():
    return [f"{path}: {found[0]}" for path, code in CODE.items()
            if not path.startswith(PRIVATE_OWNER)
            for found in [PRIVATE.search(code)] if found]


def stem(path):
    return os.path.splitext(path)[0]


def reached(edges, start):
    """All that start leads to; itself only if by a circle."""
    seen = set()
    left = [start]
    while left:
        for node in edges.get(left.pop(), ()):
            if node not in seen:
                seen.add(node)
                left.append(node)
    return seen


def no_files_include_each_other_in_a_circle():
    """A file is its .c and its .h here."""
    edges = {}
    for path, header in quoted():
        if stem(path) != stem(header):
            edges.setdefault(stem(path), set()).add(stem(header))
    reach = {node: reached(edges, node) for node in edges}
    circles = {tuple(sorted(other for other in reach[node]
                            if node in reach.get(other, ())))
               for node in reach if node in reach[node]}
    return [" ".join(circle) for circle in sorted(circles)]


FACTS = [headers_are_named_with_their_folder, the_ground_knows_no_rpc,
         text_includes_itself_and_the_standard_only,
         one_folder_touches_what_is_private_to_libtirpc,
         no_files_include_each_other_in_a_circle]


def main():
    failed = 0
    for count, fact in enumerate(FACTS, 1):
        wrong = fact()
        failed += bool(wrong)
        name = fact.__name__.replace("_", " ")
        print(f"{'not ok' if wrong else 'ok'} {count} - {name}")
        for line in wrong:
            print(f"# {line}")
    print(f"1..{len(FACTS)}")
    sys.exit(failed > 0)


main()
