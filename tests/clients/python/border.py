"""What the tests of simple-salesforce stand on: the border, the CRM behind it, invented values.

The library is used as it comes from its registry. It is told another host and another credential,
and nothing else; requests trusts the demo's certificate through REQUESTS_CA_BUNDLE.
"""

import faulthandler
import itertools
import json
import os
import pathlib
import unittest
import urllib.request

from simple_salesforce import Salesforce

# A test that waits for ever says where, and ends.
faulthandler.dump_traceback_later(600, exit=True)

DEMO = json.loads(os.environ["SLUIS_DEMO"])
CANARY = json.loads((pathlib.Path(__file__).parent.parent / "canary.json").read_text())
VERSION = "60.0"

_numbers = itertools.count(1)


def salesforce(token=DEMO["access_token"], version=VERSION):
    """The library, pointed at the border."""
    return Salesforce(session_id=token, instance_url=DEMO["border"], version=version)


def word(beginning):
    """Text that is nowhere else: each value that a test invents has the canary in it."""
    return f"{beginning} {CANARY['text']}{next(_numbers)}"


def email():
    return f"{CANARY['text']}.{next(_numbers)}@example.nl"


def phone():
    return f"+{CANARY['digits']}{next(_numbers):03}"


def number():
    """A customer number of the organisation's own."""
    return f"K-{CANARY['text']}-{next(_numbers)}"


def dump():
    """Everything that the CRM holds, past the border: rows by object."""
    return json.loads(_crm("/_dump"))


def requests():
    """Everything that the CRM was sent, in order."""
    return json.loads(_crm("/_requests"))


def _crm(path):
    with urllib.request.urlopen(DEMO["crm"] + path, timeout=60) as answer:
        return answer.read().decode()


class BorderTest(unittest.TestCase):
    """A test that ends by looking for its values in the CRM."""

    @classmethod
    def setUpClass(cls):
        cls.crm = salesforce()

    @classmethod
    def tearDownClass(cls):
        cls.crm.session.close()

    def tearDown(self):
        for path in ("/_dump", "/_requests"):
            held = _crm(path).lower()
            for part in CANARY.values():
                self.assertNotIn(part, held, f"{path} has a value that the border must keep")

    def stored(self, name, record_id):
        """The CRM's own row of a record."""
        rows = [row for row in dump()[name] if row["Id"] == record_id]
        self.assertEqual(len(rows), 1, f"the CRM has no {name} {record_id}")
        return rows[0]

    def assert_tokens(self, name, record_id, fields):
        """Something stands in each of these fields in the CRM, and it is not the value."""
        row = self.stored(name, record_id)
        for field, value in fields.items():
            self.assertIsNotNone(row[field], f"{field} is empty in the CRM")
            self.assertNotEqual(row[field], value, field)

    def assert_read(self, record, expected):
        for field, value in expected.items():
            self.assertEqual(record[field], value, field)

    def assert_refused(self, exception, code, call, field=None, rule=None):
        """The call fails with the library's own exception, which names rule and field and no
        value; nothing of it reached the CRM."""
        before = len(requests())
        with self.assertRaises(exception) as caught:
            call()
        error = caught.exception
        self.assertIsInstance(error.content, list)
        first = error.content[0]
        self.assertEqual(set(first) - {"fields"}, {"message", "errorCode"})
        self.assertIn(f"[sluis {code}]", first["message"])
        if field:
            self.assertIn(field.split(".")[-1], first["fields"])
        if rule:
            self.assertIn(rule, first["message"])
        said = json.dumps(error.content).lower()
        for part in CANARY.values():
            self.assertNotIn(part, said, "the error repeats the value")
        self.assertEqual(len(requests()), before, "something reached the CRM")
        return first
