#!/usr/bin/python3 -B
"""The same work behind RPyC, for test/bench/rpyc_load.py.

rpyc_server.py ADDRESS
"""

import sys

import rpyc
from rpyc.utils.server import ThreadedServer


class Reverse(rpyc.Service):
    def exposed_once(self, text):
        return text[::-1]


def main(address):
    where = ({"socket_path": address} if address[0] == "/"
             else {"hostname": "127.0.0.1", "port": int(address)})
    ThreadedServer(Reverse, **where).start()


main(sys.argv[1])
