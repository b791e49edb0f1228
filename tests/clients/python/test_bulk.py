"""Bulk jobs of both interfaces, by the clients that people use."""

import csv
import io
import json
import unittest
from xml.etree import ElementTree

from border import CANARY, DEMO, BorderTest, email, number, phone, requests, word
from salesforce_bulk import CsvDictsAdapter, SalesforceBulk
from salesforce_bulk.salesforce_bulk import BulkApiError
from simple_salesforce.bulk2 import ColumnDelimiter, LineEnding, Operation
from simple_salesforce.exceptions import SalesforceMalformedRequest


def person(**more):
    return {"FirstName": word("Jacobiene"), "LastName": word("de Wit"), "Email": email(), "Phone": phone(), **more}


def table(rows, delimiter=",", end="\n"):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def rows(text, delimiter=","):
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


class Bulk2(BorderTest):
    """simple-salesforce and version 2.0."""

    def read(self, soql):
        return [record for page in self.crm.bulk2.Contact.query(soql) for record in rows(page)]

    def test_records_come_back_as_they_were_written(self):
        written = [person(Description=f'{word("Zei")} "ça va",\nregel 2; {at}') for at in range(250)]
        answers = self.crm.bulk2.Contact.insert(records=written, wait=0)
        self.assertEqual([(a["numberRecordsFailed"], a["numberRecordsProcessed"]) for a in answers], [(0, 250)])
        job = answers[0]["job_id"]
        told = rows(self.crm.bulk2.Contact.get_successful_records(job))
        self.assertEqual(len(told), 250)
        by_name = {record["LastName"]: record for record in told}
        for record in written:
            self.assert_read(by_name[record["LastName"]], record)
        self.assert_tokens("Contact", told[0]["sf__Id"], written[0])
        self.assertEqual(rows(self.crm.bulk2.Contact.get_failed_records(job)), [])
        self.assertEqual(rows(self.crm.bulk2.Contact.get_unprocessed_records(job)), [])
        soql = f"SELECT Id, FirstName, LastName, Email, Phone, Description FROM Contact WHERE Email = '{written[7]['Email']}'"
        found = self.read(soql)
        self.assertEqual(len(found), 1)
        self.assert_read(found[0], written[7])

    def test_a_query_comes_in_pages(self):
        title = word("Kapitein")
        self.crm.bulk2.Contact.insert(records=[person(Title=title) for _ in range(5)], wait=0)
        pages = list(self.crm.bulk2.Contact.query("SELECT Id, LastName FROM Contact LIMIT 5", max_records=2))
        self.assertEqual([len(rows(page)) for page in pages], [2, 2, 1])

    def test_every_delimiter_and_line_ending(self):
        for delimiter, sign in (
            (ColumnDelimiter.SEMICOLON, ";"),
            (ColumnDelimiter.TAB, "\t"),
            (ColumnDelimiter.PIPE, "|"),
            (ColumnDelimiter.CARET, "^"),
            (ColumnDelimiter.BACKQUOTE, "`"),
        ):
            with self.subTest(delimiter):
                written = person(Description=f'{word("a")};\t|^`,"b"\nc')
                handler = self.crm.bulk2.Contact
                answers = handler.insert(
                    csv_file=self.file(table([written], sign, "\r\n")),
                    column_delimiter=delimiter,
                    line_ending=LineEnding.CRLF,
                    wait=0,
                )
                self.assertEqual(answers[0]["numberRecordsFailed"], 0)
                told = rows(handler.get_successful_records(answers[0]["job_id"]), sign)
                self.assert_read(told[0], written)

    def file(self, text):
        import tempfile

        file = tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8")
        self.addCleanup(file.close)
        file.write(text)
        file.flush()
        return file.name

    def test_an_upsert_finds_what_it_wrote_and_a_relation_what_it_names(self):
        key = number()
        account = number()
        self.crm.Account.upsert(f"Ext_Id__c/{account}", {"Name": word("Bakkerij")})
        first = person(Ext_Id__c=key, **{"Account.Ext_Id__c": account})
        again = {"ext_id__c": key, "LASTNAME": word("Van Dam"), "Phone": "#N/A", "Email": ""}
        for record, created in ((first, "true"), (again, "false")):
            answers = self.crm.bulk2.Contact.upsert(records=[record], external_id_field="Ext_Id__c", wait=0)
            told = rows(self.crm.bulk2.Contact.get_successful_records(answers[0]["job_id"]))
            self.assertEqual([row["sf__Created"] for row in told], [created])
        stored = self.stored("Contact", told[0]["sf__Id"])
        self.assertIsNone(stored["Phone"])
        self.assertIsNotNone(stored["AccountId"])
        read = self.crm.Contact.get(told[0]["sf__Id"])
        self.assert_read(read, {"LastName": again["LASTNAME"], "Email": first["Email"], "Phone": None})

    def test_records_are_updated_and_deleted_by_id(self):
        made = self.crm.Contact.create(person())["id"]
        change = {"Id": made, "LastName": word("Kok")}
        answers = self.crm.bulk2.Contact.update(records=[change], wait=0)
        self.assertEqual(answers[0]["numberRecordsFailed"], 0)
        self.assertEqual(self.crm.Contact.get(made)["LastName"], change["LastName"])
        # What the CRM agreed to may be written again with its mask.
        self.crm.bulk2.Contact.get_successful_records(answers[0]["job_id"])
        answers = self.crm.bulk2.Contact.delete(records=[{"Id": made}], wait=0)
        self.assertEqual(answers[0]["numberRecordsFailed"], 0)
        self.assertTrue(self.stored("Contact", made)["IsDeleted"])

    def test_what_the_crm_refuses_comes_back_with_its_values(self):
        written = {"FirstName": word("Zonder"), "LastName": "", "Email": email()}
        answers = self.crm.bulk2.Contact.insert(records=[written], wait=0)
        self.assertEqual(answers[0]["numberRecordsFailed"], 1)
        failed = rows(self.crm.bulk2.Contact.get_failed_records(answers[0]["job_id"]))
        self.assert_read(failed[0], {"FirstName": written["FirstName"], "Email": written["Email"]})
        self.assertIn("REQUIRED_FIELD_MISSING", failed[0]["sf__Error"])

    def assert_upload_refused(self, code, data, *texts):
        handler = self.crm.bulk2.Contact
        job = handler._client.create_job(Operation.insert)["id"]
        before = len(requests())
        with self.assertRaises(SalesforceMalformedRequest) as caught:
            handler._client.upload_job_data(job, data)
        first = caught.exception.content[0]
        self.assertIn(f"[sluis {code}]", first["message"])
        for text in texts:
            self.assertIn(text, first["message"] + json.dumps(first.get("fields", [])))
        for part in CANARY.values():
            self.assertNotIn(part, json.dumps(first).lower(), "the error repeats the value")
        sent = requests()[before:]
        self.assertNotIn("PUT", [request["method"] for request in sent], "records reached the CRM")
        self.assertEqual(handler._client.get_job(job, False)["state"], "Aborted")

    def test_a_refused_record_is_named_and_nothing_of_its_portion_leaves(self):
        good = person()
        self.assert_upload_refused("policy-unknown-field", table([{**good, "Nickname__c": word("Bob")}]), "column 5")
        self.assert_upload_refused("field-not-writable", table([{**good, "Name": word("Bob")}]), "record 1", "Name")
        bad = {**person(), "Email": word("geen adres")}
        self.assert_upload_refused("value-unfit", table([bad]), "record 1", "Email")
        self.assert_upload_refused("body-malformed", f'LastName\n"{word("a")}"b\n', "record 1", "Contact.LastName")
        self.assert_upload_refused("body-malformed", f'LastName,Email\n{word("a")}\n', "record 1")
        self.assert_upload_refused("body-malformed", f'LastName,lastname\n{word("a")},b\n', "column 2")

    def test_a_record_that_policy_refuses_fails_by_itself(self):
        bad = {**person(), "Email": word("geen adres")}
        answers = self.crm.bulk2.Contact.insert(records=[person(), bad, person()], wait=0)
        self.assertEqual((answers[0]["numberRecordsProcessed"], answers[0]["numberRecordsFailed"]), (3, 1))
        (failed,) = rows(self.crm.bulk2.Contact.get_failed_records(answers[0]["job_id"]))
        for text in ("record 2", "Email", "[sluis value-unfit]"):
            self.assertIn(text, failed["sf__Error"])
        for part in CANARY.values():
            self.assertNotIn(part, json.dumps(failed).lower())
        told = rows(self.crm.bulk2.Contact.get_successful_records(answers[0]["job_id"]))
        self.assertEqual(len(told), 2)

    def test_queries_that_no_table_answers_are_refused(self):
        for soql in (
            f"SELECT Id FROM Contact WHERE LastName LIKE '{word('Bos')}%'",
            "SELECT COUNT(Id) FROM Contact",
            "SELECT Id, (SELECT Id FROM Cases) FROM Contact",
        ):
            with self.subTest(soql):
                self.assert_refused(
                    SalesforceMalformedRequest, "query-clause", lambda: list(self.crm.bulk2.Contact.query(soql))
                )


