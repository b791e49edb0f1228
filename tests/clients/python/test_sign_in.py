"""Who may come in, and what they see."""

import base64
import hashlib
import hmac
import os
import pathlib
import re
import struct
import subprocess
import time
import unittest
from urllib.parse import urlsplit, urlunsplit

import requests as http
from border import CANARY, DEMO, VERSION, BorderTest, email, phone, salesforce, word
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
)

CLIENT = DEMO["client"]


def code(ahead=0, seed=CLIENT["totp_secret"]):
    """The client's one-time code (RFC 6238): SHA-1, six digits, 30 seconds."""
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    step = struct.pack(">Q", int(time.time()) // 30 + ahead)
    mac = hmac.new(key, step, hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class SameName(http.adapters.HTTPAdapter):
    """Carries what is sent to Salesforce's login host to the border: what the organisation's own
    DNS does, since the library cannot be told another host to sign in at."""

    def send(self, request, *arguments, **named):
        border, asked = urlsplit(DEMO["border"]), urlsplit(request.url)
        request.url = urlunsplit(asked._replace(scheme=border.scheme, netloc=border.netloc))
        return super().send(request, *arguments, **named)


def another(secret):
    """A secret of the same shape that is not this one, whatever letter it begins with."""
    return ("y" if secret[0] == "x" else "x") + secret[1:]


def sign_in(secret, client_id=CLIENT["client_id"]):
    session = http.Session()
    session.mount("https://voorbeeld.my.salesforce.com", SameName())
    return Salesforce(
        consumer_key=client_id,
        consumer_secret=secret,
        domain="voorbeeld.my",
        session=session,
        version=VERSION,
    )


def add_client(name, role):
    """A client with one role, that an administrator adds while the border runs: its id, and its
    secret with a code behind it."""
    config = pathlib.Path(DEMO["folder"]) / "sluis.toml"
    command = ["client", "--config", config, "add", name, "--role", role, "--purpose", "tests"]
    added = subprocess.run([os.environ["SLUIS_BINARY"], *command], check=True, capture_output=True, text=True)
    shown = dict(line.split(None, 1) for line in added.stdout.splitlines() if line.count(" "))
    seed = re.search(r"secret=([A-Z2-7]+)", added.stdout)[1]
    return shown["client_id"].strip(), shown["client_secret"].strip() + code(seed=seed)


def sign_in_as(role):
    client_id, secret = add_client(f"tests-{role}", role)
    return sign_in(secret, client_id)


class SignIn(BorderTest):
    def test_two_proofs_make_a_session_that_works_and_one_proof_makes_none(self):
        # In one test, because a code is good once and the next one comes in 30 seconds.
        wrong = f"{(int(code(1)) + 1) % 1_000_000:06}"
        for name, secret in {
            "the secret alone": CLIENT["client_secret"],
            "the code alone": code(1),
            "the secret with a wrong code": CLIENT["client_secret"] + wrong,
            "a wrong secret with the code": another(CLIENT["client_secret"]) + code(1),
        }.items():
            with self.subTest(name), self.assertRaises(SalesforceAuthenticationFailed) as caught:
                sign_in(secret)
            self.assertNotIn(secret, str(caught.exception))

        # The demo's own token took the code of the step that it began in.
        used = code(1)
        crm = sign_in(CLIENT["client_secret"] + used)
        self.addCleanup(crm.session.close)
        self.assertEqual(crm.sf_instance, urlsplit(DEMO["border"]).netloc)
        name = word("Bos")
        record = crm.Contact.create({"LastName": name})["id"]
        self.assertEqual(crm.Contact.get(record)["LastName"], name)

        with self.subTest("the same code again"), self.assertRaises(SalesforceAuthenticationFailed):
            sign_in(CLIENT["client_secret"] + used)

    def test_a_session_that_nobody_gave_out_is_none(self):
        begun = DEMO["access_token"]
        other = begun[:-1] + ("A" if begun[-1] != "A" else "B")
        for token in (other, "00D000000000001!AQ", "geheim"):
            stranger = salesforce(token)
            self.addCleanup(stranger.session.close)
            with self.subTest(token[:4]), self.assertRaises(SalesforceExpiredSession) as caught:
                stranger.query("SELECT Id FROM Contact LIMIT 1")
            self.assertEqual(caught.exception.content[0]["errorCode"], "INVALID_SESSION_ID")


class Masks(BorderTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blind = salesforce(DEMO["masked_token"])
        cls.addClassCleanup(cls.blind.session.close)
        cls.person = {
            "LastName": word("Bos"),
            "Email": email(),
            "Phone": phone(),
            "Description": word("Belt maandag terug"),
            "Birthdate": "1961-02-03",
            "MailingCountry": "Nederland",
        }
        cls.id = cls.crm.Contact.create(cls.person)["id"]

    def test_a_role_that_may_see_nothing_sees_tokens(self):
        read = self.blind.Contact.get(self.id)
        self.assertIsNone(read["Birthdate"])
        self.assertEqual(read["MailingCountry"], "Nederland")
        row = self.stored("Contact", self.id)
        for field in ("LastName", "Email", "Phone", "Description"):
            self.assertEqual(read[field], row[field], f"{field} is not the CRM's token")
        said = str(read).lower()
        for part in CANARY.values():
            self.assertNotIn(part, said)
        # The control: who may see it does, of the same record.
        self.assert_read(self.crm.Contact.get(self.id), self.person)

    def test_a_query_shows_masks_too(self):
        records = self.blind.query(f"SELECT LastName, Name FROM Contact WHERE Id = '{self.id}'")["records"]
        self.assertNotIn(CANARY["text"], str(records).lower())
        self.assertEqual(records[0]["LastName"], self.stored("Contact", self.id)["LastName"])

    def test_a_mask_that_is_written_back_keeps_the_value(self):
        masked = self.blind.Contact.get(self.id)
        back = {"LastName": masked["LastName"], "Phone": masked["Phone"], "LeadSource": "Web"}
        self.assertEqual(self.blind.Contact.update(self.id, back), 204)
        read = self.crm.Contact.get(self.id)
        self.assert_read(read, {**self.person, "LeadSource": "Web"})

    def test_a_mask_that_comes_back_by_the_ui_api_keeps_the_value(self):
        path = f"ui-api/records/{self.id}"
        names = ("LastName", "Email", "Birthdate")
        fields = self.blind.restful(path, params={"fields": ",".join(f"Contact.{name}" for name in names)})["fields"]
        self.assertNotIn(CANARY["text"], str(fields).lower())
        self.assertIsNone(fields["Birthdate"]["displayValue"])
        back = {name: fields[name]["value"] for name in names}
        self.blind.restful(path, method="PATCH", json={"fields": {**back, "LeadSource": "Web"}})
        self.assert_read(self.crm.Contact.get(self.id), {**self.person, "LeadSource": "Web"})

    def test_a_mask_that_comes_back_by_graphql_keeps_the_value(self):
        def asked(query, **variables):
            return self.blind.restful("graphql", method="POST", json={"query": query, "variables": variables})

        names = ("LastName", "Email", "Birthdate")
        fields = " ".join(f"{name} {{ value }}" for name in names)
        answer = asked('{ uiapi { query { Contact(where: {Id: {eq: "%s"}}) { edges { node { %s } } } } } }' % (self.id, fields))
        self.assertNotIn(CANARY["text"], str(answer).lower())
        node = answer["data"]["uiapi"]["query"]["Contact"]["edges"][0]["node"]
        back = {name: node[name]["value"] for name in names}
        change = "mutation ($input: ContactUpdateInput!) { uiapi { ContactUpdate(input: $input) { Record { Id } } } }"
        answer = asked(change, input={"Id": self.id, "Contact": {**back, "LeadSource": "Web"}})
        self.assertEqual(answer["errors"], [])
        self.assert_read(self.crm.Contact.get(self.id), {**self.person, "LeadSource": "Web"})
        moved = 'mutation { uiapi { ContactCreate(input: {Contact: {LastName: "%s"}}) { Record { Id } } } }'
        refused = asked(moved % back["LastName"])["errors"][0]["message"]
        self.assertIn("[sluis token-foreign]", refused)

    def test_a_role_sees_what_policy_lets_it_see_and_tokens_for_the_rest(self):
        marketing = sign_in_as("marketing")
        self.addCleanup(marketing.session.close)
        read = marketing.Contact.get(self.id)
        self.assertEqual(read["LastName"], self.person["LastName"])
        row = self.stored("Contact", self.id)
        for field in ("Email", "Phone", "Description"):
            self.assertEqual(read[field], row[field], f"{field} is not the CRM's token")
        self.assertIsNone(read["Birthdate"])

    def test_a_mask_does_not_move_to_another_record(self):
        masked = self.blind.Contact.get(self.id)
        self.assert_refused(
            SalesforceMalformedRequest,
            "token-foreign",
            lambda: self.blind.Contact.create({"LastName": masked["LastName"]}),
            field="Contact.LastName",
        )


if __name__ == "__main__":
    unittest.main()
