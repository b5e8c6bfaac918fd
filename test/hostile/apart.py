"""A network of the test's own, where peers have addresses of their own.

On the loopback of the host all are this host, which has no share of anything.
"""

import contextlib
import os
import socket
import subprocess
import sys

SERVER = "192.0.2.1"
HOSTS = [f"192.0.2.{number}" for number in range(2, 52)]
# Two of one network, and one of another.
SERVER6 = "2001:db8::1"
HOSTS6 = ["2001:db8:0:1::2", "2001:db8:0:1::3", "2001:db8:0:2::2"]

_INSIDE = "TEST_APART"
# At the loopback device that is all addresses of the network.
_SET_UP = f"ip link set lo up && ip address add {SERVER}/24 dev lo"
_SET_UP6 = " && ".join(
    f"ip address add {host}/128 dev lo nodad" for host in [SERVER6, *HOSTS6])

# Whoever is root in name alone cannot become another user.
OPTIONS = ["--user", "root"]


def works(command):
    try:
        return subprocess.run(command, stderr=subprocess.DEVNULL,
                              check=False).returncode == 0
    except FileNotFoundError:
        return False


def has_ipv6():
    """Where the host has none, its networks have none."""
    with contextlib.suppress(OSError), \
            socket.socket(socket.AF_INET6) as probe:
        probe.bind((SERVER6, 0))
        return True
    return False


def is_inside():
    return _INSIDE in os.environ


def enter():
    """Goes on with this program there; False where there is none."""
    if is_inside():
        return True
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    os.environ[_INSIDE] = "yes"
    for kind in ("-n", "-Urn"):
        inside = ["unshare", kind, "sh", "-c"]
        for set_up in (f"{_SET_UP} && {_SET_UP6}", _SET_UP):
            if works([*inside, set_up]):
                os.execvp("unshare", [*inside, f'{set_up} && exec "$@"', "sh",
                                      sys.executable, "-B", *sys.argv])
    return False


def go():
    """Goes on with this test there, or skips it."""
    if not enter():
        print("1..0 # SKIP no network of its own to be had")
        sys.exit()