class Bulk1(BorderTest):
    """simple-salesforce and version 1.0, which speaks JSON."""

    def test_records_come_back_as_they_were_written(self):
        written = [person() for _ in range(30)]
        answers = self.crm.bulk.Contact.insert(written, batch_size=10)
        self.assertTrue(all(answer["success"] for answer in answers))
        self.assert_tokens("Contact", answers[12]["id"], written[12])
        soql = f"SELECT Id, FirstName, LastName, Email FROM Contact WHERE LastName = '{written[12]['LastName']}'"
        found = self.crm.bulk.Contact.query(soql)
        self.assertEqual([record["Id"] for record in found], [answers[12]["id"]])
        self.assert_read(found[0], {key: written[12][key] for key in ("FirstName", "LastName", "Email")})

    def test_an_upsert_and_a_delete(self):
        record = person(Ext_Id__c=number())
        first = self.crm.bulk.Contact.upsert([record], "Ext_Id__c")[0]
        second = self.crm.bulk.Contact.upsert([{**record, "LastName": word("Van Dam")}], "Ext_Id__c")[0]
        self.assertEqual((first["id"], first["created"], second["created"]), (second["id"], True, False))
        self.assertTrue(self.crm.bulk.Contact.delete([{"Id": first["id"]}])[0]["success"])

    def test_a_refused_record_is_an_error_of_the_interface(self):
        from simple_salesforce.exceptions import SalesforceMalformedRequest

        before = [request for request in requests() if request["target"].endswith("/batch")]
        with self.assertRaises(SalesforceMalformedRequest) as caught:
            self.crm.bulk.Contact.insert([{**person(), "Nickname__c": word("Bob")}])
        said = json.dumps(caught.exception.content)
        self.assertIn("InvalidBatch", said)
        self.assertIn("[sluis policy-unknown-field]", said)
        for part in CANARY.values():
            self.assertNotIn(part, said.lower())
        after = [request for request in requests() if request["target"].endswith("/batch")]
        self.assertEqual(len(after), len(before), "records reached the CRM")


