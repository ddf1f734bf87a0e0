"""Listen on an address and serve an application there."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from engine.errors import UsageError


def serve(application: FastAPI, host: str, port: int, listening: Callable[[str], None]) -> None:
    """Serve until somebody stops it.

    Args:
        application: what answers.
        host: name or address, IPv4 or IPv6.
        port: 0 for any that is free.
        listening: is told the page's address once it can be opened.

    Raises: UsageError when the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        door = socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(
            f"{host}, port {port} cannot be listened on ({error.strerror}). "
            "Choose another --port or --host."
        ) from None
    config = uvicorn.Config(
        application, log_level="warning", access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=3,
    )  # fmt: skip
    with suppress(KeyboardInterrupt), door:
        name = f"[{host}]" if ":" in host else host
        listening(f"http://{name}:{door.getsockname()[1]}/")
        uvicorn.Server(config).run(sockets=[door])
