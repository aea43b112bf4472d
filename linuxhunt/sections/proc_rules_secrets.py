"""Rules: credentials that are read or looked for."""

from __future__ import annotations

from linuxhunt.sections.proc_rule import Rule

__all__ = ["RULES"]

_READERS = (
    "cat less more head tail cp dd tar base64 base32 xxd od hexdump strings nl tac scp curl "
    "wget rsync zip 7z gpg nc sort cut paste mv tee install bat batcat sftp rclone socat "
    "openssl python perl ruby php php unshadow john vi view diff xargs dmesg rev fold pr pv "
    "gzip uuencode basenc sed awk echo debugfs tdbdump sqlite3"
)
_ONE = r"(?:^|[ =@/<(␣'\"])"
_SECRETS = r"(?i)(?:passw|passwd|pwd|secret|api.?key|token|credential|PRIVATE␣KEY|aws_access|BEGIN)"
_CLOUD = (
    r"(?:\.aws/credentials|\.azure/(?:accessTokens|msal_token_cache|azureProfile)\S*"
    r"|gcloud/(?:credentials\.db|legacy_credentials\S*|application_default_credentials\.json"
    r"|access_tokens\.db)|\.git-credentials|\.vault-token|\.kube/config|\.docker/config\.json"
    r"|/etc/kubernetes/admin\.conf|/secrets/kubernetes\.io/serviceaccount/token"
    r"|/var/lib/kubelet/pki\S*|\.config/gh/hosts\.yml|\.netrc|\.pgpass|\.my\.cnf"
    r"|/etc/mysql/debian\.cnf|\.s3cfg|\.boto|\.terraform\.d/credentials\S*|\.config/doctl\S*"
    r"|/etc/krb5\.keytab)"
)

