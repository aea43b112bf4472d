"""More of a working host's ordinary commands, written before the rules were read.

Kinds that the other tables lack: configuration management, images and clusters, build runners,
backups, monitoring plugins, database care, certificates, snaps, diagnosis by people. One line a
command, as in :mod:`tests.sections.ordinary`. Nothing in here may be above Low.
"""

from __future__ import annotations

from tests.sections.actors import (
    ADMIN,
    ANSIBLE,
    DATABASE,
    DEVELOPER,
    JOBS,
    LOGIN,
    MONITOR,
    PACKAGES,
    ROOT,
    SYSTEM,
    Actor,
)

KUBELET = Actor("kubelet", None, 0, None, "/usr/bin/kubelet", "/", 4.0)
RUNC = Actor("image build", None, 0, None, "/usr/bin/runc", "/app", 1.0)
GITLAB = Actor(
    "gitlab-runner", None, 998, None, "/usr/bin/gitlab-runner", "/home/gitlab-runner/builds/x", 2.0
)
PUPPET = Actor("puppet", None, 0, None, "/opt/puppetlabs/puppet/bin/ruby", "/", 0.4)
SNAPD = Actor("snapd", None, 0, None, "/usr/lib/snapd/snapd", "/", 1.0)
ZABBIX = Actor("zabbix", None, 119, None, "/usr/sbin/zabbix_agentd", "/", 10.0)

_ANSIBLE = r"""
$ echo ~deploy && sleep 0
$ ( umask 77 && mkdir -p "` echo /root/.ansible/tmp `"&& mkdir "` echo /root/.ansible/tmp/ansible-tmp-1773309600.1-811-22 `" ) && sleep 0
/usr/bin/python3 /root/.ansible/tmp/ansible-tmp-1773309600.1-811-22/AnsiballZ_apt.py
/usr/bin/python3 /root/.ansible/tmp/ansible-tmp-1773309600.1-811-23/AnsiballZ_copy.py
chmod u+x /root/.ansible/tmp/ansible-tmp-1773309600.1-811-22/ /root/.ansible/tmp/ansible-tmp-1773309600.1-811-22/AnsiballZ_apt.py
rm -f -r /root/.ansible/tmp/ansible-tmp-1773309600.1-811-22/
/usr/sbin/sshd -t -f /root/.ansible/tmp/tmpx1
/usr/sbin/visudo -cf /root/.ansible/tmp/ansible-tmp-1773309600.1-811-24/source
systemctl show chrony.service
systemctl is-enabled node_exporter.service
useradd -r -s /usr/sbin/nologin node_exporter
usermod -aG docker deploy
/usr/bin/gpg --no-default-keyring --keyring /etc/apt/keyrings/docker.gpg --list-keys
getent passwd deploy
sysctl -w net.ipv4.ip_forward=1
timedatectl set-timezone Etc/UTC
update-alternatives --set editor /usr/bin/vim.basic
/usr/bin/crontab -u deploy -l
"""

_PUPPET = r"""
/usr/bin/dpkg-query -W --showformat '${Status} ${Package} ${Version}\n'
/usr/bin/systemctl is-active puppet
/usr/bin/apt-cache policy nginx
/usr/sbin/iptables-save
/usr/bin/stat -c %a /etc/sudoers.d/ops
/usr/bin/facter --json
/usr/sbin/service ssh reload
"""

