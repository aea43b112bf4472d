"""Rules: data that is packed, sent away or destroyed."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import PUBLIC_ADDRESS, TEMP, Rule

__all__ = ["RULES"]

_SITES = (
    r"(?:transfer\.sh|file\.io|0x0\.st|bashupload\.com|termbin\.com|ix\.io|paste\.(?:ee|rs)"
    r"|pastebin\.com|anonfiles?\.\w+|gofile\.io|webhook\.site|requestbin\.\w+|pipedream\.net"
    r"|oastify\.com|oast\.\w+|interact\.sh|burpcollaborator\.net"
    r"|discord(?:app)?\.com/api/webhooks|api\.telegram\.org/bot\S*/send(?:Document|Photo)"
    r"|mega\.nz|temp\.sh|catbox\.moe|ngrok(?:-free)?\.(?:io|app)|trycloudflare\.com|serveo\.net"
    r"|dpaste\.\w+|hastebin\.\w+|clbin\.com)"
)

RULES: tuple[Rule, ...] = (
    # Out.
    Rule(
        "Data packed where it is not looked for",
        "T1560.001 T1074.001",
        "Medium",
        (
            "tar zip 7z 7za rar gzip xz bzip2 openssl gpg dd cp rsync mysqldump pg_dump "
            "pg_dumpall mongodump"
        ),
        pattern=(
            r"(?:-\w*[cf]\w*|^tar \w*c\w*f|-o|-out|--output|-O|a|of=|>|--file[= ]|-b?z?f) "
            rf"?(?:=)?(?:/dev/shm/|/run/shm/|{TEMP}/(?:\S*/)?\.[a-z0-9])|^(?:zip|7z|rar) (?:\S+ "
            rf")*?(?:/dev/shm/|{TEMP}/\.)|>(?:/dev/shm/|{TEMP}/\.)"
        ),
        unless=(
            r"^tar (?:-?\w*x|-?t|--extract)|/\.(?:ansible|cache|npm|git|venv)|^(?:cp|rsync) "
            r".*/\.(?:X|ssh)"
        ),
        hint=f"{TEMP}",
        why="what is to be taken away is collected there",
    ),
    Rule(
        "Keys and secrets packed",
        "T1560.001 T1552.004",
        "Medium",
        "tar zip 7z rar cpio",
        pattern=(
            r"(?:/\.ssh\b|/\.aws\b|/\.gnupg\b|/\.kube\b|/etc/(?:shadow|passwd)\b"
            "|/etc/ssl/private)"
        ),
        unless=r"--exclude|^tar (?:-?\w*x|-?\w*t\b)",
        hint=r"\.ssh|\.aws|\.gnupg|\.kube|/etc/(?:shadow|passwd)|/ssl/private",
        why="keys are put into an archive",
    ),
    Rule(
        "Data sent away while packed",
        "T1048",
        "High",
        "",
        pattern=(
            r"(?:^|¦ )(?:tar|zip|cat|dd|gzip|mysqldump|pg_dump\w*|base64|find|xxd)\b[^¦]*¦ "
            r"(?:[^¦]*¦ )*?(?:nc|curl (?:\S+ )*(?:-T ?-?|--upload-file|-d ?@-|--data\S* ?@-|-F)"
            "|openssl s_client|socat|gs-netcat)"
        ),
        unless=r"curl [^¦]*(?:localhost|127\.0\.0\.1|--unix-socket)",
        hint=r"\|.*\b(?:nc|ncat|netcat|curl|s_client|socat|gs-netcat)\b",
        on="pipe",
        why="data goes straight into a connection",
    ),
    Rule(
        "File sent over a bare connection",
        "T1048.003",
        "Medium",
        "nc cat socat tftp ftp telnet",
        pattern=(
            r"^nc .*<\S+|^cat \S+.*>&?/dev/tcp/|^socat .*FILE:\S+|^tftp .*(?:-c put|-p)|^nc "
            r"(?:-\w+ )*\S+ \d+ <"
        ),
        hint=r"\b(?:nc|ncat|netcat|socat|tftp)\b|/dev/tcp/",
        why="a file goes out without any protocol",
    ),
    Rule(
        "Upload",
        "T1048 T1567",
        "Medium",
        "curl wget http",
        pattern=(
            r"(?:-T|--upload-file|-F|--form|-d|--data\S*|--post-file|--body-file)[= "
            rf"]?.*(?:{PUBLIC_ADDRESS})|{PUBLIC_ADDRESS}\S* .*(?:-T|--upload-file|-F|--form"
            r"|--data\S*|--post-file|-d)[= ]?\S*@?"
        ),
        unless="-X(?:GET|HEAD)|health",
        why="data goes to an address that has no name",
    ),
    Rule(
        "Upload",
        "T1567.002 T1567",
        "Medium",
        "curl wget nc http",
        pattern=(
            rf"(?:-T|--upload-file|-F|--form|-d|--data\S*|--post-file).*{_SITES}|{_SITES}.*(?:-T"
            rf"|--upload-file|-F|--form|-d ?@|--data\S*|--post-file)|^nc .*{_SITES}"
        ),
        hint=_SITES,
        why="data goes to a site where anyone may leave files",
    ),
    Rule(
        "Upload",
        "T1048",
        "Medium",
        "curl wget http",
        pattern=(
            r"(?:-T|--upload-file|--post-file|-F \S+=@|--form \S+=@|-d ?@|--data\S* ?@)[= "
            rf"]?(?:{TEMP}/\.|/dev/shm/|/etc/(?:passwd|shadow|hosts|ssh)|\S*/\.(?:ssh|aws"
            "|bash_history|kube))"
        ),
        why="what is sent lay in a place for hiding, or is a secret",
    ),
    Rule(
        "Upload",
        "T1048",
        "Low",
        "curl wget",
        pattern=r" (?:-T|--upload-file|--post-file)[= ]?\S",
        unless=r"https?://(?:localhost|127\.)",
        why="ordinary for builds",
    ),
    Rule(
        "Data sent in names",
        "T1048.003 T1071.004",
        "Medium",
        "",
        pattern=(
            r"(?:^|¦ )(?:dig|nslookup|host|ping) .*(?:\$\(|\$\{?\w)[^¦]*\.\w+|(?:base64|xxd"
            "|od)[^¦]*¦ [^¦]*(?:¦ )?.*(?:dig|nslookup|host) "
        ),
        hint=r"\b(?:dig|nslookup)\b.*\$|(?:base64|xxd).*\b(?:dig|nslookup|host)\b",
        on="line",
        why="queries of names carry data",
    ),
    Rule(
        "Data copied to another host",
        "T1048",
        "Low",
        "scp rsync sftp rclone",
        pattern=rf"@?{PUBLIC_ADDRESS}|\bcopy\b .*:",
        why="ordinary for backups",
    ),
    Rule(
        "Ransom",
        "T1486",
        "High",
        "",
        pattern=(
            r"(?:-exec|xargs)[^¦]* (?:openssl enc|gpg|7z a -p|zip -\w*[eP])[^¦]*(?:-k|-pass"
            r"|-passphrase|--passphrase|-p\S+|-P)"
        ),
        unless="^find /(?:var/backups|backup)",
        hint="(?:-exec|xargs).*(?:openssl|gpg|7z|zip)",
        why="many files are encrypted one by one",
    ),
    Rule(
        "Destruction",
        "T1485 T1561",
        "High",
        "dd rm shred mkfs mkfs.ext4 wipefs",
        pattern=(
            r"^dd .*of=/dev/(?:sd[a-z]|nvme\dn\d|vd[a-z]|xvd[a-z])(?: |$).*|^rm (?:-\S+ "
            r")*(?:--no-preserve-root|/|/\*|/boot/?\*?|/etc/?\*?|/usr/?\*?|/home/?\*?)(?: |$)"
            "|^shred .*/dev/(?:sd|nvme|vd)"
        ),
        unless=r"^dd .*if=\S+\.(?:iso|img)|count=\d\b",
        hint=r"of=/dev/|no-preserve-root|\brm\s.*\s/(?:\s|$|\*|boot|etc|usr|home)|shred.*/dev/",
        why="the host's own files are destroyed",
    ),
    Rule(
        "Virtual machines ended",
        "T1489",
        "Medium",
        "esxcli vim-cmd",
        pattern=r"vm process kill .*force|vmsvc/power\.off|vmsvc/snapshot\.removeall",
        why="what ransomware does before it encrypts their disks",
    ),
    Rule(
        "Host brought down through the kernel",
        "T1529",
        "High",
        "",
        pattern=">{1,2}/proc/sysrq-trigger$",
        hint="sysrq-trigger",
        why="the kernel crashes or starts anew without any shutdown",
    ),
    Rule(
        "Backups destroyed",
        "T1490",
        "Medium",
        "rm shred lvremove zfs btrfs restic borg",
        pattern=(
            r"^(?:rm|shred) (?:-\S+ )*-?\w*r?\w* ?\S*/(?:backups?|snapshots?)/?\*?(?: |$)"
            "|^restic forget .*--keep-last 0|^borg delete "
        ),
        hint="backup|snapshot|restic|borg",
        why="what would bring data back is removed",
    ),
)
