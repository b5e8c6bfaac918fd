"""A server with a library of test/lib preloaded, or another allocator."""

import os
import pathlib
import shutil
import tempfile

from server import BUILD, Server, serving

# The sanitizers want to come before what is preloaded.
os.environ["ASAN_OPTIONS"] = (
    os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")


def started_with(name, *options, **settings):
    """A server of its own with the library of that name, which finds the
    settings in its environment."""
    server = Server(*options)
    # The loader knows no spaces in a preload.
    with tempfile.NamedTemporaryFile(dir="/tmp") as library:
        shutil.copyfile(BUILD / f"test/lib/{name}.so", library.name)
        os.chmod(library.name, 0o755)
        settings = {"LD_PRELOAD": library.name, **settings}
        os.environ.update(settings)
        try:
            server.start()
        finally:
            for setting in settings:
                del os.environ[setting]
    return server


def has_memory_of_its_own():
    """Sanitizers have, and what runs the server in its stead."""
    if os.environ.get("TEST_WRAPPER"):
        return True
    with serving() as server:
        maps = f"/proc/{server.process.pid}/maps"
        return "san.so" in pathlib.Path(maps).read_text(encoding="utf-8")