_ADMIN = r"""
docker build -t registry.corp.example/shop:1.4.2 .
docker compose pull
docker compose up -d --remove-orphans
docker exec -it shop-db-1 psql -U shop
docker logs --tail 200 -f shop-web-1
docker system prune -af
docker run --rm -v /srv/shop/config:/config:ro alpine ls -l /config
kubectl get pods -A -o wide
kubectl describe node worker-3
kubectl logs -n shop deploy/api --since=1h
kubectl apply -f deploy/api.yaml
kubectl exec -n shop deploy/api -- env
kubectl port-forward svc/grafana 3000:3000
helm upgrade --install grafana grafana/grafana -n monitoring -f values.yaml
terraform plan -out=tf.plan
aws s3 ls s3://corp-backups/web01/
ssh -L 5432:db01.corp.example:5432 ana@bastion.corp.example
ssh -J bastion.corp.example db01.corp.example uptime
scp notes.txt ana@jump.corp.example:
rsync -av --delete build/ deploy@web02.corp.example:/srv/shop/
curl -I https://www.corp.example/
curl -s http://localhost:9100/metrics
wget https://github.com/prometheus/node_exporter/releases/download/v1.8.1/node_exporter-1.8.1.linux-amd64.tar.gz
tar xzf node_exporter-1.8.1.linux-amd64.tar.gz
ss -tlnp
lsof -i :8080
dig +short corp.example MX
mtr -rwc 10 www.corp.example
openssl s_client -connect www.corp.example:443 -servername www.corp.example
openssl x509 -in cert.pem -noout -dates
journalctl -u nginx --since today
grep -i error /var/log/syslog
find . -name '*.log' -mtime +30
history
ps auxf
htop
df -h
du -sh /var/log
tail -f /var/log/nginx/access.log
screen -S migrate
tmux attach -t ops
python3 -m venv .venv
python3 -m http.server 8000 --bind 127.0.0.1
vim deploy/api.yaml
sudo -l
sudo -i
id
w
last -n 20
uname -a
ssh-keygen -t ed25519 -f /home/ana/.ssh/id_ed25519
ssh-copy-id web02.corp.example
crontab -e
nc -zv db01.corp.example 5432
"""

_ROOT = r"""
apt update
apt-get install -y nginx
apt-key list
apt-mark hold linux-image-generic
snap refresh
snap install core --classic
certbot --nginx -d www.corp.example
certbot renew --dry-run
nginx -t
systemctl reload nginx
systemctl restart php8.2-fpm
systemctl edit nginx.service
systemctl daemon-reload
systemctl enable --now node_exporter
install -m 0644 node_exporter.service /etc/systemd/system/node_exporter.service
cp node_exporter-1.8.1.linux-amd64/node_exporter /usr/local/bin/
chown root:root /usr/local/bin/node_exporter
vim /etc/nginx/sites-available/shop
vim /etc/ssh/sshd_config
visudo
passwd ana
adduser mika
usermod -aG sudo mika
chage -l mika
ufw allow 443/tcp
ufw status verbose
iptables -L -n -v
iptables -I INPUT -s 203.0.113.200 -j DROP
fail2ban-client status sshd
tcpdump -ni eth0 port 53 -c 50
strace -p 4711
lsof -p 4711
dmesg -T
mount /dev/sdb1 /mnt/backup
fsck -n /dev/sdb1
lvextend -r -L +10G /dev/vg0/var
chmod 640 /etc/nginx/htpasswd
less /var/log/auth.log
tail -n 100 /var/log/audit/audit.log
ausearch -m avc -ts recent
semanage fcontext -l
restorecon -Rv /srv/www
journalctl --vacuum-size=500M
logrotate -f /etc/logrotate.d/nginx
modprobe br_netfilter
sysctl --system
update-grub
reboot
dd if=/dev/zero of=/swapfile bs=1M count=2048
mkswap /swapfile
cat /etc/fstab
rm -rf /var/cache/apt/archives/partial
kill -HUP 812
ln -s /etc/nginx/sites-available/shop /etc/nginx/sites-enabled/shop
"""

_RUNC = r"""
$ apt-get update && apt-get install -y --no-install-recommends curl ca-certificates && rm -rf /var/lib/apt/lists/*
$ curl -fsSL https://deb.nodesource.com/setup_20.x -o /tmp/setup.sh && bash /tmp/setup.sh
$ addgroup --system app && adduser --system --ingroup app app
$ pip install --no-cache-dir -r requirements.txt
$ chmod +x /app/entrypoint.sh
$ npm ci --omit=dev
$ echo "deb [signed-by=/etc/apt/keyrings/nginx.gpg] http://nginx.org/packages/debian bookworm nginx" > /etc/apt/sources.list.d/nginx.list
"""

