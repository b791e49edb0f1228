"""SOAP by zeep, which holds what it sends and what it gets to a WSDL, element by element.

The WSDLs beside this file are the parts of Salesforce's that these tests use. zeep is told another
address, and after sign-in goes on at the one that the answer names.
"""

import itertools
import json
import pathlib
import unittest
from urllib.parse import urlsplit

import requests as http
from border import CANARY, DEMO, VERSION, BorderTest, email, number, phone, requests, word
from lxml import etree
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from test_sign_in import CLIENT, SameName, add_client, another
from zeep import Client, Settings
from zeep.exceptions import Fault
from zeep.transports import Transport

PARTNER = "urn:partner.soap.sforce.com"
OBJECTS = "urn:sobject.partner.soap.sforce.com"
ENTERPRISE = "urn:enterprise.soap.sforce.com"
TYPES = "urn:sobject.enterprise.soap.sforce.com"


class Door:
    """A client of one WSDL with a session at the border."""

    def __init__(self, name, token=DEMO["access_token"]):
        self.session = http.Session()
        wsdl = str(pathlib.Path(__file__).parent / f"{name}.wsdl")
        # A zeep that accepts what the schema does not have would prove nothing.
        settings = Settings(strict=True, xml_huge_tree=False)
        self.client = Client(wsdl, transport=Transport(session=self.session), settings=settings)
        self.space = {"partner": PARTNER, "enterprise": ENTERPRISE}[name]
        letter = {"partner": "u", "enterprise": "c"}[name]
        self.binding = f"{{{self.space}}}SoapBinding"
        self.at(f"{DEMO['border']}/services/Soap/{letter}/{VERSION}", token)

    def at(self, address, token):
        self.service = self.client.create_service(self.binding, address)
        self.token = token

    def header(self, name, **members):
        return self.client.get_element(f"{{{self.space}}}{name}")(**members)

    def call(self, operation, *arguments, headers=(), **named):
        session = self.header("SessionHeader", sessionId=self.token)
        answer = getattr(self.service, operation)(*arguments, _soapheaders=[session, *headers], **named)
        return answer["body"] and answer["body"]["result"]

    def login(self, username, password):
        return self.service.login(username, password)["body"]["result"]

    def close(self):
        self.session.close()


def element(name, value):
    made = etree.Element(f"{{{OBJECTS}}}{name}")
    if isinstance(value, list):
        made.extend(value)
    else:
        made.text = value
    return made


def record(door, name, fields, record_id=None, null=()):
    """A partner record."""
    kind = door.client.get_type(f"{{{OBJECTS}}}sObject")
    any_fields = [element(key, value) for key, value in fields.items()]
    return kind(type=name, fieldsToNull=list(null), Id=record_id, _value_1=any_fields)


def fields(found):
    """What stands in a partner record, the id's second copy among it."""
    return {etree.QName(part).localname: part.text for part in found["_value_1"] or () if etree.iselement(part)}


def inside(found):
    """The records and pages in a partner record, which zeep reads by their types."""
    return [part for part in found["_value_1"] if not etree.iselement(part)]


class SoapTest(BorderTest):
    def assert_fault(self, code, call, field=None, rule=None):
        """The call fails with a fault of Salesforce's shape, which names rule and field and no
        value; nothing of it reached the CRM."""
        before = len(requests())
        with self.assertRaises(Fault) as caught:
            call()
        fault = caught.exception
        self.assertIn(f"[sluis {code}]", fault.message)
        for part in filter(None, (field, rule)):
            self.assertIn(part, fault.message)
        said = fault.message.lower() + (etree.tostring(fault.detail).decode().lower() if fault.detail is not None else "")
        for part in CANARY.values():
            self.assertNotIn(part, said, "the fault repeats the value")
        self.assertEqual(len(requests()), before, "something reached the CRM")
        return fault


