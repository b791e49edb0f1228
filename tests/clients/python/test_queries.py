"""Queries find people by what is known of them, though the CRM does not know it."""

import unittest

from border import BorderTest, email, phone, requests, word
from simple_salesforce import format_soql


class Queries(BorderTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = {"Name": word("Bakkerij")}
        cls.account["Id"] = cls.crm.Account.create(cls.account)["id"]
        cls.people = []
        for first in ("Aleid", "Bram", "Carlijn"):
            person = {
                "FirstName": word(first),
                "LastName": word("O'Hara"),
                "Email": email(),
                "Phone": phone(),
                "AccountId": cls.account["Id"],
            }
            person["Id"] = cls.crm.Contact.create(person)["id"]
            cls.people.append(person)

    def found(self, condition, *values, **named):
        soql = format_soql(
            "SELECT Id, FirstName, LastName, Email, Phone FROM Contact WHERE " + condition, *values, **named
        )
        return self.crm.query(soql)

    def assert_finds(self, answer, people):
        self.assertTrue(answer["done"])
        self.assertEqual(answer["totalSize"], len(people))
        by_id = {record["Id"]: record for record in answer["records"]}
        for person in people:
            expected = {k: v for k, v in person.items() if k != "AccountId"}
            self.assert_read(by_id[person["Id"]], expected)

    def test_an_address_finds_its_contact(self):
        person = self.people[0]
        self.assert_finds(self.found("Email = {}", person["Email"]), [person])

    def test_an_address_finds_its_contact_in_any_case(self):
        person = self.people[0]
        self.assert_finds(self.found("Email = {}", person["Email"].upper()), [person])

    def test_a_last_name_with_a_quote_finds_its_contact(self):
        person = self.people[1]
        self.assert_finds(self.found("LastName = {}", person["LastName"]), [person])

    def test_a_number_finds_its_contact_however_it_is_written(self):
        person = self.people[2]
        digits = person["Phone"]
        spaced = f"{digits[:3]} ({digits[3:6]}) {digits[6:9]}-{digits[9:]}"
        self.assert_finds(self.found("Phone = {}", digits), [person])
        self.assert_finds(self.found("Phone = {}", spaced), [person])

    def test_lists_of_addresses_names_and_numbers_find_all_of_them(self):
        for field in ("Email", "LastName", "Phone"):
            with self.subTest(field):
                values = [person[field] for person in self.people]
                self.assert_finds(self.found(field + " IN {}", values), self.people)

    def test_a_value_that_nobody_has_finds_nobody(self):
        for field, value in (("Email", email()), ("LastName", word("Niemand")), ("Phone", phone())):
            with self.subTest(field):
                self.assert_finds(self.found(field + " = {}", value), [])

    def test_conditions_are_joined(self):
        a, b, _ = self.people
        either = self.found("(Email = {} OR LastName = {}) AND AccountId = {}", a["Email"], b["LastName"], self.account["Id"])
        self.assert_finds(either, [a, b])
        both = self.found("Email = {} AND LastName = {}", a["Email"], b["LastName"])
        self.assert_finds(both, [])
        others = self.found("AccountId = {} AND Email != {}", self.account["Id"], a["Email"])
        self.assert_finds(others, self.people[1:])

    def test_a_relation_is_followed_up(self):
        soql = format_soql("SELECT LastName, Account.Name FROM Contact WHERE Email = {}", self.people[0]["Email"])
        record = self.crm.query(soql)["records"][0]
        self.assertEqual(record["Account"]["Name"], self.account["Name"])

    def test_a_relation_is_searched_by(self):
        soql = format_soql("SELECT Id FROM Contact WHERE Account.Name = {}", self.account["Name"])
        ids = {record["Id"] for record in self.crm.query(soql)["records"]}
        self.assertEqual(ids, {person["Id"] for person in self.people})

    def test_a_relation_is_followed_down(self):
        soql = format_soql(
            "SELECT Name, (SELECT FirstName, Email FROM Contacts) FROM Account WHERE Name = {}", self.account["Name"]
        )
        record = self.crm.query(soql)["records"][0]
        self.assertEqual(record["Name"], self.account["Name"])
        addresses = {child["Email"] for child in record["Contacts"]["records"]}
        self.assertEqual(addresses, {person["Email"] for person in self.people})

    def test_people_are_counted(self):
        soql = format_soql("SELECT COUNT() FROM Contact WHERE AccountId = {}", self.account["Id"])
        self.assertEqual(self.crm.query(soql)["totalSize"], len(self.people))
        soql = format_soql(
            "SELECT Email, COUNT(Id) n FROM Contact WHERE AccountId = {} GROUP BY Email", self.account["Id"]
        )
        groups = {record["Email"]: record["n"] for record in self.crm.query(soql)["records"]}
        self.assertEqual(groups, {person["Email"]: 1 for person in self.people})

    def test_all_pages_of_a_long_answer_are_read(self):
        employer = self.crm.Account.create({"Name": word("Fabriek")})["id"]
        names = [word("Arbeider") for _ in range(450)]
        for start in range(0, len(names), 200):
            records = [
                {"attributes": {"type": "Contact"}, "LastName": name, "AccountId": employer}
                for name in names[start : start + 200]
            ]
            answer = self.crm.restful(
                "composite/sobjects", method="POST", json={"allOrNone": True, "records": records}
            )
            self.assertTrue(all(slot["success"] for slot in answer))
        before = len(requests())
        soql = format_soql("SELECT LastName FROM Contact WHERE AccountId = {} ORDER BY Id", employer)
        pages = {"headers": {"Sforce-Query-Options": "batchSize=200"}}
        answer = self.crm.query_all(soql, **pages)
        self.assertEqual(answer["totalSize"], len(names))
        self.assertEqual(sorted(record["LastName"] for record in answer["records"]), sorted(names))
        self.assertEqual(len(requests()) - before, 3, "450 records in pages of 200 are three pages")
        lazily = [record["LastName"] for record in self.crm.query_all_iter(soql, **pages)]
        self.assertEqual(sorted(lazily), sorted(names))

    def test_deleted_people_are_found_by_who_asks_for_them(self):
        address = email()
        record = self.crm.Contact.create({"LastName": word("Bos"), "Email": address})["id"]
        self.crm.Contact.delete(record)
        soql = format_soql("SELECT Email FROM Contact WHERE Email = {}", address)
        self.assertEqual(self.crm.query(soql)["totalSize"], 0)
        self.assertEqual(self.crm.query(soql, include_deleted=True)["records"][0]["Email"], address)


if __name__ == "__main__":
    unittest.main()