RULES: tuple[Rule, ...] = (
    # Passwords of the host.
    Rule(
        "Password hashes read",
        "T1003.008",
        "High",
        _READERS,
        pattern=(
            rf"{_ONE}/etc/(?:shadow|gshadow|security/opasswd|master\.passwd|tcb/\S+/shadow)-?(?:[ "
            r"'\x22)␣]|$)|^unshadow "
        ),
        unless=(
            r"shadow\.(?:bak|dpkg-\w+)$|^(?:sed|awk) [^<]*(?:\$2|!|^sed -n )|^(?:awk|vi|diff) "
            r"|^(?:echo|printf) |>{1,2}/etc/g?shadow$|^cp (?:-\S+ )*(?:/etc/\S+ )+"
            r"/(?:(?:var|srv|mnt|data)/)?backups?(?:/[^. ][^/ ]*)*/?$"
        ),
        hint=r"/(?:g?shadow|opasswd|master\.passwd)|unshadow",
        why="every account's password hash is in it",
    ),
    Rule(
        "Password hashes read",
        "T1003.008",
        "Medium",
        _READERS,
        (
            r"/etc/(?:s[ha?*][\w?*\[\]]*[?*][\w?*-]*|\?h?[a?]?dow|\*(?:dow|ow|w)|g?shad[ow?*]*[?*]+)"
            r"(?: |$)"
        ),
        hint=r"/etc/[a-z]*[?*]",
        why="the shell finds the file of password hashes; the reader does not",
    ),
    Rule(
        "Password hashes read",
        "T1003.008",
        "Low",
        "grep egrep awk getent sed vi cp",
        pattern="/etc/g?shadow|^getent g?shadow",
        unless="^sed .*-i",
        hint="shadow",
        why="ordinary for a check of locked accounts and for backups",
    ),
    Rule(
        "Password hashes read",
        "T1003.008",
        "Medium",
        "awk gawk mawk",
        pattern=r"\{␣?print[^}=~!]*\$(?:2|0|NF)[^}]*\}.* /etc/g?shadow",
        hint="shadow",
        why="the column of password hashes is printed",
    ),
    Rule(
        "Private key read",
        "T1552.004",
        "Medium",
        _READERS,
        pattern=(
            rf"{_ONE}\S*(?:\.ssh/(?:id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|identity)"
            r"|/etc/ssh/ssh_host_\w+_key|/etc/ssl/private/\S+|\.gnupg/(?:secring"
            r"|private-keys)\S*)(?:[ '\x22)␣]|$)"
        ),
        unless=(
            r"(?:^| )-i ?\S*id_|^(?:openssl (?:x509|rsa|pkey|req|verify|s_server)|rsync -\S* "
            "--server) ?|^openssl .* -in /etc/ssl|^vi |^echo "
        ),
        hint=r"id_(?:rsa|dsa|ecdsa|ed25519)|ssh_host_|/ssl/private|\.gnupg|\.ssh/identity",
        why="whoever has it can log on elsewhere",
    ),
    Rule(
        "Cloud or service credentials read",
        "T1552.001",
        "Medium",
        _READERS.replace(" echo", ""),
        pattern=_CLOUD,
        unless=(
            r"^(?:cp|install) (?:-\S+ )*/etc/kubernetes/admin\.conf |^vi |^curl .*--netrc"
            "|^(?:python|perl|php|node|sed) |-K |cacert"
        ),
        hint=(
            r"\.aws|\.azure|gcloud|git-cred|vault-token|\.kube|\.docker|kubernetes|kubelet"
            r"|\.config|netrc|pgpass|my\.cnf|debian\.cnf|s3cfg|boto|terraform|keytab"
        ),
        why="whoever has them acts as that account elsewhere",
    ),
    Rule(
        "Stored passwords read",
        "T1555.003 T1555",
        "Medium",
        _READERS.replace(" echo", ""),
        pattern=(
            r"(?:/Login(?:␣|\\?\s)Data|/logins\.json|/key[34]\.db|/signons\.sqlite|/Web␣Data"
            r"|/cookies\.sqlite|(?:chrom\w*|brave|edge)\S*/Cookies)(?:[ '\x22)␣]|$)"
            r"|/keyrings/\S+\.keyring|/kwalletd?/\S+|\S\.kdbx?(?: |$)|/private/secrets\.tdb"
            r"|/ntds\.dit|/sssd/(?:db|secrets)/\S+|/NetworkManager/system-connections/\S"
        ),
        unless=r"^(?:vi|sed) ",
        hint=r"(?i)login|key[34]\.db|signons|web.data|cookies|keyring|kwallet|\.kdb|secrets\.tdb|ntds|sssd|system-connections",
        why="a store of passwords is read by a program that is not its owner",
    ),
    Rule(
        "Kerberos tickets looked for",
        "T1558.005 T1558",
        "Medium",
        "find cp cat base64 tar scp ls curl tee dd nc strings xxd",
        pattern=(
            r"^find .*krb5cc|^(?:cp|cat|base64|tar|scp|curl|tee|dd|nc|strings|xxd) .*/krb5cc_?\S*"
            r"|^(?:cp|base64|scp|tar|xxd|nc) .*\.keytab\b"
        ),
        unless=r"-mtime|-delete|^tar -?\w*x",
        hint="krb5cc|keytab",
        why="whoever holds a ticket or key table acts as its owner",
    ),
    Rule(
        "Secrets of a cluster asked for",
        "T1552.007",
        "Medium",
        "curl wget http",
        pattern=r"/api/v1/(?:namespaces/[^/ ]+/)?secrets\b|:10250/(?:run|exec|pods)|:2379/v[23]/",
        hint=r"/api/v1|:10250|:2379",
        why="the cluster's own interface is asked without its tools",
    ),
    Rule(
        "Start data of the cloud asked for",
        "T1552.005",
        "Medium",
        "curl wget python nc fetch http",
        pattern=r"169\.254\.169\.254\S*/user-data|metadata\.google\.internal\S*/attributes",
        hint=r"169\.254\.1|metadata\.google",
        as_root="Low",
        why="secrets are at times handed out there",
    ),
    Rule(
        "Cloud identity asked for",
        "T1552.005",
        "Medium",
        "curl wget python nc fetch http",
        pattern=(
            r"169\.254\.169\.254\S*/(?:iam/security-credentials|identity/oauth2/token"
            r"|instance/service-accounts/\S+/token)"
            r"|metadata\.google\.internal\S*/(?:token|identity|ssh-keys)"
            r"|169\.254\.170\.2/|100\.100\.100\.200/\S*ram|169\.254\.169\.254/metadata/identity"
        ),
        hint=r"169\.254\.1|metadata\.google|100\.100\.100\.200",
        why="the host's own credentials in the cloud are handed out there",
    ),
    Rule(
        "Memory or environment of a process read",
        "T1003.007 T1552",
        "Medium",
        (
            "cat strings grep egrep tr xargs dd xxd sed awk head less tail cp tar find python "
            "perl gdb gcore bash sh od"
        ),
        pattern=(
            r"/proc/(?:\d+|\*|\$\w+|\[0-9\]\*?|\?+)/(?:environ|mem|maps)\b|^(?:gcore|gdb) "
            ".*(?:sshd|gnome-keyring|vsftpd|apache2|nginx|lightdm|ssh-agent)|/proc/kcore"
            r"|/dev/k?mem\b"
        ),
        unless=r"/proc/self/|^gdb --args|^(?:grep|ls) [^/]*/proc/\d+/maps$|^(?:bash|sh) -c .*",
        hint="/proc/|/dev/k?mem|gcore|gdb",
        why="secrets lie there in the clear",
    ),
    Rule(
        "Memory or environment of a process read",
        "T1003.007 T1552",
        "Low",
        "gcore",
        as_root="Medium",
        why="what a process holds in memory was written to a file",
    ),
    Rule(
        "Logon program listened to",
        "T1056.001 T1003",
        "High",
        "strace ltrace gdb",
        pattern=r"(?:sshd|sudo|passwd|login|gdm|\bsu\b)",
        unless=r"^strace (?:-\w+ )*(?:sudo|ssh)\b|-c ?$",
        hint="(?:strace|ltrace|gdb).*(?:-p|--pid|attach)",
        why="passwords pass through it",
    ),
    Rule(
        "Passwords searched for",
        "T1552.001 T1552.003",
        "Medium",
        "grep egrep fgrep rg ag zgrep findstr xargs",
        pattern=(
            rf"{_SECRETS}.* (?:/|/home/?|/home/\S+|/root/?\S*|/etc/?|/var/www/?\S*|/opt/?|/srv/?"
            r"|/var/?|/mnt/?|/usr/?|\S*_history|~\S*)(?: |$)"
        ),
        unless=(
            r"^\S+ (?:-\w+ )*'?(?:\^?Password\w+|PermitRootLogin)|/(?:log|config|src|tests?"
            r"|docs?)/?\S*$|\.(?:py|js|go|java|md|conf|c|rb|ts)$|/srv/\S+/\S+"
        ),
        hint="(?i)passw|pwd|secret|api.?key|token|credential|private.?key|aws_access|begin",
        why="many files are searched for secrets",
    ),
    Rule(
        "Secrets looked for by file name",
        "T1552.001 T1083",
        "Medium",
        "find locate mlocate plocate fd",
        pattern=(
            r"(?i)(?:id_rsa|id_ed25519|id_dsa|\.kdbx|\.pem|\.ppk|\.pfx|\.p12|credentials?"
            r"|passw\w*|\.ovpn|wp-config|\.htpasswd|\.aws|\.git-cred|authorized_keys|_history"
            r"|shadow|\.env)\b"
        ),
        unless=(
            r"-delete|^find (?:\./?|\S+/(?:src|config|repo|build)\S*) |/(?:usr/share"
            "|etc)/(?:ca-certificates|ssl|letsencrypt)|certbot|-mtime|-newer|letsencrypt"
        ),
        hint=(
            r"\b(?:find|m?locate|plocate|fd)\b.*(?i:id_|kdbx|pem|ppk|pfx|p12|cred|passw|ovpn"
            r"|wp-config|\.aws|authorized|history|shadow|\.env)"
        ),
        why="the disk is searched for secrets",
    ),
    Rule(
        "Ways to root looked for",
        "T1083 T1548.001",
        "Medium",
        "find",
        pattern=(
            r"-perm (?:[-/+]?(?:0?[4-7]000|0?[46][0-7]{3}|u[+=]s|g[+=]s|[ug]=s|,|\+s)"
            r"|[-/]?\S*[+=]\S*s)|-(?:perm [-/]?(?:0?2|0?222|o[+=]w|-o\+w)|writable)\b.*(?:-type "
            "[fd])?"
        ),
        unless=(
            r"^find /(?:var/www|srv|home|tmp|data|usr/local)/?\S* -type|-exec chmod|-xdev "
            r".*-perm -0?002\b"
        ),
        hint="find.*(?:-perm|-writable)",
        as_root="Low",
        why="the disk is searched for programs and files that give rights",
    ),
    Rule(
        "Ways to root looked for",
        "T1083 T1548.001",
        "Medium",
        "getcap",
        pattern="^getcap .*-r",
        hint="getcap",
        as_root="Low",
        why="the disk is searched for programs with capabilities",
    ),
    Rule(
        "History of commands read",
        "T1552.003",
        "Low",
        "cat less more head tail grep egrep strings vi awk",
        pattern=r"\.(?:bash|zsh|mysql|psql|python|sh)_history",
        hint="_history",
        why="passwords are at times typed where they are kept",
    ),
    Rule(
        "History of commands read",
        "T1552.003",
        "Medium",
        "cat less more head tail grep egrep strings find xargs cp tar awk",
        pattern=(
            r"/home/\*/\.\w*history|/home/[^/ ]+/\.\w+_history .*/(?:root|home/[^/ "
            r"]+)/\.\w+_history|^(?:e?grep|awk) .*(?:passw|secret|token|pass)\S* .*_history"
        ),
        hint="_history",
        why="passwords are at times typed where they are kept",
    ),
    Rule(
        "Rights of the user asked for",
        "T1033 T1069.001",
        "Low",
        "sudo",
        pattern=r"^sudo (?:-\w )?-l(?: |$)|^sudo --list",
        why="what may this user do as root",
    ),
)
