"""Runs a scanner so that every connection comes from another address of this machine, and counts what it is answered.

The portal limits what one network may do in a second. A scanner from one address would mostly be told 429 and would say
nothing about what is behind; so it comes as what it plays, a crowd of addresses (127.0.0.0/8 belongs to this machine
whole). No limit of the portal is changed: whoever is told by 429 to come back in a second does so. Nothing leaves this machine: a connection to any other address is refused.

    from_many.py COUNTS schemathesis|wapiti ARGUMENTS...     COUNTS: a file that gets {status: answers}
"""

import asyncio
import atexit
import collections
import ipaddress
import json
import random
import socket
import sys
import time
from pathlib import Path

WAITS = 8
"""How often at most."""
HERE = ipaddress.ip_network("127.0.0.0/8")
counts: collections.Counter = collections.Counter()
_connect = socket.socket.connect
_rng = random.Random(7)


def is_told_to_wait(answer) -> bool:
    """Whether an answer is that of a limit that refills by the second, such as an account's."""
    return answer.status_code == 429 and answer.headers.get("Retry-After") == "1"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host) in HERE
    except ValueError:
        return host == "localhost"


def _from_somewhere(self, address):
    if self.family == socket.AF_INET:
        if not _is_here(address[0]):
            raise OSError(f"{address[0]} is not this machine")
        if self.getsockname()[1] == 0:
            self.bind((str(HERE[_rng.randrange(1 << 16, (1 << 24) - 2)]), 0))
    elif self.family == socket.AF_INET6:
        raise OSError("only IPv4 addresses of this machine")
    return _connect(self, address)


def _schemathesis() -> None:
    import requests
    from schemathesis.cli import schemathesis

    send = requests.Session.send

    def counted(self, *args, **kwargs):
        for _ in range(WAITS):
            answer = send(self, *args, **kwargs)
            counts[answer.status_code] += 1
            if not is_told_to_wait(answer):
                break
            time.sleep(1)
        return answer

    requests.Session.send = counted
    schemathesis(prog_name="schemathesis")


def _wapiti() -> None:
    import httpx
    from wapitiCore.main.wapiti import wapiti_asyncio_wrapper

    send = httpx.AsyncClient.send

    async def counted(self, request, **kwargs):
        for _ in range(WAITS):
            answer = await send(self, request, **kwargs)
            counts[answer.status_code] += 1
            if not is_told_to_wait(answer):
                break
            await asyncio.sleep(1)
        if answer.status_code >= 500:
            print(f"[!] {answer.status_code} {request.method} {request.url}", file=sys.stderr)
        return answer

    httpx.AsyncClient.send = counted
    wapiti_asyncio_wrapper()


def main() -> None:
    """Puts the addresses in and hands over to the tool."""
    socket.socket.connect = _from_somewhere
    file, tool = Path(sys.argv[1]), sys.argv[2]
    sys.argv = sys.argv[2:]
    atexit.register(lambda: file.write_text(json.dumps(dict(sorted(counts.items())))))
    {"schemathesis": _schemathesis, "wapiti": _wapiti}[tool]()


if __name__ == "__main__":
    main()
