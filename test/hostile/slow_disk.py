"""A server whose disk is slow or fails, made so by a preloaded library."""

import os
import shutil
import tempfile

from server import BUILD, Server


def started_with(*options, **disk):
    """A server of its own whose disk is as the library is told."""
    server = Server(*options)
    # The loader knows no spaces in a preload.
    with tempfile.NamedTemporaryFile(dir="/tmp") as library:
        shutil.copyfile(BUILD / "test/lib/disk.so", library.name)
        os.chmod(library.name, 0o755)
        settings = {"LD_PRELOAD": library.name, **disk}
        os.environ.update(settings)
        try:
            server.start()
        finally:
            for name in settings:
                del os.environ[name]
    return server