class SalesforceBulkClient(BorderTest):
    """salesforce-bulk and version 1.0, which speaks XML and CSV."""

    def bulk(self):
        bulk = SalesforceBulk(sessionId=DEMO["access_token"], host=DEMO["border"], API_version="60.0")
        bulk.endpoint = f"{DEMO['border']}/services/async/60.0"
        return bulk

    def test_records_come_back_as_they_were_written(self):
        bulk = self.bulk()
        written = [person(Description=f'{word("regel")} 1\nregel "2", é') for _ in range(3)]
        job = bulk.create_insert_job("Contact", contentType="CSV")
        batch = bulk.post_batch(job, CsvDictsAdapter(iter(written)))
        bulk.wait_for_batch(job, batch)
        results = bulk.get_batch_results(batch)
        self.assertEqual([(r.success, r.created) for r in results], [("true", "true")] * 3)
        bulk.close_job(job)
        self.assert_tokens("Contact", results[1].id, written[1])
        self.assert_read(self.crm.Contact.get(results[1].id), written[1])

        job = bulk.create_query_job("Contact", contentType="CSV")
        batch = bulk.query(job, f"SELECT Id, LastName, Description FROM Contact WHERE Email = '{written[2]['Email']}'")
        bulk.close_job(job)
        bulk.wait_for_batch(job, batch)
        found = [row for result in bulk.get_all_results_for_query_batch(batch) for row in rows(result.read().decode())]
        self.assertEqual([row["Id"] for row in found], [results[2].id])
        self.assert_read(found[0], {key: written[2][key] for key in ("LastName", "Description")})
        self.assertEqual(len(bulk.get_batch_list(job)), 1)

    def test_batches_in_xml(self):
        bulk = self.bulk()
        written = person(Description=f'{word("regel")} <1> & "2", é')
        space = "http://www.force.com/2009/06/asyncapi/dataload"
        records = ElementTree.Element("sObjects", xmlns=space)
        record = ElementTree.SubElement(records, "sObject")
        for name, value in written.items():
            ElementTree.SubElement(record, name).text = str(value)
        job = bulk.create_insert_job("Contact", contentType="XML")
        batch = bulk.post_batch(job, ElementTree.tostring(records))
        bulk.wait_for_batch(job, batch)
        results = bulk.get_batch_results(batch)
        # The client drops the id that stands there.
        self.assertEqual([(r.success, r.created) for r in results], [(True, True)])
        bulk.close_job(job)
        (there,) = self.crm.query(f"SELECT Id FROM Contact WHERE Email = '{written['Email']}'")["records"]
        self.assert_tokens("Contact", there["Id"], written)
        self.assert_read(self.crm.Contact.get(there["Id"]), written)

        job = bulk.create_query_job("Contact", contentType="XML")
        batch = bulk.query(job, f"SELECT Id, LastName, Description FROM Contact WHERE Email = '{written['Email']}'")
        bulk.close_job(job)
        bulk.wait_for_batch(job, batch)
        (result,) = bulk.get_all_results_for_query_batch(batch)
        (found,) = ElementTree.parse(result).getroot()
        found = {field.tag.split("}")[1]: field.text for field in found}
        self.assertEqual(found["Id"], there["Id"])
        self.assert_read(found, {key: written[key] for key in ("LastName", "Description")})

        job = bulk.create_insert_job("Contact", contentType="XML")
        field = ElementTree.SubElement(record, "Nickname__c")
        field.text = word("Bob")
        with self.assertRaises(BulkApiError) as caught:
            bulk.post_batch(job, ElementTree.tostring(records))
        self.assertIn("[sluis policy-unknown-field]", str(caught.exception))

    def test_a_record_that_policy_refuses_fails_at_its_place(self):
        bulk = self.bulk()
        job = bulk.create_insert_job("Contact", contentType="CSV")
        bad = {**person(), "Email": word("geen adres")}
        batch = bulk.post_batch(job, CsvDictsAdapter(iter([person(), bad, person()])))
        bulk.wait_for_batch(job, batch)
        results = bulk.get_batch_results(batch)
        bulk.close_job(job)
        self.assertEqual([r.success for r in results], ["true", "false", "true"])
        self.assertIn("[sluis value-unfit]", results[1].error)
        for part in CANARY.values():
            self.assertNotIn(part, results[1].error.lower())

    def test_a_refused_record_is_an_error_of_the_interface(self):
        bulk = self.bulk()
        job = bulk.create_insert_job("Contact", contentType="CSV")
        with self.assertRaises(BulkApiError) as caught:
            bulk.post_batch(job, CsvDictsAdapter(iter([{**person(), "Nickname__c": word("Bob")}])))
        self.assertIn("[sluis policy-unknown-field]", str(caught.exception))
        for part in CANARY.values():
            self.assertNotIn(part, str(caught.exception).lower())
        bulk.abort_job(job)

    def test_formats_that_the_border_does_not_read_are_refused_by_name(self):
        for kind in ("ZIP_CSV", "ZIP_XML", "avro/binary", "PARQUET"):
            with self.subTest(kind):
                with self.assertRaises(BulkApiError) as caught:
                    self.bulk().create_insert_job("Contact", contentType=kind)
                self.assertIn("[sluis body-media-type]", str(caught.exception))

    def test_a_token_that_is_none_is_an_expired_session(self):
        bulk = SalesforceBulk(sessionId="00D000000000001!AQ", host=DEMO["border"], API_version="60.0")
        bulk.endpoint = f"{DEMO['border']}/services/async/60.0"
        with self.assertRaises(BulkApiError) as caught:
            bulk.create_insert_job("Contact", contentType="CSV")
        self.assertIn("InvalidSessionId", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
