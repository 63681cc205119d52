#!/usr/bin/env python3
"""Verifies Fugong's documents without any of Fugong's code: an example for partner provinces, gates and employers.

    verifier.py PORTAL ROOTS [--status-list FILE] [--now SECONDS] [TEXT ...]

PORTAL  address of the portal of your own province, such as http://127.0.0.1:8080
ROOTS   file with the pinned root keys of the trust list, one a line: SubjectPublicKeyInfo in base64
TEXT    what a QR code holds, "HC1:..."; without one, the lines of standard input

Fetched are the signed trust list, the rules of your province (whose documents it accepts) and, for a document that
names one, the status list of its issuer. One line is answered for each text: the verdict, and for a genuine document
what it says. Exit code 0: all valid; 1: some are not; 2: error. --status-list is a list that was fetched before,
--now another moment than the present; both are for trying. docs/hcert.md describes the formats and the verdicts.

Python's standard library has no signatures on P-256: Debian's package python3-cryptography (or `pip install
cryptography`) is needed, and nothing else. EU certificates are left out; they end as "malformed schema".
The layers below the claims are read in layers.py.
"""

import argparse
import base64
import datetime
import hashlib
import json
import re
import sys
import time
import urllib.request

from layers import Cbor, Malformed, base45, encode, envelope, headers, inflate, is_signed_by, open_sign1

TRUST_LIST = "application/fugong-trust-list+cbor"
STATUS_LIST = "application/statuslist+cwt"
CODE, CERTIFICATE = -101, -102
USAGE = {CODE: 1, CERTIFICATE: 2}  # of a key, in the trust list
STATUS_USAGE = 4
SKEW = 60  # seconds that another clock may be ahead
MAX_AGE = 300  # seconds after which a status list proves nothing
MAX_TEXT = 16 * 1024
MAX_DOCUMENT = 64 * 1024
MAX_LIST = 32 * 1024 * 1024


class Verdict(Exception):
    """The verdict on a document that is not valid, and what the document says if it is genuine."""


# Trust list: signed by two of the pinned roots.


def open_trust_list(data, roots, now):
    protected, _, payload, signatures = envelope(data, 98, list)
    if headers(protected).get(16) != TRUST_LIST or len(signatures) > 16:
        raise Malformed("trust list")
    signers = set()
    for part in signatures:
        if not isinstance(part, list) or [type(p) for p in part] != [bytes, dict, bytes]:
            raise Malformed("trust list")
        signed = encode(["Signature", protected, part[0], b"", payload])
        kid = headers(part[0]).get(4)
        signers |= {root for root in roots if key_id(root) == kid and is_signed_by(root, part[2], signed)}
    if len(signers) < 2:
        raise Malformed("trust list: fewer than two of the pinned roots have signed it")
    content = Cbor.read(payload)
    if content[1] != 1 or content[3] > now + SKEW or now >= content[4]:
        raise Malformed("trust list: not of this time")
    # Beyond this example: keep the sequence (2) and refuse a list with a lower one.
    return content[5]


def key_id(spki):
    return hashlib.sha256(spki).digest()[:8]


def keys_for(entries, kid, issuer, usage):
    return [e for e in entries if e[3] == kid and e[1] == issuer and usage in e[6] and e[5] == -7]


# Documents.


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_match(pattern, value):
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def open_claims(payload):
    try:
        claims = Cbor.read(payload)
    except Malformed:
        raise Malformed("cwt") from None
    if not isinstance(claims, dict) or not claims.keys() <= {1, 4, 6, 7, 65535, -260}:
        raise Malformed("cwt")
    hcert = claims.get(-260)
    if not isinstance(hcert, dict):
        raise Malformed("cwt")
    if len(hcert) != 1 or not hcert.keys() <= {CODE, CERTIFICATE}:
        raise Malformed("schema")
    kind, document = next(iter(hcert.items()))
    check_document(kind, document)
    iat, exp, cti = claims.get(6), claims.get(4), claims.get(7)
    whole = is_match("CN-[0-9]{2}", claims.get(1)) and isinstance(cti, bytes) and len(cti) == 16
    if not whole or not is_number(iat) or not is_number(exp) or iat >= exp:
        raise Malformed("cwt")
    if kind == CERTIFICATE and document[5] > iat:
        raise Malformed("schema")
    status = open_status(claims.get(65535), kind == CERTIFICATE or exp - iat > MAX_AGE)
    if exp > (document[4] if kind == CODE else document[6]):
        raise Malformed("cwt")
    return claims, kind, document, status


