//! A14: the same data by the UI API: names, orders and terms in URLs, values in bodies.

use crate::bypass::case::{Case, D, get, send};
use crate::bypass::runner::run;

pub fn cases() -> Vec<Case> {
    const ROW: &str = "A14";
    let mut cases = Vec::new();
    for target in TARGETS {
        cases.push(get(ROW, target, &format!("{D}/ui-api/{target}")));
    }
    for (method, target, body) in BODIES {
        cases.push(send(
            ROW,
            body,
            method,
            &format!("{D}/ui-api/{target}"),
            body,
        ));
    }
    for target in ANSWERED {
        cases.push(get(ROW, target, &format!("{D}/ui-api/{target}")).allowed());
    }
    for body in WRITTEN {
        cases.push(send(ROW, body, "POST", &format!("{D}/ui-api/records"), body).allowed());
    }
    cases
}

const TARGETS: &[&str] = &[
    "records/{c}",
    "records/003000000000001AAA?fields={c}",
    "records/003000000000001AAA?fields=Contact.{c}",
    "records/003000000000001AAA?fields=Contact.Account.{c}",
    "records/003000000000001AAA?fields=Contact.Email;{c}",
    "records/003000000000001AAA?optionalFields=Lead.{c}",
    "records/003000000000001AAA?layoutTypes={c}",
    "records/003000000000001AAA?childRelationships=Contact.{c}",
    "records/003000000000001AAA?{c}=1",
    "records/003000000000001AAA?q={c}",
    "records/batch/003000000000001AAA,{c}",
    "record-ui/{c}",
    "record-ui/003000000000001AAA?formFactor={c}",
    "object-info/{c}",
    "object-info/batch/Contact,{c}",
    "object-info/Contact/picklist-values/012000000000000AAA/{c}",
    "list-records/Contact/{c}",
    "list-records/Contact/__Recent?sortBy={c}",
    "list-records/Contact/__Recent?sortBy=Contact.LastName",
    "list-records/Contact/__Recent?sortBy=-Contact.Birthdate",
    "list-records/Contact/__Recent?where={LastName:{eq:%22{c}%22}}",
    "list-records/Contact/__Recent?searchTerm={c}",
    "list-records/Contact/__Recent?pageToken={c}",
    "list-ui/Contact?q={c}",
    "related-list-records/001000000000001AAA/{c}",
    "related-list-records/001000000000001AAA/Contacts?fields=Contact.{c}",
    "related-list-records/batch/001000000000001AAA/Contacts?fields=Contacts:Contact.{c}",
    "lookups/Case/{c}",
    "lookups/Case/ContactId/{c}?q=x",
    "lookups/Case/ContactId/Contact?q={c}*",
    "lookups/Case/ContactId/Contact?q={c}&searchType=TypeAhead",
    "lookups/Case/ContactId/Contact?q={c}&searchType={c}",
    "lookups/Case/ContactId/Contact?q={c}&dependentFieldBindings={c}",
    "record-defaults/create/{c}",
    "actions/record/{c}",
    "actions/lookup/{c}",
    "predupe",
    "duplicates/Contact/{c}",
    "mru-list-records/{c}",
    "record-avatars/batch/{c}",
    "layout/{c}",
    "{c}",
];

