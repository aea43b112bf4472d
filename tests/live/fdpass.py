"""ssh's ProxyCommand: connect from a chosen address and port, hand the socket to ssh.

Usage (with ``ProxyUseFdpass yes``): ``fdpass.py SOURCE SOURCE_PORT HOST PORT``.
The plan chooses the client's port, so that it knows it without reading any log.
"""

import os
import socket
import sys
from pathlib import Path


def main(source: str, source_port: str, host: str, port: str) -> None:
    ends = ((source, source_port), (host, port))  # getaddrinfo understands fe80::7%lo, bind not
    client, server = (socket.getaddrinfo(*end, type=socket.SOCK_STREAM)[0] for end in ends)
    with (
        socket.socket(server[0], socket.SOCK_STREAM) as connection,
        socket.socket(fileno=sys.stdout.fileno()) as to_ssh,
    ):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        connection.bind(client[4])
        if "LH_PID" in os.environ:  # the next process that is forked, sshd's, gets this pid
            last = int(os.environ["LH_PID"]) - 1
            Path("/proc/sys/kernel/ns_last_pid").write_text(str(last), "ascii")
        connection.connect(server[4])
        socket.send_fds(to_ssh, [b"\0"], [connection.fileno()])


if __name__ == "__main__":
    main(*sys.argv[1:])
