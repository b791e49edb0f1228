"""Searches find people by whole values, though the CRM does not know them."""

import unittest

from border import DEMO, BorderTest, email, phone, requests, word
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceRefusedRequest


class Searches(BorderTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = {"FirstName": word("Aleid"), "LastName": word("van der Meer"), "Email": email(), "Phone": phone()}
        cls.person["Id"] = cls.crm.Contact.create(cls.person)["id"]

    def found(self, sosl):
        return self.crm.search(sosl)["searchRecords"]

    def test_a_search_finds_a_person_by_each_whole_value(self):
        for group, value in (
            ("ALL", self.person["LastName"]),
            ("NAME", self.person["FirstName"]),
            ("NAME", f"{self.person['FirstName']} {self.person['LastName']}"),
            ("EMAIL", self.person["Email"]),
            ("PHONE", self.person["Phone"]),
        ):
            with self.subTest(group):
                records = self.found(f"FIND {{{value}}} IN {group} FIELDS RETURNING Contact(Id, Name, Email, Phone)")
                self.assertEqual([record["Id"] for record in records], [self.person["Id"]])
                self.assert_read(records[0], {"Email": self.person["Email"], "Phone": self.person["Phone"]})
                self.assertEqual(records[0]["Name"], f"{self.person['FirstName']} {self.person['LastName']}")

    def test_a_quick_search_finds_ids(self):
        records = self.crm.quick_search(self.person["LastName"])["searchRecords"]
        self.assertEqual([record["Id"] for record in records], [self.person["Id"]])
        self.assertEqual(records[0]["attributes"]["type"], "Contact")

    def test_a_part_of_a_value_finds_nobody(self):
        self.assertEqual(self.found("FIND {Meer} RETURNING Contact(Id)"), [])

    def test_what_is_returned_is_filtered_as_in_a_query(self):
        last, address = self.person["LastName"], self.person["Email"]
        sosl = "FIND {%s} RETURNING Contact(Id WHERE Email = '%s' ORDER BY CreatedDate LIMIT 5)"
        self.assertEqual(len(self.found(sosl % (last, address))), 1)
        self.assertEqual(self.found(sosl % (last, email())), [])

    def test_a_parameterized_search_finds_the_same(self):
        answer = self.crm.restful(
            "parameterizedSearch",
            params={"q": self.person["LastName"], "sobject": "Contact", "Contact.fields": "Id,LastName"},
        )
        self.assertEqual(answer["searchRecords"][0]["LastName"], self.person["LastName"])
        answer = self.crm.restful(
            "parameterizedSearch",
            method="POST",
            json={"q": self.person["LastName"], "sobjects": [{"name": "Contact", "fields": ["Id", "LastName"]}]},
        )
        self.assertEqual(answer["searchRecords"][0]["LastName"], self.person["LastName"])

    def test_an_answer_says_what_was_left_out(self):
        def warning(sosl):
            url = f"{DEMO['border']}/services/data/v60.0/search"
            answer = self.crm.session.get(url, params={"q": sosl}, headers=self.crm.headers)
            self.assertEqual(answer.status_code, 200)
            return answer.headers.get("Warning")

        last = self.person["LastName"]
        self.assertIn("fields of Contact", warning(f"FIND {{{last}}} RETURNING Contact(Id)"))
        self.assertIsNone(warning(f"FIND {{{self.person['Email']}}} IN EMAIL FIELDS RETURNING Contact(Id)"))

    def test_what_cannot_be_answered_is_refused_by_clause(self):
        for sosl, code in (
            ("FIND {%s*} IN NAME FIELDS RETURNING Contact(Id)", "query-clause"),
            ("FIND {x} RETURNING Contact(Id WHERE LastName LIKE '%s%%')", "query-clause"),
            ("FIND {x} RETURNING Contact(Id ORDER BY LastName), Lead(Id WHERE LastName = '%s')", "query-clause"),
            ("FIND {%s} WITH HIGHLIGHT", "query-clause"),
            ("FIND '%s'", "query-malformed"),
            ("FIND {%s} RETURNING Pet__c(Id)", "policy-unknown-object"),
        ):
            with self.subTest(sosl):
                self.assert_refused(
                    SalesforceMalformedRequest, code, lambda sosl=sosl: self.crm.search(sosl % word("Bos"))
                )

    def test_suggestions_are_refused(self):
        self.assert_refused(
            SalesforceRefusedRequest,
            "endpoint-unknown",
            lambda: self.crm.restful("search/suggestions", params={"q": word("Bos"), "sobject": "Contact"}),
        )


if __name__ == "__main__":
    unittest.main()
