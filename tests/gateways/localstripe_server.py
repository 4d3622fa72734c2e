"""localstripe on a port of the loopback, as a process of its own.

It is under the GPL, so nothing of ours imports it: this file runs alone (`local_stripe` starts it)
and names it only when it does. Its port is the one line it prints.
"""

import socket
import sys
from importlib import import_module

from aiohttp import web


def main() -> None:
    # Its own start listens on every interface and keeps its store in a pickle in /tmp, where
    # whoever else is on this machine may put another.
    import_module("localstripe.resources").Store.dump_to_disk = lambda _store: None
    app = import_module("localstripe.server").app
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    web.run_app(app, sock=listening, print=None, access_log=None)


if __name__ == "__main__":
    main()
