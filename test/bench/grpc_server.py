#!/usr/bin/python3 -B
"""The same work behind gRPC Python, for test/bench/grpc_load.

grpc_server.py ADDRESS
"""

import concurrent.futures
import os
import pathlib
import sys

import grpc

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / os.environ.get("BUILD", "build")
                       / "test/bench/grpc.gen"))

# pylint: disable=import-error,no-member,wrong-import-position
from reverse_pb2 import Segment, Spelt, Text

METHODS = {}


def serves(kind, asked, answer):
    """Makes a method of a function: kind is one of grpc's handlers."""
    def enter(function):
        METHODS[function.__name__.capitalize()] = kind(
            function, asked.FromString, answer.SerializeToString)
        return function
    return enter


@serves(grpc.unary_unary_rpc_method_handler, Text, Text)
def once(asked, _):
    return Text(text=asked.text[::-1])


@serves(grpc.stream_unary_rpc_method_handler, Segment, Text)
def collect(pieces, _):
    parts = [text for piece in pieces for text in piece.texts]
    return Text(text=b"".join(parts)[::-1])


@serves(grpc.unary_stream_rpc_method_handler, Spelt, Segment)
def spell(asked, _):
    lines = asked.text.splitlines(keepends=True)[::-1]
    for at in range(0, len(lines), asked.segment):
        yield Segment(texts=lines[at:at + asked.segment])


@serves(grpc.stream_stream_rpc_method_handler, Segment, Segment)
def each(pieces, _):
    for piece in pieces:
        yield Segment(texts=[text[::-1] for text in piece.texts])


def main(address):
    server = grpc.server(
        concurrent.futures.ThreadPoolExecutor(max_workers=4),
        options=[("grpc.max_receive_message_length", -1)])
    server.add_generic_rpc_handlers((
        grpc.method_handlers_generic_handler("bench.Reverse", METHODS),))
    server.add_insecure_port(f"unix:{address}" if address[0] == "/"
                             else f"127.0.0.1:{address}")
    server.start()
    server.wait_for_termination()


main(sys.argv[1])
