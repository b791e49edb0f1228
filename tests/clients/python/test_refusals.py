"""What the border refuses, the library says in its own words: rule and field, never the value."""

import unittest

from border import BorderTest, email, phone, requests, salesforce, word
from simple_salesforce import format_soql
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceRefusedRequest


class Refusals(BorderTest):
    def query(self, soql, *values):
        return lambda: self.crm.query(format_soql(soql, *values))

    def create(self, fields):
        return lambda: self.crm.Contact.create({"LastName": word("Bos"), **fields})

    def test_the_same_calls_without_what_is_refused_pass(self):
        before = len(requests())
        self.create({})()
        self.query("SELECT Id FROM Contact WHERE LastName = {}", word("Bos"))()
        self.assertEqual(len(requests()) - before, 2)

    def test_a_field_that_policy_does_not_know_is_refused(self):
        for field in ("Nickname__c", "Lastname2", "BSN__c"):
            with self.subTest(field):
                self.assert_refused(SalesforceMalformedRequest, "policy-unknown-field", self.create({field: word("Bob")}))

    def test_a_field_that_policy_leaves_out_is_refused_by_name(self):
        for field in ("PhotoUrl", "Jigsaw"):
            with self.subTest(field):
                self.assert_refused(
                    SalesforceMalformedRequest, "policy-unknown-field", self.create({field: word("Bob")})
                )

    def test_a_field_that_the_crm_computes_is_refused_by_name(self):
        self.assert_refused(
            SalesforceMalformedRequest, "field-not-writable", self.create({"Name": word("Bob")}), field="Name"
        )

    def test_like_over_a_protected_field_is_refused_by_field_and_rule(self):
        self.assert_refused(
            SalesforceMalformedRequest,
            "query-clause",
            self.query("SELECT Id FROM Contact WHERE LastName LIKE '{:like}%'", word("Bos")),
            field="Contact.LastName",
            rule="LIKE",
        )

    def test_order_and_ranges_of_protected_fields_are_refused_by_field(self):
        for soql in (
            "SELECT Id FROM Contact ORDER BY LastName",
            "SELECT Id FROM Contact WHERE LastName > {}",
            "SELECT MAX(LastName) FROM Contact WHERE Email = {}",
            "SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName",
        ):
            with self.subTest(soql):
                self.assert_refused(
                    SalesforceMalformedRequest, "query-clause", self.query(soql, word("Bos")), field="Contact.LastName"
                )

    def test_a_value_that_stays_here_cannot_be_asked_of_the_crm(self):
        self.assert_refused(
            SalesforceMalformedRequest,
            "query-clause",
            self.query("SELECT Id FROM Contact WHERE Birthdate = 1961-02-03"),
            field="Contact.Birthdate",
        )

    def test_a_field_that_policy_does_not_know_cannot_be_asked_for(self):
        for soql in (
            "SELECT Nickname__c FROM Contact",
            "SELECT Id FROM Contact WHERE Nickname__c = {}",
            "SELECT Id FROM Contact WHERE Account.Nickname__c = {}",
        ):
            with self.subTest(soql):
                self.assert_refused(
                    SalesforceMalformedRequest, "policy-unknown-field", self.query(soql, word("Bob"))
                )

    def test_an_object_that_policy_does_not_know_is_refused(self):
        self.assert_refused(
            SalesforceMalformedRequest,
            "policy-unknown-object",
            lambda: self.crm.Patient__c.create({"Name": word("Bos")}),
        )

    def test_text_that_is_no_query_is_refused(self):
        for soql in ("SELECT Id FROM Contact WHERE LastName = {} OR", "DELETE FROM Contact WHERE Email = {}"):
            with self.subTest(soql):
                self.assert_refused(SalesforceMalformedRequest, "query-malformed", self.query(soql, email()))

    def test_a_value_that_does_not_fit_is_refused_and_not_cut(self):
        self.assert_refused(
            SalesforceMalformedRequest, "value-too-long", self.create({"Description": word("Lang ") * 2000}),
            field="Contact.Description",
        )

    def test_a_token_that_stands_elsewhere_is_refused(self):
        record = self.crm.Contact.create({"LastName": word("Bos"), "Phone": phone()})["id"]
        token = self.stored("Contact", record)["LastName"]
        self.assert_refused(
            SalesforceMalformedRequest, "token-foreign", self.create({"FirstName": token}), field="Contact.FirstName"
        )

    def test_paths_that_nobody_has_looked_at_are_refused(self):
        for name, call in {
            "tooling": lambda: self.crm.toolingexecute(f"query/?q={email()}"),
            "apex": lambda: self.crm.apexecute(f"Customers/{email()}"),
            "password": lambda: self.crm.set_password("005000000000001AAA", word("geheim")),
            "updated": lambda: self.crm.restful("sobjects/Contact/updated"),
        }.items():
            with self.subTest(name):
                self.assert_refused(SalesforceRefusedRequest, "endpoint-unknown", call)

    def test_a_version_that_policy_does_not_name_is_refused(self):
        for version in ("49.0", "67.0"):
            with self.subTest(version):
                old = salesforce(version=version)
                self.addCleanup(old.session.close)
                self.assert_refused(
                    SalesforceRefusedRequest, "version-outside", lambda: old.Contact.create({"LastName": word("Bos")})
                )

    def test_one_refused_part_stops_the_whole_request(self):
        name = word("Bos")
        good = {"attributes": {"type": "Contact"}, "LastName": name}
        bad = {"attributes": {"type": "Contact"}, "LastName": name, "Nickname__c": word("Bob")}
        self.assert_refused(
            SalesforceMalformedRequest,
            "policy-unknown-field",
            lambda: self.crm.restful("composite/sobjects", method="POST", json={"records": [good, bad]}),
        )


if __name__ == "__main__":
    unittest.main()
