//! Composite requests: what of the client's words reaches the CRM, and what a reference may mean.

use super::outcome;
use crate::model::Code;

fn composite(parts: &str) -> Result<String, Code> {
    outcome(
        "POST",
        "/composite",
        &format!("{{\"compositeRequest\":[{parts}]}}"),
    )
}

const CREATE: &str = "{\"method\":\"POST\",\"url\":\"/services/data/v60.0/sobjects/Account\",\
    \"referenceId\":\"Jansen\",\"body\":{\"Name\":\"Bakkerij Jansen\"}}";

fn contact(field: &str, value: &str) -> String {
    format!(
        "{CREATE},{{\"method\":\"POST\",\"url\":\"/services/data/v60.0/sobjects/Contact\",\
         \"referenceId\":\"Mien\",\"body\":{{\"LastName\":\"x\",\"{field}\":\"{value}\"}}}}"
    )
}

#[test]
fn a_reference_stands_for_a_record_id_alone() {
    let sent = composite(&contact("AccountId", "@{Jansen.id}")).unwrap();
    assert!(
        sent.contains("\"AccountId\":\"@{name0.id}\"") && !sent.contains("Jansen"),
        "{sent}"
    );
    let sent = composite(&contact("AccountId", "@{Jansen.records[0].Id}")).unwrap();
    assert!(sent.contains("@{name0.records[0].Id}"), "{sent}");
    for (field, value) in [
        ("AccountId", "@{Jansen.Name}"),
        ("AccountId", "@{name0.id}"),
        ("AccountId", "@{Piet.id}"),
        ("AccountId", "x@{Jansen.id}"),
        ("AccountId", "@{Jansen.id}@{Jansen.id}"),
        ("LeadSource", "@{Jansen.id}"),
        ("LeadSource", "@{name0.Name}"),
        ("MailingState", "@{Jansen.Name}"),
        ("MailingCountry", "a @{name0.LastName}"),
    ] {
        assert_eq!(
            composite(&contact(field, value)),
            Err(Code::ReferenceRefused),
            "{value}"
        );
    }
    // In a field that is tokenized it is a text like any other, and the CRM never sees it.
    let sent = composite(&contact("FirstName", "@{name0.Name}")).unwrap();
    assert!(!sent.contains("@{"), "{sent}");
}

#[test]
fn a_reference_in_a_query_or_a_url_stands_for_an_id_too() {
    let query = |condition: &str| {
        let url = format!("/services/data/v60.0/query?q=SELECT+Id+FROM+Contact+WHERE+{condition}");
        composite(&format!(
            "{CREATE},{{\"method\":\"GET\",\"url\":\"{url}\",\"referenceId\":\"q\"}}"
        ))
    };
    let sent = query("AccountId='@{Jansen.id}'").unwrap();
    assert!(
        sent.contains("%40%7Bname0.id%7D") || sent.contains("@{name0.id}"),
        "{sent}"
    );
    for condition in [
        "LeadSource='@{Jansen.Name}'",
        "LeadSource+LIKE+'@{name0.Name}'",
        "AccountId='@{Piet.id}'",
    ] {
        assert_eq!(query(condition), Err(Code::ReferenceRefused), "{condition}");
    }
    let read = |id: &str| {
        let url = format!("/services/data/v60.0/sobjects/Account/{id}");
        composite(&format!(
            "{CREATE},{{\"method\":\"GET\",\"url\":\"{url}\",\"referenceId\":\"r\"}}"
        ))
    };
    assert!(
        read("@{Jansen.id}")
            .unwrap()
            .contains("/Account/@{name0.id}")
    );
    assert_eq!(read("@{Piet.id}"), Err(Code::ReferenceRefused));
    assert_eq!(read("@{Jansen.Name}"), Err(Code::EndpointUnknown));
}

