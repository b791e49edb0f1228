"""Looks for personal values in what a CRM or a border keeps, however they are written there.

    leakscan.py PEOPLE.json PLACE…     scans; each place is a file or a folder
    leakscan.py PEOPLE.json --expect FIELDS PLACE…
                                       says that each of these fields is found, as a control

A line for each place, field and form that was found, never the value; exits 1 when something was
found, or with --expect when something was not. SQLite databases are read row by row, since a value
may lie on two pages, and as bytes, since deleted rows and the write-ahead log are there too. What is
packed (gzip, zlib, ZIP with XLSX in it, base64) is unpacked and looked at the same way.
"""

import argparse
import base64
import html
import io
import json
import os
import re
import sqlite3
import sys
import tempfile
import unicodedata
import urllib.parse
import zipfile
import zlib

DEEPEST = 4
MOST_UNPACKED = 64 << 20
SHORTEST = 5


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("people")
    parser.add_argument("--expect")
    parser.add_argument("places", nargs="+")
    given = parser.parse_args()
    with open(given.people, encoding="utf-8") as file:
        needles = Needles(json.load(file))
    found, files = set(), 0
    for path in sorted(walk(given.places)):
        files += 1
        found |= needles.scan_file(path)
    for line in sorted({f"{place}\t{field}\t{form}" for place, field, form in found}):
        print(line)
    print(f"{files} files, {len(found)} findings")
    if not files:
        sys.exit("there was nothing to scan")
    if given.expect:
        missing = set(given.expect.split(",")) - {field for _, field, _ in found}
        sys.exit(f"not found: {', '.join(sorted(missing))}" if missing else 0)
    sys.exit(1 if found else 0)


def walk(places):
    for place in places:
        if not os.path.exists(place):
            sys.exit(f"{place} does not exist")
        if os.path.isfile(place):
            yield place
        for folder, _, names in os.walk(place):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    yield path


class Needles:
    """Every way of writing every value."""

    def __init__(self, people):
        self.exact, self.folded = {}, {}
        for person in people:
            for field, value in person.items():
                for form, written, caseless in spellings(value):
                    if len(written) >= SHORTEST:
                        table = self.folded if caseless else self.exact
                        table.setdefault(written[:SHORTEST], {}).setdefault(written, (field, form))

    def scan_file(self, path):
        with open(path, "rb") as file:
            data = file.read()
        found = self.scan(data, path) | self.scan(path.encode(), f"the name of {path}")
        if data.startswith(b"SQLite format 3"):
            found |= self.scan_rows(path)
        return found

    def scan(self, data, place, depth=0):
        found = {(place, *what) for what in matches(self.exact, data)}
        found |= {(place, *what) for what in matches(self.folded, data.lower())}
        if depth < DEEPEST:
            for kind, inner in unpacked(data):
                found |= self.scan(inner, f"{place}!{kind}", depth + 1)
        return found

    def scan_rows(self, path):
        found = set()
        # A copy, with its log: opening the database itself would write to it.
        with tempfile.TemporaryDirectory() as folder:
            copy = os.path.join(folder, "copy")
            for end in ("", "-wal"):
                if os.path.exists(path + end):
                    with open(path + end, "rb") as old, open(copy + end, "wb") as new:
                        new.write(old.read())
            database = sqlite3.connect(copy)
            database.text_factory = bytes
            tables = "select name from sqlite_master where type = 'table'"
            for (table,) in database.execute(tables).fetchall():
                name = table.decode()
                rows = database.execute(f'select * from "{name}"')
                columns = [column[0] for column in rows.description]
                for row in rows:
                    for column, cell in zip(columns, row):
                        if cell is not None:
                            cell = cell if isinstance(cell, bytes) else str(cell).encode()
                            found |= self.scan(cell, f"{path}:{name}.{column}")
            database.close()
        return found


def matches(table, data):
    """What stands in the data, by a table of all beginnings: one pass, however many there are."""
    for at in range(len(data) - SHORTEST + 1):
        begun = table.get(data[at : at + SHORTEST])
        if begun:
            yield from (what for needle, what in begun.items() if data.startswith(needle, at))


