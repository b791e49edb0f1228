//! Weaker policies (O02 of the bypass catalogue: typo, wildcard, weak rule): whatever makes the
//! starter policy let more out or show more is found by lint or by a case.

use crate::policy::tests::starter::{cases, starter};
use crate::policy::{FieldTable, Rule, Source, compile, run_cases};

/// Each mutation by hand: what stands in the file, and what somebody writes instead.
const BY_HAND: &[(&str, &str)] = &[
    // Actions of classes.
    (
        "[classes.email]\ncategory = \"pd:EmailAddress\"\naction = \"tokenize\"",
        "[classes.email]\ncategory = \"pd:EmailAddress\"\naction = \"pass\"",
    ),
    (
        "action = \"hold\"\nroles = [\"privacy\"]",
        "action = \"pass\"\nroles = [\"privacy\"]",
    ),
    (
        "category = \"pd:GPSCoordinate\"\naction = \"strip\"",
        "category = \"pd:GPSCoordinate\"\naction = \"pass\"\nreason = \"maps\"",
    ),
    (
        "category = \"pd:EmailContent\"\naction = \"encrypt\"",
        "category = \"pd:EmailContent\"\naction = \"tokenize\"",
    ),
    (
        "[classes.city]\ncategory = \"pd:City\"\naction = \"tokenize\"",
        "[classes.city]\ncategory = \"pd:City\"\naction = \"pass\"\nreason = \"reports\"",
    ),
    (
        "[classes.birth_date]\ncategory = \"pd:BirthDate\"\naction = \"hold\"",
        "[classes.birth_date]\ncategory = \"pd:BirthDate\"\naction = \"generalize\"\nto = \"month\"",
    ),
    (
        "[classes.birth_date]\ncategory = \"pd:BirthDate\"\naction = \"hold\"",
        "[classes.birth_date]\ncategory = \"pd:BirthDate\"\naction = \"tokenize\"",
    ),
    (
        "[classes.salutation]\ncategory = \"pd:Gender\"\naction = \"hold\"",
        "[classes.salutation]\ncategory = \"pd:Gender\"\naction = \"pass\"\nreason = \"letters\"",
    ),
    // Equality and search.
    (
        "[classes.city]\ncategory = \"pd:City\"\naction = \"tokenize\"",
        "[classes.city]\ncategory = \"pd:City\"\naction = \"tokenize\"\nstable = true",
    ),
    (
        "[classes.position]\ncategory = \"pd:Professional\"\naction = \"tokenize\"",
        "[classes.position]\ncategory = \"pd:Professional\"\naction = \"tokenize\"\nstable = true",
    ),
    (
        "[classes.family_name]\ncategory = \"pd:Name\"\naction = \"tokenize\"",
        "[classes.family_name]\ncategory = \"pd:Name\"\naction = \"tokenize\"\nstable = true",
    ),
    (
        "exception = \"A9-2-a\"\naction = \"hold\"",
        "exception = \"A9-2-a\"\nsearch = \"exact\"\naction = \"hold\"",
    ),
    (
        "SuppliedEmail = \"email\"",
        "SuppliedEmail = { class = \"email\", stable = true }",
    ),
    (
        "category = \"sluis:CustomerNumber\"\naction = \"tokenize\"\nstable = true",
        "category = \"sluis:CustomerNumber\"\naction = \"tokenize\"",
    ),
    // Generalization.
    ("to = { leading = 4 }", "to = { leading = 7 }"),
    ("{ leading = 4 }", "{ round = 10 }"),
    (
        "to = { leading = 4 }",
        "to = { map = { \"1011 AB\" = \"1011 AB\" }, otherwise = \"\" }",
    ),
    (
        "Birthdate = \"birth_date\"\nTitle",
        "Birthdate = { class = \"birth_date\", action = \"generalize\", to = \"month\" }\nTitle",
    ),
    // Names and roles.
    ("special = true\n", "special = false\n"),
    (
        "category = \"pd:EmailAddress\"\naction = \"tokenize\"\nsearch",
        "category = \"pd:EmailAdress\"\naction = \"tokenize\"\nsearch",
    ),
    (
        "FirstName = \"given_name\"\nLastName = \"family_name\"\nSalutation = \"salutation\"\n# Stable",
        "FirstNam = \"given_name\"\nLastName = \"family_name\"\nSalutation = \"salutation\"\n# Stable",
    ),
    (
        "roles = [\"support\", \"privacy\"]",
        "roles = [\"suport\", \"privacy\"]",
    ),
    (
        "roles = [\"support\", \"privacy\"]",
        "roles = [\"support\", \"privacy\", \"sales\"]",
    ),
    ("roles = [\"privacy\"]", "roles = [\"privacy\", \"sales\"]"),
    (
        "roles = [\"sales\", \"support\", \"privacy\", \"integration\"]\n\n#",
        "roles = [\"sales\", \"support\", \"privacy\", \"integration\", \"marketing\"]\n\n#",
    ),
    (
        "pass = [\n  \"Id\", \"IsDeleted\"",
        "pass = [\n  \"id\", \"ID\", \"IsDeleted\"",
    ),
    (
        "action = \"encrypt\"\nroles = [\"sales\", \"support\", \"privacy\"]",
        "action = \"encypt\"\nroles = [\"sales\", \"support\", \"privacy\"]",
    ),
    (
        "action = \"encrypt\"\nroles = [\"sales\", \"support\", \"privacy\"]",
        "acton = \"encrypt\"\nroles = [\"sales\", \"support\", \"privacy\"]",
    ),
    // Law.
    ("exception = \"A9-2-a\"\n", ""),
    ("retention = \"P7Y\"", "retention = \"P70Y\""),
    ("retention = \"P7Y\"", "retention = \"7 years\""),
    ("retention = \"P7Y\"", "retention = \"\""),
    ("retention = \"P7Y\"\nroles", "roles"),
    (
        "lawful_basis = \"legitimate-interests\"\n# Someone",
        "lawful_basis = \"convenience\"\n# Someone",
    ),
    (
        "purpose = \"prospecting\"\nlawful",
        "purpose = \"profiling\"\nlawful",
    ),
    ("purpose = \"prospecting\"\nlawful", "lawful"),
    ("category = \"pd:Street\"\n", ""),
    // Left out, but read after all.
    (
        "left_out = [\"PhotoUrl\", \"Jigsaw\", \"JigsawContactId\"]",
        "left_out = []",
    ),
    (
        "  \"Address\", \"Phone\", \"Fax\", \"MobilePhone\"",
        "  \"Address\", \"Phone\", \"Fax\"",
    ),
    (
        "derived = [\"ContactPhone\", \"ContactMobile\", \"ContactEmail\", \"ContactFax\"]",
        "derived = [\"ContactPhone\", \"ContactMobile\", \"ContactFax\"]",
    ),
    // Whose data, and which fields are keys.
    (
        "subject = { follow = \"ContactId\", object = \"Contact\" }\npass = [\n  \"Id\", \"IsDeleted\", \"MasterRecordId\"",
        "subject = { follow = \"AccountId\", object = \"Contact\" }\npass = [\n  \"Id\", \"IsDeleted\", \"MasterRecordId\"",
    ),
    (
        "identify = [\"Email\", \"Ext_Id__c\"]",
        "identify = [\"LastName\", \"Description\"]",
    ),
    (
        "external_ids = [\"Ext_Id__c\", \"Email\"]",
        "external_ids = [\"Ext_Id__c\", \"Email\", \"LastName\"]",
    ),
    // A domain too long for the fields, or none.
    (
        "token_domain = \"token.example.eu\"",
        "token_domain = \"tokens.customer-relations.organisation-with-a-long-name.example.eu\"",
    ),
    (
        "token_domain = \"token.example.eu\"",
        "token_domain = \"Token.example.eu\"",
    ),
    ("version = 1", "version = 2"),
    (
        "api = { oldest = 50, newest = 66 }",
        "api = { oldest = 66, newest = 50 }",
    ),
];

