//! The SOAP API.

use super::{Door, Proof, Section};

const BOTH: &str = "/services/Soap/{u,c}/NN.0[/ORG]";

pub const SECTION: Section = Section {
    heading: "SOAP: partner (`u`) and enterprise (`c`)",
    text: "Messages are SOAP 1.1 in UTF-8, `text/xml`, gzip or not. Each is written anew towards the CRM: \
           its session is the border's own, `AllowFieldTruncationHeader` is false, and headers that are \
           not known are refused. Answers are edited in place. A refusal is a fault of Salesforce's own \
           shape that names field and rule; it refuses the whole message.",
    doors: DOORS,
};

const fn door(
    operation: &'static str,
    protected: &'static str,
    refused: &'static str,
    proofs: &'static [Proof],
) -> Door {
    Door {
        method: "POST",
        path: BOTH,
        operation,
        protected,
        refused,
        proofs,
    }
}

const fn zeep(test: &'static str) -> Proof {
    Proof {
        client: "zeep",
        suite: "tests/clients/python/test_soap.py",
        test,
    }
}

const fn jsforce(test: &'static str) -> Proof {
    Proof {
        client: "jsforce",
        suite: "tests/clients/node/soap.js",
        test,
    }
}

const fn attack(test: &'static str) -> Proof {
    Proof {
        client: "raw bytes",
        suite: "tests/it/bypass/soap.rs",
        test,
    }
}

const DOORS: &[Door] = &[
    door(
        "`login`",
        "answered by the border: a client's name and its secret with its code, a session and an address of the border",
        "everybody with one proof; `UnexpectedErrorFault`, never `LoginFault`",
        &[
            zeep("test_a_session_is_the_borders_own_and_ends_with_logout"),
            jsforce("SOAP: two proofs make a session at the border, and signing out ends it"),
            Proof {
                client: "simple-salesforce",
                ..zeep("test_simple_salesforce_signs_in_by_soap")
            },
        ],
    ),
    door(
        "`logout`, `getUserInfo`",
        "answered by the border",
        "",
        &[
            zeep("test_a_session_is_the_borders_own_and_ends_with_logout"),
            jsforce("SOAP: two proofs make a session at the border, and signing out ends it"),
        ],
    ),
    door(
        "`create`",
        "every field by its rule, `fieldsToNull`, relations by external id",
        "objects and fields without a rule, attributes that the WSDL does not have",
        &[
            zeep("test_a_record_is_made_and_read_and_the_crm_has_tokens"),
            zeep("test_typed_records_are_made_changed_found_and_read"),
            jsforce("SOAP: a record is made and changed, and REST reads it"),
        ],
    ),
    door(
        "`update`",
        "as `create`; masks may come back to their place",
        "as `create`; masks that have moved",
        &[
            zeep("test_a_record_is_changed_emptied_and_found_by_its_values"),
            jsforce("SOAP: a record is made and changed, and REST reads it"),
        ],
    ),
    door(
        "`upsert`",
        "as `create`; the external id by its stable token",
        "records of several objects in one message",
        &[
            zeep("test_upserts_by_external_id_and_relations_by_it"),
            jsforce("SOAP: an upsert by customer number makes a record and then finds it"),
        ],
    ),
    door(
        "`merge`",
        "the fields of the master record",
        "`additionalInformationMap` with content",
        &[zeep("test_records_are_deleted_undeleted_and_merged")],
    ),
    door(
        "`delete`, `undelete`",
        "names ids alone",
        "what is no id",
        &[
            zeep("test_records_are_deleted_undeleted_and_merged"),
            jsforce("SOAP: records are deleted and taken back"),
        ],
    ),
    door(
        "`retrieve`",
        "the answer, by class and role",
        "fields without a rule",
        &[zeep(
            "test_a_record_is_made_and_read_and_the_crm_has_tokens",
        )],
    ),
    door(
        "`query`, `queryAll`",
        "values in the query by the blind index; the answer with relations and children",
        "order, ranges and patterns over protected fields",
        &[zeep("test_children_come_in_a_page_of_their_own")],
    ),
    door(
        "`queryMore`",
        "the answer",
        "what is no locator",
        &[zeep("test_pages_follow_each_other")],
    ),
    door(
        "`describeSObject`, `describeSObjects`, `describeGlobal`",
        "tells of objects and fields that have a rule",
        "objects without a rule",
        &[zeep("test_descriptions_tell_of_what_has_a_rule")],
    ),
    door(
        "`getServerTimestamp`",
        "nothing of a person",
        "",
        &[
            zeep("test_the_time_is_told_and_who_one_is"),
            jsforce("SOAP: the time is told, and who one is"),
        ],
    ),
    door(
        "`search`",
        "words become the tokens of whole values, what is returned is filtered as in a query; the answer; `Warning` says what was left out",
        "wildcards, excerpts, highlights and other `WITH` clauses over protected fields",
        &[
            zeep("test_a_search_finds_a_person_by_each_whole_value"),
            zeep("test_the_answer_to_a_search_says_what_was_left_out"),
            zeep("test_typed_records_are_searched_and_made_of_leads"),
        ],
    ),
    door(
        "`convertLead`",
        "`opportunityName`, `convertedStatus` and `ownerId` by the rules of their fields; what is kept here follows into the contact; the contact, the opportunity and a person's account are the lead's person's",
        "a contact that is not known here as the lead's person; whole records and person accounts in it; leads with a kept field that the contact has no like of, or with a text in quarantine; more than a hundred",
        &[
            zeep("test_a_lead_becomes_a_contact_an_account_and_an_opportunity"),
            zeep("test_a_lead_becomes_part_of_the_contact_of_the_same_person_and_of_no_other"),
            zeep("test_typed_records_are_searched_and_made_of_leads"),
            jsforce("SOAP: a lead becomes a contact of the same person"),
        ],
    ),
    Door {
        method: "POST",
        path: BOTH,
        operation: "`process`, `sendEmail`, `setPassword` and every other",
        protected: "",
        refused: "whole",
        proofs: &[attack("names_that_two_parsers_read_differently")],
    },
    Door {
        method: "GET",
        path: "/services/Soap/{u,c}/NN.0?wsdl",
        operation: "WSDLs, and every other method than POST",
        protected: "",
        refused: "whole",
        proofs: &[attack("what_stands_around_a_message")],
    },
    Door {
        method: "POST",
        path: "/services/Soap/{m,s,T,class}/…",
        operation: "Metadata, Apex, Tooling, web services of one's own",
        protected: "",
        refused: "whole",
        proofs: &[attack("what_stands_around_a_message")],
    },
];
