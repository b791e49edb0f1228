//! From text to plan.

use crate::policy::{FieldTable, Rule, Source, Subject, compile};

pub const SMALL: &str = r#"
version = 1
crm = "salesforce"
token_domain = "token.example.eu"
api = { oldest = 50, newest = 66 }

[roles]
sales = "Sells."
support = "Answers questions."

[purposes]
customer-relations = "Keeping in touch with customers."

[defaults]
purpose = "customer-relations"
lawful_basis = "contract"
retention = "P7Y"

[classes.email]
category = "pd:EmailAddress"
action = "tokenize"
roles = ["sales", "support"]
search = "exact"
canonical = "email"

[classes.birth_date]
category = "pd:BirthDate"
action = "hold"
roles = ["support"]

[objects.Contact]
subject = { identify = ["Email"] }
pass = ["Id", "AccountId"]
derived = ["Name"]
relations = { Account = "Account" }
external_ids = ["Email"]

[objects.Contact.fields]
Email = { class = "email", stable = true }
Birthdate = { class = "birth_date", action = "generalize", to = "year" }

[objects.Account]
pass = ["Id"]
children = { Contacts = "Contact" }
"#;

pub fn source(text: &str) -> Source {
    Source {
        name: "policy.toml".to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn a_policy_becomes_rules_per_field() {
    let fields = FieldTable::salesforce().expect("the built-in table");
    let plan = compile(&source(SMALL), &fields).unwrap_or_else(|report| panic!("{report}"));
    let contact = plan.object("contact").expect("an object in any case");
    let email = contact.field("EMAIL").expect("a field in any case");
    assert_eq!(email.label, "Contact.Email");
    assert_eq!(email.rule, Rule::Tokenize { stable: true });
    assert_eq!(email.rule_id, "objects.Contact.fields.Email");
    assert_eq!(email.length, Some(80));
    assert_eq!(email.retention.as_deref(), Some("P7Y"));
    let class = plan.class(email.class.expect("a class"));
    assert_eq!(class.name, "email");
    assert!(plan.roles(&["sales".to_owned()]).may_see(class.roles));
    assert!(!plan.roles(&["nobody".to_owned()]).may_see(class.roles));
    assert_eq!(contact.subject, Subject::Identify(vec!["Email".to_owned()]));
    assert_eq!(
        contact.relation("ACCOUNT"),
        Some(&["Account".to_owned()][..])
    );
    assert!(contact.is_external_id("email"));
    assert!(contact.field("LastName").is_none());
    assert_eq!(
        plan.object("Account")
            .and_then(|account| account.child("contacts")),
        Some("Contact")
    );
    assert_ne!(plan.version_hash(), [0; 32]);
}
