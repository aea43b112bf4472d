"""Rules: what an intruder takes (credentials, data) and how it leaves."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import PUBLIC_ADDRESS, TEMP, Rule

__all__ = ["RULES"]

_READERS = (
    "cat less more head tail cp dd tar base64 base32 xxd od hexdump strings nl tac scp curl wget rsync zip "
    "7z gpg nc sort cut paste mv tee install bat batcat sftp rclone socat openssl python perl ruby php php "
    "unshadow john vi view diff xargs dmesg rev fold pr pv gzip uuencode basenc sed awk echo"
)
_ONE = r"(?:^|[ =@/<(␣'\"])"
_SITES = (
    r"(?:transfer\.sh|file\.io|0x0\.st|bashupload\.com|termbin\.com|ix\.io|paste\.(?:ee|rs)|pastebin\.com"
    r"|anonfiles?\.\w+|gofile\.io|webhook\.site|requestbin\.\w+|pipedream\.net|oastify\.com|oast\.\w+"
    r"|interact\.sh|burpcollaborator\.net|discord(?:app)?\.com/api/webhooks|api\.telegram\.org/bot\S*/send(?:Document|Photo)"
    r"|mega\.nz|temp\.sh|catbox\.moe|ngrok(?:-free)?\.(?:io|app)|trycloudflare\.com|serveo\.net|dpaste\.\w+|hastebin\.\w+|clbin\.com)"
)
_SECRETS = r"(?i)(?:passw|passwd|pwd|secret|api.?key|token|credential|PRIVATE␣KEY|aws_access|BEGIN)"
_CLOUD = (
    r"(?:\.aws/credentials|\.azure/(?:accessTokens|msal_token_cache|azureProfile)\S*|gcloud/(?:credentials\.db|legacy_credentials\S*"
    r"|application_default_credentials\.json|access_tokens\.db)|\.git-credentials|\.vault-token|\.kube/config|\.docker/config\.json"
    r"|/etc/kubernetes/admin\.conf|/secrets/kubernetes\.io/serviceaccount/token|/var/lib/kubelet/pki\S*|\.config/gh/hosts\.yml"
    r"|\.netrc|\.pgpass|\.my\.cnf|/etc/mysql/debian\.cnf|\.s3cfg|\.boto|\.terraform\.d/credentials\S*|\.config/doctl\S*|/etc/krb5\.keytab)"
)

RULES: tuple[Rule, ...] = (
    # Passwords of the host.
    Rule("Password hashes read", "T1003.008", "High", _READERS,
         rf"{_ONE}/etc/(?:shadow|gshadow|security/opasswd|master\.passwd|tcb/\S+/shadow)-?(?:[ '\")␣]|$)|^unshadow ",
         unless=r"shadow\.(?:bak|dpkg-\w+)$|^(?:sed|awk) [^<]*(?:\$2|!|^sed -n )|^(?:awk|vi|diff) |^(?:echo|printf) |>{1,2}/etc/g?shadow$",
         hint=r"/(?:g?shadow|opasswd|master\.passwd)|unshadow", why="every account's password hash is in it"),
    Rule("Password hashes read", "T1003.008", "Low", "grep egrep awk getent sed vi cp", r"/etc/g?shadow|^getent g?shadow",
         unless=r"^sed .*-i", hint=r"shadow", why="ordinary for a check of locked accounts and for backups"),
    Rule("Private key read", "T1552.004", "Medium", _READERS,
         rf"{_ONE}\S*(?:\.ssh/(?:id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|identity)|/etc/ssh/ssh_host_\w+_key|/etc/ssl/private/\S+|\.gnupg/(?:secring|private-keys)\S*)(?:[ '\")␣]|$)",
         unless=r"(?:^| )-i ?\S*id_|^(?:openssl (?:x509|rsa|pkey|req|verify|s_server)|rsync -\S* --server) ?|^openssl .* -in /etc/ssl|^vi |^echo ",
         hint=r"id_(?:rsa|dsa|ecdsa|ed25519)|ssh_host_|/ssl/private|\.gnupg|\.ssh/identity", why="whoever has it can log on elsewhere"),
    Rule("Cloud or service credentials read", "T1552.001", "Medium", _READERS.replace(" echo", ""), _CLOUD,
         unless=r"^(?:cp|install) (?:-\S+ )*/etc/kubernetes/admin\.conf |^vi |^curl .*--netrc|^(?:python|perl|php|node|sed) |-K |cacert",
         hint=r"\.aws|\.azure|gcloud|git-cred|vault-token|\.kube|\.docker|kubernetes|kubelet|\.config|netrc|pgpass|my\.cnf|debian\.cnf|s3cfg|boto|terraform|keytab",
         why="whoever has them acts as that account elsewhere"),
    Rule("Cloud identity asked for", "T1552.005", "Medium", "curl wget python nc fetch http",
         r"169\.254\.169\.254\S*/(?:iam/security-credentials|identity/oauth2/token|instance/service-accounts/\S+/token|user-data)"
         r"|metadata\.google\.internal\S*/(?:token|identity|ssh-keys|attributes)|169\.254\.170\.2/|100\.100\.100\.200/\S*ram"
         r"|169\.254\.169\.254/metadata/identity", hint=r"169\.254\.1|metadata\.google|100\.100\.100\.200",
         why="the host's own credentials in the cloud are handed out there"),
    Rule("Memory or environment of a process read", "T1003.007 T1552", "Medium", "cat strings grep egrep tr xargs dd xxd sed awk head less tail cp tar find python perl gdb gcore bash sh od",
         r"/proc/(?:\d+|\*|\$\w+|\[0-9\]\*?|\?+)/(?:environ|mem|maps)\b|^(?:gcore|gdb) .*(?:sshd|gnome-keyring|vsftpd|apache2|nginx|lightdm|ssh-agent)|/proc/kcore|/dev/k?mem\b",
         unless=r"/proc/self/|^gdb --args|^(?:grep|ls) [^/]*/proc/\d+/maps$|^(?:bash|sh) -c .*", hint=r"/proc/|/dev/k?mem|gcore|gdb", why="secrets lie there in the clear"),
    Rule("Logon program listened to", "T1056.001 T1003", "High", "strace ltrace gdb", r"(?:sshd|sudo|passwd|login|gdm|\bsu\b)",
         unless=r"^strace (?:-\w+ )*(?:sudo|ssh)\b|-c ?$", hint=r"(?:strace|ltrace|gdb).*(?:-p|--pid|attach)", why="passwords pass through it"),
    Rule("Passwords searched for", "T1552.001 T1552.003", "Medium", "grep egrep fgrep rg ag zgrep findstr xargs",
         rf"{_SECRETS}.* (?:/|/home/?|/home/\S+|/root/?\S*|/etc/?|/var/www/?\S*|/opt/?|/srv/?|/var/?|/mnt/?|/usr/?|\S*_history|~\S*)(?: |$)",
         unless=r"^\S+ (?:-\w+ )*'?(?:\^?Password\w+|PermitRootLogin)|/(?:log|config|src|tests?|docs?)/?\S*$|\.(?:py|js|go|java|md|conf|c|rb|ts)$|/srv/\S+/\S+", hint=r"(?i)passw|pwd|secret|api.?key|token|credential|private.?key|aws_access|begin",
         why="many files are searched for secrets"),
    Rule("Secrets looked for by file name", "T1552.001 T1083", "Medium", "find locate mlocate plocate fd",
         r"(?i)(?:id_rsa|id_ed25519|id_dsa|\.kdbx|\.pem|\.ppk|\.pfx|\.p12|credentials?|passw\w*|\.ovpn|wp-config|\.htpasswd|\.aws|\.git-cred|authorized_keys|_history|shadow|\.env)\b",
         unless=r"-delete|^find (?:\./?|\S+/(?:src|config|repo|build)\S*) |/(?:usr/share|etc)/(?:ca-certificates|ssl|letsencrypt)|certbot|-mtime|-newer|letsencrypt", hint=r"\b(?:find|m?locate|plocate|fd)\b.*(?i:id_|kdbx|pem|ppk|pfx|p12|cred|passw|ovpn|wp-config|\.aws|authorized|history|shadow|\.env)",
         why="the disk is searched for secrets"),
    Rule("Ways to root looked for", "T1083 T1548.001", "Medium", "find",
         r"-perm (?:[-/+]?(?:0?[4-7]000|0?[46][0-7]{3}|u[+=]s|g[+=]s|[ug]=s|,|\+s)|[-/]?\S*[+=]\S*s)|-(?:perm [-/]?(?:0?2|0?222|o[+=]w|-o\+w)|writable)\b.*(?:-type [fd])?",
         unless=r"^find /(?:var/www|srv|home|tmp|data|usr/local)/?\S* -type|-exec chmod|-xdev .*-perm -0?002\b", as_root="Low",
         hint=r"find.*(?:-perm|-writable)", why="the disk is searched for programs and files that give rights"),
    Rule("Ways to root looked for", "T1083 T1548.001", "Medium", "getcap", r"^getcap .*-r", as_root="Low", hint=r"getcap",
         why="the disk is searched for programs with capabilities"),
    Rule("History of commands read", "T1552.003", "Low", "cat less more head tail grep egrep strings vi awk", r"\.(?:bash|zsh|mysql|psql|python|sh)_history", hint=r"_history",
         why="passwords are at times typed where they are kept"),
    Rule("History of commands read", "T1552.003", "Medium", "cat less more head tail grep egrep strings find xargs cp tar awk",
         r"/home/\*/\.\w*history|/home/[^/ ]+/\.\w+_history .*/(?:root|home/[^/ ]+)/\.\w+_history|^(?:e?grep|awk) .*(?:passw|secret|token|pass)\S* .*_history", hint=r"_history",
         why="passwords are at times typed where they are kept"),
    # Out.
    Rule("Data packed where it is not looked for", "T1560.001 T1074.001", "Medium", "tar zip 7z 7za rar gzip xz bzip2 openssl gpg dd cp rsync mysqldump pg_dump pg_dumpall mongodump",
         rf"(?:-\w*[cf]\w*|^tar \w*c\w*f|-o|-out|--output|-O|a|of=|>|--file[= ]|-b?z?f) ?(?:=)?(?:/dev/shm/|/run/shm/|{TEMP}/(?:\S*/)?\.[a-z0-9])|^(?:zip|7z|rar) (?:\S+ )*?(?:/dev/shm/|{TEMP}/\.)|>(?:/dev/shm/|{TEMP}/\.)",
         unless=r"^tar (?:-?\w*x|-?t|--extract)|/\.(?:ansible|cache|npm|git|venv)|^(?:cp|rsync) .*/\.(?:X|ssh)", hint=rf"{TEMP}", why="what is to be taken away is collected there"),
    Rule("Keys and secrets packed", "T1560.001 T1552.004", "Medium", "tar zip 7z rar cpio", r"(?:/\.ssh\b|/\.aws\b|/\.gnupg\b|/\.kube\b|/etc/(?:shadow|passwd)\b|/etc/ssl/private)",
         unless=r"--exclude|^tar (?:-?\w*x|-?\w*t\b)", hint=r"\.ssh|\.aws|\.gnupg|\.kube|/etc/(?:shadow|passwd)|/ssl/private", why="keys are put into an archive"),
    Rule("Data sent away while packed", "T1048", "High", "", r"(?:^|¦ )(?:tar|zip|cat|dd|gzip|mysqldump|pg_dump\w*|base64|find|xxd)\b[^¦]*¦ (?:[^¦]*¦ )*?(?:nc|curl (?:\S+ )*(?:-T ?-?|--upload-file|-d ?@-|--data\S* ?@-|-F)|openssl s_client|socat|gs-netcat)",
         unless=r"curl [^¦]*(?:localhost|127\.0\.0\.1|--unix-socket)", hint=r"\|.*\b(?:nc|ncat|netcat|curl|s_client|socat|gs-netcat)\b", on="pipe", why="data goes straight into a connection"),
    Rule("File sent over a bare connection", "T1048.003", "Medium", "nc cat socat tftp ftp telnet", r"^nc .*<\S+|^cat \S+.*>&?/dev/tcp/|^socat .*FILE:\S+|^tftp .*(?:-c put|-p)|^nc (?:-\w+ )*\S+ \d+ <",
         hint=r"\b(?:nc|ncat|netcat|socat|tftp)\b|/dev/tcp/", why="a file goes out without any protocol"),
    Rule("Upload", "T1048 T1567", "Medium", "curl wget http",
         rf"(?:-T|--upload-file|-F|--form|-d|--data\S*|--post-file|--body-file)[= ]?.*(?:{PUBLIC_ADDRESS})|{PUBLIC_ADDRESS}\S* .*(?:-T|--upload-file|-F|--form|--data\S*|--post-file|-d)[= ]?\S*@?",
         unless=r"-X(?:GET|HEAD)|health", why="data goes to an address that has no name"),
    Rule("Upload", "T1567.002 T1567", "Medium", "curl wget nc http", rf"(?:-T|--upload-file|-F|--form|-d|--data\S*|--post-file).*{_SITES}|{_SITES}.*(?:-T|--upload-file|-F|--form|-d ?@|--data\S*|--post-file)|^nc .*{_SITES}",
         hint=_SITES, why="data goes to a site where anyone may leave files"),
    Rule("Upload", "T1048", "Medium", "curl wget http",
         rf"(?:-T|--upload-file|--post-file|-F \S+=@|--form \S+=@|-d ?@|--data\S* ?@)[= ]?(?:{TEMP}/\.|/dev/shm/|/etc/(?:passwd|shadow|hosts|ssh)|\S*/\.(?:ssh|aws|bash_history|kube))",
         why="what is sent lay in a place for hiding, or is a secret"),
    Rule("Upload", "T1048", "Low", "curl wget", r" (?:-T|--upload-file|--post-file)[= ]?\S", unless=r"https?://(?:localhost|127\.)", why="ordinary for builds"),
    Rule("Data sent in names", "T1048.003 T1071.004", "Medium", "", r"(?:^|¦ )(?:dig|nslookup|host|ping) .*(?:\$\(|\$\{?\w)[^¦]*\.\w+|(?:base64|xxd|od)[^¦]*¦ [^¦]*(?:¦ )?.*(?:dig|nslookup|host) ",
         hint=r"\b(?:dig|nslookup)\b.*\$|(?:base64|xxd).*\b(?:dig|nslookup|host)\b", on="line", why="queries of names carry data"),
    Rule("Data copied to another host", "T1048", "Low", "scp rsync sftp rclone", rf"@?{PUBLIC_ADDRESS}|\bcopy\b .*:", why="ordinary for backups"),
    Rule("Ransom", "T1486", "High", "", r"(?:-exec|xargs)[^¦]* (?:openssl enc|gpg|7z a -p|zip -\w*[eP])[^¦]*(?:-k|-pass|-passphrase|--passphrase|-p\S+|-P)", unless=r"^find /(?:var/backups|backup)", hint=r"(?:-exec|xargs).*(?:openssl|gpg|7z|zip)", why="many files are encrypted one by one"),
    Rule("Destruction", "T1485 T1561", "High", "dd rm shred mkfs mkfs.ext4 wipefs", r"^dd .*of=/dev/(?:sd[a-z]|nvme\dn\d|vd[a-z]|xvd[a-z])(?: |$).*|^rm (?:-\S+ )*(?:--no-preserve-root|/|/\*|/boot/?\*?|/etc/?\*?|/usr/?\*?|/home/?\*?)(?: |$)|^shred .*/dev/(?:sd|nvme|vd)",
         unless=r"^dd .*if=\S+\.(?:iso|img)|count=\d\b", hint=r"of=/dev/|no-preserve-root|\brm\s.*\s/(?:\s|$|\*|boot|etc|usr|home)|shred.*/dev/", why="the host's own files are destroyed"),
    Rule("Backups destroyed", "T1490", "Medium", "rm shred lvremove zfs btrfs restic borg", r"^(?:rm|shred) (?:-\S+ )*-?\w*r?\w* ?\S*/(?:backups?|snapshots?)/?\*?(?: |$)|^restic forget .*--keep-last 0|^borg delete ",
         hint=r"backup|snapshot|restic|borg", why="what would bring data back is removed"),
    Rule("Rights of the user asked for", "T1033 T1069.001", "Low", "sudo", r"^sudo (?:-\w )?-l(?: |$)|^sudo --list", why="what may this user do as root"),
)  # fmt: skip
