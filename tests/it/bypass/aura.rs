//! G02, and rows of A, J and U at the door of Lightning pages: values in the message, in its actions,
//! and in what stands around it.

use crate::bypass::case::{Case, call, escape};
use crate::bypass::runner::run;

const KIND: &str = "application/x-www-form-urlencoded; charset=UTF-8";

/// As Lightning writes it.
const CONTEXT: &str = r#"{"mode":"PROD","fwuid":"ZzhjQmRxMXdrdzhvS0RJMG5qQVdxQTdE","app":"one:one","loaded":{"APPLICATION@markup://one:one":"k3lqvXn5Y2hR0cVb1aPz2w"},"dn":[],"globals":{"density":"VIEW_TWO"},"uad":true}"#;

/// `{"typ":"JWT","alg":"HS256"}` and an empty signature of the right length.
const TOKEN: &str =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9..AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What a whole form is refused with, and what each action of a message is.
const FORM: &[u16] = &[400, 403];
const ACTION: &[u16] = &[200];

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (row, params) in ACTIONS {
        cases.push(posted(row, params, &form(&message(params))).refused(ACTION));
    }
    for (row, message) in MESSAGES {
        cases.push(posted(row, message, &form(message)).refused(FORM));
    }
    for (row, rest) in FIELDS {
        let body = format!("message={}&{rest}", escape(r#"{"actions":[]}"#));
        cases.push(posted(row, rest, &body).refused(FORM));
    }
    for (row, context) in CONTEXTS {
        let body = around("aura.context", context);
        cases.push(posted(row, context, &body).refused(FORM));
    }
    for (row, kind) in KINDS {
        let case = call(row, kind, "POST", "/aura").with(("Content-Type", kind));
        cases.push(case.body(form(&message(CREATED)).as_bytes()).refused(FORM));
    }
    for (row, method, target) in TARGETS {
        let body = form(&message(CREATED));
        let case = call(row, target, method, target).with(("Content-Type", KIND));
        let case = match *method {
            "GET" => call(row, target, method, target),
            _ => case.body(body.as_bytes()),
        };
        cases.push(case.refused(FORM));
    }
    let page = "/lightning/r/Contact/003000000000001AAA/view?c__name={c}#{c}";
    let all = format!(
        "message={}&aura.context={}&aura.pageURI={}&aura.token={TOKEN}",
        escape(&message(CREATED)),
        escape(CONTEXT),
        escape(page)
    );
    cases.push(posted("G02", "a form of Lightning's", &all).allowed());
    for params in ALLOWED {
        cases.push(posted("G02", params, &form(&message(params))).allowed());
    }
    cases
}

fn posted(row: &'static str, name: &str, body: &str) -> Case {
    let case = call(row, name, "POST", "/aura?r=7&aura.RecordUi.createRecord=1");
    case.with(("Content-Type", KIND)).body(body.as_bytes())
}

fn form(message: &str) -> String {
    format!("message={}&aura.token=null", escape(message))
}

fn around(name: &str, value: &str) -> String {
    format!(
        "message={}&{name}={}",
        escape(r#"{"actions":[]}"#),
        escape(value)
    )
}

/// One action, given as its descriptor and what follows in it.
fn message(rest: &str) -> String {
    format!(r#"{{"actions":[{{"id":"12;a","callingDescriptor":"UNKNOWN",{rest}}}]}}"#)
}

const CREATED: &str = r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"recordInput":{"apiName":"Contact","fields":{"LastName":"{c}","Email":"{c}@example.nl","Description":"{c}"}}}"#;

const ACTIONS: &[(&str, &str)] = &[
    // Records that the UI API refuses.
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"recordInput":{"apiName":"Contact","fields":{"Nickname__c":"{c}"}}}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"recordInput":{"apiName":"Pet__c","fields":{"Name":"{c}"}}}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"recordInput":{"apiName":"Contact","fields":{"LastName":"x"}},"note":"{c}"}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"recordInput":{"apiName":"Contact","fields":{"LastName":"x"},"note":"{c}"}}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"recordInput":{"apiName":"Contact","LastName":"{c}"}}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"apiName":"Contact","fields":{"LastName":"{c}"}}"#,
    ),
    (
        "J02",
        r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"recordInput":{"apiName":"Contact","fields":{"LastName":"x","lastname":"{c}"}}}"#,
    ),
    (
        "J02",
        r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"RecordInput":{"apiName":"Contact","fields":{"LastName":"{c}"}}}"#,
    ),
    (
        "J03",
        r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"recordInput":{"apiName":"Contact","fields":{"LastName":{"value":"{c}"}}}}"#,
    ),
    (
        "J03",
        r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"recordInput":{"apiName":"Contact","fields":{"LastName":["{c}"]}}}"#,
    ),
    (
        "J09",
        r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":"{\"recordInput\":{\"apiName\":\"Contact\",\"fields\":{\"LastName\":\"{c}\"}}}""#,
    ),
    (
        "J09",
        r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"recordInput":"{\"apiName\":\"Contact\",\"fields\":{\"LastName\":\"{c}\"}}"}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$updateRecord","params":{"recordId":"{c}","recordInput":{"fields":{"LastName":"x"}}}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$updateRecord","params":{"recordId":"003000000000001AAA","recordInput":{"fields":{"LastName":"x"}},"clientOptions":{"ifUnmodifiedSince":"{c}"}}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$updateRecord","params":{"recordId":"003000000000001AAA","recordInput":{"fields":{"Name":"{c}"}}}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$findDuplicates","params":{"recordInput":{"apiName":"Contact","fields":{"LastName":"{c}"}}}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$executeGraphQL","params":{"queryInput":{"query":"query { uiapi { query { Contact(where: {LastName: {eq: \"{c}\"}}) { edges { node { Id } } } } } }"}}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$executeAggregateUi","params":{"input":{"compositeRequest":[{"url":"/ui-api/{c}","referenceId":"a"}]}}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$getRecordWithFields","params":{"recordId":"003000000000001AAA","fields":["Contact.LastName"],"{c}":null}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://LookupController/ACTION$getLookupRecords","params":{"objectApiName":"Case","fieldApiName":"ContactId","requestParams":{"q":"x","{c}":null}}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RelatedListUiController/ACTION$getRelatedListRecordsBatch","params":{"parentRecordId":"003000000000001AAA","relatedListIds":["Cases"]}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://MruListUiController/ACTION$getMruListUi","params":{"objectApiName":"Contact"}"#,
    ),
    // Names, orders and terms.
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$getRecordWithFields","params":{"recordId":"003000000000001AAA","fields":["Contact.{c}"]}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RecordUiController/ACTION$getObjectInfo","params":{"objectApiName":"{c}"}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListUiController/ACTION$getListUiByName","params":{"objectApiName":"Contact","listViewApiName":"{c}"}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListUiController/ACTION$getListRecordsByName","params":{"objectApiName":"Contact","listViewApiName":"__Recent","sortBy":["Contact.LastName"]}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListUiController/ACTION$postListRecordsByName","params":{"objectApiName":"Contact","listViewApiName":"__Recent","listRecordsQuery":{"where":"{LastName:{eq:\"{c}\"}}"}}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListUiController/ACTION$getListsByObjectName","params":{"objectApiName":"Contact","q":"{c}"}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://RelatedListUiController/ACTION$getRelatedListRecords","params":{"parentRecordId":"001000000000001AAA","relatedListId":"{c}"}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://LookupController/ACTION$getLookupRecords","params":{"objectApiName":"Case","fieldApiName":"ContactId","targetApiName":"Contact","q":"{c}*"}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://LookupController/ACTION$getLookupRecords","params":{"objectApiName":"Case","fieldApiName":"ContactId","requestParams":{"q":"x","dependentFieldBindings":"{c}"}}"#,
    ),
    // Actions that nobody knows.
    (
        "G02",
        r#""descriptor":"aura://{c}Controller/ACTION$getItems","params":{}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListController/ACTION${c}","params":{}"#,
    ),
    (
        "G02",
        r#""descriptor":"{c}://ListController/ACTION$getItems","params":{}"#,
    ),
    (
        "G02",
        r#""descriptor":"serviceComponent://ui.{c}.ListController/ACTION$getItems","params":{}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListController/ACTION$getItems","params":{"name":"{c}"}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListController/ACTION$getItems","params":{"name":"Jansen"}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListController/ACTION$getItems","params":{"{c}":1}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListController/ACTION$getItems","params":{"value":{"{c}":1}}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListController/ACTION$getItems","params":{"values":[["{c}"]]}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListController/ACTION$getItems","params":{"value":123456782}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListController/ACTION$getItems","params":{"value":0.612345678}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://SearchController/ACTION$getResults","params":{"query":"185057800608491"}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://SearchController/ACTION$getResults","params":{"recordId":"185057800608491"}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://SearchController/ACTION$getResults","params":{"searchText":"Max"}"#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListController/ACTION$getItems","params":{"record":{"FirstName":{"value":"Max"}}}"#,
    ),
    (
        "J09",
        r#""descriptor":"aura://ListController/ACTION$getItems","params":{"value":"{\"LastName\":\"{c}\"}"}"#,
    ),
    (
        "J09",
        r#""descriptor":"aura://FlowRuntimeConnectController/ACTION$navigateFlow","params":{"request":"{\"name\":\"{c}\"}"}"#,
    ),
    (
        "G02",
        r#""descriptor":"serviceComponent://ui.search.components.forcesearch.scopedresultsdataprovider.ScopedResultsDataProviderController/ACTION$getLookupItems","params":{"scope":"Contact","term":"{c}"}"#,
    ),
    (
        "A13",
        r#""descriptor":"aura://ApexActionController/ACTION$execute","params":{"namespace":"","classname":"ContactController","method":"find","params":{"name":"{c}"},"cacheable":false,"isContinuation":false}"#,
    ),
    (
        "A13",
        r#""descriptor":"aura://ApexActionController/ACTION$execute","params":{"namespace":"","classname":"{c}","method":"find","params":{}}"#,
    ),
    (
        "A13",
        r#""descriptor":"aura://ApexActionController/ACTION$execute","params":{"namespace":"{c}","classname":"ContactController","method":"find"}"#,
    ),
    (
        "A13",
        r#""descriptor":"aura://ApexActionController/ACTION$execute","params":{"classname":"ContactController","method":"find","note":"{c}"}"#,
    ),
    (
        "A13",
        r#""descriptor":"apex://{c}/ACTION$find","params":{}"#,
    ),
    // What stands around the parameters.
    (
        "G02",
        r#""descriptor":"aura://ListController/ACTION$getItems","params":{},"note":"{c}""#,
    ),
    (
        "G02",
        r#""descriptor":"aura://ListController/ACTION$getItems","params":{},"storable":"{c}""#,
    ),
    (
        "A11",
        r#""descriptor":"aura://ListController/ACTION$getItems","params":{},"version":"{c}""#,
    ),
    (
        "A11",
        r#""descriptor":"aura://ListController/ACTION$getItems","params":{},"version":"20.0""#,
    ),
];

const MESSAGES: &[(&str, &str)] = &[
    (
        "J01",
        r#"{"actions":[],"actions":[{"id":"1;a","descriptor":"{c}"}]}"#,
    ),
    (
        "J01",
        r#"{"actions":[{"id":"1;a","id":"2;a","descriptor":"aura://ListController/ACTION$getItems"}]}"#,
    ),
    (
        "J01",
        r#"{"actions":[{"id":"1;a","descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"recordInput":{"apiName":"Contact","fields":{"LastName":"x","LastName":"{c}"}}}}]}"#,
    ),
    ("J05", r#"{"actions":[]} {"actions":["{c}"]}"#),
    ("J05", r#"{"actions":[]},"note":{"a":"{c}"}"#),
    ("J05", r#"while(1);{"actions":["{c}"]}"#),
    ("J05", r#"{"actions":["{c}""#),
    ("J05", "{c}"),
    ("J11", r#"[{"id":"1;a","descriptor":"{c}"}]"#),
    ("J11", r#""{c}""#),
    ("J08", "{\"actions\":[\"{c}\\ud800\"]}"),
    ("G02", r#"{"actions":[],"note":"{c}"}"#),
    ("G02", r#"{"actions":["{c}"]}"#),
    ("G02", r#"{"actions":{"id":"{c}"}}"#),
    (
        "G02",
        r#"{"actions":[{"id":"{c}","descriptor":"aura://ListController/ACTION$getItems"}]}"#,
    ),
    (
        "G02",
        r#"{"actions":[{"descriptor":"aura://ListController/ACTION$getItems","params":{"name":"{c}"}}]}"#,
    ),
    (
        "G02",
        r#"{"actions":[{"id":"1;a","descriptor":"aura://ListController/ACTION$getItems"},{"id":"1;a","descriptor":"{c}"}]}"#,
    ),
];

const FIELDS: &[(&str, &str)] = &[
    ("G02", "message=%7B%22actions%22%3A%5B%22{c}%22%5D%7D"),
    ("G02", "note={c}"),
    ("G02", "{c}=1"),
    ("G02", "aura.isAction=true"),
    ("G02", "aura.token={c}"),
    ("G02", "aura.token=a.{c}.b"),
    (
        "G02",
        "aura.token=eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.{c}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ),
    (
        "G02",
        "aura.token=eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9..{c}",
    ),
    ("G02", "aura.pageURI={c}"),
    ("G02", "aura.pageURI=https%3A%2F%2Fexample.nl%2F{c}"),
    ("G02", "aura.pageURI=%2Fx%20{c}"),
    ("G02", "aura.pageURI=%2F&aura.pageURI=%2F{c}"),
    ("J05", "aura.token=null&{c}"),
    ("J04", "aura.pageURI=%2F%ff{c}"),
    ("J04", "aura.pageURI=%2F%00{c}"),
];

const CONTEXTS: &[(&str, &str)] = &[
    ("G02", "{c}"),
    ("G02", r#""{c}""#),
    ("G02", r#"{"name":"{c}"}"#),
    ("G02", r#"{"{c}":true}"#),
    ("G02", r#"{"mode":"{c}"}"#),
    ("G02", r#"{"fwuid":"{c}"}"#),
    ("G02", r#"{"app":"c:{c}"}"#),
    ("G02", r#"{"loaded":{"{c}":"k3lqvXn5Y2hR0cVb1aPz2w"}}"#),
    (
        "G02",
        r#"{"loaded":{"APPLICATION@markup://one:one":"{c}"}}"#,
    ),
    ("G02", r#"{"dn":["{c}"]}"#),
    ("G02", r#"{"globals":{"name":"{c}"}}"#),
    ("G02", r#"{"globals":{"{c}":true}}"#),
    ("G02", r#"{"globals":{"name":{"value":"{c}"}}}"#),
    ("J01", r#"{"mode":"PROD","mode":"{c}"}"#),
    ("J05", r#"{"mode":"PROD"},"note":{"a":"{c}"}"#),
];

const KINDS: &[(&str, &str)] = &[
    ("J10", "application/json"),
    ("J10", "text/plain"),
    ("J10", "multipart/form-data; boundary=x"),
    ("J10", "application/x-www-form-urlencoded; charset=UTF-16"),
    (
        "J10",
        "application/x-www-form-urlencoded; charset=UTF-8; x={c}",
    ),
];

const TARGETS: &[(&str, &str, &str)] = &[
    ("A10", "PUT", "/aura"),
    (
        "A10",
        "GET",
        "/aura?message=%7B%22actions%22%3A%5B%5D%7D&aura.isAction=true&x={c}",
    ),
    ("A09", "POST", "/aura?_HttpMethod=PATCH"),
    ("A01", "POST", "/aura/{c}"),
    ("A01", "POST", "/{c}/s/sfsites/aura"),
    ("A01", "POST", "/aura?r={c}"),
    ("A01", "POST", "/aura?{c}=x"),
    ("A01", "POST", "/aura?r=0612345678"),
    ("A08", "POST", "/s//sfsites/aura"),
    ("A13", "POST", "/apexremote"),
];

const ALLOWED: &[&str] = &[
    CREATED,
    r#""descriptor":"aura://RecordUiController/ACTION$createRecord","params":{"recordInput":{"apiName":"Account","fields":{"Name":"{c}"},"allowSaveOnDuplicate":false}},"version":"60.0","storable":false"#,
    r#""descriptor":"aura://LookupController/ACTION$getLookupRecords","params":{"objectApiName":"Case","fieldApiName":"ContactId","targetApiName":"Contact","q":"{c}","searchType":"Search"}"#,
    r#""descriptor":"aura://ListUiController/ACTION$postListRecordsByName","params":{"objectApiName":"Contact","listViewApiName":"__Recent","listRecordsQuery":{"fields":["Contact.LastName"],"pageSize":5}}"#,
    r#""descriptor":"aura://RecordUiController/ACTION$getObjectInfos","params":{"objectApiNames":["Contact","Account"]}"#,
    r#""descriptor":"serviceComponent://ui.force.components.controllers.lists.selectableListDataProvider.SelectableListDataProviderController/ACTION$getItems","params":{"entityNameOrId":"Contact","layoutType":"LIST","pageSize":5}"#,
];

#[test]
fn aura_is_protected_or_refused() {
    run(&cases());
}
