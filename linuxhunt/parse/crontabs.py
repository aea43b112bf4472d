"""cron, crontab, anacron, at and their kin: what ran, and who changed what runs.

Sources: Vixie/Debian cron and cronie (misc.c ``log_it``: ``(user) WHAT (detail)``; crontab.c), the
latter's anacron (runjob.c), Debian's run-parts and cronie's (``run-parts(dir)[pid]: starting
job``), at's atd.c, busybox crond.c, dcron and fcron.
"""

from __future__ import annotations

from linuxhunt.parse.shape import known, shape, table

__all__ = ["CRON"]

_RUN = {"EventType": "Run", "EventResult": "Success"}
_OK = {"EventResult": "Success"}
_WHO = r"^\((?P<ActorUsername>[^()]*)\)"
_WHOSE = r"^\((?P<TargetUsername>[^()]*)\)"

CRON = table(
    "cron",
    "cron crond crontab anacron atd at run-parts fcron dcron cronie fcrontab busybox",
    shape(rf"{_WHOSE} CMD \( *(?P<CommandLine>.*)\)$", ") CMD (", **_RUN),
    shape(
        rf"{_WHO} BEGIN EDIT \((?P<TargetUsername>.*)\)$",
        ") BEGIN EDIT (",
        EventType="Edit",
        **_OK,
    ),
    shape(
        rf"{_WHO} REPLACE \((?P<TargetUsername>.*)\)$", ") REPLACE (", EventType="Replace", **_OK
    ),
    shape(rf"{_WHO} DELETE \((?P<TargetUsername>.*)\)$", ") DELETE (", EventType="Delete", **_OK),
    shape(rf"{_WHO} LIST \((?P<TargetUsername>.*)\)$", ") LIST (", EventType="List", **_OK),
    shape(rf"{_WHOSE} RELOAD \(.*\)$", ") RELOAD (", EventType="Reload", **_OK),
    shape(
        rf"{_WHO} AUTH \((?P<Reason>crontab command not allowed)\)$",
        ") AUTH (crontab command not allowed)",
        EventType="Edit",
        EventResult="Failure",
    ),
    shape(
        rf"{_WHOSE} (?:FAILED to authorize user with PAM|PAM ERROR) \((?P<Reason>.*)\)$",
        " PAM",
        EventType="Run",
        EventResult="Failure",
    ),
    shape(
        rf"{_WHOSE} FAILED to open PAM security session \((?P<Reason>.*)\)$",
        ") FAILED to open PAM security session (",
        EventType="Run",
        EventResult="Failure",
    ),
    shape(
        r"^USER (?P<TargetUsername>\S+) pid +\d+ cmd (?P<CommandLine>.*)$",
        **_RUN,
    ),
    shape(
        r"^FILE (?P<File>\S+) USER (?P<TargetUsername>\S+) PID +\d+ (?:job \S+ )?(?:cmd )?"
        r"(?P<CommandLine>.*)$",
        **_RUN,
    ),
    shape(r"^Job [`'](?P<CommandLine>.*)' started$", **_RUN, TargetUsername="root"),
    shape(
        r"^Job '?(?P<CommandLine>.*?)'? started for user (?P<TargetUsername>\S+)"
        r"(?: \(pid \d+\))?$",
        **_RUN,
    ),
    shape(
        r"^Starting job (?P<Job>\d+) \((?P<CommandLine>\S+)\) for user '(?P<TargetUsername>.*)'"
        r" \(\d+\)$",
        **_RUN,
    ),
    shape(
        r"^(?:\((?P<Directory>.*?)\) )?starting (?P<CommandLine>.*)$",
        "starting ",
        **_RUN,
        TargetUsername="root",
    ),
    *(
        shape(rf"^\([^()]*\) {word}(?: |$)", f") {word}").silent()
        for word in (
            "END EDIT",
            "INFO",
            "info",
            "ERROR",
            "error",
            "STARTUP",
            "MAIL",
            "CMDOUT",
            "CMDEND",
            "ORPHAN",
            "WRONG",
            "FAILED",
            "BAD",
            "INSECURE",
            "DEATH",
            "UNSAFE",
            "NOT A",
            "CAN'T",
            "Syntax",
            "RANDOM_DELAY",
            "LOAD",
        )
    ),
    shape(r"^(?:\(.*?\) )?finished ", "finished ").silent(),
    *known(
        "Error: ",
        "Anacron ",
        "Normal exit",
        "Will run job",
        "Jobs will be executed",
        "Job `",
        "Job ",
        "Updated timestamp for job",
        "Exiting on signal",
        "Received SIGUSR1",
        "Can't find ",
        "wakeup dt=",
        "crond ",
        "job ",
        "Authentication failure",
        "updating configuration",
        "adding file ",
        "adding new file ",
    ),
)
