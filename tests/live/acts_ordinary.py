"""Ordinary administration: what people type on a host all day, in ssh sessions of three people.

The texts are shell lines. :func:`planned` reads from them which programs they execute, so that
the test can say that all of it was seen. Lines whose programs a bare machine lacks are left out.
"""

from __future__ import annotations

import shlex
import shutil
from collections import Counter

from .plan import PASSWORD, UIDS, Act
from .rows import ssh

__all__ = ["ordinary_executions", "ordinary_plan"]

_LOOKS = """
cd /home/lh_mara
whoami
id
hostname
uname -r
date -u
uptime
w
last -n 5
df -h /
du -sh /etc/ssh
free -m
ps aux
ps -ef --forest
ls -la
ls -l /var/log
cat /etc/os-release
env
ip address
ip route
ss -tln
dpkg -l openssh-server
dpkg -S /usr/sbin/sshd
apt-cache policy openssh-server
tail -n 20 /var/log/dpkg.log
grep -c status /var/log/dpkg.log
find /var/log -maxdepth 1 -name '*.log'
crontab -l
"""
_DEVELOPS = """
cd /home/lh_bob
mkdir -p shop/tests
cd shop
printf 'def total(prices):\\n    return sum(prices)\\n' > shop.py
printf 'import shop\\nassert shop.total([1, 2]) == 3\\n' > tests/test_shop.py
python3 -m compileall -q shop.py
env PYTHONPATH=. python3 tests/test_shop.py
python3 -c 'import json, sys; json.dump({"ok": True}, sys.stdout)'
git init -q
git config user.email bob@example.com
git config user.name Bob
git add shop.py tests
git commit -q -m 'Totals'
git log --oneline
git status --short
git checkout -q -b prices
git diff main
git archive -o ../shop.tar HEAD
grep -rn total .
find . -name '*.py' -newer tests -print
find . -type f -name '*.pyc' -delete
sed -i s/total/sum_of/ shop.py
awk '{ print $1 }' shop.py
sort shop.py | uniq -c | sort -rn | head -n 3
wc -l shop.py tests/test_shop.py
diff shop.py tests/test_shop.py
chmod 644 shop.py
tar -czf ../shop.tgz .
tar -tzf ../shop.tgz
gzip -k shop.py
zcat shop.py.gz | head -n 1
sha256sum ../shop.tgz
base64 shop.py
xargs -n 1 echo < shop.py
cp -a . ../shop.old
mv ../shop.old ../shop.older
rm -rf ../shop.older
touch notes.txt
ln -s notes.txt notes
readlink -f notes
stat shop.py
cut -d: -f1 /etc/passwd
ssh-keygen -q -t ed25519 -N '' -f /home/lh_bob/.ssh_new
ssh-keygen -l -f /home/lh_bob/.ssh_new.pub
"""
_ADMINISTERS = f"""
cd /home/lh_sue
echo {PASSWORD} | sudo -S -p '' -v
sudo -l
sudo cat /var/log/auth.log
sudo tail -n 50 /var/log/dpkg.log
sudo grep -i error /var/log/dpkg.log
sudo service --status-all
sudo service cron restart
sudo service rsyslog status
sudo systemctl restart ssh
sudo systemctl status cron --no-pager
sudo systemctl daemon-reload
sudo sshd -t
sudo visudo -c
sudo useradd -m -s /bin/bash lh_new
sudo usermod -a -G adm lh_new
sudo passwd -l lh_new
sudo chage -l lh_new
sudo groupadd lh_team
sudo gpasswd -a lh_new lh_team
sudo install -d -o lh_new -g lh_team -m 750 /var/lib/lh_team
sudo chown -R lh_new:lh_team /var/lib/lh_team
sudo chmod g+w /var/lib/lh_team
getent passwd lh_new
sudo gpasswd -d lh_new lh_team
sudo groupdel lh_team
sudo userdel -r lh_new
printf '15 3 * * * /usr/bin/find /home/lh_sue/tmp -mtime +7 -delete\\n' > jobs
crontab jobs
crontab -l
echo '30 2 * * * root /usr/local/bin/nightly' | sudo tee /etc/cron.d/lh_nightly
sudo sed -i s/30/45/ /etc/cron.d/lh_nightly
sudo rm /etc/cron.d/lh_nightly
mkdir -p notes/DEBIAN notes/etc notes/var/lib/lh-notes
echo 'color = yes' > notes/etc/lh-notes.conf
printf 'Package: lh-notes\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: Sue <sue@example.com>\\nDescription: notes\\n' > notes/DEBIAN/control
printf '#!/bin/sh\\nset -e\\nchmod 750 /var/lib/lh-notes\\nif [ -x /usr/sbin/update-rc.d ]; then update-rc.d cron defaults >/dev/null || true; fi\\n' > notes/DEBIAN/postinst
chmod 755 notes/DEBIAN/postinst
dpkg-deb --root-owner-group --build notes lh-notes_1.0_all.deb
sudo dpkg -i lh-notes_1.0_all.deb
sed -i 's/1\\.0/1.1/' notes/DEBIAN/control
dpkg-deb --root-owner-group --build notes lh-notes_1.1_all.deb
sudo apt-get install -q -y --no-install-recommends ./lh-notes_1.1_all.deb
dpkg -l lh-notes
dpkg -L lh-notes
sudo apt-get remove -q -y lh-notes
sudo dpkg --purge lh-notes
sudo dpkg --configure -a
sudo apt-get clean
sudo logrotate -d /etc/logrotate.conf
sudo hostname
sudo date -u
sudo du -sh /var/log
sudo find /var/log -name '*.gz' -mtime +30
sudo -u lh_bob ls -la /home/lh_bob
sudo -u lh_bob git -C /home/lh_bob/shop log --oneline
sudo kill -0 1
"""
_BACKS_UP = f"""
cd /home/lh_sue
echo {PASSWORD} | sudo -S -p '' -v
sudo mkdir -p /var/backups/lh
sudo tar -czf /var/backups/lh/etc.tgz /etc/ssh /etc/apt
sudo tar -czf /var/backups/lh/home.tgz --exclude=.cache /home/lh_bob
sudo tar -tzf /var/backups/lh/etc.tgz
sudo sha256sum /var/backups/lh/etc.tgz
sudo cp -a /etc/ssh /var/backups/lh/ssh
sudo diff -r /etc/ssh /var/backups/lh/ssh
sudo gzip -t /var/backups/lh/home.tgz
sudo dd if=/dev/zero of=/var/backups/lh/pad bs=1024 count=4
sudo split -b 64k /var/backups/lh/etc.tgz /var/backups/lh/part.
sudo find /var/backups/lh -type f -mtime +14 -delete
sudo chmod -R go-rwx /var/backups/lh
sudo ls -la /var/backups/lh
sudo du -sk /var/backups/lh
sync
sudo rm -rf /var/backups/lh
"""
_USERS = ("lh_mara", "lh_bob", "lh_sue")
_PEOPLE = {
    "looks": ("lh_mara", _LOOKS),
    "develops": ("lh_bob", _DEVELOPS),
    "administers": ("lh_sue", _ADMINISTERS),
    "backs up": ("lh_sue", _BACKS_UP),
}
"""Act -> whose it is, and what is typed."""