#[test]
fn nothing_travels_in_the_members_around_the_parts() {
    for (member, value) in [
        ("httpHeaders", "\"Jansen\""),
        ("httpHeaders", "{\"X-Name\":\"Jansen\"}"),
        ("httpHeaders", "[]"),
        ("note", "\"Jansen\""),
        ("body", "\"Jansen\""),
        ("body", "{}"),
    ] {
        let part = format!(
            "{{\"method\":\"GET\",\"url\":\"/services/data/v60.0/query?q=SELECT+Id+FROM+Contact\",\
             \"referenceId\":\"q\",\"{member}\":{value}}}"
        );
        assert_eq!(
            composite(&part),
            Err(Code::BodyMalformed),
            "{member} {value}"
        );
    }
    let empty = "{\"method\":\"GET\",\"url\":\"/services/data/v60.0/query?q=SELECT+Id+FROM+Contact\",\
                 \"referenceId\":\"q\",\"httpHeaders\":{},\"body\":null}";
    assert!(composite(empty).is_ok());
    for body in [
        "{\"compositeRequest\":[],\"note\":\"Jansen\"}",
        "{\"compositeRequest\":[],\"allOrNone\":\"Jansen\"}",
        "{\"compositeRequest\":{\"a\":\"Jansen\"}}",
        "[\"Jansen\"]",
    ] {
        assert_eq!(
            outcome("POST", "/composite", body),
            Err(Code::BodyMalformed),
            "{body}"
        );
    }
}

#[test]
fn a_part_is_gated_as_a_request_of_its_own() {
    for (method, url, code) in [
        (
            "GET",
            "/services/data/v60.0/tooling/query?q=SELECT+Id+FROM+Contact",
            Code::EndpointUnknown,
        ),
        (
            "GET",
            "/services/data/v20.0/query?q=SELECT+Id+FROM+Contact",
            Code::VersionOutside,
        ),
        (
            "PUT",
            "/services/data/v60.0/sobjects/Contact",
            Code::MethodUnknown,
        ),
        (
            "POST",
            "/services/data/v60.0/composite",
            Code::EndpointUnknown,
        ),
        ("GET", "/services/data/v60.0/limits", Code::EndpointUnknown),
        (
            "GET",
            "https://example.nl/services/data/v60.0/limits",
            Code::TargetNotCanonical,
        ),
        (
            "GET",
            "/services/data/v60.0/query?q=SELECT+Nickname__c+FROM+Contact",
            Code::PolicyUnknownField,
        ),
        (
            "GET",
            "/services/data/v60.0/sobjects/Jansen__c/003000000000001AAA",
            Code::PolicyUnknownObject,
        ),
    ] {
        let part = format!("{{\"method\":\"{method}\",\"url\":\"{url}\",\"referenceId\":\"q\"}}");
        assert_eq!(composite(&part), Err(code), "{url}");
    }
}