def check_document(kind, document):
    fields = {1, 2, 3, 4} if kind == CODE else {1, 2, 3, 4, 5, 6, 7}
    if not isinstance(document, dict) or document.keys() - {8} != fields or (kind == CODE and 8 in document):
        raise Malformed("schema")
    right = is_match(r"[^\0-\x1f\x7f-\x9f]{1,100}", document[1]) and "*" in document[1]
    right = right and is_match("[0-9A-Z]{4}", document[2])
    if kind == CODE:
        right = right and document[3] in (1, 2, 3) and is_number(document[4])
    else:
        right = right and is_match("[0-9A-Z-]{1,32}", document[3]) and document[4] in (1, 2)
        right = right and is_number(document[5]) and is_number(document[6]) and document[5] < document[6]
        right = right and is_match("[1-9]([0-9]{5}|[0-9]{8})", str(document[7]))
        right = right and document.get(8, 300) in range(300, 451)
    if not right:
        raise Malformed("schema")


def open_status(claim, needed):
    if claim is None and not needed:
        return None
    entry = claim.get("status_list") if isinstance(claim, dict) else None
    index, uri = (entry.get("idx"), entry.get("uri")) if isinstance(entry, dict) else (None, None)
    if not is_number(index) or not is_match("https?://[!-~]{1,192}", uri):
        raise Malformed("cwt")
    return index, uri


# Status lists.


def open_status_list(data, entries, now):
    """Issuer, address, moment and packed entries of a list that its issuer signed."""
    kid, typ, payload, signed, signature = open_sign1(data)
    claims = Cbor.read(payload)
    issuer, uri, exp, iat = (claims.get(n) for n in (1, 2, 4, 6))
    if typ != STATUS_LIST or not is_number(exp) or not is_number(iat) or iat > now + SKEW or exp <= now:
        raise Malformed("status list")
    keys = [e for e in keys_for(entries, kid, issuer, STATUS_USAGE) if e[7] <= iat + SKEW and now < e[8]]
    if not any(is_signed_by(e[4], signature, signed) for e in keys):
        raise Malformed("status list: signed by no key that may")
    if claims[65533].get("bits") != 2:
        raise Malformed("status list")
    return issuer, uri, iat, inflate(claims[65533]["lst"], MAX_LIST)