def spellings(value):
    """(form, bytes, whether the case of ASCII letters says nothing)."""
    for text in words(value):
        for form, written in escapes(text):
            raw = written.encode()
            # ASCII is folded when searching; other letters have their cases among the words.
            yield form, raw.lower(), True
            for order in ("utf-16-le", "utf-16-be"):
                yield f"{form} in {order}", written.encode(order).lower(), True
            yield f"{form} in hex", raw.hex().encode(), True
            yield f"{form} in %xx", "".join(f"%{byte:02x}" for byte in raw).encode(), True
        for charset in ("latin-1", "cp1252", "iso8859-2"):
            try:
                yield charset, text.encode(charset).lower(), True
            except UnicodeEncodeError:
                pass
        for alphabet in (None, b"-_"):
            for at in range(3):
                text64 = base64.b64encode(b"\0" * at + text.encode(), alphabet)
                last = (at + len(text.encode())) * 8 // 6
                yield "base64", text64[(at * 8 + 5) // 6 : last], False


def words(value):
    """The value as it may have been changed: case, normal form, accents, separators, line ends."""
    texts = {value, value.replace("\r\n", "\n"), value.replace("\r\n", " ").strip()}
    texts |= {part for part in re.split(r"[\r\n]+", value) if len(part) > 12}
    date = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", value)
    if date:
        year, month, day = date.groups()
        texts |= {f"{day}-{month}-{year}", f"{day}/{month}/{year}", f"{month}/{day}/{year}"}
        texts |= {f"{year}{month}{day}", f"{int(day)}-{int(month)}-{year}"}
        name = ("Jan Feb March April May June July Aug Sept Oct Nov Dec").split()[int(month) - 1]
        texts |= {f"{name}. {int(day)}, {year}", f"{name} {int(day)}, {year}"}
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 8 and re.fullmatch(r"[\d\s()+./-]+", value) and not date:
        texts |= {digits, digits.removeprefix("31"), digits[2:]}
    if re.fullmatch(r"[A-Z]{2}\d\d[A-Z0-9]{8,}", value):
        texts.add(" ".join(value[at : at + 4] for at in range(0, len(value), 4)))
    changed = set()
    for text in texts:
        for normal in ("NFC", "NFD", "NFKC"):
            each = unicodedata.normalize(normal, text)
            changed |= {each, each.upper(), each.lower(), each.title(), each.capitalize()}
        bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
        changed |= {bare, bare.replace("ł", "l").replace("Ł", "L")}
        # The user part of an address says who it is without the rest.
        if "@" in text:
            changed.add(text.split("@")[0])
    return changed


def escapes(text):
    entities = text.encode("ascii", "xmlcharrefreplace").decode()
    hexadecimal = "".join(c if c.isascii() else f"&#x{ord(c):x};" for c in text)
    named = "".join(
        f"&{html.entities.codepoint2name[ord(c)]};" if ord(c) in html.entities.codepoint2name else c
        for c in text
    )
    quoted = json.dumps(text)[1:-1]
    forms = {
        "plain": text,
        "HTML": html.escape(text),
        "HTML, decimal": html.escape(text).replace("&#x27;", "&#39;"),
        "HTML, entities": html.escape(text, quote=False).encode("ascii", "xmlcharrefreplace").decode(),
        "HTML, decimal entities": entities,
        "HTML, hexadecimal entities": hexadecimal,
        "HTML, named entities": named,
        "JSON": json.dumps(text, ensure_ascii=False)[1:-1],
        "JSON, ASCII": quoted,
        "HTML in JSON": json.dumps(html.escape(text))[1:-1],
        "JSON in HTML": html.escape(quoted),
        "JavaScript": "".join(c if c.isalnum() and c.isascii() else f"\\u{ord(c):04x}" for c in text),
        "URL": urllib.parse.quote(text, safe=""),
        "URL, path": urllib.parse.quote(text),
        "URL, form": urllib.parse.quote_plus(text),
        "URL twice": urllib.parse.quote(urllib.parse.quote(text, safe=""), safe=""),
        "CSV": text.replace('"', '""'),
        "SQL": text.replace("'", "''"),
    }
    seen = set()
    for form, written in forms.items():
        if written not in seen:
            seen.add(written)
            yield form, written


BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4}){6,}[A-Za-z0-9+/]{0,3}|(?:[A-Za-z0-9_-]{4}){6,}")


def unpacked(data):
    for at in (match.start() for match in re.finditer(rb"\x1f\x8b\x08", data)):
        yield "gzip", inflate(data[at:], 31)
    for at in (match.start() for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data)):
        yield "zlib", inflate(data[at:], 15)
    if b"PK\x03\x04" in data:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for name in archive.namelist():
                    yield f"zip!{name}", name.encode() + b"\n" + archive.read(name)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError):
            pass  # Its bytes were looked at as they stand.
    for match in BASE64.finditer(data):
        run = match.group().translate(bytes.maketrans(b"-_", b"+/"))
        inner = base64.b64decode(run[: len(run) // 4 * 4])
        # What is only letters again was looked for in that form already.
        if inner[:2] in (b"\x1f\x8b", b"PK") or inner[:1] == b"\x78":
            yield "base64", inner


def inflate(data, window):
    """What a stream unpacks to, until where it breaks off."""
    stream = zlib.decompressobj(window)
    try:
        return stream.decompress(data, MOST_UNPACKED)
    except zlib.error:
        return b""


if __name__ == "__main__":
    main()
