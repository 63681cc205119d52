#!/usr/bin/env bash
# Scans the portal in every role; see README.md. Arguments go on to scan.py, such as --roles resident,doctor --only api.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=${FUGONG_SCAN_TOOLS:-$root/target/scan-tools}
for tool in schemathesis wapiti; do
  if [ ! -e "$tools/$tool/ready" ]; then
    python3 -m venv "$tools/$tool"
    "$tools/$tool/bin/pip" install --quiet --requirement "$here/$tool.txt"
    touch "$tools/$tool/ready"
  fi
done
program=${FUGONG_PROGRAM:-}
if [ -z "$program" ]; then
  (cd "$root" && cargo build --quiet)
  program=$root/target/debug/fugong
fi
exec python3 "$here/scan.py" --program "$program" --tools "$tools" "$@"
