#!/usr/bin/env bash
# The layout of compose.yml as processes on one machine, for trying it without a container engine: PostgreSQL, Redis,
# the portal twice, nginx in front on http://127.0.0.1:8090. Ends everything when it ends. Needs postgresql,
# redis-server and nginx installed; run it as any user (as root PostgreSQL runs as `postgres`).
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${FUGONG_BIN:-target/release/fugong}
[ -x "$bin" ] || { echo "build first: cargo build --release"; exit 1; }
dir=$(mktemp -d); chmod 755 "$dir"
pg=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
as_postgres=(); [ "$(id -u)" = 0 ] && { as_postgres=(runuser -u postgres --); mkdir "$dir/pg"; chown postgres "$dir/pg"; }
pids=()
cleanup() { kill "${pids[@]}" 2>/dev/null || true; "${as_postgres[@]}" "$pg/pg_ctl" -D "$dir/pg/data" stop -m fast >/dev/null 2>&1 || true; rm -rf "$dir"; }
trap cleanup EXIT
mkdir -p "$dir/pg" "$dir/heads" "$dir/mail"
"${as_postgres[@]}" "$pg/initdb" -D "$dir/pg/data" -U fugong -A trust -E UTF8 >/dev/null
"${as_postgres[@]}" "$pg/pg_ctl" -D "$dir/pg/data" -w -o "-p 54399 -k $dir/pg -c listen_addresses=127.0.0.1" start >/dev/null
"${as_postgres[@]}" "$pg/createdb" -h 127.0.0.1 -p 54399 -U fugong fugong
redis-server --port 63799 --save "" --bind 127.0.0.1 >/dev/null & pids+=($!)
echo token > "$dir/sms-token"
export DATABASE_URL=postgres://fugong@127.0.0.1:54399/fugong REDIS_URL=redis://127.0.0.1:63799 \
  FUGONG_PROVINCE=510000 FUGONG_PUBLIC_URL=http://127.0.0.1:8090 FUGONG_TRUSTED_PROXIES=127.0.0.1 \
  FUGONG_KEYS="$dir/keys" FUGONG_AUDIT_HEADS="$dir/heads" FUGONG_MAIL_FROM=noreply@fugong.example \
  FUGONG_MAIL_DIR="$dir/mail" SMS_URL=http://127.0.0.1:9 SMS_TOKEN_FILE="$dir/sms-token"
"$bin" keys init --dir "$dir/keys"
"$bin" migrate
"$bin" serve --check
FUGONG_LISTEN=127.0.0.1:8091 "$bin" serve 2>"$dir/portal-1.log" & pids+=($!)
FUGONG_LISTEN=127.0.0.1:8092 "$bin" serve 2>"$dir/portal-2.log" & pids+=($!)
sed -e 's/portal-1:8080/127.0.0.1:8091/; s/portal-2:8080/127.0.0.1:8092/' \
    -e '/listen 80;/,/^  }/d' -e 's/listen 443 ssl;/listen 127.0.0.1:8090;/' -e '/http2 on;/d; /ssl_/d' \
    -e "s#access_log /dev/stdout plain;#access_log $dir/nginx.log plain;#" \
    -e 's/proxy_set_header Host $host;/proxy_set_header Host $http_host;/' docker/nginx.conf \
  | sed -e '0,/server {/{/server {/!b}' > "$dir/nginx.conf"
python3 - "$dir/nginx.conf" <<'PY'
import re, sys
text = open(sys.argv[1]).read()
# The redirect server's opening line is left over once its body is gone.
text = re.sub(r"  server \{\n(?=  server \{)", "", text)
open(sys.argv[1], "w").write(text)
PY
nginx -c "$dir/nginx.conf" -g "daemon off; pid $dir/nginx.pid; error_log $dir/nginx-error.log;" & pids+=($!)
for _ in $(seq 50); do curl -fsS http://127.0.0.1:8090/health/ready 2>/dev/null && break; sleep 0.2; done
echo
echo "The portal is at http://127.0.0.1:8090 (two processes). Press Ctrl-C to end."
[ "${1:-}" = "--check" ] && { for _ in 1 2 3 4; do curl -fsS -o /dev/null -w '%{http_code} ' http://127.0.0.1:8090/; done; echo; exit 0; }
wait
