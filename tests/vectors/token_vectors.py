"""Second implementation of docs/spec/token.md: checks or writes token.json beside it.

Written from the specification, with the standard library only. Run it by hand:
    python3 tests/vectors/token_vectors.py            compares
    python3 tests/vectors/token_vectors.py --write    writes anew
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys
import unicodedata

# AES (FIPS 197), encryption of one block, AES-256.


def _sbox():
    exponents, logarithms, x = [0] * 256, [0] * 256, 1
    for i in range(255):
        exponents[i], logarithms[x] = x, i
        x ^= (x << 1) ^ (0x11B if x & 0x80 else 0)
        x &= 0xFF
    box = []
    for value in range(256):
        inverse = 0 if value == 0 else exponents[(255 - logarithms[value]) % 255]
        out = 0x63
        for turn in range(5):
            out ^= ((inverse << turn) | (inverse >> (8 - turn))) & 0xFF
        box.append(out)
    return box


SBOX = _sbox()


def _double(x):
    return ((x << 1) ^ (0x1B if x & 0x80 else 0)) & 0xFF


def _schedule(key):
    words, constant = [list(key[i : i + 4]) for i in range(0, 32, 4)], 1
    for i in range(8, 60):
        word = list(words[-1])
        if i % 8 == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= constant
            constant = _double(constant)
        elif i % 8 == 4:
            word = [SBOX[b] for b in word]
        words.append([a ^ b for a, b in zip(words[i - 8], word)])
    return [sum(words[i : i + 4], []) for i in range(0, 60, 4)]


class Aes256:
    def __init__(self, key):
        assert len(key) == 32
        self.rounds = _schedule(key)

    def encrypt(self, block):
        state = [a ^ b for a, b in zip(block, self.rounds[0])]
        for number in range(1, 15):
            state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
            if number < 14:
                mixed = []
                for i in range(0, 16, 4):
                    a = state[i : i + 4]
                    every = a[0] ^ a[1] ^ a[2] ^ a[3]
                    mixed += [a[j] ^ every ^ _double(a[j] ^ a[(j + 1) % 4]) for j in range(4)]
                state = mixed
            state = [a ^ b for a, b in zip(state, self.rounds[number])]
        return bytes(state)


def _xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


# GCM (NIST SP 800-38D) with nonces of 12 bytes.


def _multiply(x, y):
    product = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            product ^= y
        y = (y >> 1) ^ (0xE1 << 120 if y & 1 else 0)
    return product


def gcm_seal(key, nonce, associated, plain):
    aes = Aes256(key)
    counter = lambda n: nonce + n.to_bytes(4, "big")
    sealed = b""
    for i in range(0, len(plain), 16):
        sealed += _xor(plain[i : i + 16], aes.encrypt(counter(2 + i // 16)))
    h = int.from_bytes(aes.encrypt(bytes(16)), "big")
    pad = lambda s: s + bytes(-len(s) % 16)
    lengths = (8 * len(associated)).to_bytes(8, "big") + (8 * len(sealed)).to_bytes(8, "big")
    data, y = pad(associated) + pad(sealed) + lengths, 0
    for i in range(0, len(data), 16):
        y = _multiply(y ^ int.from_bytes(data[i : i + 16], "big"), h)
    return sealed + _xor(y.to_bytes(16, "big"), aes.encrypt(counter(1)))


# FF1 (NIST SP 800-38G, algorithm 7) as the standard writes it, for any radix and length.


def _number(numerals, radix):
    total = 0
    for numeral in numerals:
        total = total * radix + numeral
    return total


def _numerals(number, radix, length):
    out = []
    for _ in range(length):
        number, numeral = divmod(number, radix)
        out.append(numeral)
    return out[::-1]


def ff1_encrypt(key, radix, tweak, numerals):
    aes, n, t = Aes256(key), len(numerals), len(tweak)
    u = n // 2
    v = n - u
    a, b = numerals[:u], numerals[u:]
    bits = 0
    while 2**bits < radix**v:
        bits += 1
    size = -(-bits // 8)
    d = 4 * -(-size // 4) + 4
    p = bytes([1, 2, 1]) + radix.to_bytes(3, "big") + bytes([10, u % 256])
    p += n.to_bytes(4, "big") + t.to_bytes(4, "big")
    for i in range(10):
        q = tweak + bytes((-t - size - 1) % 16) + bytes([i]) + _number(b, radix).to_bytes(size, "big")
        r = bytes(16)
        for at in range(0, len(p + q), 16):
            r = aes.encrypt(_xor(r, (p + q)[at : at + 16]))
        s, j = r, 1
        while len(s) < d:
            s += aes.encrypt(_xor(r, j.to_bytes(16, "big")))
            j += 1
        m = u if i % 2 == 0 else v
        c = (_number(a, radix) + int.from_bytes(s[:d], "big")) % radix**m
        a, b = b, _numerals(c, radix, m)
    return a + b


# docs/spec/token.md, sections 2 to 7.

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def lp(part):
    return len(part).to_bytes(8, "big") + part


def tweak_of(tenant):
    return hashlib.sha256(b"sluis-tenant-1\0" + tenant.encode()).digest()[:10]


def token(key, tenant, row):
    bits = ff1_encrypt(key, 2, tweak_of(tenant), [0] * 40 + _numerals(row, 2, 40))
    return "tq" + "".join(ALPHABET[_number(bits[i : i + 5], 2)] for i in range(0, 80, 5))


def associated(case):
    out = b"sluis-seal" + bytes([{"vault": 0x01, "field": 0x11}[case["form"]]])
    out += lp(case["tenant"].encode()) + lp(case["class"].encode())
    return out + b"".join(case[name].to_bytes(8, "big") for name in ("subject", "key", "row"))


def seal(keys, case):
    nonce = bytes.fromhex(case["nonce"])
    return gcm_seal(keys["subject"], nonce, associated(case), case["plain"].encode())


def field(keys, case):
    sealed = bytes.fromhex(case["nonce"]) + seal(keys, case)
    body = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
    length = "".join(ALPHABET[numeral] for numeral in _numerals(len(body), 32, 5))
    return "tq1" + token(keys["token"], case["tenant"], case["row"])[2:] + length + body


SIGNS = [b"@", b"%40", b"&#64;", b"&#064;", b"&#x40;", b"=40", b"\\u0040"]


def find(rows, domain, text):
    """`rows`: the rows of the tokens that check, by token; the inverse is the Rust side's."""
    found, at, small = [], 0, text.lower()
    while at + 18 <= len(text):
        sealed = small[at : at + 3] == b"tq1"
        start = at + (3 if sealed else 2)
        row = rows.get("tq" + small[start : start + 16].decode("latin-1"))
        end, kind = start + 16, "sealed" if sealed else "plain"
        if small[at : at + 2] != b"tq" or row is None:
            at += 1
            continue
        if sealed:
            letters = small[end : end + 5].decode("latin-1")
            known = len(letters) == 5 and all(c in ALPHABET for c in letters)
            end += 5 + (_number([ALPHABET.index(c) for c in letters], 32) if known else 0)
            if not known or end > len(text):
                at += 1
                continue
        else:
            for sign in SIGNS:
                tail = sign + domain.lower().encode()
                if small[end:].startswith(tail):
                    end, kind = end + len(tail), "address"
                    break
        found.append({"start": at, "end": end, "row": row, "kind": kind})
        at = end
    return found


