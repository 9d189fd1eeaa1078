"""Whose word counts about who is asking: the configured proxies' and nobody else's."""

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from reviewtool.settings import Network

Environ = dict[str, Any]
WSGI = Callable[[Environ, Any], Iterable[bytes]]
FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Whether ``address`` lies in one of ``networks``; a name or nonsense lies in none.

    >>> is_within("10.0.0.7", [ipaddress.ip_network("10.0.0.0/8")])
    True
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)


def client_address(peer: str, forwarded_for: str, proxies: Sequence[Network]) -> str:
    """The first address, from the near end, that is no proxy of ours.

    What stands before it was written by whoever asked and proves nothing.

    >>> ours = [ipaddress.ip_network("10.0.0.0/8")]
    >>> client_address("10.0.0.7", "1.2.3.4, 198.51.100.9, 10.0.0.8", ours)
    '198.51.100.9'
    """
    found = peer
    for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        if not is_within(found, proxies):
            break
        found = hop
    return found


class Proxies:
    """Takes client, scheme and host from trusted proxies; from others these headers go."""

    def __init__(self, app: WSGI, proxies: Sequence[Network]) -> None:
        self.app, self.proxies = app, proxies

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        said = {name: environ.pop(name, "") for name in FORWARDED}
        peer = environ.get("REMOTE_ADDR", "")
        if is_within(peer, self.proxies):
            environ["REMOTE_ADDR"] = client_address(
                peer, said["HTTP_X_FORWARDED_FOR"], self.proxies
            )
            scheme = said["HTTP_X_FORWARDED_PROTO"].rpartition(",")[2].strip()
            host = said["HTTP_X_FORWARDED_HOST"].rpartition(",")[2].strip()
            if scheme in {"http", "https"}:
                environ["wsgi.url_scheme"] = scheme
            if host:
                environ["HTTP_HOST"] = host
        return self.app(environ, start_response)
