#!/bin/bash
# A machine with one Dagger engine. Terraform fills in the image, the region and the group's name.
set -euo pipefail

# Caches lie on the instance store where there is one: it is faster than a volume, and lost with the machine.
store=$(lsblk --noheadings --nodeps --output PATH,MODEL | awk '/Instance Storage/ { print $1; exit }')
mkdir -p /var/lib/dagger /etc/dagger /run/dagger
if [ -n "$store" ]; then
	mkfs.xfs -f "$store"
	mount "$store" /var/lib/dagger
fi

cat >/etc/dagger/engine.json <<'JSON'
{
  "logLevel": "info",
  "gc": { "enabled": true, "reservedSpace": "20GB", "maxUsedSpace": "80%", "minFreeSpace": "10%" }
}
JSON

cat >/etc/systemd/system/dagger-engine.service <<'UNIT'
[Unit]
After=docker.service network-online.target
Requires=docker.service

[Service]
Restart=always
RestartSec=5
TimeoutStartSec=600
TimeoutStopSec=330
ExecStartPre=-/usr/bin/docker rm --force dagger-engine
ExecStart=/usr/bin/docker run --rm --name dagger-engine --privileged --network host \
  --volume /var/lib/dagger:/var/lib/dagger --volume /run/dagger:/run/dagger \
  --volume /etc/dagger/engine.json:/etc/dagger/engine.json:ro \
  --env _EXPERIMENTAL_DAGGER_METRICS_ADDR=0.0.0.0:9090 \
  ${image} --addr tcp://0.0.0.0:1234 --addr unix:///run/dagger/engine.sock
ExecStop=/usr/bin/docker stop --time 300 dagger-engine

[Install]
WantedBy=multi-user.target
UNIT

cat >/usr/local/bin/dagger-drain <<'DRAIN'
#!/bin/bash
# Waits until this machine is to go and its engine has no run, and then lets it go.
metadata() {
	token=$(curl -sf -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token)
	curl -sf -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"
}
runs() { curl -sf http://127.0.0.1:9090/metrics | awk '$1 == "dagger_connected_clients" { print $2 }'; }
until [ "$(metadata autoscaling/target-lifecycle-state)" = Terminated ]; do sleep 10; done
while [ "$(runs || true)" -gt 0 ] 2>/dev/null; do sleep 5; done
exec aws autoscaling complete-lifecycle-action --region "${region}" --auto-scaling-group-name "${name}" \
  --lifecycle-hook-name drain --lifecycle-action-result CONTINUE --instance-id "$(metadata instance-id)"
DRAIN
chmod +x /usr/local/bin/dagger-drain
cat >/etc/systemd/system/dagger-drain.service <<'UNIT'
[Unit]
After=dagger-engine.service

[Service]
Restart=on-failure
RestartSec=10
ExecStart=/usr/local/bin/dagger-drain

[Install]
WantedBy=multi-user.target
UNIT

dnf install --assumeyes docker
systemctl enable --now docker
case "${image}" in
*.dkr.ecr.*) aws ecr get-login-password --region "${region}" | docker login --username AWS --password-stdin "$(echo "${image}" | cut -d/ -f1)" ;;
esac
docker pull "${image}"
systemctl daemon-reload
systemctl enable --now dagger-engine dagger-drain