class Partner(SoapTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.door = Door("partner")
        cls.addClassCleanup(cls.door.close)

    def create(self, values, name="Contact", headers=()):
        result = self.door.call("create", [record(self.door, name, values)], headers=headers)[0]
        self.assertTrue(result["success"], result)
        return result["id"]

    def query(self, soql, **named):
        return self.door.call("query", soql, **named)

    def person(self):
        return {
            "LastName": word("de Vries <&> 'é'"),
            "Email": email(),
            "Phone": phone(),
            "Birthdate": "1961-02-03",
            "Description": word("Belt maandag terug"),
            "MailingCountry": "Nederland",
        }

    def test_a_record_is_made_and_read_and_the_crm_has_tokens(self):
        person = self.person()
        made = self.create(person)
        read = self.door.call("retrieve", ",".join(["Id", *person]), "Contact", [made])[0]
        self.assert_read(fields(read), person)
        self.assert_tokens("Contact", made, {key: person[key] for key in ("LastName", "Email", "Phone")})
        self.assertIsNone(self.stored("Contact", made)["Birthdate"])
        # One vault: what one door wrote the other one reads.
        self.assert_read(self.crm.Contact.get(made), person)

    def test_a_record_is_changed_emptied_and_found_by_its_values(self):
        person = self.person()
        made = self.create(person)
        name, address = word("Dam"), email()
        change = record(self.door, "Contact", {"LastName": name, "Email": address}, made, ["Phone", "Birthdate"])
        self.assertTrue(self.door.call("update", [change])[0]["success"])
        found = self.query(f"SELECT Id, LastName, Phone, Birthdate FROM Contact WHERE Email = '{address}'")
        self.assertEqual((found["size"], found["done"]), (1, True))
        read = found["records"][0]
        self.assertEqual(read["Id"], made)
        self.assert_read(fields(read), {"Id": made, "LastName": name, "Phone": None, "Birthdate": None})
        self.assertEqual(self.query(f"SELECT Id FROM Contact WHERE Email = '{person['Email']}'")["size"], 0)

    def test_upserts_by_external_id_and_relations_by_it(self):
        key = number()
        values = lambda name: record(self.door, "Contact", {"Ext_Id__c": key, "LastName": name})
        first = self.door.call("upsert", "Ext_Id__c", [values(word("Bos"))])[0]
        second = self.door.call("upsert", "Ext_Id__c", [values(word("Dam"))])[0]
        self.assertEqual((first["created"], second["created"]), (True, False))
        self.assertEqual(first["id"], second["id"])
        person = [element("type", "Contact"), element("Ext_Id__c", key)]
        case = self.create({"Origin": "Phone", "Contact": person}, "Case")
        self.assertEqual(self.stored("Case", case)["ContactId"], first["id"])
        read = self.query(f"SELECT Id, Contact.LastName FROM Case WHERE Id = '{case}'")["records"][0]
        self.assertEqual(read["Id"], case)
        [contact] = inside(read)
        self.assertEqual(contact["type"], "Contact")
        self.assertIn(CANARY["text"], fields(contact)["LastName"])

    def test_children_come_in_a_page_of_their_own(self):
        account = self.create({"Name": word("Bakkerij")}, "Account")
        name = word("Bos")
        self.create({"LastName": name, "AccountId": account})
        found = self.query(f"SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Id = '{account}'")
        [page] = inside(found["records"][0])
        self.assertEqual((page["size"], page["done"]), (1, True))
        self.assertEqual(fields(page["records"][0])["LastName"], name)

    def test_pages_follow_each_other(self):
        source = word("Bron").split()[0] + "201"
        made = []
        for some in itertools.batched(range(201), 100) if hasattr(itertools, "batched") else [range(100), range(100), range(1)]:
            records = [record(self.door, "Lead", {"LastName": word("Bos"), "Company": "BV", "LeadSource": source}) for _ in some]
            made += [result["id"] for result in self.door.call("create", records)]
        options = self.door.header("QueryOptions", batchSize=200)
        first = self.query(f"SELECT LastName FROM Lead WHERE LeadSource = '{source}'", headers=[options])
        self.assertEqual((first["size"], first["done"], len(first["records"])), (201, False, 200))
        rest = self.door.call("queryMore", first["queryLocator"])
        self.assertEqual((rest["done"], len(rest["records"])), (True, 1))
        for read in (*first["records"], *rest["records"]):
            self.assertIn(CANARY["text"], fields(read)["LastName"])

    def test_aliases_of_aggregates_come_back_as_they_were_asked(self):
        self.create({"LastName": word("Bos"), "LeadSource": "Radio"})
        found = self.query("SELECT LeadSource bron, COUNT(Id) aantal FROM Contact WHERE LeadSource = 'Radio' GROUP BY LeadSource")
        read = fields(found["records"][0])
        self.assertEqual((read["bron"], int(read["aantal"]) > 0), ("Radio", True))

    def test_records_are_deleted_undeleted_and_merged(self):
        kept, other = self.create({"LastName": word("Bos")}), self.create({"LastName": word("Bos")})
        self.assertTrue(self.door.call("delete", [other])[0]["success"])
        deleted = f"SELECT Id FROM Contact WHERE Id = '{other}'"
        self.assertEqual(self.query(deleted)["size"], 0)
        self.assertEqual(self.door.call("queryAll", deleted)["size"], 1)
        self.assertTrue(self.door.call("undelete", [other])[0]["success"])
        self.assertEqual(self.query(deleted)["size"], 1)
        name = word("Dam")
        master = record(self.door, "Contact", {"LastName": name}, kept)
        merged = self.door.call("merge", [{"masterRecord": master, "recordToMergeIds": [other]}])[0]
        self.assertTrue(merged["success"], merged)
        self.assertEqual(merged["mergedRecordIds"], [other])
        self.assert_tokens("Contact", kept, {"LastName": name})
        self.assertEqual(self.crm.Contact.get(kept)["LastName"], name)

    def test_a_record_that_the_crm_refuses_leaves_no_value_behind(self):
        missing = record(self.door, "Contact", {"FirstName": word("Bos")})
        good = record(self.door, "Contact", {"LastName": word("Dam")})
        results = self.door.call("create", [missing, good])
        self.assertEqual([result["success"] for result in results], [False, True])
        self.assertEqual(results[0]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING")

    def test_descriptions_tell_of_what_has_a_rule(self):
        described = self.door.call("describeSObject", "Contact")
        names = [field["name"] for field in described["fields"]]
        self.assertIn("LastName", names)
        self.assertNotIn("PhotoUrl", names)
        two = self.door.call("describeSObjects", ["Contact", "Account"])
        self.assertEqual([one["name"] for one in two], ["Contact", "Account"])
        objects = [one["name"] for one in self.door.call("describeGlobal")["sobjects"]]
        self.assertIn("Contact", objects)
        self.assertNotIn("Custom__c", objects)

    def test_the_time_is_told_and_who_one_is(self):
        self.assertIsNotNone(self.door.call("getServerTimestamp")["timestamp"])
        info = self.door.call("getUserInfo")
        self.assertTrue(info["userId"].startswith("005"))

    def test_headers_travel_or_are_forced(self):
        rule = self.door.header("AssignmentRuleHeader", useDefaultRule=True)
        cut = self.door.header("AllowFieldTruncationHeader", allowFieldTruncation=True)
        before = len(requests())
        self.create({"LastName": word("Bos")}, headers=[rule, cut])
        sent = json.dumps(requests()[before:])
        self.assertIn("<useDefaultRule>true<", sent)
        self.assertIn("<allowFieldTruncation>false<", sent)
        self.assertNotIn("<allowFieldTruncation>true<", sent)
        self.assertNotIn(DEMO["access_token"], sent)

    def test_who_may_not_see_a_class_reads_tokens_and_may_write_them_back(self):
        person = self.person()
        made = self.create(person)
        blind = Door("partner", DEMO["masked_token"])
        self.addCleanup(blind.close)
        read = fields(blind.call("retrieve", "LastName,Email,Birthdate,MailingCountry", "Contact", [made])[0])
        row = self.stored("Contact", made)
        self.assertEqual((read["LastName"], read["Email"]), (row["LastName"], row["Email"]))
        self.assertEqual((read["Birthdate"], read["MailingCountry"]), (None, "Nederland"))
        back = record(blind, "Contact", {"LastName": read["LastName"], "LeadSource": "Web"}, made)
        self.assertTrue(blind.call("update", [back])[0]["success"])
        self.assert_read(self.crm.Contact.get(made), {**person, "LeadSource": "Web"})
        moved = record(blind, "Contact", {"LastName": read["LastName"]})
        self.assert_fault("token-foreign", lambda: blind.call("create", [moved]), field="Contact.LastName")

    def test_what_policy_refuses_is_a_fault_that_names_field_and_rule(self):
        create = lambda values, name="Contact": lambda: self.door.call("create", [record(self.door, name, values)])
        query = lambda soql: lambda: self.query(soql)
        name = word("Bob")
        self.assert_fault("policy-unknown-field", create({"LastName": name, "Nickname__c": name}), field="Contact")
        self.assert_fault("field-not-writable", create({"Name": name}), field="Contact.Name")
        self.assert_fault("policy-unknown-object", create({"Name": name}, "Pet__c"))
        self.assert_fault("special-category", create({"LastName": name, "Description": f"{name} heeft HIV"}), field="Contact.Description")
        like = f"SELECT Id FROM Contact WHERE LastName LIKE '{name}%'"
        self.assert_fault("query-clause", query(like), field="Contact.LastName", rule="LIKE")
        self.assert_fault("query-malformed", query(f"SELECT FROM {name}"))
        fault = self.assert_fault("field-not-writable", create({"Name": name}))
        self.assertEqual(fault.code, "sf:INVALID_FIELD_FOR_INSERT_UPDATE")

    def search(self, sosl):
        found = self.door.call("search", sosl)
        return [part["record"] for part in found["searchRecords"]]

    def test_a_search_finds_a_person_by_each_whole_value(self):
        person = self.person()
        made = self.create(person)
        for group, value in (("ALL", person["Email"]), ("EMAIL", person["Email"]), ("PHONE", person["Phone"])):
            with self.subTest(group):
                sosl = f"FIND {{{value}}} IN {group} FIELDS RETURNING Contact(Id, LastName, Email, Birthdate)"
                [read] = self.search(sosl)
                self.assertEqual((read["type"], read["Id"]), ("Contact", made))
                self.assert_read(fields(read), {key: person[key] for key in ("LastName", "Email", "Birthdate")})
        self.assertEqual(self.search("FIND {Vries} IN NAME FIELDS RETURNING Contact(Id)"), [])
        blind = Door("partner", DEMO["masked_token"])
        self.addCleanup(blind.close)
        found = blind.call("search", f"FIND {{{person['Email']}}} IN EMAIL FIELDS RETURNING Contact(Id, LastName, Birthdate)")
        read = fields(found["searchRecords"][0]["record"])
        self.assertEqual((read["LastName"], read["Birthdate"]), (self.stored("Contact", made)["LastName"], None))

    def test_the_answer_to_a_search_says_what_was_left_out(self):
        said = []
        self.door.session.hooks["response"].append(lambda answer, **_: said.append(answer.headers.get("Warning")))
        self.addCleanup(self.door.session.hooks["response"].clear)
        address = email()
        self.search(f"FIND {{{address}}} RETURNING Contact(Id)")
        self.search(f"FIND {{{address}}} IN EMAIL FIELDS RETURNING Contact(Id)")
        self.assertIn("fields of Contact", said[0])
        self.assertIsNone(said[1])

    def test_a_search_that_cannot_be_answered_is_refused_by_clause(self):
        for sosl, code in (
            ("FIND {%s*} IN NAME FIELDS RETURNING Contact(Id)", "query-clause"),
            ("FIND {x} RETURNING Contact(Id WHERE LastName LIKE '%s%%')", "query-clause"),
            ("FIND {%s} RETURNING Contact(Id) WITH SNIPPET", "query-clause"),
            ("FIND {%s} WITH HIGHLIGHT", "query-clause"),
            ("FIND '%s'", "query-malformed"),
            ("FIND {%s} RETURNING Pet__c(Id)", "policy-unknown-object"),
        ):
            with self.subTest(sosl):
                self.assert_fault(code, lambda sosl=sosl: self.search(sosl % word("Bob")))

    def lead(self, **values):
        person = {"LastName": word("de Vries"), "Email": email(), "Phone": phone(), "Salutation": "Mevr.", "Company": word("Bakkerij"), **values}
        return self.create(person, "Lead"), person

    def convert(self, lead, door=None, **members):
        flags = dict.fromkeys(
            ("bypassAccountDedupeCheck", "bypassContactDedupeCheck", "doNotCreateOpportunity", "overwriteLeadSource", "sendNotificationEmail"),
            False,
        )
        asked = {**flags, "convertedStatus": "Qualified", "leadId": lead, **members}
        return (door or self.door).call("convertLead", [asked])[0]

    def test_a_lead_becomes_a_contact_an_account_and_an_opportunity(self):
        lead, person = self.lead()
        deal = word("Broodjes voor mevrouw de Vries")
        done = self.convert(lead, opportunityName=deal)
        self.assertTrue(done["success"], done)
        self.assertEqual((done["leadId"], done["errors"]), (lead, []))
        names = ["LastName", "Email", "Phone", "Salutation"]
        read = self.door.call("retrieve", ",".join(["Id", *names]), "Contact", [done["contactId"]])[0]
        # The salutation stays at the border and follows.
        self.assert_read(fields(read), {name: person[name] for name in names})
        row = self.stored("Contact", done["contactId"])
        self.assert_tokens("Contact", done["contactId"], {name: person[name] for name in ("LastName", "Email", "Phone")})
        self.assertIsNone(row["Salutation"])
        self.assertEqual(self.crm.Account.get(done["accountId"])["Name"], person["Company"])
        self.assert_tokens("Opportunity", done["opportunityId"], {"Name": deal})
        self.assertEqual(self.crm.Opportunity.get(done["opportunityId"])["Name"], deal)
        # The contact stands by itself: it is found, and what it is given replaces nothing of the lead.
        found = self.query(f"SELECT Id FROM Contact WHERE Email = '{person['Email']}'")
        self.assertEqual([one["Id"] for one in found["records"]], [done["contactId"]])
        self.crm.Contact.update(done["contactId"], {"LastName": word("Dam")})
        self.assertEqual(self.crm.Lead.get(lead)["LastName"], person["LastName"])
        # The account is a business: a colleague becomes part of it.
        colleague, _ = self.lead()
        joined = self.convert(colleague, accountId=done["accountId"], doNotCreateOpportunity=True)
        self.assertEqual((joined["success"], joined["accountId"]), (True, done["accountId"]))
        again = self.convert(lead)
        self.assertFalse(again["success"])
        self.assertEqual(again["errors"][0]["statusCode"], "CANNOT_UPDATE_CONVERTED_LEAD")

    def test_masks_of_a_converted_lead_may_come_back_to_its_contact(self):
        lead, person = self.lead()
        contact = self.convert(lead, doNotCreateOpportunity=True)["contactId"]
        blind = Door("partner", DEMO["masked_token"])
        self.addCleanup(blind.close)
        read = fields(blind.call("retrieve", "LastName,Email", "Contact", [contact])[0])
        self.assertEqual(read["LastName"], self.stored("Contact", contact)["LastName"])
        back = record(blind, "Contact", {**read, "LeadSource": "Web"}, contact)
        self.assertTrue(blind.call("update", [back])[0]["success"])
        self.assert_read(self.crm.Contact.get(contact), {"LastName": person["LastName"], "Email": person["Email"], "LeadSource": "Web"})
        other = self.create({"LastName": word("Bos")})
        moved = record(blind, "Contact", {"LastName": read["LastName"]}, other)
        self.assert_fault("token-foreign", lambda: blind.call("update", [moved]), field="Contact.LastName")

    def test_a_lead_becomes_part_of_the_contact_of_the_same_person_and_of_no_other(self):
        address = email()
        same = self.create({"LastName": word("de Vries"), "Email": address})
        lead, person = self.lead(Email=address, Salutation="Dhr.")
        stranger = self.create({"LastName": word("Bos"), "Email": email()})
        self.assert_fault("reference-refused", lambda: self.convert(lead, contactId=stranger), field="Contact.Id")
        self.assertIsNone(self.stored("Contact", stranger)["Phone"])
        # Neither may be one that nobody here knows: it is somebody's too.
        for one, other in ((lead, "003000000000998AAA"), ("00Q000000000998EAA", same)):
            self.assert_fault("reference-refused", lambda one=one, other=other: self.convert(one, contactId=other), field="Contact.Id")
        somebody = self.create({"LastName": word("Bos")}, "Account")
        self.assert_fault("reference-refused", lambda: self.convert(lead, contactId=same, accountId=somebody), field="Account.Id")
        account = self.create({"Name": word("Bakkerij")}, "Account")
        done = self.convert(lead, contactId=same, accountId=account, doNotCreateOpportunity=True)
        self.assertTrue(done["success"], done)
        self.assertEqual((done["contactId"], done["accountId"], done["opportunityId"]), (same, account, None))
        self.assert_read(self.crm.Contact.get(same), {"Email": address, "Phone": person["Phone"], "Salutation": "Dhr."})

    def test_what_policy_refuses_of_a_conversion_is_a_fault(self):
        lead, _ = self.lead()
        convert = lambda **members: lambda: self.convert(lead, **members)
        self.assert_fault("token-foreign", convert(opportunityName=self.stored("Lead", lead)["LastName"]), field="Opportunity.Name")
        self.assert_fault("value-unfit", convert(contactId=lead))
        # Of two, one is refused by the CRM.
        other, person = self.lead()
        flags = {"bypassAccountDedupeCheck": False, "bypassContactDedupeCheck": False, "overwriteLeadSource": False, "sendNotificationEmail": False}
        asked = [{**flags, "doNotCreateOpportunity": True, "convertedStatus": status, "leadId": one} for one, status in ((lead, ""), (other, "Qualified"))]
        done = self.door.call("convertLead", asked)
        self.assertEqual([one["success"] for one in done], [False, True])
        self.assertEqual(done[0]["errors"][0]["statusCode"], "INVALID_STATUS")
        self.assertEqual(self.crm.Contact.get(done[1]["contactId"])["Salutation"], person["Salutation"])
        self.assertFalse(self.crm.Lead.get(lead)["IsConverted"])

    def test_a_session_that_nobody_gave_out_is_a_fault_that_makes_clients_sign_in(self):
        stranger = Door("partner", another(DEMO["access_token"]))
        self.addCleanup(stranger.close)
        with self.assertRaises(Fault) as caught:
            stranger.call("getServerTimestamp")
        self.assertEqual(caught.exception.code, "sf:INVALID_SESSION_ID")


class Enterprise(SoapTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.door = Door("enterprise")
        cls.addClassCleanup(cls.door.close)

    def record(self, name, **values):
        return self.door.client.get_type(f"{{{TYPES}}}{name}")(**values)

    def test_typed_records_are_made_changed_found_and_read(self):
        name, address = word("Bos"), email()
        made = self.door.call("create", [self.record("Contact", LastName=name, Email=address, Birthdate="1961-02-03", Phone=phone())])[0]
        self.assertTrue(made["success"], made)
        self.assert_tokens("Contact", made["id"], {"LastName": name, "Email": address})
        found = self.door.call("query", f"SELECT Id, LastName, Birthdate FROM Contact WHERE Email = '{address}'")
        read = found["records"][0]
        self.assertEqual((read["Id"], read["LastName"], str(read["Birthdate"])), (made["id"], name, "1961-02-03"))
        change = self.record("Contact", Id=made["id"], fieldsToNull=["Phone"], LastName=word("Dam"))
        self.assertTrue(self.door.call("update", [change])[0]["success"])
        again = self.door.call("retrieve", "Id,LastName,Phone", "Contact", [made["id"]])[0]
        self.assertEqual((again["LastName"], again["Phone"]), (change["LastName"], None))
        upsert = self.door.call("upsert", "Id", [self.record("Contact", Id=made["id"], LastName=name)])[0]
        self.assertEqual((upsert["created"], upsert["success"]), (False, True))

    def test_typed_records_are_searched_and_made_of_leads(self):
        name, address = word("Bos"), email()
        lead = self.crm.Lead.create({"LastName": name, "Email": address, "Company": word("Bakkerij"), "Salutation": "Dhr."})["id"]
        flags = dict.fromkeys(
            ("bypassAccountDedupeCheck", "bypassContactDedupeCheck", "doNotCreateOpportunity", "overwriteLeadSource", "sendNotificationEmail"),
            False,
        )
        deal = word("Broodjes")
        done = self.door.call("convertLead", [{**flags, "convertedStatus": "Qualified", "leadId": lead, "opportunityName": deal}])[0]
        self.assertTrue(done["success"], done)
        self.assert_tokens("Opportunity", done["opportunityId"], {"Name": deal})
        self.assertEqual(self.crm.Contact.get(done["contactId"])["Salutation"], "Dhr.")
        found = self.door.call("search", f"FIND {{{address}}} IN EMAIL FIELDS RETURNING Contact(Id, LastName)")
        [read] = [one["record"] for one in found["searchRecords"]]
        self.assertEqual((read["Id"], read["LastName"]), (done["contactId"], name))

    def test_typed_records_are_refused_by_field(self):
        refused = self.record("Contact", LastName=word("Bos"), Jigsaw=word("Bob"))
        self.assert_fault("policy-unknown-field", lambda: self.door.call("create", [refused]), field="Contact")


class SignInBySoap(SoapTest):
    def test_two_proofs_make_a_session_at_the_border_and_one_makes_none(self):
        door = Door("partner", None)
        self.addCleanup(door.close)
        secret = CLIENT["client_secret"]
        for name, password in {"the secret alone": secret, "a wrong secret": another(secret) + "123456"}.items():
            with self.subTest(name), self.assertRaises(Fault) as caught:
                door.login(CLIENT["username"], password)
            self.assertEqual(caught.exception.code, "sf:INVALID_LOGIN")
            self.assertNotIn(password, caught.exception.message)
            kinds = [etree.QName(kind).localname for kind in caught.exception.detail]
            self.assertEqual(kinds, ["UnexpectedErrorFault"], "after a LoginFault Data Loader goes elsewhere")

    def test_simple_salesforce_signs_in_by_soap(self):
        _, password = add_client("tests-soap-login", "integration")
        session = http.Session()
        session.mount("https://voorbeeld.my.salesforce.com", SameName())
        crm = Salesforce(
            username="tests-soap-login",
            password=password[:-6],
            security_token=password[-6:],
            domain="voorbeeld.my",
            session=session,
            version=VERSION,
        )
        self.addCleanup(crm.session.close)
        self.assertEqual(crm.sf_instance, urlsplit(DEMO["border"]).netloc)
        name = word("Bos")
        record_id = crm.Contact.create({"LastName": name})["id"]
        self.assertEqual(crm.Contact.get(record_id)["LastName"], name)
        with self.assertRaises(SalesforceAuthenticationFailed) as caught:
            Salesforce(username="tests-soap-login", password=password, security_token="", domain="voorbeeld.my", session=session)
        self.assertEqual(caught.exception.code, "INVALID_LOGIN")

    def test_a_session_is_the_borders_own_and_ends_with_logout(self):
        door = Door("partner", None)
        self.addCleanup(door.close)
        _, password = add_client("tests-soap", "integration")
        before = len(requests())
        result = door.login("tests-soap", password)
        self.assertTrue(result["serverUrl"].startswith(f"{DEMO['border']}/services/Soap/u/{VERSION}/00D"))
        self.assertEqual(len(requests()), before, "a sign-in is nothing for the CRM")
        with self.assertRaises(Fault):
            door.login("tests-soap", password)
        door.at(result["serverUrl"], result["sessionId"])
        name = word("Bos")
        made = door.call("create", [record(door, "Contact", {"LastName": name})])[0]["id"]
        self.assertEqual(fields(door.call("retrieve", "LastName", "Contact", [made])[0])["LastName"], name)
        self.assertEqual(door.call("getUserInfo")["userName"], "tests-soap")
        door.call("logout")
        with self.assertRaises(Fault) as caught:
            door.call("getServerTimestamp")
        self.assertEqual(caught.exception.code, "sf:INVALID_SESSION_ID")


if __name__ == "__main__":
    unittest.main()
