"""Reading audit's ``key=value`` text in SQL: tokens, values, encodings.

Audit writes a value that somebody else chose (a file's name, an argument, an account) in double
quotes, or, where it holds a blank, a quote, a control character or a byte above 126, as upper
case hex without quotes. So a blank always ends a token of the kernel's. Programs' own records
(``msg='...'``) and AppArmor's are laxer; :data:`LOOSE` reads those.

Sources: kernel/audit.c (audit_log_untrustedstring), auditsc.c (audit_log_execve_info), audit
userspace's auparse/typetab.h and specs/fields/field-dictionary.csv.
"""

from __future__ import annotations

__all__ = ["HEADER", "MACROS", "NAMES", "NUMBERS", "TEXTS", "UNTRUSTED"]

HEADER = (
    r"^\s*(?:node=(\S+) )?type=(\S+) (?:msg=)?audit\(([0-9]{1,12}\.[0-9]{3}:[0-9]{1,10})\):?\s*"
)
"""What begins a record: node, type, and ``seconds.milliseconds:serial``."""

_UNTRUSTED = """
    acct apparmor argv cgroup cmd cmdline comm cwd data denied_mask device dir exe file grp info
    invalid_context key name new-chardev new-disk new-fs new-net new-rng new_group ocomm
    old-chardev old-disk old-fs old-net old-rng operation path proctitle profile requested_mask
    root_dir sw vm watch
"""
UNTRUSTED = frozenset(_UNTRUSTED.split())
"""Keys whose values are hex where they are not quoted."""

NUMBERS = ("pid", "ppid", "auid", "uid", "gid", "euid", "suid", "fsuid", "egid", "ses", "exit")
"""Keys with a column of numbers."""

_TEXTS = """
    tty comm exe success res key acct addr hostname terminal op syscall arch cwd cmdline proctitle
"""
TEXTS = tuple(_TEXTS.split())
"""Keys with a column of text."""

NAMES = (*NUMBERS, *TEXTS)

# One UTF-8 character in hex, or, last, a byte that begins none.
_UTF8 = "|".join(
    (
        "[0-7][0-9A-F]",
        "(?:C[2-9A-F]|D[0-9A-F])[89AB][0-9A-F]",
        "E0[AB][0-9A-F][89AB][0-9A-F]",
        "E[1-9A-CEF](?:[89AB][0-9A-F]){2}",
        "ED[89][0-9A-F][89AB][0-9A-F]",
        "F0[9AB][0-9A-F](?:[89AB][0-9A-F]){2}",
        "F[1-3](?:[89AB][0-9A-F]){3}",
        "F48[0-9A-F](?:[89AB][0-9A-F]){2}",
        "[0-9A-F]{2}",
    )
)

# A key, its value, and the words up to the next key: "op=adding user to group id=5".
_LOOSE = r'[A-Za-z_][A-Za-z0-9_.-]*(?:\[\d+\])?=(?:"[^"]*"|[^\s"]*)(?:\s+(?:[^\s=]+(?:\s+|$))*)?'

