#!/bin/sh
# Asks a portal about documents: the least that a gate, an employer or another program has to do.
#
#   verify.sh PORTAL [TEXT ...]
#
# PORTAL is the portal's address, such as http://127.0.0.1:8080. A TEXT is what the QR code holds, "HC1:..."; without
# one, the lines of standard input. One line is answered for each: the verdict, for a text that is no document the
# step at which it fails, and for a genuine document what it says. Exit code 0: all valid; 1: some are not; 2: error.
# Needs curl and jq. The call is described at PORTAL/exchange/v1/openapi.json, the verdicts in docs/hcert.md.
set -u

fail() { echo "verify.sh: $1" >&2; exit 2; }
[ $# -ge 1 ] || fail "usage: verify.sh PORTAL [TEXT ...]"
command -v curl >/dev/null || fail "curl is missing"
command -v jq >/dev/null || fail "jq is missing"
portal=${1%/}; shift
worst=0

ask() {
  answer=$(jq -n --arg text "$1" '{text: $text}' \
    | curl -fsS --max-time 10 -H 'content-type: application/json' --data-binary @- "$portal/exchange/v1/verify") \
    || fail "no answer from $portal"
  printf '%s' "$answer" | jq -r '
    .verdict as $verdict | (.claims.hcert // {} | .["-101"] // .["-102"]) as $says
    | if .step then "\($verdict) \(.step)"
      elif $says == null or ($verdict | IN("unknown_key", "bad_signature")) then $verdict
      else "\($verdict)\t\(.claims.iss) \(if $says.colour then $says.colour + " code" else "certificate " + $says.number end), \($says.holder.masked_name) \($says.holder.document_last_four)"
      end'
  printf '%s' "$answer" | jq -e '.verdict == "valid"' >/dev/null || worst=1
}

if [ $# -gt 0 ]; then
  for text in "$@"; do ask "$text"; done
else
  while IFS= read -r text; do ask "$text"; done
fi
exit $worst
