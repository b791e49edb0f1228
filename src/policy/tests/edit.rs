//! One rule changes, and no other line.

use crate::policy::tests::starter::starter;
use crate::policy::{Edit, EditError, FieldTable, List, Rule, Set, Setting, Source, compile, edit};

fn set(keys: &[(&str, &str)]) -> Vec<Set> {
    let text = |value: &str| Some(Setting::Text(value.to_owned()));
    keys.iter()
        .map(|(key, value)| ((*key).to_owned(), text(value)))
        .collect()
}

fn field(object: &str, field: &str, set: Vec<Set>) -> Edit {
    Edit::Field {
        object: object.to_owned(),
        field: field.to_owned(),
        set,
    }
}

/// The lines that are in one text only: gone, and new.
fn touched(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let patch = diffy::create_patch(before, after);
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for line in patch.hunks().iter().flat_map(|hunk| hunk.lines()) {
        match line {
            diffy::Line::Delete(line) => gone.push(line.trim_end_matches('\n').to_owned()),
            diffy::Line::Insert(line) => new.push(line.trim_end_matches('\n').to_owned()),
            diffy::Line::Context(_) => {}
        }
    }
    (gone, new)
}

fn rule(text: &str, object: &str, field: &str) -> Option<Rule> {
    let source = Source {
        name: "edited.toml".to_owned(),
        text: text.to_owned(),
    };
    let fields = FieldTable::salesforce().expect("the built-in table");
    let plan = compile(&source, &fields).unwrap_or_else(|report| panic!("{report}"));
    Some(plan.object(object)?.field(field)?.rule.clone())
}

#[test]
fn nothing_changed_is_the_same_to_the_byte() {
    for text in [
        starter().text,
        include_str!("../../../policies/creme.toml").to_owned(),
        starter().text.replace('\n', "\r\n"),
    ] {
        assert_eq!(edit(&text, &[]).unwrap(), text);
    }
}

#[test]
fn each_field_of_the_starter_policy_can_be_changed_on_its_own_line() {
    let fields = FieldTable::salesforce().expect("the built-in table");
    let text = starter().text;
    let plan = compile(&starter(), &fields).unwrap_or_else(|report| panic!("{report}"));
    let mut changed = 0;
    for object in plan.objects() {
        for at in object.fields.iter().filter(|at| at.class.is_some()) {
            let why = set(&[("reason", "we looked at it")]);
            let after = edit(&text, &[field(&object.name, &at.name, why)]).unwrap();
            let (gone, new) = touched(&text, &after);
            assert_eq!(
                (gone.len(), new.len()),
                (1, 1),
                "{}: {gone:?} {new:?}",
                at.label
            );
            assert!(
                new[0].contains(&format!("{} = {{ class = ", at.name)),
                "{new:?}"
            );
            let back = Edit::Field {
                object: object.name.clone(),
                field: at.name.clone(),
                set: vec![("reason".to_owned(), None)],
            };
            let had = gone[0].contains("reason");
            assert!(
                had || edit(&after, &[back]).unwrap() == text,
                "{}",
                at.label
            );
            changed += 1;
        }
    }
    assert!(changed > 80, "{changed}");
}

#[test]
fn a_field_leaves_its_list_when_it_gets_a_class_and_its_class_when_it_passes() {
    let text = starter().text;
    let class = set(&[("class", "organization_name")]);
    let after = edit(&text, &[field("Account", "Industry", class)]).unwrap();
    let (gone, new) = touched(&text, &after);
    assert!(gone.len() <= 2 && new.len() <= 3, "{gone:?} {new:?}");
    assert!(
        new.iter()
            .any(|line| line == "Industry = \"organization_name\""),
        "{new:?}"
    );
    assert!(!gone.iter().any(|line| line.starts_with('#')));

    let list = |field: &str, list| Edit::List {
        object: "Contact".to_owned(),
        field: field.to_owned(),
        list,
    };
    let after = edit(&text, &[list("Email", List::LeftOut)]).unwrap();
    let (gone, new) = touched(&text, &after);
    assert_eq!((gone.len(), new.len()), (2, 1), "{gone:?} {new:?}");
    assert!(new[0].starts_with("left_out = [\"PhotoUrl\"") && new[0].ends_with(", \"Email\"]"));
    let again = edit(&after, &[list("email", List::LeftOut)]).unwrap();
    assert_eq!(again, after, "it stands there already");
}

