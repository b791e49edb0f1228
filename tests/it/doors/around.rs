//! Doors that are neither an API's nor a page's: what the CRM sends, what strangers would send to
//! it, and tables that its pages give away.

use super::{Door, Proof, Section};

pub const SECTION: Section = Section {
    heading: "What the CRM sends, what visitors send, and what is closed on purpose",
    text: "An outbound message comes from the CRM and goes to a program of the organization's own: \
           revealed, and delivered before it is acknowledged. Closed doors say in their refusal what \
           to do instead.",
    doors: DOORS,
};

const fn outbound(test: &'static str) -> Proof {
    Proof {
        client: "raw bytes",
        suite: "tests/it/ops/outbound.rs",
        test,
    }
}

const fn web_form(test: &'static str) -> Proof {
    Proof {
        client: "a form's bytes",
        suite: "tests/it/ops/web_forms.rs",
        test,
    }
}

const DOORS: &[Door] = &[
    Door {
        method: "POST",
        path: "/.sluis/outbound/NAME/SECRET",
        operation: "outbound message",
        protected: "fields of its records are revealed by class and role, as those of a SOAP answer; the session goes, addresses lead to the border",
        refused: "senders without the pinned certificate or without the secret, other organizations, any other form; what is not acknowledged behind the border is not acknowledged to the CRM",
        proofs: &[
            outbound("a_message_is_revealed_recorded_delivered_and_only_then_acknowledged"),
            outbound("one_proof_is_none"),
            outbound("what_is_no_message_of_this_organization_is_refused_by_name"),
            outbound("what_its_program_does_not_have_the_crm_sends_again"),
        ],
    },
    Door {
        method: "POST",
        path: "/servlet/servlet.WebToLead, /servlet/servlet.WebToCase",
        operation: "a visitor's form, which the organization's web server passes on as a program with two proofs",
        protected: "each field as in a new record of the REST API; no credential, cookie or header of anybody's goes with it, and the border itself leads the visitor on",
        refused: "whole where `[web_forms]` does not take forms, and without both proofs before the body is read; other organizations, other addresses in `retURL`, `debug`, names that Salesforce's forms do not have, custom fields that nobody named, values that wait here for their record (`hold`, quarantine), any other form or charset",
        proofs: &[
            web_form("a_form_becomes_a_record_of_tokens_and_leads_the_visitor_on"),
            web_form("a_form_that_leads_nowhere_is_answered_by_a_page"),
            web_form("a_form_with_one_proof_is_refused_before_it_is_read"),
            web_form("what_is_no_form_of_this_organization_is_refused_by_name"),
            web_form("what_does_not_come_as_a_form_comes_is_refused_by_name"),
            web_form("nothing_of_a_protected_field_leaves_whatever_its_name"),
            web_form("a_web_server_that_keeps_to_a_list_fills_in_nothing_else"),
            web_form("what_would_wait_here_for_a_record_that_nobody_tells_is_refused"),
            web_form("a_special_category_in_a_form_is_refused_in_the_visitor_s_language"),
            web_form(
                "a_crm_that_does_not_say_yes_is_asked_once_and_nobody_is_told_that_it_has_the_form",
            ),
            Proof {
                client: "raw bytes",
                suite: "tests/it/bypass/access.rs",
                test: "what_no_rule_understands_is_refused",
            },
        ],
    },
    Door {
        method: "GET",
        path: "/00O…, /00O…?export=1&xf=xls, /servlet/PrintableViewDownloadServlet",
        operation: "pages of reports, workbooks, printable views",
        protected: "",
        refused: "whole: nobody looks into them; run the report by `D/analytics/reports`, or export it as CSV",
        proofs: &[Proof {
            client: "raw bytes",
            suite: "tests/it/bypass/analytics.rs",
            test: "reports_are_protected_or_refused",
        }],
    },
];
