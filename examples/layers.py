"""The layers of a signed document: base45 (RFC 9285), zlib (RFC 1950), CBOR (RFC 8949), COSE (RFC 9052) with ES256."""

import sys
import zlib

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key
except ImportError:
    print("Python's `cryptography` is missing: apt install python3-cryptography, or pip install cryptography", file=sys.stderr)
    sys.exit(2)


class Malformed(Exception):
    """Bytes that are not what they should be; the argument is the step that failed."""


ALPHABET = {c: n for n, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")}


def base45(text):
    out = bytearray()
    for at in range(0, len(text), 3):
        group = text[at : at + 3]
        if len(group) == 1 or any(c not in ALPHABET for c in group):
            raise Malformed("base45")
        number = sum(ALPHABET[c] * 45**place for place, c in enumerate(group))
        if number >= 256 ** (len(group) - 1):
            raise Malformed("base45")
        out += number.to_bytes(len(group) - 1, "big")
    return bytes(out)


def inflate(data, limit):
    """At most `limit` bytes, whatever the stream would unpack to."""
    unpacker = zlib.decompressobj()
    try:
        out = unpacker.decompress(data, limit + 1)
    except zlib.error:
        raise Malformed("inflate") from None
    if len(out) > limit or not unpacker.eof or unpacker.unused_data:
        raise Malformed("inflate")
    return out


class Cbor:
    """One item, as far as these formats need it: of definite length, without fractions."""

    MAX_DEPTH = 16

    def __init__(self, data):
        self.data, self.at = data, 0

    @classmethod
    def read(cls, data):
        reader = cls(data)
        value = reader.item(cls.MAX_DEPTH)
        if reader.at != len(data):
            raise Malformed("cbor")
        return value

    def take(self, count):
        part = self.data[self.at : self.at + count]
        if len(part) != count:
            raise Malformed("cbor")
        self.at += count
        return part

    def head(self):
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if info < 24:
            return major, info
        if info < 28:
            return major, int.from_bytes(self.take(1 << (info - 24)), "big")
        raise Malformed("cbor")

    def item(self, depth):
        if depth == 0:
            raise Malformed("cbor")
        major, number = self.head()
        if major == 0:
            return number
        if major == 1:
            return -1 - number
        if major == 2:
            return self.take(number)
        if major == 3:
            try:
                return self.take(number).decode()
            except UnicodeDecodeError:
                raise Malformed("cbor") from None
        if major == 4:
            return [self.item(depth - 1) for _ in range(number)]
        if major == 5:
            return self.map(number, depth - 1)
        if major == 6:
            return ("tag", number, self.item(depth - 1))
        if number in (20, 21, 22):
            return {20: False, 21: True, 22: None}[number]
        raise Malformed("cbor")

    def map(self, count, depth):
        found = {}
        for _ in range(count):
            key = self.item(depth)
            if type(key) not in (int, str, bytes) or key in found:
                raise Malformed("cbor")  # whoever names a key twice says two things
            found[key] = self.item(depth)
        return found


def encode(value):
    """CBOR of what signatures cover: texts, bytes, and arrays of them."""
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    major, data = (3, value.encode()) if isinstance(value, str) else (2, value)
    return head(major, len(data)) + data


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    size = next(s for s in (1, 2, 4, 8) if number < 256**s)
    return bytes([major << 5 | 23 + size.bit_length()]) + number.to_bytes(size, "big")


def headers(protected):
    found = Cbor.read(protected) if protected else {}
    if not isinstance(found, dict) or 2 in found:
        raise Malformed("cose")  # 2: a critical header, which nobody here understands
    return found


def envelope(data, tag, last):
    """The four parts of COSE_Sign1 (tag 18) or COSE_Sign (tag 98), tagged or not."""
    message = Cbor.read(data)
    if isinstance(message, tuple):
        if message[1] != tag:
            raise Malformed("cose")
        message = message[2]
    if not isinstance(message, list) or [type(part) for part in message] != [bytes, dict, bytes, last]:
        raise Malformed("cose")
    return message


def is_signed_by(spki, signature, signed):
    """ES256: the two halves of the signature, 32 bytes each. The key decides on the algorithm, never the header."""
    try:
        key = load_der_public_key(spki)
        if len(signature) != 64 or not isinstance(key.curve, ec.SECP256R1):
            return False
        halves = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        key.verify(utils.encode_dss_signature(*halves), signed, ec.ECDSA(SHA256()))
        return True
    except (ValueError, AttributeError, InvalidSignature):
        return False


def open_sign1(data):
    """Key id, type, payload, what was signed and the signature of a COSE_Sign1."""
    protected, loose, payload, signature = envelope(data, 18, bytes)
    head_ = headers(protected)
    if head_.get(1, loose.get(1)) != -7:
        raise Malformed("cose")
    signed = encode(["Signature1", protected, b"", payload])
    return head_.get(4, loose.get(4)), head_.get(16), payload, signed, signature
