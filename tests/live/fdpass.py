"""ssh's ProxyCommand: connect from a chosen address and port, hand the socket to ssh.

Usage (with ``ProxyUseFdpass yes``): ``fdpass.py SOURCE SOURCE_PORT HOST PORT``.
The plan chooses the client's port, so that it knows it without reading any log.
"""

import socket
import sys


def main(source: str, source_port: str, host: str, port: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with (
        socket.socket(family, socket.SOCK_STREAM) as connection,
        socket.socket(fileno=sys.stdout.fileno()) as to_ssh,
    ):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        connection.bind((source, int(source_port)))
        connection.connect((host, int(port)))
        socket.send_fds(to_ssh, [b"\0"], [connection.fileno()])


if __name__ == "__main__":
    main(*sys.argv[1:])
