"""The facility of a line that does not carry one, from the program that wrote it.

rsyslog's usual text formats drop the priority. What stands here is what Debian, Ubuntu and RHEL
configure or compile in:

* PAM writes to authpriv whatever program calls it, so a message that begins ``pam_`` is
  authpriv (Linux-PAM, ``pam_syslog``).
* sshd logs to auth, its compiled default and Debian's (``SyslogFacility AUTH``); RHEL sets
  AUTHPRIV. Both are authentication to every query here.
* shadow's tools, sudo, su, login, polkit and display managers use authpriv (``LOG_AUTHPRIV``).
* anything that is not in the table is daemon.

The severity of such a line is not known and stays null.
"""

from __future__ import annotations

import pyarrow as pa

__all__ = ["FACILITIES", "PROGRAMS", "SEVERITIES", "base_sql", "table"]

FACILITIES = (
    *("kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron"),
    *("authpriv", "ftp", "ntp", "audit", "alert", "clock"),
    *(f"local{number}" for number in range(8)),
)
"""By number (RFC 5424 section 6.2.1), in the words of syslog.h where it has one."""

SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")

_BY_FACILITY = {
    "auth": "sshd sshd-session sshd-auth systemd-logind dropbear login.defs",
    "authpriv": """sudo su login runuser doas sudo-rs useradd userdel usermod groupadd groupdel
        groupmod groupmems gpasswd passwd chpasswd chage chfn chsh newusers newgrp vipw adduser
        addgroup deluser delgroup polkitd polkit-agent-helper-1 pkexec gdm gdm-password
        gdm-launch-environment gdm3 sddm sddm-helper lightdm xdm agetty getty cockpit-session
        cockpit-ws realmd sssd sssd_be winbindd krb5kdc kadmind pwunconv pwconv userhelper
        unix_chkpwd remote-login rlogind rshd in.telnetd""",
    "cron": "cron crond anacron atd at crontab run-parts fcron",
    "kern": "kernel",
    "mail": """postfix sendmail sm-mta exim exim4 dovecot master opendkim spamd amavis
        fetchmail imapd pop3d""",
    "syslog": "rsyslogd syslogd syslog-ng systemd-journald journal klogd",
    "lpr": "cupsd cups lpd",
    "ftp": "vsftpd proftpd pure-ftpd ftpd in.ftpd",
    "user": "logger root",
}

PROGRAMS: dict[str, str] = {
    program: facility for facility, programs in _BY_FACILITY.items() for program in programs.split()
}
"""Program (lower case) to facility; what is not here is daemon."""


def table() -> pa.Table:
    """Return :data:`PROGRAMS` as columns ``program`` and ``facility``, to join with."""
    return pa.table({"program": list(PROGRAMS), "facility": list(PROGRAMS.values())})


def base_sql(program: str) -> str:
    """Return the SQL of what to look up for a program: ``postfix/smtpd`` is postfix.

    ``sshd(pam_unix)``, as old PAM writes it, is sshd; case is ignored.
    """
    return f"lower(split_part(split_part({program}, '/', 1), '(', 1))"
