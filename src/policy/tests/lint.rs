//! Each finding: a policy that has it, and one beside it that has not.

use std::collections::BTreeSet;

use crate::policy::tests::compile::{SMALL, source};
use crate::policy::{CODES, FieldTable, Severity, compile};

/// Code, what stands in the small policy, what is written instead with the finding, and what is
/// written instead without it.
struct Pair(&'static str, &'static str, &'static str, &'static str);

const EMAIL: &str = "Email = { class = \"email\", stable = true }";
const BIRTH: &str =
    "Birthdate = { class = \"birth_date\", action = \"generalize\", to = \"year\" }";
const HELD: &str = "action = \"hold\"";
const PASS: &str = "pass = [\"Id\", \"AccountId\"]";

const LAST: &str = "[objects.Account]";
const NOTE: &str = "[classes.note]
category = \"pd:Communication\"
action = \"encrypt\"
roles = [\"support\"]
scan = [\"special\"]
[objects.Account.fields]
Description = \"note\"
[objects.Account]";

const PAIRS: &[Pair] = &[
    Pair(
        "policy-action",
        LAST,
        "[[actions]]
descriptor = \"DogRegister.find\"
reason = \"A breed says nothing of anybody.\"
[objects.Account]",
        "[[actions]]
descriptor = \"apex://DogRegister/ACTION$find\"
reason = \"A breed says nothing of anybody.\"
[objects.Account]",
    ),
    Pair(
        "policy-action",
        LAST,
        "[[actions]]
descriptor = \"apex://DogRegister/ACTION$find\"
reason = \" \"
[objects.Account]",
        "[[actions]]
descriptor = \"apex://DogRegister/ACTION$find\"
reason = \"A breed says nothing of anybody.\"
[objects.Account]",
    ),
    Pair(
        "policy-action-clear",
        LAST,
        "[[actions]]
descriptor = \"apex://DogRegister/ACTION$find\"
carries = [\"breed\"]
reason = \"A breed says nothing of anybody.\"
[objects.Account]",
        "[[actions]]
descriptor = \"apex://DogRegister/ACTION$find\"
reason = \"A breed says nothing of anybody.\"
[objects.Account]",
    ),
    Pair(
        "policy-scan-decision",
        LAST,
        "[classes.note]
category = \"pd:Communication\"
action = \"encrypt\"
roles = [\"support\"]
scan = [\"special\"]
on_special = \"encrypt\"
[objects.Account.fields]
Description = \"note\"
[objects.Account]",
        "[classes.note]
category = \"pd:Communication\"
action = \"encrypt\"
roles = [\"support\"]
scan = [\"special\"]
on_special = \"encrypt\"
decision = { exception = \"A9-2-h\", second_person = \"F. de Boer, privacy officer\", date = \"2026-11-21\" }
[objects.Account.fields]
Description = \"note\"
[objects.Account]",
    ),
    Pair(
        "policy-scan-identifier",
        LAST,
        "[classes.note]
category = \"pd:Communication\"
action = \"pass\"
reason = \"read by the CRM\"
roles = [\"support\"]
scan = [\"special\", \"identifiers\"]
[objects.Account.fields]
Description = \"note\"
[objects.Account]",
        NOTE,
    ),
    Pair(
        "policy-scan-misfit",
        BIRTH,
        "Birthdate = { class = \"birth_date\", action = \"generalize\", to = \"year\", scan = [\"special\"] }",
        BIRTH,
    ),
    Pair(
        "policy-scan-missing",
        LAST,
        "[classes.note]
category = \"pd:Communication\"
action = \"encrypt\"
roles = [\"support\"]
[objects.Account.fields]
Description = \"note\"
[objects.Account]",
        NOTE,
    ),
    Pair(
        "policy-scan-room",
        EMAIL,
        "Email = { class = \"email\", stable = true, scan = [\"special\"], on_special = \"quarantine\" }",
        "Email = { class = \"email\", stable = true, scan = [\"special\"], on_special = \"strip\" }",
    ),
    Pair(
        "policy-scan-threshold",
        EMAIL,
        "Email = { class = \"email\", stable = true, scan = [\"special\"], threshold = 1.5 }",
        "Email = { class = \"email\", stable = true, scan = [\"special\"], threshold = 0.4 }",
    ),
    Pair(
        "policy-syntax",
        "version = 1",
        "version = = 1",
        "version = 1",
    ),
    Pair(
        "policy-name-long",
        "sales = \"Sells.\"",
        LONG_NAME,
        "sales = \"Sells.\"\nlonger = \"Long.\"",
    ),
    Pair(
        "policy-unknown-key",
        "canonical = \"email\"",
        "canonicl = \"email\"",
        "canonical = \"email\"",
    ),
    Pair("policy-unknown-value", HELD, "action = \"hodl\"", HELD),
    Pair(
        "policy-wrong-type",
        "version = 1",
        "version = \"1\"",
        "version = 1",
    ),
    Pair(
        "policy-missing-key",
        "crm = \"salesforce\"\n",
        "",
        "crm = \"salesforce\"\n",
    ),
    Pair(
        "policy-version",
        "version = 1",
        "version = 3",
        "version = 1",
    ),
    Pair(
        "policy-crm",
        "crm = \"salesforce\"",
        "crm = \"salesfarce\"",
        "crm = \"salesforce\"",
    ),
    Pair(
        "policy-token-domain",
        "token.example.eu",
        "localhost",
        "t.example.eu",
    ),
    Pair("policy-api", "oldest = 50", "oldest = 67", "oldest = 66"),
    Pair(
        "policy-unknown-class",
        "class = \"email\"",
        "class = \"emial\"",
        "class = \"email\"",
    ),
    Pair(
        "policy-unknown-role",
        "roles = [\"support\"]",
        "roles = [\"suport\"]",
        "roles = [\"sales\"]",
    ),
    Pair(
        "policy-unknown-purpose",
        "purpose = \"customer",
        "purpose = \"custom",
        "purpose = \"customer",
    ),
    Pair(
        "policy-unknown-object",
        "[objects.Account]",
        "[objects.Acount]",
        "[objects.account]",
    ),
    Pair(
        "policy-unknown-object",
        "Account = \"Account\"",
        "Account = \"Lead\"",
        "account = \"account\"",
    ),
    Pair(
        "policy-unknown-field",
        EMAIL,
        "EMial = \"email\"",
        "EMAIL = { class = \"email\", stable = true }",
    ),
    Pair(
        "policy-unknown-relation",
        "Account = \"Account\"",
        "Acount = \"Account\"",
        "ACCOUNT = \"Account\"",
    ),
    Pair(
        "policy-unknown-relation",
        "children = { Contacts = \"Contact\" }",
        "[objects.Lead]\npass = [\"Id\"]\nchildren = { Accounts = \"Account\" }",
        "children = { Others = \"Contact\" }",
    ),
    Pair("policy-twice", PASS, "pass = [\"Id\", \"ID\"]", PASS),
    Pair("policy-twice", PASS, "pass = [\"Id\", \"EMAIL\"]", PASS),
    Pair(
        "policy-incomplete",
        "lawful_basis = \"contract\"\n",
        "",
        "lawful_basis = \"consent\"\n",
    ),
    Pair(
        "policy-incomplete",
        "category = \"pd:BirthDate\"\n",
        "",
        "category = \"pd:Age\"\n",
    ),
    Pair(
        "policy-incomplete",
        "roles = [\"support\"]\n",
        "",
        "roles = [\"sales\"]\n",
    ),
    Pair(
        "policy-incomplete",
        EMAIL,
        "Email = { action = \"tokenize\", stable = true }",
        EMAIL,
    ),
    Pair(
        "policy-incomplete",
        "action = \"tokenize\"\n",
        "",
        "action = \"strip\"\n",
    ),
    Pair(
        "policy-retention-form",
        "\"P7Y\"",
        "\"7 years\"",
        "\"P18M\"",
    ),
    Pair("policy-retention-form", "\"P7Y\"", "\"P0D\"", "\"P90D\""),
    Pair("policy-retention-form", "\"P7Y\"", "\"PT7H\"", "\"P2W\""),
    Pair("policy-retention-long", "\"P7Y\"", "\"P11Y\"", "\"P10Y\""),
    Pair(
        "policy-category-form",
        "pd:BirthDate",
        "birth date",
        "pd:BirthDate",
    ),
    Pair(
        "policy-category-unknown",
        "pd:BirthDate",
        "pd:BrithDate",
        "pd:BirthDate",
    ),
    Pair(
        "policy-special-denied",
        "category = \"pd:BirthDate\"",
        "category = \"pd:Health\"\nspecial = false",
        "category = \"pd:Health\"\nspecial = true",
    ),
    Pair(
        "policy-special-clear",
        "category = \"pd:BirthDate\"",
        "category = \"pd:Health\"",
        "category = \"pd:Age\"",
    ),
    Pair(
        "policy-special-exception",
        "category = \"pd:BirthDate\"",
        "category = \"pd:Health\"",
        "category = \"pd:Health\"\nexception = \"A9-2-h\"",
    ),
    Pair(
        "policy-search-special",
        "category = \"pd:EmailAddress\"",
        "category = \"pd:Religion\"",
        "category = \"pd:Contact\"",
    ),
    Pair(
        "policy-stable-special",
        "category = \"pd:EmailAddress\"",
        "category = \"pd:Religion\"",
        "category = \"pd:Contact\"",
    ),
    Pair(
        "policy-stable-small",
        "category = \"pd:EmailAddress\"",
        "category = \"pd:City\"",
        "category = \"pd:Name\"",
    ),
    Pair(
        "policy-special-likely",
        "[objects.Account]\n",
        "[objects.Account]\nfields = { PersonPronouns = \"birth_date\" }\n",
        "[objects.Account]\nfields = { PersonPronouns = { class = \"birth_date\", reason = \"asked of all\" } }\n",
    ),
    Pair(
        "policy-personal-in-clear",
        EMAIL,
        "Email = { class = \"email\", action = \"pass\" }",
        "Email = { class = \"email\", action = \"pass\", reason = \"published\" }",
    ),
    Pair(
        "policy-likely-personal",
        PASS,
        "pass = [\"Id\", \"Phone\"]",
        PASS,
    ),
    Pair(
        "policy-likely-personal",
        PASS,
        "pass = [\"Id\", \"Salutation\"]",
        "pass = [\"Id\", \"LeadSource\"]",
    ),
    Pair(
        "policy-text-in-clear",
        PASS,
        "pass = [\"Id\", \"Title\"]",
        "pass = [\"Id\", \"OwnerId\"]",
    ),
    Pair(
        "policy-reason-misplaced",
        PASS,
        "reason = \"mine\"\npass = [\"Id\"]",
        "pass = [\"Id\"]",
    ),
    Pair(
        "policy-generalize-rule",
        "to = \"year\"",
        "to = { leading = 0 }",
        "to = \"year\"",
    ),
    Pair(
        "policy-generalize-rule",
        "to = \"year\"",
        "to = { round = 10, band = 10 }",
        "to = \"year\"",
    ),
    Pair(
        "policy-generalize-rule",
        "to = \"year\"",
        "to = { map = { a = \"b\" } }",
        "to = { map = { a = \"b\" }, otherwise = \"c\" }",
    ),
    Pair(
        "policy-generalize-rule",
        "action = \"generalize\", to = \"year\"",
        "action = \"generalize\"",
        "action = \"strip\"",
    ),
    Pair(
        "policy-generalize-misfit",
        "to = \"year\"",
        "to = { leading = 4 }",
        "to = \"year\"",
    ),
    Pair(
        "policy-generalize-misfit",
        "to = \"year\"",
        "to = { band = 10 }",
        "to = \"year\"",
    ),
    Pair(
        "policy-generalize-weak",
        "to = \"year\"",
        "to = \"month\"",
        "to = \"year\"",
    ),
    Pair(
        "policy-stray-key",
        "action = \"generalize\", to",
        "action = \"hold\", to",
        "action = \"generalize\", to",
    ),
    Pair(
        "policy-stray-key",
        "stable = true",
        "action = \"strip\", stable = true",
        "action = \"tokenize\", stable = true",
    ),
    Pair(
        "policy-token-misfit",
        BIRTH,
        "Birthdate = { class = \"birth_date\", action = \"tokenize\" }",
        "Birthdate = { class = \"birth_date\", action = \"strip\" }",
    ),
    Pair(
        "policy-token-misfit",
        "token.example.eu",
        "a-domain-of-more-than-sixty-one-characters-that-some-people-own.eu",
        "a-domain-of-just-sixty-one-characters-that-some-people-own.eu",
    ),
    Pair(
        "policy-encrypt-misfit",
        EMAIL,
        "MailingStreet = { class = \"email\", action = \"encrypt\" }",
        "Description = { class = \"email\", action = \"encrypt\" }",
    ),
    Pair(
        "policy-file-misfit",
        "children = { Contacts = \"Contact\" }",
        "[objects.Attachment.fields]\nBody = { class = \"email\", action = \"hold\" }",
        "[objects.Attachment.fields]\nBody = { class = \"email\", action = \"encrypt\" }",
    ),
    Pair(
        "policy-hold-text",
        EMAIL,
        "Email = { class = \"email\", action = \"hold\" }",
        EMAIL,
    ),
    Pair(
        "policy-hold-misfit",
        EMAIL,
        "OwnerId = { class = \"email\", action = \"hold\" }",
        EMAIL,
    ),
    Pair(
        "policy-computed-field",
        EMAIL,
        "PhotoUrl = \"email\"",
        EMAIL,
    ),
    Pair(
        "policy-derived-writable",
        "derived = [\"Name\"]",
        "derived = [\"LastName\"]",
        "derived = [\"Name\"]",
    ),
    Pair(
        "policy-derived-clear",
        PASS,
        "pass = [\"Id\", \"FirstName\"]",
        PASS,
    ),
    Pair(
        "policy-singling-out",
        PASS,
        "pass = [\"Id\", \"MailingPostalCode\", \"Salutation\"]",
        "pass = [\"Id\", \"MailingPostalCode\", \"MailingCity\"]",
    ),
    Pair(
        "policy-nobody",
        "roles = [\"sales\", \"support\"]",
        "roles = []",
        "roles = [\"sales\"]",
    ),
    Pair("policy-unused-class", BIRTH, "", BIRTH),
    Pair(
        "policy-empty-object",
        "[objects.Account]\npass = [\"Id\"]",
        "[objects.Account]",
        "[objects.Account]\npass = [\"OwnerId\"]",
    ),
    Pair("policy-external-id", EMAIL, "Email = \"email\"", EMAIL),
    Pair(
        "policy-external-id",
        "external_ids = [\"Email\"]",
        "external_ids = [\"Ext_Id__c\"]",
        "external_ids = [\"Email\"]",
    ),
    Pair(
        "policy-subject",
        "subject = { identify = [\"Email\"] }\npass = [\"Id\", \"AccountId\"]",
        "subject = { follow = \"ReportsToId\", object = \"Contact\" }\npass = [\"Id\", \"ReportsToId\"]",
        "subject = { follow = \"AccountId\", object = \"Account\" }\npass = [\"Id\", \"AccountId\"]",
    ),
    Pair(
        "policy-subject",
        "identify = [\"Email\"]",
        "identify = [\"Birthdate\"]",
        "identify = [\"Email\"]",
    ),
    Pair(
        "policy-subject",
        "identify = [\"Email\"]",
        "follow = \"OwnerId\", object = \"Account\"",
        "follow = \"AccountId\", object = \"Account\"",
    ),
    Pair(
        "policy-subject",
        "identify = [\"Email\"]",
        "identify = [\"Email\"], follow = \"AccountId\"",
        "identify = [\"Email\"]",
    ),
    Pair(
        "policy-uncovered",
        PASS,
        "pass = [\"Id\"]",
        "pass = [\"Id\"]",
    ),
];

/// 129 bytes.
const LONG_NAME: &str = "sales = \"Sells.\"\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx = \"Long.\"";

#[test]
fn each_finding_is_found_where_it_is_and_not_where_it_is_not() {
    let mut wrong = Vec::new();
    for Pair(code, from, bad, good) in PAIRS {
        assert_eq!(SMALL.matches(from).count(), 1, "{from}");
        if !codes(&SMALL.replace(from, bad)).contains(code) {
            wrong.push(format!("{code} is not found: {bad}"));
        }
        if good != bad && codes(&SMALL.replace(from, good)).contains(code) {
            wrong.push(format!("{code} is found: {good}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn codes(text: &str) -> Vec<&'static str> {
    let table = FieldTable::salesforce().expect("the built-in table");
    let report = match compile(&source(text), &table) {
        Ok(plan) => plan.warnings().clone(),
        Err(report) => report,
    };
    report
        .findings()
        .iter()
        .map(|finding| finding.code)
        .collect()
}

#[test]
fn each_code_has_a_pair() {
    let routes = crate::policy::tests::site::MISTAKES
        .iter()
        .map(|mistake| mistake.2);
    let paired = PAIRS.iter().map(|pair| pair.0).chain(routes);
    let paired: BTreeSet<&str> = paired.collect();
    // What a CRM changed is found beside a policy, not in it.
    let stated = CODES.iter().filter(|code| !code.starts_with("drift-"));
    let stated: BTreeSet<&str> = stated.copied().collect();
    let alone: Vec<_> = stated.difference(&paired).collect();
    // Too many roles or classes, and failed cases, have tests of their own.
    assert_eq!(
        alone,
        [&"policy-case-failed", &"policy-classes", &"policy-roles"]
    );
    assert_eq!(paired.difference(&stated).next(), None);
}

#[test]
fn the_list_of_codes_is_that_of_the_sources() {
    let sources = [
        include_str!("../cases.rs"),
        include_str!("../check/mod.rs"),
        include_str!("../check/action.rs"),
        include_str!("../check/class.rs"),
        include_str!("../check/field.rs"),
        include_str!("../check/object.rs"),
        include_str!("../check/scan.rs"),
        include_str!("../drift.rs"),
        include_str!("../lint/exposure.rs"),
        include_str!("../lint/fit.rs"),
        include_str!("../lint/law.rs"),
        include_str!("../lint/scan.rs"),
        include_str!("../lint/structure.rs"),
        include_str!("../lint/together.rs"),
        include_str!("../shape.rs"),
        include_str!("../site/check.rs"),
        include_str!("../site/lint.rs"),
        include_str!("../site/table.rs"),
    ];
    let quoted = sources.iter().flat_map(|text| text.split('"'));
    let is_code = |text: &&str| text.starts_with("policy-") || text.starts_with("drift-");
    let used: BTreeSet<&str> = quoted.filter(is_code).collect();
    assert_eq!(used, CODES.iter().copied().collect());
}

#[test]
fn a_policy_with_more_roles_than_a_set_holds_is_refused() {
    let roles: String = (0..63)
        .map(|n| format!("role{n} = \"One of many.\"\n"))
        .collect();
    let many = SMALL.replace("[purposes]", &format!("{roles}[purposes]"));
    assert!(codes(&many).contains(&"policy-roles"));
    let fewer = many.replace("role62 = \"One of many.\"\n", "");
    assert!(!codes(&fewer).contains(&"policy-roles"));
}

#[test]
fn all_findings_of_a_file_come_at_once_and_in_order() {
    let text = SMALL
        .replace("canonical", "canonicl")
        .replace("identify", "identfy")
        .replace("\"hold\"", "\"hodl\"");
    let table = FieldTable::salesforce().expect("the built-in table");
    let report = compile(&source(&text), &table).expect_err("three findings");
    let found: Vec<(&str, usize)> = report
        .findings()
        .iter()
        .map(|finding| (finding.code, finding.line))
        .collect();
    assert_eq!(
        found,
        [
            ("policy-unknown-key", 24),
            ("policy-unknown-value", 28),
            ("policy-unknown-key", 32),
        ]
    );
    let all = report.findings().iter();
    assert!(
        all.clone()
            .all(|finding| finding.severity == Severity::Error)
    );
    assert!(
        all.clone()
            .all(|finding| finding.help.starts_with("did you mean"))
    );
}