const BODIES: &[(&str, &str, &str)] = &[
    (
        "POST",
        "records",
        r#"{"apiName":"Contact","fields":{"LastName":{"value":"{c}"}}}"#,
    ),
    (
        "POST",
        "records",
        r#"{"apiName":"Contact","fields":{"LastName":["{c}"]}}"#,
    ),
    (
        "POST",
        "records",
        r#"{"apiName":"Contact","fields":{"{c}":"x"}}"#,
    ),
    (
        "POST",
        "records",
        r#"{"apiName":"Contact","fields":{"Nickname__c":"{c}"}}"#,
    ),
    (
        "POST",
        "records",
        r#"{"apiName":"Contact","fields":{"LastName":"x","LastName":"{c}"}}"#,
    ),
    (
        "POST",
        "records",
        r#"{"apiName":"Contact","fields":{"LastName":"x","lastname":"{c}"}}"#,
    ),
    (
        "POST",
        "records",
        r#"{"apiName":"Contact","fields":{"LastName":"x"},"Fields":{"LastName":"{c}"}}"#,
    ),
    (
        "POST",
        "records",
        r#"{"apiName":"{c}","fields":{"LastName":"x"}}"#,
    ),
    (
        "POST",
        "records",
        r#"{"apiName":"Pet__c","fields":{"Name":"{c}"}}"#,
    ),
    ("POST", "records", r#"{"fields":{"LastName":"{c}"}}"#),
    (
        "POST",
        "records",
        r#"{"apiName":"Contact","LastName":"{c}"}"#,
    ),
    (
        "POST",
        "records",
        r#"{"apiName":"Contact","fields":{"Account":{"Name":"{c}"}}}"#,
    ),
    (
        "POST",
        "records",
        r#"{"apiName":"Contact","fields":{"attributes":{"type":"{c}"}}}"#,
    ),
    (
        "POST",
        "records",
        r#"{"apiName":"Contact","fields":{"AccountId":"{c}"}}"#,
    ),
    (
        "POST",
        "records",
        r#"{"apiName":"Contact","fields":{"Id":"{c}"}}"#,
    ),
    (
        "POST",
        "records",
        r#"{"apiName":"Contact","fields":{"LastName":"x"},"allowSaveOnDuplicate":"{c}"}"#,
    ),
    (
        "PATCH",
        "records/003000000000001AAA",
        r#"{"fields":{"Name":"{c}"}}"#,
    ),
    (
        "PATCH",
        "records/a1x000000000001AAA",
        r#"{"fields":{"Name":"{c}"}}"#,
    ),
    (
        "PATCH",
        "records/003000000000001AAA",
        r#"{"apiName":"Lead","fields":{"LastName":"{c}"}}"#,
    ),
    (
        "PUT",
        "records/003000000000001AAA",
        r#"{"fields":{"LastName":"{c}"}}"#,
    ),
    (
        "POST",
        "related-list-records/001000000000001AAA/Contacts",
        r#"{"where":"{c}"}"#,
    ),
    (
        "POST",
        "related-list-records/001000000000001AAA/Contacts",
        r#"{"fields":["Contact.{c}"]}"#,
    ),
    (
        "POST",
        "related-list-records/001000000000001AAA/Contacts",
        r#"{"sortBy":["{c}"]}"#,
    ),
    (
        "POST",
        "related-list-records/batch/001000000000001AAA",
        r#"{"relatedListParameters":[{"relatedListId":"{c}"}]}"#,
    ),
    (
        "POST",
        "predupe",
        r#"{"apiName":"Contact","fields":{"LastName":"{c}"}}"#,
    ),
    (
        "POST",
        "aggregate-ui",
        r#"{"input":{"compositeRequest":[{"url":"/ui-api/{c}","referenceId":"a"}]}}"#,
    ),
];

const ANSWERED: &[&str] = &[
    "object-info/Contact",
    "list-records/Contact/__Recent?fields=Contact.LastName,Contact.Email&sortBy=-Contact.CreatedDate",
    "lookups/Case/ContactId/Contact?q={c}&searchType=Search",
    "lookups/Contact/AccountId?q={c}+x",
    "record-defaults/create/Contact",
];

const WRITTEN: &[&str] = &[
    r#"{"apiName":"Contact","fields":{"LastName":"{c}","Email":"{c}@example.nl","Description":"{c}"}}"#,
    r#"{"apiName":"Account","fields":{"Name":"{c}"},"allowSaveOnDuplicate":false}"#,
];

#[test]
fn the_ui_api_is_protected_or_refused() {
    run(&cases());
}