MACROS = (
    # hex -> text; bytes that are no UTF-8 become \xNN
    rf"""
    CREATE MACRO unhexed(hex) AS CASE
        WHEN regexp_full_match(hex, '(?:[0-7][0-9A-F])*') THEN decode(unhex(hex))
        ELSE array_to_string(list_transform(regexp_extract_all(hex, '{_UTF8}'), lambda x:
            CASE WHEN length(x) = 2 AND x >= '80' THEN '\x' || lower(x)
                 ELSE decode(unhex(x)) END), '') END
    """,
    r"""
    CREATE MACRO is_hex(value) AS regexp_full_match(value, '(?:[0-9A-F][0-9A-F])+')
    """,
    r"""
    CREATE MACRO plain(value) AS CASE
        WHEN starts_with(value, '"')
        THEN nullif(nullif(substr(value, 2, length(value) - 2), ''), '?')
        -- not IN, which DuckDB makes a join of
        ELSE nullif(nullif(nullif(nullif(value, ''), '?'), '(null)'), '(none)') END
    """,
    r"""
    CREATE MACRO untrusted(value) AS CASE
        WHEN starts_with(value, '"')
        THEN nullif(nullif(substr(value, 2, length(value) - 2), ''), '?')
        WHEN is_hex(value) THEN unhexed(value)
        ELSE plain(value) END
    """,
    # an argument: its own "" and "?" are true
    r"""
    CREATE MACRO argument(value) AS CASE
        WHEN starts_with(value, '"') THEN substr(value, 2, length(value) - 2)
        WHEN is_hex(value) THEN unhexed(value)
        WHEN value = '(null)' THEN NULL
        ELSE value END
    """,
    r"""
    CREATE MACRO identity(value) AS nullif(nullif(try_cast(value AS BIGINT), 4294967295), -1)
    """,
    # the words of the record, msg='...' opened
    r"""
    CREATE MACRO opened(body) AS replace(replace(
        -- words before the first key say what was done, as op= does today
        CASE WHEN NOT contains(body, 'msg=''') THEN body
             WHEN regexp_matches(body, '(?:^|\s)msg=''[^= '']+[ '']')
             THEN regexp_replace(body, '(^|\s)msg=''', '\1op=')
             ELSE regexp_replace(body, '(^|\s)msg=''', '\1') END || chr(29),
        '''' || chr(29), ' '), chr(29), ' ')
    """,
    # no blank within a value, no blank but one between words
    r"""
    CREATE MACRO is_clean(words) AS NOT (
        contains(words, '  ') OR contains(words, chr(9)) OR contains(words, chr(10))
        OR contains(words, ''' ') OR regexp_matches(words, '="[^" ]* '))
    """,
    # SELinux: avc:  denied  { read write } for  pid=...; auparse calls these seresult and seperms
    r"""
    CREATE MACRO selinux(words) AS CASE
        WHEN contains(words, 'avc:  ') THEN [
            'seresult=' || regexp_extract(words, 'avc:\s+(\w+)', 1),
            'seperms=' || regexp_extract(words, '\{ ([^}]*?) \}', 1)] ELSE [] END
    """,
    # what stands before the first key: "auditd start, ver=..."
    r"""
    CREATE MACRO before_keys(words) AS CASE
        WHEN contains(words, 'avc:  ') OR regexp_matches(words, '^(?:user|tty|login)\s') THEN []
        ELSE list_transform(list_filter([rtrim(
            regexp_extract(words, '^((?:[^\s=]+(?:\s+|$))*)', 1), ' ,:')],
            lambda x: x <> ''), lambda x: 'msg=' || x) END
    """,
    rf"""
    CREATE MACRO loose(words) AS list_concat(before_keys(words), selinux(words), list_transform(
        regexp_extract_all(
            regexp_replace(regexp_replace(regexp_replace(regexp_replace(rtrim(words, ' '''),
                -- Linux 2.6: (hostname=192.0.2.1, addr=192.0.2.1, terminal=ssh res=success)
                '\((hostname=)', '\1'), '\)$', ''),
                -- "old auid=4294967295 new auid=0 old ses=4294967295 new ses=2"
                '\bold (auid|ses)=', 'old-\1=', 'g'), '\bnew (auid|ses)=', '\1=', 'g'),
            '{_LOOSE}'),
        lambda x: CASE
            WHEN regexp_matches(x, '^[^=]+="') THEN regexp_extract(x, '^[^=]+="[^"]*"?')
            ELSE rtrim(x, ' ,:''') END))
    """,
    r"""
    CREATE MACRO tokens(words, clean) AS
        CASE WHEN clean THEN string_split(words, ' ') ELSE loose(words) END
    """,
    # the keys, each with its =; of a word that has none, nothing
    r"""
    CREATE MACRO keys(tokens) AS array_to_string(
        list_transform(tokens, lambda x: left(x, instr(x, '='))), ' ')
    """,
    r"""
    CREATE MACRO has_bare(keys) AS starts_with(keys, ' ') OR contains(keys, '  ')
    """,
)
