"""The UI API shows people to whoever may see them, and keeps them from the CRM."""

import unittest

from border import CANARY, BorderTest, email, requests, word
from simple_salesforce.exceptions import SalesforceMalformedRequest


class UserInterface(BorderTest):
    def create(self, **fields):
        return self.crm.restful("ui-api/records", method="POST", json={"apiName": "Contact", "fields": fields})

    def value(self, record, field):
        return record["fields"][field]["value"]

    def test_a_record_is_made_read_changed_and_deleted(self):
        person = {"FirstName": word("Aleid"), "LastName": word("Bos"), "Email": email(), "Birthdate": "1961-02-03"}
        made = self.create(**person)
        for field, value in person.items():
            self.assertEqual(self.value(made, field), value, field)
        self.assert_tokens("Contact", made["id"], {k: person[k] for k in ("FirstName", "LastName", "Email")})
        self.assertIsNone(self.stored("Contact", made["id"])["Birthdate"])

        path = f"ui-api/records/{made['id']}"
        fields = "Contact.Name,Contact.Email,Contact.Birthdate,Contact.Owner.Name"
        read = self.crm.restful(path, params={"fields": fields})
        self.assertEqual(self.value(read, "Name"), f"{person['FirstName']} {person['LastName']}")
        self.assertEqual(self.value(read, "Email"), person["Email"])
        self.assertEqual(self.value(read, "Birthdate"), "1961-02-03")
        self.assertEqual(read["eTag"], read["eTag"])
        self.assertEqual(read["id"], made["id"])

        changed = word("Dijk")
        after = self.crm.restful(path, method="PATCH", json={"fields": {"LastName": changed}})
        self.assertEqual(self.value(after, "LastName"), changed)
        gone = self.crm.session.delete(self.crm.base_url + path, headers=self.crm.headers)
        self.assertEqual(gone.status_code, 204)
        self.assertEqual([row["IsDeleted"] for row in [self.stored("Contact", made["id"])]], [True])

    def test_how_a_value_is_shown_is_revealed_too(self):
        number = f"+{CANARY['digits']}001"
        made = self.create(LastName=word("Bos"), Phone=number)
        self.assertEqual(made["fields"]["Phone"], {"displayValue": number, "value": number})

    def test_lists_relations_and_descriptions_are_read(self):
        employer = self.crm.restful(
            "ui-api/records", method="POST", json={"apiName": "Account", "fields": {"Name": word("Bakkerij")}}
        )
        name = word("Bos")
        person = self.create(LastName=name, AccountId=employer["id"])
        related = self.crm.restful(
            f"ui-api/related-list-records/{employer['id']}/Contacts",
            params={"fields": "Contact.LastName,Contact.Account.Name"},
        )
        self.assertEqual(self.value(related["records"][0], "LastName"), name)
        account = related["records"][0]["fields"]["Account"]
        self.assertEqual(account["displayValue"], self.value(employer, "Name"))
        self.assertEqual(self.value(account["value"], "Name"), self.value(employer, "Name"))

        listed = self.crm.restful(
            "ui-api/list-ui/Contact/__Recent",
            params={"fields": "Contact.LastName", "sortBy": "-Contact.CreatedDate", "pageSize": 200},
        )
        names = [self.value(record, "LastName") for record in listed["records"]["records"]]
        self.assertIn(name, names)
        page = self.crm.restful(f"ui-api/record-ui/{person['id']}", params={"layoutTypes": "Full", "modes": "View"})
        self.assertEqual(self.value(page["records"][person["id"]], "LastName"), name)
        info = self.crm.restful("ui-api/object-info/Contact")
        self.assertIn("Email", info["fields"])
        self.assertNotIn("PhotoUrl", info["fields"], "policy leaves it out")

    def test_a_look_up_finds_by_the_whole_name(self):
        last = word("Bos")
        person = self.create(LastName=last)
        found = self.crm.restful("ui-api/lookups/Case/ContactId/Contact", params={"q": last, "searchType": "Search"})
        self.assertEqual([record["id"] for record in found["records"]], [person["id"]])
        self.assertEqual(self.value(found["records"][0], "Name"), last)

    def test_what_is_refused_stands_at_its_field(self):
        for call, field, code in (
            (lambda: self.create(LastName=word("Bos"), Name=word("Bos")), "Name", "field-not-writable"),
            (lambda: self.create(LastName=word("Bos"), Email=word("geen adres")), "Email", "value-unfit"),
        ):
            before = len(requests())
            with self.subTest(field), self.assertRaises(SalesforceMalformedRequest) as caught:
                call()
            error = caught.exception.content
            at = error["output"]["fieldErrors"][field][0]
            self.assertIn(f"[sluis {code}]", at["message"])
            self.assertEqual(error["enhancedErrorType"], "RecordError")
            self.assertEqual(len(requests()), before)
            for part in CANARY.values():
                self.assertNotIn(part, str(error).lower())


if __name__ == "__main__":
    unittest.main()
