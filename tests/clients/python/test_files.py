"""Files go up and come down as if no border stood between; the CRM has them sealed."""

import base64
import json
import unittest

from border import CANARY, DEMO, VERSION, BorderTest, salesforce, word
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceRefusedRequest


def content(length=200_000):
    unit = f"%PDF-1.7 {CANARY['text']};paspoort;".encode()
    return (unit * (length // len(unit) + 1))[:length]


def base64_of(data):
    return base64.b64encode(data).decode()


class Files(BorderTest):
    def url(self, path):
        return f"{DEMO['border']}{path}"

    def download(self, path, **headers):
        headers = {"Authorization": f"Bearer {DEMO['access_token']}", **headers}
        return self.crm.session.get(self.url(path), headers=headers)

    def in_crm(self, name, record_id, field):
        """What the CRM has of a file, past the border."""
        row = self.stored(name, record_id)
        self.assertEqual(row[field], f"/services/data/v{VERSION}/sobjects/{name}/{record_id}/{field}")
        return row

    def test_an_attachment_comes_back_as_it_was_written(self):
        person = self.crm.Contact.create({"LastName": word("Bos")})["id"]
        data = content()
        written = {"ParentId": person, "Name": word("Paspoort") + ".pdf", "ContentType": "application/pdf"}
        record = self.crm.Attachment.create({**written, "Body": base64_of(data)})["id"]
        self.assertEqual(self.crm.Attachment.get_base64(record, "Body"), data)
        read = self.crm.Attachment.get(record)
        self.assert_read(read, written)
        row = self.in_crm("Attachment", record, "Body")
        self.assertGreater(row["BodyLength"], len(data))
        self.assert_tokens("Attachment", record, {"Name": written["Name"]})

    def test_a_version_comes_back_by_every_way_that_gives_it(self):
        person = self.crm.Contact.create({"LastName": word("Bos")})["id"]
        data = content(70_000)
        written = {"Title": word("Loonstrook"), "PathOnClient": word("loon") + ".pdf"}
        fields = {**written, "VersionData": base64_of(data), "FirstPublishLocationId": person}
        record = self.crm.ContentVersion.create(fields)["id"]
        read = self.crm.ContentVersion.get(record)
        self.assert_read(read, written)
        self.assert_tokens("ContentVersion", record, written)
        document = read["ContentDocumentId"]
        for path in (
            f"/services/data/v{VERSION}/sobjects/ContentVersion/{record}/VersionData",
            f"/sfc/servlet.shepherd/version/download/{record}",
            f"/sfc/servlet.shepherd/document/download/{document}",
        ):
            with self.subTest(path):
                # A range is a part of what the CRM has; all of it is given.
                answer = self.download(path, Range="bytes=0-3")
                self.assertEqual((answer.status_code, answer.content), (200, data))
                self.assertEqual(answer.headers["Content-Length"], str(len(data)))
                self.assertEqual(answer.headers["Cache-Control"], "no-store")
                self.assertNotIn("ETag", answer.headers)
                self.assertIn(written["PathOnClient"].replace(" ", "%20"), answer.headers["Content-Disposition"])
        self.assertEqual(self.crm.ContentDocument.get(document)["Title"], written["Title"])
        links = self.crm.query(f"SELECT ContentDocumentId FROM ContentDocumentLink WHERE LinkedEntityId = '{person}'")
        self.assertEqual([link["ContentDocumentId"] for link in links["records"]], [document])

    def test_a_document_of_a_folder_comes_back_by_the_page_that_gives_it(self):
        user = self.crm.query("SELECT Id FROM User")["records"][0]["Id"]
        data = content(10)
        record = self.crm.Document.create(
            {"FolderId": user, "Name": word("Logo"), "DeveloperName": "Logo" + CANARY["text"], "Body": base64_of(data)}
        )["id"]
        answer = self.download(f"/servlet/servlet.FileDownload?file={record}")
        self.assertEqual((answer.status_code, answer.content), (200, data))

    def test_a_file_in_a_form_of_two_parts_comes_back(self):
        data = content(300_000)
        record = {"PathOnClient": word("cv") + ".pdf", "Title": word("Brief")}
        files = {
            "entity_content": (None, json.dumps(record), "application/json"),
            "VersionData": (record["PathOnClient"], data, "application/pdf"),
        }
        for order in (files, dict(reversed(files.items()))):
            answer = self.crm.session.post(
                self.url(f"/services/data/v{VERSION}/sobjects/ContentVersion/"),
                files=order,
                headers={"Authorization": f"Bearer {DEMO['access_token']}"},
            )
            self.assertEqual(answer.status_code, 201, answer.text)
            made = answer.json()["id"]
            self.assertEqual(self.crm.ContentVersion.get_base64(made, "VersionData"), data)
            self.assert_read(self.crm.ContentVersion.get(made), record)

    def test_an_attachment_gets_another_file(self):
        person = self.crm.Contact.create({"LastName": word("Bos")})["id"]
        record = self.crm.Attachment.create(
            {"ParentId": person, "Name": word("a"), "Body": base64_of(content(30))}
        )["id"]
        self.crm.Attachment.update(record, {"Body": base64_of(content(90))})
        self.assertEqual(self.crm.Attachment.get_base64(record, "Body"), content(90))

    def test_who_may_not_see_files_gets_none(self):
        record = self.crm.ContentVersion.create(
            {"PathOnClient": word("cv"), "VersionData": base64_of(content(50))}
        )["id"]
        marketing = salesforce(DEMO["masked_token"])
        with self.assertRaises(SalesforceRefusedRequest) as caught:
            marketing.ContentVersion.get_base64(record, "VersionData")
        self.assertIn("[sluis file-withheld]", caught.exception.content[0]["message"])
        self.assertEqual(self.crm.ContentVersion.get_base64(record, "VersionData"), content(50))
        marketing.session.close()

    def test_what_is_no_file_of_the_apis_is_refused_by_name(self):
        attachment = {"ParentId": "003000000000001AAA", "Name": word("a")}
        self.assert_refused(
            SalesforceMalformedRequest,
            "value-unfit",
            lambda: self.crm.Attachment.create({**attachment, "Body": CANARY["text"] + "!"}),
            field="Attachment.Body",
        )
        self.assert_refused(
            SalesforceMalformedRequest,
            "policy-unknown-field",
            lambda: self.crm.ContentVersion.create({"PathOnClient": word("a"), "TagCsv": word("b")}),
        )
        self.assert_refused(
            SalesforceMalformedRequest,
            "policy-unknown-object",
            lambda: self.crm.ContentDistribution.create({"Name": word("a")}),
        )


if __name__ == "__main__":
    unittest.main()
