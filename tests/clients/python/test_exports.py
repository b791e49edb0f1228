"""Reports come as tables by the one way in which every recipe asks for them."""

import csv
import io
import unittest

from border import CANARY, DEMO, BorderTest, email, phone, salesforce, word

CONTACTS = "00O000000000001EAA"
DEALS = "00O000000000002EAA"
EXPORT = "isdtp=p1&export=1&enc=UTF-8&xf=csv"


class Exports(BorderTest):
    def export(self, crm, report=CONTACTS, query=EXPORT, **more):
        more = {"headers": crm.headers, "cookies": {"sid": crm.session_id}, **more}
        return crm.session.get(f"https://{crm.sf_instance}/{report}?{query}", **more)

    def table(self, answer):
        """The rows of an export by their labels, and the lines behind them."""
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(answer.headers["Content-Type"], "text/csv; charset=UTF-8")
        self.assertIn('attachment; filename="report.csv"', answer.headers["Content-Disposition"])
        self.assertNotIn("Set-Cookie", answer.headers)
        table, behind = answer.text.split("\n\n", 1)
        return list(csv.DictReader(io.StringIO(table))), behind.strip().splitlines()

    def refused(self, answer, code, status=(400, 403)):
        self.assertIn(answer.status_code, status, answer.text)
        self.assertIn(code, answer.text)
        for part in CANARY.values():
            self.assertNotIn(part, answer.text.lower())

    def person(self):
        written = {
            "FirstName": word("Änne, \"An\""),
            "LastName": word("Bos"),
            "Email": email(),
            "Phone": phone(),
            "LeadSource": "Web",
        }
        return {**written, "Id": self.crm.Contact.create(written)["id"]}

    def row(self, rows, **wanted):
        found = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
        self.assertEqual(len(found), 1, wanted)
        return found[0]

    def test_an_export_shows_its_people(self):
        written = self.person()
        rows, behind = self.table(self.export(self.crm))
        row = self.row(rows, **{"Last Name": written["LastName"]})
        self.assertEqual(
            (row["Full Name"], row["Email"], row["Phone"], row["Lead Source"]),
            (
                f"{written['FirstName']} {written['LastName']}",
                written["Email"],
                written["Phone"],
                "Web",
            ),
        )
        # Clients leave the last lines out: there are as many, and nobody's name is in them.
        self.assertEqual(behind, ['"(left out)"'] * 5)

    def test_a_cookie_alone_is_enough(self):
        written = self.person()
        rows, _ = self.table(self.export(self.crm, headers={}))
        self.row(rows, Email=written["Email"])

    def test_a_report_by_groups_is_a_table_too(self):
        name = word("Bakkerij")
        account = self.crm.Account.create({"Name": name})["id"]
        deal = {"Name": word("Taart"), "AccountId": account, "StageName": "Prospecting", "CloseDate": "2026-01-01"}
        self.crm.Opportunity.create({**deal, "Amount": 12})
        rows, _ = self.table(self.export(self.crm, DEALS))
        row = self.row(rows, **{"Account Name": name})
        self.assertEqual(row["Opportunity Name"], deal["Name"])

    def test_who_may_not_see_a_class_gets_tokens(self):
        written = self.person()
        stored = self.stored("Contact", written.pop("Id"))
        blind = salesforce(DEMO["masked_token"])
        answer = self.export(blind)
        rows, _ = self.table(answer)
        row = self.row(rows, Email=stored["Email"])
        self.assertEqual((row["Last Name"], row["Phone"]), (stored["LastName"], stored["Phone"]))
        self.assertEqual(row["Lead Source"], "Web")
        for part in CANARY.values():
            self.assertNotIn(part, answer.text.lower())
        blind.session.close()

    def test_what_else_the_page_takes_is_refused_by_name(self):
        for query in (
            "isdtp=p1&export=1&enc=UTF-8&xf=xls",
            "isdtp=p1&export=1&enc=ISO-8859-1&xf=csv",
            f"{EXPORT}&pv0={CANARY['text']}",
        ):
            with self.subTest(query):
                self.refused(self.export(self.crm, query=query), "[sluis parameter-unknown]")
        self.refused(self.export(self.crm, query="isdtp=p1"), "[sluis endpoint-unknown]")
        self.refused(self.export(self.crm, report="00O000000000009EAA"), "[sluis file-withheld]")

    def test_a_session_that_nobody_has_opens_nothing(self):
        for cookies, headers in (
            ({}, {}),
            ({"sid": "00D000000000001!x"}, {}),
            ({"sid": "00D000000000001!x"}, self.crm.headers),
            ({"sid": DEMO["masked_token"]}, self.crm.headers),
        ):
            with self.subTest(cookies):
                answer = self.export(self.crm, cookies=cookies, headers=headers)
                self.refused(answer, "INVALID_SESSION_ID", (401,))
        # The cookie is for exports alone.
        answer = self.crm.session.get(
            f"https://{self.crm.sf_instance}/services/data/v60.0/limits", cookies={"sid": self.crm.session_id}
        )
        self.refused(answer, "INVALID_SESSION_ID", (401,))


if __name__ == "__main__":
    unittest.main()