_BUILTIN = {"cd", "echo", "printf"}
_ENDS = {"|", ";", "&&", "||"}


def planned(line: str) -> list[str]:
    """Return the programs that a shell line executes: of sudo, also what it runs."""
    words = list(shlex.shlex(line, posix=True, punctuation_chars=True))
    found: list[str] = []
    command: list[str] = []
    for word in [*words, ";"]:
        if word not in _ENDS:
            command.append(word)
            continue
        if command and command[0] not in _BUILTIN:
            found.append(command[0])
            found += _under_sudo(command[1:]) if command[0] == "sudo" else []
            found += ["python3"] if command[0] == "env" and "python3" in command else []
        command = []
    return found


def _under_sudo(words: list[str]) -> list[str]:
    if words[0] == "-u":
        return [words[2]]
    return [] if words[0].startswith("-") else [words[0]]


def _lines(text: str) -> list[str]:
    """Return the lines whose programs are there."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return [
        line
        for line in text.strip().splitlines()
        if all(shutil.which(name, path=path) for name in planned(line))
    ]


def ordinary_executions() -> dict[str, Counter[str]]:
    """Return act -> programs, and how often each is executed at least."""
    return {
        name: Counter(program for line in _lines(text) for program in planned(line))
        for name, (_, text) in _PEOPLE.items()
    }


def ordinary_plan() -> list[Act]:
    passwords = "".join(f"{user}:{PASSWORD}\n" for user in _USERS)
    before = [
        *(("useradd", "-u", str(UIDS[user]), "-m", "-s", "/bin/bash", user) for user in _USERS),
        ("usermod", "-a", "-G", "sudo", "lh_sue"),
    ]
    says = "read s < /proc/self/sessionid; echo ses=$s\n"
    people = enumerate(_PEOPLE.items())
    return [
        *(Act(" ".join(argv), "before", "run", argv=argv) for argv in before),
        Act("chpasswd", "before", "run", argv=("chpasswd",), input=passwords),
        *(
            ssh(name, "climb", user, 48300 + n, keys=("k1",),
                command=f"{says}{chr(10).join(_lines(text))}\n:")
            for n, (name, (user, text)) in people
        ),
    ]  # fmt: skip