#[test]
fn each_weakening_by_hand_is_found() {
    let table = FieldTable::salesforce().expect("the built-in table");
    let text = starter().text;
    for (from, to) in BY_HAND {
        assert!(text.contains(from), "the policy has no {from}");
        let mutant = text.replacen(from, to, 1);
        assert!(found(&mutant, &table), "not found: {from}\nbecame: {to}");
    }
}

/// Every field, under a class that passes, with an action that passes, and moved to `pass`.
#[test]
fn no_field_can_be_let_out_unnoticed() {
    let table = FieldTable::salesforce().expect("the built-in table");
    let text = starter().text;
    let mut mutants = 0;
    for (object, line) in field_lines(&text) {
        let (name, rule) = line.split_once(" = ").expect("a field's line");
        if rule.contains("pass") || rule.contains("staff_") || rule == "\"region\"" {
            continue;
        }
        let header = format!("[objects.{object}.fields]\n");
        let (before, fields) = text.split_once(&header).expect("the table of fields");
        let class = rule.trim_start_matches("{ class = ");
        let class = class.split(',').next().expect("a class");
        for weaker in [
            format!("{name} = \"region\""),
            format!("{name} = {{ class = {class}, action = \"pass\", reason = \"we need it\" }}"),
            String::new(),
        ] {
            let after = fields.replacen(&format!("{line}\n"), &format!("{weaker}\n"), 1);
            let passed = if weaker.is_empty() {
                let (rest, own) = before
                    .rsplit_once(&format!("[objects.{object}]\n"))
                    .expect("the object");
                let own = own.replacen("pass = [", &format!("pass = [\"{name}\", "), 1);
                format!("{rest}[objects.{object}]\n{own}{header}{after}")
            } else {
                format!("{before}{header}{after}")
            };
            assert!(
                found(&passed, &table),
                "not found: {object}.{name} as {weaker}"
            );
            mutants += 1;
        }
    }
    assert!(mutants > 300, "{mutants}");
}

