"""Whether the ports of the demo are free, told before anything is started."""

import socket
from collections.abc import Mapping

HOST = "127.0.0.1"


class PortRefused(Exception):
    """A port cannot be used; the text says which one, for what, and which flag changes it."""


def check_ports(ports: Mapping[str, int]) -> None:
    """Check the ports by their flag, e.g. {"--port": 5000}; raises PortRefused for the first bad one."""
    by_number: dict[int, str] = {}
    for flag, port in ports.items():
        if port in by_number:
            raise PortRefused(
                f"端口 {port} 被 {by_number[port]} 和 {flag} 同时使用，请分别指定。\n"
                f"Port {port} is given to both {by_number[port]} and {flag}. Choose different ones."
            )
        by_number[port] = flag
        if not _is_free(port):
            raise PortRefused(
                f"端口 {port} 已被占用或不可用，请换一个，例如：{flag} {_suggestion(ports)}\n"
                f"Port {port} is taken or not usable. Choose another, for example: "
                f"{flag} {_suggestion(ports)}"
            )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # A port that is only waiting out its last connections is free; one that listens is not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
    return True


def _suggestion(ports: Mapping[str, int]) -> int:
    wanted = set(ports.values())
    return next((port for port in range(5100, 5200) if port not in wanted and _is_free(port)), 0)