_GITLAB = r"""
bash --login
git fetch origin +refs/pipelines/311:refs/pipelines/311 --depth 20 --prune --quiet
git checkout -f -q 1a2b3c4d
docker login -u gitlab-ci-token -p x registry.corp.example
docker push registry.corp.example/shop:1a2b3c4d
$ npm run build --if-present
mvn -B -q verify
go build -o /tmp/go-build331/b001/exe/app ./cmd/app
pytest -q tests
curl --fail --show-error --location https://gitlab.corp.example/api/v4/projects/7/packages
chmod 600 /home/gitlab-runner/builds/x.tmp/DEPLOY_KEY
ssh -i /home/gitlab-runner/builds/x.tmp/DEPLOY_KEY -o StrictHostKeyChecking=no deploy@web01.corp.example /srv/shop/deploy.sh 1a2b3c4d
tar czf artifacts.tgz dist
"""

_DEVELOPER = r"""
npm install
node scripts/postinstall.js
pip install -e .[dev]
git push origin feature/basket
make test
cargo build --release
gcc -O2 -o hello hello.c
gdb ./hello core
python3 -c 'import json,sys; print(json.load(open("package.json"))["version"])'
node -e "console.log(process.version)"
perl -pi -e 's/foo/bar/g' README.md
ruby -e 'puts RUBY_VERSION'
base64 -d token.txt
curl -X POST -H 'Content-Type: application/json' -d @order.json http://localhost:3000/orders
grep -rn password src
chmod +x scripts/run.sh
./scripts/run.sh
"""

_JOBS = r"""
$ /usr/local/bin/backup.sh >/var/log/backup.log 2>&1
$ test -x /usr/bin/certbot -a \! -d /run/systemd/system && perl -e 'sleep int(rand(43200))' && certbot -q renew
tar -czf /srv/backup/etc-2026-03-12.tgz /etc
rsync -a --delete /srv/backup/ backup@store01.corp.example:/pool/web01/
borg create --stats --compression zstd /mnt/borg::web01-2026-03-12 /etc /home /srv /var/lib
restic -r s3:https://s3.corp.example/web01 backup /etc /home
mysqldump --single-transaction --all-databases
gzip -9 /srv/backup/all.sql
find /srv/backup -name '*.tgz' -mtime +14 -delete
$ [ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi
$ cd / && run-parts --report /etc/cron.hourly
/usr/lib/sysstat/sa1 1 1
curl -fsS -m 10 --retry 5 -o /dev/null https://hc.corp.example/ping/3f2
gpg --batch --encrypt -r backup@corp.example /srv/backup/all.sql.gz
aide --check
rkhunter --cronjob --report-warnings-only
freshclam --quiet
$ cat /srv/lists/*.txt | sort -u > /srv/lists/all
"""

_DATABASE = r"""
$ pgbackrest --stanza=main archive-push pg_wal/0000000100000000000000A1
$ test ! -f /mnt/wal/0000000100000000000000A1 && cp pg_wal/0000000100000000000000A1 /mnt/wal/0000000100000000000000A1
vacuumdb --all --analyze-in-stages
pg_dump -Fc -f /srv/backup/shop.dump shop
reindexdb shop
"""

_MONITOR = r"""
$ /usr/lib/nagios/plugins/check_disk -w 20% -c 10% -p /
/usr/lib/nagios/plugins/check_http -H www.corp.example -S
/usr/lib/nagios/plugins/check_procs -w 250 -c 400
/bin/ps axwo stat uid pid ppid vsz rss pcpu comm args
sudo /usr/lib/nagios/plugins/check_mailq -w 5 -c 10
"""

