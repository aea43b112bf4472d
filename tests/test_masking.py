"""Secrets are masked wherever a form says that they are secrets, and nothing else is."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from linuxhunt import masking
from linuxhunt.masking import mask
from linuxhunt.views.text import escape, visible

SECRETS = [
    pytest.param("PGPASSWORD=hunter2 psql -h db01", "PGPASSWORD=*** psql -h db01", id="environment"),
    pytest.param("MYSQL_PWD=/hunter2 mysql; Pwd=/x1", "MYSQL_PWD=*** mysql; Pwd=***", id="pwd"),
    pytest.param("export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7", "export AWS_SECRET_ACCESS_KEY=***", id="aws"),
    pytest.param('{"api_key": "abc def", "n": 1}', '{"api_key": ***, "n": 1}', id="json"),
    pytest.param(r'body={\"password\":\"s3cret\"}', r"body={\"password\":***}", id="json-in-text"),
    pytest.param("db:\n  password: hunter2\n", "db:\n  password: ***\n", id="yaml"),
    pytest.param("tool --password hunter2 --host x", "tool --password *** --host x", id="option"),
    pytest.param("tool --db-password='a b' x", "tool --db-password=*** x", id="option-quoted"),
    pytest.param("git clone https://ci:t0ken@git.example.org/a", "git clone https://ci:***@git.example.org/a", id="url"),
    pytest.param("curl -H 'Authorization: Bearer abc.def' http://x", "curl -H 'Authorization: Bearer ***' http://x", id="header"),
    pytest.param("curl -s -u admin:hunter2 http://x/", "curl -s -u admin:*** http://x/", id="curl"),
    pytest.param("curl --user 'admin:hunter2' x", "curl --user 'admin:***' x", id="curl-quoted"),
    pytest.param("mysql -u root -phunter2 shop", "mysql -u root -p*** shop", id="mysql"),
    pytest.param("mysqldump -uroot -p'hun ter2' shop", "mysqldump -uroot -p*** shop", id="mysqldump"),
    pytest.param("sshpass -p hunter2 ssh a@b", "sshpass -p *** ssh a@b", id="sshpass"),
    pytest.param("ldapsearch -x -D cn=a -w hunter2 -b dc", "ldapsearch -x -D cn=a -w *** -b dc", id="ldap"),
    pytest.param("redis-cli -a hunter2 info", "redis-cli -a *** info", id="redis"),
    pytest.param("openssl enc -aes-256-cbc -pass pass:hunter2", "openssl enc -aes-256-cbc -pass ***", id="openssl"),
    pytest.param("openssl rsa -passin pass:hunter2 -in k", "openssl rsa -passin pass:*** -in k", id="openssl-in"),
    pytest.param("echo bob:hunter2 | chpasswd", "echo bob:*** | chpasswd", id="chpasswd"),
    pytest.param("echo 'bob:hunter2' | sudo /usr/sbin/chpasswd", "echo 'bob:***' | sudo /usr/sbin/chpasswd", id="sudo-chpasswd"),
    pytest.param("echo hunter2 | sudo -S id", "echo *** | sudo -S id", id="sudo-S"),
    pytest.param("echo hunter2 | passwd --stdin bob", "echo *** | passwd --stdin bob", id="passwd-stdin"),
    pytest.param("useradd -m -p $6$salt$AbCdEfGhIjKl bob", "useradd -m -p *** bob", id="useradd"),
    pytest.param("found $y$j9T$abcdefgh$ijklmnop in a file", "found $y$*** in a file", id="hash"),
    pytest.param("x ghp_0123456789abcdefghij y", "x ghp_*** y", id="github"),
    pytest.param("c eyJhbGciOiJI.eyJzdWIiOiIx.AbCdEf d", "c eyJ*** d", id="jwt"),
    pytest.param("azcopy cp 'https://a.example/b?sv=1&sig=AbCdEfGhIjKlMnOpQrStUvWx%3D'", "azcopy cp 'https://a.example/b?sv=1&sig=***'", id="sas"),
    pytest.param("AccountKey=abc/def==;EndpointSuffix=x", "AccountKey=***;EndpointSuffix=x", id="connection-string"),
    pytest.param("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END", "-----BEGIN OPENSSH PRIVATE KEY-----***-----END", id="key"),
]  # fmt: skip

PLAIN = [
    "Failed password for invalid user admin from 203.0.113.9 port 40001 ssh2",
    "Accepted publickey for deploy from 192.0.2.7 port 50000 ssh2: ED25519 SHA256:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg",
    "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1",
    "password changed for alice",
    "Guessed password: 325 failures from 203.0.113.9, then in as deploy",
    "passwd -l bob",
    "eve : TTY=pts/0 ; PWD=/home/eve ; USER=root ; COMMAND=/usr/bin/id",
    "eve : PWD=unknown ; USER=root ; COMMAND=/usr/bin/id",
    "env OLDPWD=/root PWD=/srv sh",
    "pam_unix(chpasswd:chauthtok): password changed for bob",
    "cat /etc/passwd",
    "ls -l /home/a/.ssh/id_ed25519 /etc/ssl/private/key.pem",
    "mysql -u root -p shop",
    "ssh -p 2222 a@192.0.2.1",
    "cp -p a b; mkdir -p /srv/x",
    "PASSWORD=$DB_PASSWORD ./run",
    "gpg --passphrase-file /root/p --decrypt x",
    "curl https://example.org/a:b@c",
    'type=USER_AUTH msg=audit(1.2:3): pid=1 op=PAM:authentication grantors=pam_unix acct="a"',
]


@pytest.mark.parametrize(("text", "masked"), SECRETS)
def test_masks(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize("text", PLAIN)
def test_leaves(text: str) -> None:
    assert mask(text) == text


@pytest.fixture
def shown() -> Iterator[None]:
    masking.show_secrets()
    yield
    masking.show_secrets(False)


def test_views_mask() -> None:
    assert visible("a\x00 --token abc") == r"a\x00 --token ***"
    assert escape("<b> --token abc") == "&lt;b&gt; --token ***"


@pytest.mark.usefixtures("shown")
def test_off() -> None:
    assert mask("a --token abc") == visible("a --token abc") == "a --token abc"


@pytest.mark.parametrize(
    "part",
    [
        "password=",
        "mysql -p",
        "echo a|",
        "curl -u a:",
        "eyJaaaaaaaa.",
        "a" * 41,
        "://a:",
        "'pass'",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_long_text_is_no_trap(part: str) -> None:
    """Four times the text takes no more than about four times the time."""

    def took(times: int) -> float:
        text = part * times
        began = time.process_time()
        mask(text)
        return time.process_time() - began

    took(100)
    assert took(20_000) < 12 * took(5_000) + 0.2