/// Every class, shown to one role more.
#[test]
fn no_class_can_be_shown_to_another_role_unnoticed() {
    let table = FieldTable::salesforce().expect("the built-in table");
    let text = starter().text;
    let plan = compile(&starter(), &table).unwrap_or_else(|report| panic!("{report}"));
    let mut survivors = Vec::new();
    for (id, class) in plan.classes() {
        let mut fields = plan.objects().flat_map(|object| &object.fields);
        let hidden = |rule: &Rule| !rule.leaves_clear();
        if !fields.any(|field| field.class == Some(id) && hidden(&field.rule)) {
            continue;
        }
        let names = plan.role_names().iter().enumerate();
        for (place, role) in names {
            if class.roles.contains(place) || class.name == "coordinates" {
                continue;
            }
            let header = format!("[classes.{}]\n", class.name);
            let (before, after) = text.split_once(&header).expect("the class");
            let (own, rest) = after.split_once("\n\n").expect("the class's end");
            let kept: Vec<&str> = own
                .lines()
                .filter(|line| !line.starts_with("roles"))
                .collect();
            let mut roles: Vec<&str> = plan
                .role_names()
                .iter()
                .enumerate()
                .filter(|(place, _)| class.roles.contains(*place))
                .map(|(_, name)| name.as_str())
                .collect();
            roles.push(role);
            let mutant = format!(
                "{before}{header}{}\nroles = {roles:?}\n\n{rest}",
                kept.join("\n")
            );
            if !found(&mutant, &table) {
                survivors.push(format!("{} to {role}", class.name));
            }
        }
    }
    assert_eq!(survivors, Vec::<String>::new());
}

fn found(text: &str, table: &FieldTable) -> bool {
    let source = Source {
        name: "mutant.toml".to_owned(),
        text: text.to_owned(),
    };
    match compile(&source, table) {
        Err(_) => true,
        Ok(plan) => !plan.warnings().is_empty() || !run_cases(&plan, &cases()).passed(),
    }
}

/// The lines of all tables of fields, each with its object.
fn field_lines(text: &str) -> Vec<(&str, &str)> {
    let mut lines = Vec::new();
    let mut object = None;
    for line in text.lines() {
        if line.starts_with('[') {
            object = line
                .strip_prefix("[objects.")
                .and_then(|rest| rest.strip_suffix(".fields]"));
        } else if let Some(object) = object
            && line.contains(" = ")
            && !line.starts_with('#')
        {
            lines.push((object, line));
        }
    }
    lines
}
