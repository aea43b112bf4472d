"""What the network sensor writes: Zeek's conn.log, tab separated, in order of ending.

Source: Zeek's base/protocols/conn/main.zeek (fields, conn_state, history) and its ASCII writer.
"""

from __future__ import annotations

from random import Random

from linuxhunt.evidence.sample_sim import Actor, World

__all__ = ["Wire"]

_FIELDS = [
    "ts:time",
    "uid:string",
    "id.orig_h:addr",
    "id.orig_p:port",
    "id.resp_h:addr",
    "id.resp_p:port",
    "proto:enum",
    "service:string",
    "duration:interval",
    "orig_bytes:count",
    "resp_bytes:count",
    "conn_state:string",
    "local_orig:bool",
    "local_resp:bool",
    "missed_bytes:count",
    "history:string",
    "orig_pkts:count",
    "orig_ip_bytes:count",
    "resp_pkts:count",
    "resp_ip_bytes:count",
    "tunnel_parents:set[string]",
]
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_HISTORY = {"SF": "ShADadFf", "S0": "S", "REJ": "Sr", "RSTO": "ShADadR", "RSTR": "ShADadr"}


class Wire:
    """The sensor in front of the hosts."""

    def __init__(self, world: World, random: Random) -> None:
        self._world = world
        self._random = random
        self._file = world.file("sensor/zeek/conn.log")
        names, types = zip(*(field.split(":", 1) for field in _FIELDS), strict=True)
        for line in (
            "#separator \\x09",
            "#set_separator\t,",
            "#empty_field\t(empty)",
            "#unset_field\t-",
            "#path\tconn",
            f"#open\t{world.time:%Y-%m-%d-%H-%M-%S}",
            "#fields\t" + "\t".join(names),
            "#types\t" + "\t".join(types),
        ):
            world.write(self._file, line)
        world.at_end.append(self._close)

    def port(self) -> int:
        """Draw a client's port, of Linux's ephemeral range."""
        return self._random.randrange(32768, 60999)

    def flow(
        self,
        source: str,
        target: str,
        port: int,
        service: str = "-",
        *,
        sent: int,
        received: int,
        duration: float,
        state: str = "SF",
        proto: str = "tcp",
    ) -> None:
        """Let a flow begin now; its line is written when it has ended."""
        flow = (source, self.port(), target, port)
        self._world.spawn(
            self._later(flow, service, sent, received, duration, state=state, proto=proto)
        )

    def ended(
        self,
        started: int,
        flow: tuple[str, int, str, int],
        service: str,
        sent: int,
        received: int,
        *,
        state: str = "SF",
        proto: str = "tcp",
    ) -> None:
        """Write the line of a flow that ended now.

        Args:
            started: microseconds since 1970.
            flow: source and its port, target and its port.
            service: as Zeek's analyzers name it, or ``-``.
            sent: payload bytes of the source.
            received: payload bytes of the target.
            state: Zeek's conn_state.
            proto: tcp or udp.
        """
        uid = "C" + "".join(self._random.choices(_BASE62, k=17))
        duration = f"{(self._world.now - started) / 1e6:.6f}"
        head = 28 if proto == "udp" else 52
        counts = [(size // 1400 + (1 if proto == "udp" else 4), size) for size in (sent, received)]
        history = "Dd" if proto == "udp" else _HISTORY[state]
        if state in ("S0", "REJ"):
            counts, sizes = [(1, 8), (int(state == "REJ"), 0)], ("-", "-")
            duration = "-" if state == "S0" else duration
        else:
            sizes = (str(sent), str(received))
        source, source_port, target, target_port = flow
        values = (
            f"{started // 1_000_000}.{started % 1_000_000:06d}",
            uid,
            source,
            source_port,
            target,
            target_port,
            proto,
            service,
            duration,
            *sizes,
            state,
            _local(source),
            _local(target),
            0,
            history,
            counts[0][0],
            counts[0][1] + head * counts[0][0],
            counts[1][0],
            counts[1][1] + head * counts[1][0],
            "-",
        )
        self._world.write(self._file, "\t".join(map(str, values)))

    def _later(
        self,
        flow: tuple[str, int, str, int],
        service: str,
        sent: int,
        received: int,
        duration: float,
        *,
        state: str,
        proto: str,
    ) -> Actor:
        started = self._world.now
        yield duration
        self.ended(started, flow, service, sent, received, state=state, proto=proto)

    def _close(self) -> None:
        self._world.now = self._world.end
        self._world.write(self._file, f"#close\t{self._world.time:%Y-%m-%d-%H-%M-%S}")


def _local(address: str) -> str:
    return "T" if address.startswith("10.") else "F"