#[test]
fn names_of_trees_graphs_and_batches_do_not_travel() {
    let tree = "{\"records\":[{\"attributes\":{\"type\":\"Account\",\"referenceId\":\"Jansen\"},\
        \"Name\":\"Bakkerij Jansen\",\"Contacts\":{\"records\":[{\"attributes\":{\"type\":\"Contact\",\
        \"referenceId\":\"MienJansen\"},\"LastName\":\"Jansen\"}]}}]}";
    let sent = outcome("POST", "/composite/tree/Account", tree).unwrap();
    assert!(!sent.contains("Jansen") && sent.contains("name1"), "{sent}");
    let wrong = tree.replace("\"type\":\"Contact\"", "\"type\":\"User\"");
    assert_eq!(
        outcome("POST", "/composite/tree/Account", &wrong),
        Err(Code::BodyMalformed)
    );
    let unknown = tree.replace("\"Contacts\"", "\"Jansens__r\"");
    assert_eq!(
        outcome("POST", "/composite/tree/Account", &unknown),
        Err(Code::BodyMalformed)
    );

    let graph = format!(
        "{{\"graphs\":[{{\"graphId\":\"Jansen, J.\",\"compositeRequest\":[{CREATE}]}},\
         {{\"graphId\":\"b\",\"compositeRequest\":[{CREATE}]}}]}}"
    );
    let sent = outcome("POST", "/composite/graph", &graph).unwrap();
    assert!(!sent.contains("Jansen"), "{sent}");
    let across = contact("AccountId", "@{Jansen.id}")
        .replace(CREATE, "{}")
        .replace("{},", "");
    let graph = format!(
        "{{\"graphs\":[{{\"graphId\":\"a\",\"compositeRequest\":[{CREATE}]}},\
         {{\"graphId\":\"b\",\"compositeRequest\":[{across}]}}]}}"
    );
    assert_eq!(
        outcome("POST", "/composite/graph", &graph),
        Err(Code::ReferenceRefused)
    );

    let batch = "{\"batchRequests\":[{\"method\":\"PATCH\",\
        \"url\":\"v60.0/sobjects/Contact/003000000000001AAA\",\"richInput\":{\"LastName\":\"Jansen\"}}]}";
    let sent = outcome("POST", "/composite/batch", batch).unwrap();
    assert!(
        sent.contains("\"v60.0/sobjects/Contact/003000000000001AAA\"") && !sent.contains("Jansen"),
        "{sent}"
    );
    let named = batch.replace("\"method\"", "\"binaryPartName\":\"Jansen\",\"method\"");
    assert_eq!(
        outcome("POST", "/composite/batch", &named),
        Err(Code::BodyMalformed)
    );
}

#[test]
fn urls_have_room_for_known_words_alone() {
    for (target, code) in [
        ("/query/01gJanJansenUtrechtBelt-2000", Code::EndpointUnknown),
        ("/query/01g000000000001AAA-Jansen", Code::EndpointUnknown),
        ("/query/01g000000000001AAA", Code::EndpointUnknown),
        (
            "/limits/recordCount?sObjects=Contact,Jansen__c",
            Code::PolicyUnknownObject,
        ),
        ("/limits/recordCount", Code::ParameterUnknown),
        ("/recent?limit=Jansen", Code::ParameterUnknown),
        ("/sobjects/Contact/JanJansenUtrech", Code::EndpointUnknown),
        (
            "/sobjects/Contact/003000000000001AAA?fields=Id,Jansen",
            Code::PolicyUnknownField,
        ),
        (
            "/sobjects/Contact/003000000000001AAA?fields=",
            Code::PolicyUnknownField,
        ),
        (
            "/sobjects/Contact/003000000000001AAA?note=Jansen",
            Code::ParameterUnknown,
        ),
        (
            "/composite/sobjects/Contact?ids=Jansen&fields=Id",
            Code::ValueUnfit,
        ),
        (
            "/composite/sobjects/Contact?ids=003000000000001AAA&fields=Jansen",
            Code::PolicyUnknownField,
        ),
    ] {
        assert_eq!(outcome("GET", target, ""), Err(code), "{target}");
    }
    for target in [
        "/query/01g000000000001AAA-2000",
        "/limits/recordCount?sObjects=Contact%2CAccount",
        "/sobjects/Contact/003000000000001AAA?fields=Id%2CAccount.Name",
    ] {
        assert_eq!(
            outcome("GET", target, ""),
            Ok(format!("/services/data/v60.0{target} "))
        );
    }
    let read = |body: &str| outcome("POST", "/composite/sobjects/Contact", body);
    assert!(read("{\"ids\":[\"003000000000001AAA\"],\"fields\":[\"LastName\"]}").is_ok());
    assert_eq!(
        read("{\"ids\":[\"Jansen\"],\"fields\":[\"Id\"]}"),
        Err(Code::BodyMalformed)
    );
    assert_eq!(
        read("{\"ids\":[],\"fields\":[\"Jansen\"]}"),
        Err(Code::PolicyUnknownField)
    );
    assert_eq!(
        read("{\"ids\":[],\"fields\":[],\"note\":\"Jansen\"}"),
        Err(Code::BodyMalformed)
    );
}
