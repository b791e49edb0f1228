"""Several requests in one, and what clients ask about the CRM itself."""

import unittest

from border import VERSION, BorderTest, email, number, word

DATA = f"/services/data/v{VERSION}"


class Composite(BorderTest):
    def post(self, path, body):
        return self.crm.restful(path, method="POST", json=body)

    def test_requests_refer_to_each_other(self):
        company, name, address = word("Bakkerij"), word("Bos"), email()
        answer = self.post("composite", {
            "allOrNone": True,
            "compositeRequest": [
                {"method": "POST", "url": f"{DATA}/sobjects/Account", "referenceId": "firm", "body": {"Name": company}},
                {
                    "method": "POST",
                    "url": f"{DATA}/sobjects/Contact",
                    "referenceId": "person",
                    "body": {"LastName": name, "Email": address, "AccountId": "@{firm.id}"},
                },
                {
                    "method": "GET",
                    "url": f"{DATA}/sobjects/Contact/@{{person.id}}?fields=LastName,Account.Name",
                    "referenceId": "found",
                },
            ],
        })
        firm, person, found = answer["compositeResponse"]
        self.assertEqual([firm["httpStatusCode"], person["httpStatusCode"], found["httpStatusCode"]], [201, 201, 200])
        self.assertEqual([firm["referenceId"], person["referenceId"]], ["firm", "person"])
        record = found["body"]
        self.assertEqual((record["LastName"], record["Account"]["Name"]), (name, company))
        self.assert_tokens("Contact", person["body"]["id"], {"LastName": name, "Email": address})

    def test_a_batch_writes_and_reads(self):
        name = word("Bos")
        made = self.post("composite/batch", {"batchRequests": [
            {"method": "POST", "url": f"v{VERSION}/sobjects/Contact", "richInput": {"LastName": name}},
        ]})
        self.assertFalse(made["hasErrors"])
        record = made["results"][0]["result"]["id"]
        read = self.post("composite/batch", {"batchRequests": [
            {"method": "GET", "url": f"v{VERSION}/sobjects/Contact/{record}?fields=LastName"},
        ]})
        self.assertEqual(read["results"][0]["result"]["LastName"], name)
        self.assert_tokens("Contact", record, {"LastName": name})

    def test_a_graph_writes(self):
        name = word("Bos")
        answer = self.post("composite/graph", {"graphs": [{"graphId": "one", "compositeRequest": [
            {"method": "POST", "url": f"{DATA}/sobjects/Contact", "referenceId": "person", "body": {"LastName": name}},
        ]}]})
        graph = answer["graphs"][0]
        self.assertTrue(graph["isSuccessful"])
        record = graph["graphResponse"]["compositeResponse"][0]["body"]["id"]
        self.assertEqual(self.crm.Contact.get(record)["LastName"], name)

    def test_a_tree_is_planted(self):
        company, name = word("Bakkerij"), word("Bos")
        answer = self.post("composite/tree/Account", {"records": [{
            "attributes": {"type": "Account", "referenceId": "firm"},
            "Name": company,
            "Contacts": {"records": [{"attributes": {"type": "Contact", "referenceId": "person"}, "LastName": name}]},
        }]})
        self.assertFalse(answer["hasErrors"])
        ids = {result["referenceId"]: result["id"] for result in answer["results"]}
        read = self.crm.Contact.get(ids["person"])
        self.assert_read(read, {"LastName": name, "AccountId": ids["firm"]})
        self.assert_tokens("Account", ids["firm"], {"Name": company})

    def test_collections_are_made_changed_read_upserted_and_deleted(self):
        names = [word("Bos") for _ in range(5)]
        typed = [{"attributes": {"type": "Contact"}, "LastName": name} for name in names]
        made = self.post("composite/sobjects", {"allOrNone": False, "records": typed})
        ids = [slot["id"] for slot in made]
        changed = [word("Dam") for _ in ids]
        slots = self.crm.restful("composite/sobjects", method="PATCH", json={
            "allOrNone": False,
            "records": [
                {"attributes": {"type": "Contact"}, "id": record, "LastName": name} for record, name in zip(ids, changed)
            ],
        })
        self.assertTrue(all(slot["success"] for slot in slots))
        read = self.post("composite/sobjects/Contact", {"ids": ids, "fields": ["LastName"]})
        self.assertEqual([record["LastName"] for record in read], changed)
        key, name = number(), word("Kok")
        for created in (True, False):
            slots = self.crm.restful("composite/sobjects/Contact/Ext_Id__c", method="PATCH", json={
                "allOrNone": False,
                "records": [{"attributes": {"type": "Contact"}, "Ext_Id__c": key, "LastName": name}],
            })
            self.assertEqual((slots[0]["success"], slots[0]["created"]), (True, created))
        gone = self.crm.restful("composite/sobjects", params={"ids": ",".join(ids)}, method="DELETE")
        self.assertTrue(all(slot["success"] for slot in gone))

    def test_all_or_none_is_kept(self):
        name = word("Bos")
        slots = self.post("composite/sobjects", {"allOrNone": True, "records": [
            {"attributes": {"type": "Contact"}, "LastName": name},
            {"attributes": {"type": "Contact"}, "FirstName": word("Naamloos")},
        ]})
        self.assertEqual([slot["success"] for slot in slots], [False, False])
        soql = f"SELECT Id FROM Contact WHERE LastName = '{name}'"
        self.assertEqual(self.crm.query(soql)["totalSize"], 0)


class About(BorderTest):
    def test_objects_are_described(self):
        names = {item["name"] for item in self.crm.describe()["sobjects"]}
        self.assertLessEqual({"Account", "Contact", "Lead", "Case"}, names)
        fields = {field["name"]: field for field in self.crm.Contact.describe()["fields"]}
        self.assertEqual((fields["Email"]["type"], fields["LastName"]["length"]), ("email", 80))

    def test_limits_are_told(self):
        self.assertIn("DailyApiRequests", self.crm.limits())
        counts = self.crm.restful("limits/recordCount", params={"sObjects": "Contact,Lead"})
        self.assertEqual({count["name"] for count in counts["sObjects"]}, {"Contact", "Lead"})

    def test_the_use_of_the_interface_is_counted(self):
        self.crm.limits()
        self.assertGreater(self.crm.api_usage["api-usage"].total, 0)


if __name__ == "__main__":
    unittest.main()
