#!/bin/sh
# Sends a signed request (HTTP Message Signatures, RFC 9421), as docs/front.md describes it.
#
#   sign.sh METHOD URL [BODY]
#
# KEYID is the name of the key. It signs with SECRET (HMAC), or with the Ed25519 key in the file KEY_FILE (PEM, made by
# `openssl genpkey -algorithm ed25519`). CREATED is the second of signing, now if it is not set. CURL_ARGS goes to curl, such as
# "--cert partner.pem --key partner.key --cacert ca.pem" at the partners' door. Needs curl and openssl 3.
set -eu

method=$1 url=$2 body=${3-}
created=${CREATED:-$(date +%s)}
nonce=$(openssl rand -hex 16)
base=$(mktemp); trap 'rm -f "$base"' EXIT

covered='"@method" "@target-uri"'
if [ $# -ge 3 ]; then
  digest="sha-256=:$(printf %s "$body" | openssl dgst -sha256 -binary | openssl base64 -A):"
  covered="$covered \"content-digest\""
fi
params="($covered);created=$created;keyid=\"$KEYID\";nonce=\"$nonce\""

# What is signed: a line for each component, then the parameters, without a line end behind them.
printf '"@method": %s\n"@target-uri": %s\n' "$method" "$url" > "$base"
[ $# -lt 3 ] || printf '"content-digest": %s\n' "$digest" >> "$base"
printf '"@signature-params": %s' "$params" >> "$base"

if [ -n "${KEY_FILE-}" ]; then
  signature=$(openssl pkeyutl -sign -inkey "$KEY_FILE" -rawin -in "$base" | openssl base64 -A)
else
  signature=$(openssl dgst -sha256 -mac HMAC -macopt "key:$SECRET" -binary "$base" | openssl base64 -A)
fi

set -- -sS --max-time 30 -X "$method" -H "Signature-Input: sig=$params" -H "Signature: sig=:$signature:" ${CURL_ARGS-}
if [ -n "${digest-}" ]; then
  set -- "$@" -H "Content-Type: application/json" -H "Content-Digest: $digest" --data-binary "$body"
fi
curl "$@" "$url"
