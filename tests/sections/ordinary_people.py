"""What administrators run; lines that begin with ``$ `` are text that ``sh -c`` was given."""

from __future__ import annotations

from tests.sections.actors import ADMIN, LOGIN, NEWCOMER, ROOT, Actor

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
)  # fmt: skip