INVISIBLE = {0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F)}
INVISIBLE |= {*range(0x2060, 0x2065), *range(0xFE00, 0xFE10)}
NFKC = lambda text: unicodedata.normalize("NFKC", text)


def canonical(kind, country, text):
    text = "".join(c for c in NFKC(text) if ord(c) not in INVISIBLE)
    text = "".join(l.lower() for c in text for l in c.upper())
    text = " ".join(NFKC(text).split())
    if kind == "email":
        return NFKC(text.replace(" ", ""))
    return (phone(text, country) or text) if kind == "phone" else text


def phone(text, country):
    text = text.removeprefix("tel:").strip()
    if text.startswith(("+", "00")):
        text = text.replace("(0)", "", 1)
    plus = text.startswith("+")
    rest = text[1:] if plus else text
    digits = "".join(c for c in rest if c in "0123456789")
    if not digits or any(c not in "0123456789 -./()\u2010\u2011\u2013" for c in rest):
        return None
    if plus:
        return "+" + digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    return f"+{country}{digits[1:]}" if digits.startswith("0") else digits


def term(key, tenant, kind, text):
    parts = (b"sluis-index-1", tenant.encode(), kind.encode(), text.encode())
    return hmac.new(key, b"".join(map(lp, parts)), hashlib.sha256).digest()[:16]


# The vectors.


