//! Positive controls: what must be accepted is, and the canary would be seen. Without them a border
//! that refuses everything would pass.

use sluis::dialect::pages::Submitted;
use sluis::dialect::salesforce::soap::{Api, Place};
use sluis::wire::csv::Reader;

use crate::targets::csv;
use crate::{border, canary, pages};

/// Records, queries, searches and messages that hold the canary in protected fields.
pub fn run() {
    let border = border::salesforce();
    let api = "/services/data/v60.0";
    let record = r#"{"LastName":"Kanarie_geel","Email":"kanarie_geel@example.nl"}"#;
    let batch = r#"{"compositeRequest":[{"method":"POST","url":"/services/data/v60.0/sobjects/Lead","referenceId":"Kanarie_geel","body":{"LastName":"Kanarie_geel","Company":"Kanarie_geel"}}]}"#;
    let graph = r#"{"query":"query Kanarie_geel { uiapi { query { kanarie_geel: Contact(where: { LastName: { eq: \"Kanarie_geel\" } }) { edges { node { Id } } } } } }"}"#;
    let post = r#"{"body":{"messageSegments":[{"type":"Text","text":"Kanarie_geel"},{"type":"Hashtag","tag":"Kanarie_geel"}]},"subjectId":"me"}"#;
    let query = "SELECT%20Id%20FROM%20Contact%20WHERE%20LastName%20%3D%20%27Kanarie_geel%27";
    let search = "FIND%20%7BKanarie_geel%7D%20RETURNING%20Contact%28Id%29";
    for (method, path, body) in [
        ("POST", "/sobjects/Contact", record),
        ("POST", "/composite", batch),
        ("POST", "/graphql", graph),
        ("POST", "/chatter/feed-elements", post),
        ("GET", &format!("/query?q={query}"), ""),
        ("GET", &format!("/search?q={search}"), ""),
    ] {
        let sent = border.send(method, &format!("{api}{path}"), body.as_bytes());
        sent.unwrap_or_else(|refusal| panic!("{path} must be accepted: {refusal}"));
    }
    let message = r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:s="urn:sobject.partner.soap.sforce.com"><e:Body><create><sObjects><s:type>Contact</s:type><s:LastName>Kanarie_geel</s:LastName></sObjects></create></e:Body></e:Envelope>"#;
    let place = Place {
        api: Api::Partner,
        version: 60,
    };
    let sent = border.speak(place, message.as_bytes());
    sent.unwrap_or_else(|refusal| panic!("a message must be accepted: {refusal}"));
    let job = csv::job(r#"{"object":"Contact","operation":"insert"}"#);
    let mut table = Reader::new(job.delimiter(), job.ending());
    table.push(b"LastName,Email\nKanarie_geel,kanarie_geel@example.nl\n");
    let records: Vec<_> = std::iter::from_fn(|| table.record().expect("a record")).collect();
    let sent = border.load(&job, &records);
    sent.unwrap_or_else(|refusal| panic!("a table must be accepted: {refusal}"));
    let form = Submitted {
        method: "POST",
        target: "/persons/contact/add",
        content_type: Some("application/x-www-form-urlencoded"),
        body: b"first_name=Kanarie_geel&last_name=Kanarie_geel",
    };
    let sent = pages::visit(&form);
    sent.unwrap_or_else(|refusal| panic!("a form must be accepted: {refusal}"));
    for seen in [
        "x KANARIE_geel",
        r"\u006banarie_geel",
        "%4bana%72ie_geel",
        "%254banarie_geel",
        "&#x6b;anarie&#95;geel",
    ] {
        assert!(canary::holds(seen.as_bytes()), "{seen}");
    }
}
