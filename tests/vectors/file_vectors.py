"""Second implementation of docs/spec/file.md: checks or writes file.json beside it.

Written from the specification, with the standard library only. Run it by hand:
    python3 tests/vectors/file_vectors.py            compares
    python3 tests/vectors/file_vectors.py --write    writes anew
"""

import hashlib
import json
import pathlib
import sys

from token_vectors import gcm_seal, lp, token

CHUNK = 65536
MAGIC = bytes.fromhex("89534c5549530d0a")
ABOUT = "Vectors of docs/spec/file.md; made by file_vectors.py, which is written from it alone."


def u16(number):
    return number.to_bytes(2, "big")


def u64(number):
    return number.to_bytes(8, "big")


def head(keys, case):
    name, kind = case["name"].encode(), case["type"].encode()
    plain = keys["file"] + u16(len(name)) + name + u16(len(kind)) + kind
    plain += bytes(-len(plain) % 256)
    associated = b"sluis-seal\x22" + lp(case["tenant"].encode()) + lp(case["class"].encode())
    associated += u64(case["subject"]) + u64(case["key"]) + u64(case["row"])
    nonce = bytes.fromhex(case["nonce"])
    sealed = gcm_seal(keys["subject"], nonce, associated, plain)
    named = token(keys["token"], case["tenant"], case["row"]).encode()
    return MAGIC + b"\x01" + named + nonce + u16(len(sealed)) + sealed


def chunks(key, content):
    parts = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)] or [b""]
    out = b""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        nonce = bytes(7) + number.to_bytes(4, "big") + bytes([last])
        out += gcm_seal(key, nonce, b"sluis-file\x01", part)
    return out


def vectors():
    keys = {
        name: hashlib.sha256(f"sluis file vectors {name}".encode()).digest()
        for name in ("token", "subject", "file")
    }
    place = {"tenant": "voorbeeld", "class": "file_name", "subject": 17, "key": 1, "row": 4711}
    cases = [
        ("", 0, "leeg.txt", "text/plain"),
        ("61", 1, "Scan paspoort Zoë.pdf", "application/pdf"),
        ("00ff", CHUNK // 2, "precies een blok", ""),
        ("6b616e61726965", 10000, "x" * 300, "application/octet-stream"),
    ]
    files = []
    for number, (unit, times, name, kind) in enumerate(cases):
        case = dict(place, row=place["row"] + number, unit=unit, times=times, name=name, type=kind)
        case["nonce"] = hashlib.sha256(f"nonce {number}".encode()).hexdigest()[:24]
        sealed = chunks(keys["file"], bytes.fromhex(unit) * times)
        case["head"] = head(keys, case).hex()
        case["chunks"] = hashlib.sha256(sealed).hexdigest()
        case["length"] = len(sealed)
        files.append(case)
    return {
        "about": ABOUT,
        "keys": {name: key.hex() for name, key in keys.items()},
        "files": files,
    }


def main():
    path = pathlib.Path(__file__).with_name("file.json")
    made = json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"
    if "--write" in sys.argv:
        path.write_text(made, encoding="utf-8")
    elif path.read_text(encoding="utf-8") != made:
        sys.exit("file.json differs from what the specification gives")


if __name__ == "__main__":
    main()