def vectors():
    keys = {
        name: hashlib.sha256(f"sluis vectors, {name} key".encode()).digest()
        for name in ("token", "subject", "index")
    }
    tenants = ["voorbeeld", "sandbox/voorbeeld", "Vereniging Één", ""]
    rows = [1, 2, 3, 255, 65_536, 1_000_000, 2**32, 2**40 - 1]
    here = {"tenant": "voorbeeld", "class": "email", "subject": 17, "key": 1, "row": 4711}
    tokens = [
        {"tenant": t, "row": r, "text": token(keys["token"], t, r)} for t in tenants for r in rows
    ]
    nobody = [{"tenant": t, "text": token(keys["token"], t, 0)} for t in tenants]
    plains = ["", "a", "a.jansen@example.nl", "Zoë Čapek-Ångström", "0123456789abcdef" * 4, "x" * 301]
    places = [here, {**here, "tenant": "", "class": ""}, {**here, "subject": 2**40, "key": 3, "row": 1}]
    cases = [
        {**place, "nonce": hashlib.sha256(f"nonce {i} {j}".encode()).hexdigest()[:24], "plain": plain}
        for i, plain in enumerate(plains)
        for j, place in enumerate(places)
    ]
    sealed = [{"form": "vault", **case} for case in cases]
    for case in sealed:
        case["associated"] = associated(case).hex()
        case["sealed"] = seal(keys, case).hex()
    fields = [{"form": "field", **case} for case in cases]
    for case in fields:
        case["text"] = field(keys, case)

    one, two = (token(keys["token"], "voorbeeld", row) for row in (1, 2))
    whole = fields[0]["text"]
    checking = {token(keys["token"], "voorbeeld", row): row for row in (1, 2, 4711)}
    texts = [
        one,
        f"Beste {one}, welkom {two.upper()}.",
        f"x{one}{two}x",
        f"tqTQ{one}tq",
        f"Tq{one[2:]}",
        one[:17],
        f"{one[:-1]}{'a' if one[-1] != 'a' else 'b'}",
        token(keys["token"], "sandbox/voorbeeld", 1),
        token(keys["token"], "voorbeeld", 0),
        "tq" * 40,
        f"é{whole}{one}",
        whole[:-1],
        whole[:20],
    ]
    texts += [f"<a href=mailto:{one}{sign.decode()}T.example.NL{two}>" for sign in SIGNS]
    texts += [f"{one}@example.nl", f"{one}@t.example.n", f"{one}@t.example.nl.invalid"]
    domain = "t.example.nl"
    found = [
        {"tenant": "voorbeeld", "domain": domain, "text": t, "found": find(checking, domain, t.encode())}
        for t in texts
    ]
    written = [
        ("text", "  VAN  DEN\tBerg "), ("text", "Straße"), ("text", "ΟΔΟΣ"), ("text", "e\u0301\u00adX"),
        ("text", "ﬁets № １"), ("text", "\u200b"), ("email", " A.Jansen@Example.NL "), ("email", "c´ @x"),
        ("phone", "+31 (0)6-12345678"), ("phone", "0031 6 1234 5678"), ("phone", "06-12345678"),
        ("phone", "tel:+32-2-555-12-12"), ("phone", "14020"), ("phone", "Zie notitie"), ("phone", "06+1"),
    ]
    forms = [
        {"kind": k, "country": 31, "text": t, "canonical": canonical(k, 31, t)} for k, t in written
    ]
    terms = [
        {"tenant": t, "class": c, "canonical": v, "term": term(keys["index"], t, c, v).hex()}
        for t in tenants[:2]
        for c, v in [("name", "jansen"), ("email", "a.jansen@example.nl"), ("phone", "+31612345678"), ("", "é")]
    ]
    return {
        "about": "Vectors of docs/spec/token.md; token_vectors.py computes them.",
        "keys": {name: key.hex() for name, key in keys.items()},
        "tokens": tokens, "nobody": nobody, "sealed": sealed, "fields": fields,
        "found": found, "canonical": forms, "terms": terms,
    }


def check_itself():
    """FIPS 197, appendix C.3; the GCM specification, test cases 14 and 16; NIST's FF1 samples 7 to 9."""
    aes = Aes256(bytes(range(32)))
    assert aes.encrypt(bytes.fromhex("00112233445566778899aabbccddeeff")).hex() == "8ea2b7ca516745bfeafc49904b496089"
    assert gcm_seal(bytes(32), bytes(12), b"", bytes(16)).hex() == (
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")
    plain = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
    sealed = gcm_seal(
        bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2), bytes.fromhex("cafebabefacedbaddecaf888"),
        bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"), plain)
    assert sealed[-16:].hex() == "76fc6ece0f4e1768cddf8853bb2d551b"
    key = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94")
    assert ff1_encrypt(key, 10, b"", list(range(10))) == [6, 6, 5, 7, 6, 6, 7, 0, 0, 9]
    assert ff1_encrypt(key, 10, b"9876543210", list(range(10))) == [1, 0, 0, 1, 6, 2, 3, 4, 6, 3]
    assert ff1_encrypt(key, 36, b"7777pqrs777", list(range(19))) == [
        33, 28, 8, 10, 0, 10, 35, 17, 2, 10, 31, 34, 10, 21, 34, 35, 30, 32, 13]


if __name__ == "__main__":
    check_itself()
    path = pathlib.Path(__file__).with_name("token.json")
    text = json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n"
    if "--write" in sys.argv:
        path.write_text(text, encoding="utf-8")
    sys.exit(None if path.read_text(encoding="utf-8") == text else "token.json differs")
