//! The rows that an organisation has before anyone writes to it.

use serde_json::{Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::moment;
use crate::demo::crm::records::{initial, put};
use crate::demo::crm::schema::Schema;
use crate::demo::crm::store::{Row, Store};

/// The ids that the rest of the stand-in refers to.
pub struct Start {
    pub org: String,
    pub user: String,
}

/// Inserts the organisation, its one user, the profile and the record types.
///
/// # Errors
/// When the database fails.
pub fn rows(schema: &Schema, store: &Store, now: i64) -> Outcome<Start> {
    let org = store.new_id_with("00D");
    let user = store.new_id_with("005");
    let profile = store.new_id_with("00e");
    let rows = [
        (
            "Organization",
            json!({
                "Id": org, "Name": "Voorbeeld B.V.", "Country": "NL", "City": "Utrecht",
                "PrimaryContact": "Beheer Voorbeeld", "DefaultLocaleSidKey": "nl_NL",
                "TimeZoneSidKey": "Europe/Amsterdam", "LanguageLocaleKey": "nl_NL",
                "OrganizationType": "Developer Edition", "InstanceName": "DEMO1",
            }),
        ),
        (
            "Profile",
            json!({"Id": profile, "Name": "System Administrator", "UserType": "Standard"}),
        ),
        (
            "User",
            json!({
                "Id": user, "Username": "beheer@voorbeeld.example.nl", "FirstName": "Beheer",
                "LastName": "Voorbeeld", "Name": "Beheer Voorbeeld", "Email": "beheer@example.nl",
                "Alias": "beheer", "CommunityNickname": "beheer", "IsActive": true,
                "TimeZoneSidKey": "Europe/Amsterdam", "LocaleSidKey": "nl_NL",
                "EmailEncodingKey": "UTF-8", "ProfileId": profile, "UserType": "Standard",
                "LanguageLocaleKey": "nl_NL",
            }),
        ),
        (
            "RecordType",
            record_type(store, "Business_Account", "Business Account", false),
        ),
        (
            "RecordType",
            record_type(store, "PersonAccount", "Person Account", true),
        ),
    ];
    for (name, mut fields) in rows {
        let object = schema.object(name).ok_or_else(Fault::not_found)?;
        let stamp = moment::datetime(now);
        for (field, value) in [
            ("CreatedDate", &stamp),
            ("LastModifiedDate", &stamp),
            ("SystemModstamp", &stamp),
            ("CreatedById", &user),
            ("LastModifiedById", &user),
        ] {
            if let Value::Object(map) = &mut fields {
                map.insert(field.to_owned(), Value::from(value.as_str()));
            }
        }
        let mut row: Row = object.fields.iter().map(initial).collect();
        for (field, value) in fields.as_object().into_iter().flatten() {
            put(object, &mut row, field, value.clone());
        }
        store.insert(object, &row)?;
    }
    Ok(Start { org, user })
}

fn record_type(store: &Store, developer: &str, name: &str, person: bool) -> Value {
    json!({
        "Id": store.new_id_with("012"), "Name": name, "DeveloperName": developer,
        "SobjectType": "Account", "IsActive": true, "IsPersonType": person,
    })
}
