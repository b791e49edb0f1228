"""Records are written and read back as if no border stood between."""

import unittest

from border import BorderTest, email, number, phone, word
from simple_salesforce import format_external_id
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound


def contact():
    """A contact with each kind of field that policy keeps as a token or in a sealed form."""
    return {
        "FirstName": word("Jacobiene"),
        "LastName": word("de Wit-"),
        "Email": email(),
        "Phone": phone(),
        "MobilePhone": phone(),
        "Title": word("Secretaresse"),
        "Department": word("Inkoop"),
        "AssistantName": word("Piet"),
        "MailingStreet": word("Keizersgracht 12\nachter"),
        "MailingCity": word("Utrecht"),
        "MailingPostalCode": word("3511")[:20],
        "Description": word('Zei: "ça va" \u2013 \U0001f600 <b>& \\ \' ') + "\n" + word("Regel 2") * 40,
    }


class Records(BorderTest):
    def test_a_contact_comes_back_as_it_was_written(self):
        written = contact()
        answer = self.crm.Contact.create(written)
        self.assertEqual((answer["success"], answer["errors"]), (True, []))
        read = self.crm.Contact.get(answer["id"])
        self.assert_read(read, written)
        self.assertEqual(read["attributes"]["type"], "Contact")
        self.assertEqual(read["Name"], f"{written['FirstName']} {written['LastName']}")
        self.assert_tokens("Contact", answer["id"], written)

    def test_values_that_the_crm_has_no_room_for_stay_here_and_come_back(self):
        held = {"Birthdate": "1961-02-03", "Salutation": "Mrs."}
        answer = self.crm.Contact.create({"LastName": word("Bos"), **held})
        self.assert_read(self.crm.Contact.get(answer["id"]), held)
        row = self.stored("Contact", answer["id"])
        self.assertEqual((row["Birthdate"], row["Salutation"]), (None, None))

    def test_what_nobody_needs_is_not_kept(self):
        written = {"LastName": word("Bos"), "MailingLatitude": 52.0907, "MailingLongitude": 5.1214}
        answer = self.crm.Contact.create(written)
        self.assertIsNone(self.crm.Contact.get(answer["id"])["MailingLatitude"])
        self.assertIsNone(self.stored("Contact", answer["id"])["MailingLatitude"])

    def test_a_lead_keeps_the_coarse_half_of_its_postcode(self):
        written = {"LastName": word("Bos"), "Company": word("Bakkerij"), "PostalCode": "1234 XY"}
        answer = self.crm.Lead.create(written)
        self.assertEqual(self.crm.Lead.get(answer["id"])["PostalCode"], "1234")
        self.assertEqual(self.stored("Lead", answer["id"])["PostalCode"], "1234")

    def test_what_policy_passes_is_the_same_on_both_sides(self):
        written = {"LastName": word("Bos"), "LeadSource": "Web", "MailingCountry": "Nederland"}
        answer = self.crm.Contact.create(written)
        self.assert_read(self.crm.Contact.get(answer["id"]), written)
        row = self.stored("Contact", answer["id"])
        self.assertEqual((row["LeadSource"], row["MailingCountry"]), ("Web", "Nederland"))

    def test_an_update_changes_what_it_names_and_nothing_else(self):
        written = contact()
        record = self.crm.Contact.create(written)["id"]
        change = {"LastName": word("Van Dam"), "Phone": phone(), "Description": word("Nieuw")}
        before = self.stored("Contact", record)
        self.assertEqual(self.crm.Contact.update(record, change), 204)
        self.assert_read(self.crm.Contact.get(record), {**written, **change})
        after = self.stored("Contact", record)
        for field in change:
            self.assertNotEqual(before[field], after[field], f"{field} kept its old token")
        self.assertEqual(before["Email"], after["Email"])

    def test_a_field_that_is_emptied_is_empty_on_both_sides(self):
        record = self.crm.Contact.create({"LastName": word("Bos"), "Phone": phone(), "Birthdate": "1961-02-03"})["id"]
        self.crm.Contact.update(record, {"Phone": None, "Birthdate": None})
        self.assert_read(self.crm.Contact.get(record), {"Phone": None, "Birthdate": None})
        self.assertIsNone(self.stored("Contact", record)["Phone"])

    def test_an_upsert_by_customer_number_makes_a_record_and_then_finds_it(self):
        key, first, second = number(), word("Bos"), word("Van den Bos")
        path = format_external_id("Ext_Id__c", key)
        self.assertEqual(self.crm.Contact.upsert(path, {"LastName": first}), 201)
        self.assertEqual(self.crm.Contact.upsert(path, {"LastName": second}), 200)
        read = self.crm.Contact.get_by_custom_id("Ext_Id__c", key)
        self.assert_read(read, {"LastName": second, "Ext_Id__c": key})
        self.assert_tokens("Contact", read["Id"], {"Ext_Id__c": key, "LastName": second})

    def test_an_upsert_by_address_finds_the_contact_whatever_its_case(self):
        address = email()
        record = self.crm.Contact.create({"LastName": word("Bos"), "Email": address})["id"]
        path = format_external_id("Email", address.upper())
        title = word("Directeur")
        self.assertEqual(self.crm.Contact.upsert(path, {"Title": title}), 200)
        self.assert_read(self.crm.Contact.get(record), {"Title": title, "Email": address})

    def test_a_deleted_contact_is_gone(self):
        record = self.crm.Contact.create({"LastName": word("Bos")})["id"]
        self.assertEqual(self.crm.Contact.delete(record), 204)
        with self.assertRaises(SalesforceResourceNotFound):
            self.crm.Contact.get(record)

    def test_a_read_of_some_fields_gives_those(self):
        name = word("Bos")
        record = self.crm.Contact.create({"LastName": name, "Phone": phone()})["id"]
        read = self.crm.restful(f"sobjects/Contact/{record}", params={"fields": "Id,LastName"})
        self.assertEqual(read["LastName"], name)
        self.assertNotIn("Phone", read)

    def test_a_case_shows_the_address_of_its_contact(self):
        address, subject = email(), word("Klacht")
        person = self.crm.Contact.create({"LastName": word("Bos"), "Email": address})["id"]
        record = self.crm.Case.create({"ContactId": person, "Subject": subject, "SuppliedEmail": address})["id"]
        read = self.crm.Case.get(record)
        self.assert_read(read, {"Subject": subject, "ContactEmail": address, "SuppliedEmail": address})
        self.assert_tokens("Case", record, {"Subject": subject, "SuppliedEmail": address})

    def test_accounts_and_tasks_come_back_as_they_were_written(self):
        account = {"Name": word("Bakkerij"), "Website": word("https://")[:8] + email().replace("@", "."), "BillingCity": word("Breda")}
        record = self.crm.Account.create(account)["id"]
        self.assert_read(self.crm.Account.get(record), account)
        self.assert_tokens("Account", record, account)
        task = {"Subject": word("Terugbellen"), "Description": word("Over de taart"), "WhatId": record}
        made = self.crm.Task.create(task)["id"]
        self.assert_read(self.crm.Task.get(made), task)
        self.assert_tokens("Task", made, {"Subject": task["Subject"], "Description": task["Description"]})

    def test_an_error_of_the_crms_reaches_the_library_as_its_own(self):
        with self.assertRaises(SalesforceMalformedRequest) as caught:
            self.crm.Contact.create({"FirstName": word("Jacobiene")})
        self.assertEqual(caught.exception.content[0]["errorCode"], "REQUIRED_FIELD_MISSING")
        with self.assertRaises(SalesforceResourceNotFound):
            self.crm.Contact.get("003000000000001AAA")


if __name__ == "__main__":
    unittest.main()