def status_of(verifier, issuer, reference):
    """None, or the verdict that the status list makes necessary."""
    index, uri = reference
    found = verifier.status_list(issuer, uri)
    if found is None or index // 4 >= len(found[1]):
        return "status_unknown"
    as_of, bits = found
    entry = bits[index // 4] >> index % 4 * 2 & 3
    if entry in (1, 3):  # revoked, superseded: for ever, so an old list is believed, too
        return "revoked"
    if verifier.now - as_of > MAX_AGE:
        return "status_unknown"
    return "suspended" if entry == 2 else None


class Verifier:
    def __init__(self, portal, roots, now, known_list):
        self.portal, self.now, self.lists = portal.rstrip("/"), now, {}
        self.entries = open_trust_list(self.fetch(self.portal + "/exchange/v1/trust-list"), roots, now)
        self.rules = json.loads(self.fetch(self.portal + "/exchange/v1/rules"))
        if known_list:
            self.keep(known_list)

    @staticmethod
    def fetch(address):
        request = urllib.request.Request(address, headers={"Accept": "application/cose, " + STATUS_LIST + ", */*"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read(MAX_LIST)

    def keep(self, data):
        issuer, uri, as_of, bits = open_status_list(data, self.entries, self.now)
        self.lists[issuer, uri] = as_of, bits

    def status_list(self, issuer, uri):
        """Only addresses that the trust list names for this issuer are fetched: a document makes us call nobody."""
        folders = [f for e in self.entries if e[1] == issuer and STATUS_USAGE in e[6] for f in e[9]]
        if (issuer, uri) not in self.lists and any(re.fullmatch(re.escape(f) + "[0-9]{1,19}", uri) for f in folders):
            try:
                self.keep(self.fetch(uri))
            except (OSError, Malformed, KeyError, AttributeError, TypeError):
                pass  # a list that cannot be had is no list
        return self.lists.get((issuer, uri))

    def accepts(self, issuer, kind):
        if issuer == self.rules["issuer"]:
            return True
        name = {CODE: "code", CERTIFICATE: "certificate"}[kind]
        of = [r for r in self.rules["accepted"] if r["issuer"] == issuer and name in r["kinds"]]
        return any(seconds(r["from"]) <= self.now and (not r["to"] or self.now < seconds(r["to"])) for r in of)

    def verify(self, text):
        """What a document says; `Malformed` or `Verdict` otherwise."""
        if not text.startswith("HC1:"):
            raise Malformed("prefix")
        if len(text) > MAX_TEXT:
            raise Malformed("base45")
        data = inflate(base45(text[4:]), MAX_DOCUMENT)
        try:
            kid, _, payload, signed, signature = open_sign1(data)
        except Malformed:
            raise Malformed("cose") from None
        claims, kind, document, status = open_claims(payload)
        issuer, exp, iat = claims[1], claims[4], claims[6]
        keys = keys_for(self.entries, kid, issuer, USAGE[kind])
        keys = [e for e in keys if e[7] <= iat + SKEW and iat < e[8] and self.now < e[8]]
        if not keys:
            raise Verdict("unknown_key")
        if not any(is_signed_by(e[4], signature, signed) for e in keys):
            raise Verdict("bad_signature")
        told = describe(issuer, kind, document)
        if iat > self.now + SKEW:
            raise Verdict("not_yet_valid", told)
        if exp <= self.now:
            raise Verdict("expired", told)
        refusal = status and status_of(self, issuer, status)
        if refusal in ("revoked", "suspended"):
            raise Verdict(refusal, told)
        if not self.accepts(issuer, kind):
            raise Verdict("no_agreement", told)
        if refusal:
            raise Verdict(refusal, told)
        return told


def describe(issuer, kind, document):
    what = ("green", "yellow", "red")[document[3] - 1] + " code" if kind == CODE else "certificate " + document[3]
    return f"{issuer} {what}, {document[1]} {document[2]}"


def seconds(moment):
    return datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def arguments():
    parser = argparse.ArgumentParser(description="Verifies Fugong's documents; see the head of this file.")
    parser.add_argument("portal")
    parser.add_argument("roots", type=argparse.FileType())
    parser.add_argument("--status-list", type=argparse.FileType("rb"))
    parser.add_argument("--now", type=int, default=int(time.time()))
    parser.add_argument("texts", nargs="*")
    return parser.parse_intermixed_args()


def main():
    given = arguments()
    roots = [base64.b64decode(line) for line in given.roots.read().split()]
    known = given.status_list.read() if given.status_list else None
    verifier = Verifier(given.portal, roots, given.now, known)
    all_valid = True
    for text in given.texts or sys.stdin.read().splitlines():
        try:
            print("valid", verifier.verify(text), sep="\t")
        except Malformed as step:
            all_valid = False
            print("malformed", step)
        except Verdict as verdict:
            all_valid = False
            print(*verdict.args, sep="\t")
    return 0 if all_valid else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, Malformed) as problem:
        print(f"verifier: {problem}", file=sys.stderr)
        sys.exit(2)
