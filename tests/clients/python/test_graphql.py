"""GraphQL finds, shows and writes people, though the CRM does not know them."""

import unittest

from border import CANARY, BorderTest, email, requests, word
from simple_salesforce.exceptions import SalesforceMalformedRequest

CONTACTS = "query ($where: Contact_Filter) { uiapi { query { Contact(where: $where) { edges { node { Id Name { value } } } totalCount } } } }"


class GraphQL(BorderTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employer = {"Name": word("Bakkerij")}
        cls.employer["Id"] = cls.crm.Account.create(cls.employer)["id"]
        cls.person = {
            "FirstName": word("Aleid"),
            "LastName": word("van der Meer"),
            "Email": email(),
            "Birthdate": "1961-02-03",
            "AccountId": cls.employer["Id"],
        }
        cls.person["Id"] = cls.crm.Contact.create(cls.person)["id"]

    def asked(self, query, **variables):
        return self.crm.restful("graphql", method="POST", json={"query": query, "variables": variables})

    def answered(self, query, **variables):
        answer = self.asked(query, **variables)
        self.assertEqual(answer["errors"], [])
        return answer["data"]["uiapi"]

    def test_literals_and_variables_find_their_people(self):
        last, address = self.person["LastName"], self.person["Email"]
        for where in (
            {"LastName": {"eq": last}},
            {"LastName": {"in": [last, word("Bos")]}},
            {"Email": {"eq": address.upper()}},
            {"and": [{"LastName": {"eq": last}}, {"Email": {"ne": email()}}]},
            {"Account": {"Name": {"eq": self.employer["Name"]}}},
        ):
            with self.subTest(where):
                found = self.answered(CONTACTS, where=where)["query"]["Contact"]
                self.assertEqual([edge["node"]["Id"] for edge in found["edges"]], [self.person["Id"]])
                self.assertEqual(found["totalCount"], 1)
        self.assertEqual(self.answered(CONTACTS, where={"LastName": {"eq": word("Bos")}})["query"]["Contact"]["edges"], [])
        literal = '{ uiapi { query { Contact(where: {LastName: {eq: """%s"""}}) { totalCount } } } }' % last
        self.assertEqual(self.answered(literal)["query"]["Contact"]["totalCount"], 1)

    def test_values_come_back_under_the_clients_keys(self):
        query = """
          query People($last: String!, $with: Boolean = true) {
            uiapi { query { people: Contact(where: {LastName: {eq: $last}}, orderBy: {CreatedDate: {order: DESC}}, first: 5) {
              edges { node {
                surname: LastName { value displayValue }
                ...More
                employer: Account { Id Name { value } Contacts { edges { node { Email { value } } } } }
              } }
            } } }
          }
          fragment More on Contact { Birthdate { value } Email { value } }
        """
        found = self.answered(query, last=self.person["LastName"])["query"]
        node = found["people"]["edges"][0]["node"]
        self.assertEqual(node["surname"], {"value": self.person["LastName"], "displayValue": self.person["LastName"]})
        self.assertEqual(node["Birthdate"]["value"], "1961-02-03")
        self.assertEqual(node["Email"]["value"], self.person["Email"])
        self.assertEqual(node["employer"]["Name"]["value"], self.employer["Name"])
        self.assertEqual(node["employer"]["Id"], self.employer["Id"])
        children = node["employer"]["Contacts"]["edges"]
        self.assertEqual([edge["node"]["Email"]["value"] for edge in children], [self.person["Email"]])
        self.assertNotIn("alias", str(found))

    def test_mutations_write_change_and_delete(self):
        person = {"FirstName": word("Aleid"), "LastName": word("Bos"), "Email": email(), "Birthdate": "1972-03-04"}
        made = self.answered(
            "mutation ($input: ContactCreateInput!) { uiapi { ContactCreate(input: $input) "
            "{ Record { Id LastName { value } Birthdate { value } } } } }",
            input={"Contact": person},
        )["ContactCreate"]["Record"]
        self.assertEqual(made["LastName"]["value"], person["LastName"])
        self.assert_tokens("Contact", made["Id"], {k: person[k] for k in ("FirstName", "LastName", "Email")})
        self.assertIsNone(self.stored("Contact", made["Id"])["Birthdate"])
        self.assertEqual(made["Birthdate"]["value"], "1972-03-04")

        changed, other = word('D"ijk'), word("Bakkerij")
        both = self.answered(
            'mutation { uiapi(input: {allOrNone: true}) { a: ContactUpdate(input: {Id: "%s", Contact: {LastName: """%s"""}}) '
            '{ Record { LastName { value } } } b: AccountCreate(input: {Account: {Name: "%s"}}) { Record { Id Name { value } } } } }'
            % (made["Id"], changed, other)
        )
        self.assertEqual(both["a"]["Record"]["LastName"]["value"], changed)
        self.assertEqual(both["b"]["Record"]["Name"]["value"], other)
        self.assert_tokens("Contact", made["Id"], {"LastName": changed})
        self.assertEqual(self.crm.Contact.get(made["Id"])["LastName"], changed)

        self.answered('mutation { uiapi { ContactDelete(input: {Id: "%s"}) { Id } } }' % made["Id"])
        self.assertTrue(self.stored("Contact", made["Id"])["IsDeleted"])

    def test_what_the_crm_refuses_is_told(self):
        answer = self.asked('mutation { uiapi { ContactCreate(input: {Contact: {FirstName: "%s"}}) { Record { Id } } } }' % word("x"))
        self.assertIsNone(answer["data"])
        self.assertIn("LastName", answer["errors"][0]["message"])

    def test_what_is_refused_has_its_place(self):
        name = word("Bos")
        for query, code, kind, place in (
            ('{ uiapi {\n query { Contact(where: {LastName: {like: "%s"}}) { totalCount } } } }' % name, "query-clause", "ValidationError", (2, 10)),
            ("{ uiapi { query { Contact(orderBy: {LastName: {order: ASC}}) { totalCount } } } }", "query-clause", "ValidationError", (1, 19)),
            ("{ uiapi { query { Contact { edges { node { Id\n  Nickname__c { value } } } } } } }", "policy-unknown-field", "ValidationError", (2, 3)),
            ("{ uiapi { query { Pet__c { totalCount } } } }", "policy-unknown-object", "ValidationError", (1, 19)),
            ("{ uiapi { query { Contact(where: '%s') } } }" % name, "query-malformed", "InvalidSyntax", (1, 34)),
            (
                'mutation { uiapi { ContactCreate(input: {Contact: {LastName: "x", Name: "%s"}}) { Record { Id } } } }' % name,
                "field-not-writable",
                "DataFetchingException",
                (1, 20),
            ),
        ):
            before = len(requests())
            with self.subTest(query):
                answer = self.asked(query)
                self.assertIsNone(answer["data"])
                error = answer["errors"][0]
                self.assertIn(f"[sluis {code}]", error["message"])
                self.assertEqual(error["extensions"], {"ErrorType": kind})
                self.assertEqual(error["locations"], [{"line": place[0], "column": place[1]}])
                for part in CANARY.values():
                    self.assertNotIn(part, str(answer).lower())
            self.assertEqual(len(requests()), before, "something reached the CRM")

    def test_a_body_of_another_form_is_refused(self):
        before = len(requests())
        with self.assertRaises(SalesforceMalformedRequest) as caught:
            self.crm.restful("graphql", method="POST", json=[{"query": "{ %s }" % CANARY["text"]}])
        self.assertIn("[sluis body-malformed]", caught.exception.content["errors"][0]["message"])
        self.assertEqual(len(requests()), before)


if __name__ == "__main__":
    unittest.main()
