//! Doors that are neither an API's nor a page's: what the CRM sends, what strangers would send to
//! it, and tables that its pages give away.

use super::{Door, Proof, Section};

pub const SECTION: Section = Section {
    heading: "What the CRM sends, and what is closed on purpose",
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
        operation: "forms of anonymous visitors",
        protected: "",
        refused: "whole: they have no second factor; a website's own server sends what it collects as an API client",
        proofs: &[Proof {
            client: "raw bytes",
            suite: "tests/it/bypass/access.rs",
            test: "what_no_rule_understands_is_refused",
        }],
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