_ZABBIX = r"""
$ sudo smartctl -A /dev/sda | grep Temperature_Celsius | awk '{print $10}'
$ cat /proc/net/dev | grep eth0
$ netstat -tn | grep -c ESTABLISHED
$ who | wc -l
$ ps -ef | grep [n]ginx | wc -l
"""

_SNAPD = r"""
/usr/bin/snap run --hook=configure -r=unset lxd
/usr/lib/snapd/snap-confine --base core22 snap.lxd.hook.configure /usr/lib/snapd/snap-exec --hook=configure lxd
/usr/lib/snapd/snap-seccomp compile /var/lib/snapd/seccomp/bpf/snap.lxd.lxc.src /var/lib/snapd/seccomp/bpf/snap.lxd.lxc.bin2
apparmor_parser --replace --write-cache --cache-loc=/var/cache/apparmor /var/lib/snapd/apparmor/profiles/snap.lxd.lxc
mount -t squashfs -o nodev,ro,x-gdu.hide /var/lib/snapd/snaps/lxd_27037.snap /snap/lxd/27037
udevadm trigger --subsystem-nomatch=input
"""

_KUBELET = r"""
iptables -w 5 -W 100000 -N KUBE-MARK-DROP -t nat
iptables-restore -w 5 --noflush --counters
ip6tables -w 5 -C KUBE-FIREWALL -t filter -m comment --comment block -j DROP
mount -t tmpfs -o size=8388608 tmpfs /var/lib/kubelet/pods/3f/volumes/kubernetes.io~projected/kube-api-access
nsenter --mount=/rootfs/proc/1/ns/mnt -- /bin/systemctl status
conntrack -D -p udp --orig-dst 10.96.0.10
umount /var/lib/kubelet/pods/3f/volumes/kubernetes.io~projected/kube-api-access
/opt/cni/bin/calico
"""

_SYSTEM = r"""
/usr/lib/systemd/systemd-tmpfiles --clean
/usr/bin/certbot -q renew --no-random-sleep-on-renew
/usr/sbin/logrotate /etc/logrotate.conf
/usr/lib/apt/apt.systemd.daily update
/usr/local/bin/node_exporter --collector.systemd
/sbin/modprobe -q -- net-pf-16-proto-9
/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock
/sbin/auditctl -R /etc/audit/audit.rules
/sbin/augenrules --load
/bin/sh /etc/init.d/jenkins start
/usr/bin/bash /opt/actions-runner/runsvc.sh
"""

_PACKAGES = r"""
/bin/sh /var/lib/dpkg/info/docker-ce.postinst configure
groupadd --system docker
deb-systemd-helper unmask docker.service
systemctl --system daemon-reload
setcap cap_net_raw+ep /bin/ping
chmod 4755 /usr/bin/sudo
update-initramfs -u -k 6.1.0-18-amd64
depmod -a 6.1.0-18-amd64
invoke-rc.d cron restart
ldconfig
"""

_LOGIN = r"""
/usr/bin/id -u
/usr/bin/lesspipe
/usr/bin/dircolors -b
run-parts --lsbsysinit /etc/update-motd.d
/usr/bin/hostname -f
"""

BLOCKS: tuple[tuple[Actor, str], ...] = (
    (ANSIBLE, _ANSIBLE),
    (PUPPET, _PUPPET),
    (ADMIN, _ADMIN),
    (ROOT, _ROOT),
    (RUNC, _RUNC),
    (GITLAB, _GITLAB),
    (DEVELOPER, _DEVELOPER),
    (JOBS, _JOBS),
    (DATABASE, _DATABASE),
    (MONITOR, _MONITOR),
    (ZABBIX, _ZABBIX),
    (SNAPD, _SNAPD),
    (KUBELET, _KUBELET),
    (SYSTEM, _SYSTEM),
    (PACKAGES, _PACKAGES),
    (LOGIN, _LOGIN),
)