#[test]
fn lists_over_several_lines_keep_their_lines_and_comments() {
    let text = "[objects.A]\npass = [\n  # ids\n  \"Id\", \"B\",\n  \"C\", \"D\", # the last\n]\nleft_out = [\n  \"X\",\n  \"Y\"\n]\n";
    let at = |name: &str, to| Edit::List {
        object: "A".to_owned(),
        field: name.to_owned(),
        list: to,
    };
    let after = edit(text, &[at("N", List::Pass)]).unwrap();
    assert_eq!(after.lines().count(), text.lines().count(), "{after}");
    assert!(after.contains("# ids") && after.contains("# the last") && after.contains("\"N\""));
    let after = edit(text, &[at("Z", List::LeftOut)]).unwrap();
    assert_eq!(after, text.replace("\"Y\"\n", "\"Y\", \"Z\"\n"));
    let remove = |name: &str| Edit::Remove {
        object: "A".to_owned(),
        field: name.to_owned(),
    };
    let after = edit(text, &[remove("Id")]).unwrap();
    assert_eq!(after, text.replace("\"Id\", ", ""));
    let after = edit(text, &[remove("C")]).unwrap();
    assert_eq!(after, text.replace("\"C\", ", ""));
    let after = edit(text, &[remove("Y")]).unwrap();
    assert_eq!(after, text.replace(",\n  \"Y\"", ""));
}

#[test]
fn an_object_and_a_class_are_added_at_the_end_of_their_parts_and_hold() {
    let text = starter().text;
    let object = Edit::Object {
        object: "Case".to_owned(),
        set: set(&[("retention", "P1Y")]),
    };
    let after = edit(&text, &[object]).unwrap();
    let (gone, new) = touched(&text, &after);
    assert!(
        gone.len() <= 1 && new == ["retention = \"P1Y\""],
        "{gone:?} {new:?}"
    );

    let added = [
        Edit::Class {
            class: "shirt".to_owned(),
            set: set(&[("category", "pd:Size"), ("action", "tokenize")]),
        },
        Edit::Object {
            object: "Pet__c".to_owned(),
            set: vec![(
                "pass".to_owned(),
                Some(Setting::Texts(vec!["Id".to_owned()])),
            )],
        },
        field("Pet__c", "Shirt__c", set(&[("class", "shirt")])),
    ];
    let after = edit(&text, &added).unwrap();
    let (gone, new) = touched(&text, &after);
    assert_eq!(gone, Vec::<String>::new());
    let lines: Vec<&str> = new
        .iter()
        .map(String::as_str)
        .filter(|line| !line.is_empty())
        .collect();
    let wanted = [
        "[classes.shirt]",
        "category = \"pd:Size\"",
        "action = \"tokenize\"",
        "[objects.Pet__c]",
        "pass = [\"Id\"]",
        "[objects.Pet__c.fields]",
        "Shirt__c = \"shirt\"",
    ];
    assert_eq!(lines, wanted);
    assert!(
        after.find("[classes.shirt]") < after.find("[objects."),
        "among the classes"
    );
}

#[test]
fn a_changed_action_is_what_the_compiler_reads() {
    let text = starter().text;
    assert_eq!(
        rule(&text, "Contact", "Title"),
        Some(Rule::Tokenize { stable: false })
    );
    let block = field("contact_", "Title", set(&[("action", "block")]));
    assert!(matches!(edit(&text, &[block]), Err(EditError::NoObject(_))));
    let block = field("Contact", "title", set(&[("action", "block")]));
    let after = edit(&text, &[block]).unwrap();
    assert_eq!(rule(&after, "Contact", "Title"), Some(Rule::Block));
    let (gone, new) = touched(&text, &after);
    assert_eq!((gone.len(), new.len()), (1, 1), "{new:?}");
    let gone = Edit::Remove {
        object: "Contact".to_owned(),
        field: "Nothing__c".to_owned(),
    };
    assert!(matches!(edit(&text, &[gone]), Err(EditError::NoField(_))));
    assert!(matches!(edit("a = ", &[]), Err(EditError::Syntax(_))));
}

#[test]
fn a_value_of_a_form_stays_a_value() {
    let nasty = "x\"]\n[roles]\nall = \"<script>";
    let why = set(&[("reason", nasty)]);
    let after = edit(&starter().text, &[field("Contact", "Email", why)]).unwrap();
    let before: toml::Table = toml::from_str(&starter().text).unwrap();
    let table: toml::Table = toml::from_str(&after).unwrap();
    assert_eq!(table["roles"], before["roles"]);
    let email = &table["objects"]["Contact"]["fields"]["Email"];
    assert_eq!(email["reason"].as_str(), Some(nasty));
    let key = field("Contact", "a b\"]\n[roles]", set(&[("class", "email")]));
    let after = edit(&starter().text, &[key]).unwrap();
    let table: toml::Table = toml::from_str(&after).unwrap();
    assert_eq!(table["roles"], before["roles"]);
}
