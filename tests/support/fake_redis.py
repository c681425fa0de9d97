"""A stand-in for Redis on a loopback port: `python fake_redis.py PORT`. Not a real Redis."""

import sys

from fakeredis import TcpFakeServer


def main() -> None:
    """Serve until the process is ended."""
    server = TcpFakeServer(("127.0.0.1", int(sys.argv[1])), server_version=(7, 0))
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    main()
