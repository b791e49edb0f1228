//! Posts and comments, on the way out.

use super::outcome;
use crate::model::Code;
use crate::protect::trial::Trial;

const POST: &str = "/chatter/feed-elements";
const ELEMENT: &str = "/chatter/feed-elements/0D5000000000001CAA";
const COMMENTS: &str = "/chatter/feed-elements/0D5000000000001CAA/capabilities/comments/items";
const MENTION: &str = "{\"type\":\"Mention\",\"id\":\"005000000000001AAA\"}";

fn segment(text: &str) -> String {
    serde_json::json!({"type": "Text", "text": text}).to_string()
}

fn posted(segments: &[&str]) -> Result<String, Code> {
    let body = format!(
        "{{\"body\":{{\"messageSegments\":[{}]}},\"feedElementType\":\"FeedItem\",\
         \"subjectId\":\"003000000000001AAA\"}}",
        segments.join(",")
    );
    outcome("POST", POST, &body)
}

#[test]
fn each_text_of_a_post_leaves_sealed_and_mentions_stay() {
    let left = posted(&[
        &segment("Belde met Jansen, "),
        MENTION,
        "{\"type\":\"MarkupBegin\",\"markupType\":\"Bold\"}",
        &segment("zie Pieters"),
        "{\"type\":\"MarkupEnd\",\"markupType\":\"Bold\"}",
        "{\"type\":\"EntityLink\",\"entityId\":\"003000000000001AAA\"}",
        "{\"type\":\"Link\",\"url\":\"https://example.nl/?q=Jansen\"}",
        "{\"type\":\"Hashtag\",\"tag\":\"Jansen\"}",
        &segment(" \u{a0} "),
    ]);
    let left = left.expect("a post");
    assert!(
        !left.contains("Jansen") && !left.contains("Pieters"),
        "{left}"
    );
    assert_eq!(left.matches("\"text\":\"tq1").count(), 4, "{left}");
    assert!(left.contains("\"text\":\" \""), "{left}");
    assert!(
        left.contains("005000000000001AAA") && left.contains("Bold"),
        "{left}"
    );
    for (method, target) in [("PATCH", ELEMENT), ("POST", COMMENTS)] {
        let body = format!(
            "{{\"body\":{{\"messageSegments\":[{}]}}}}",
            segment("Jansen")
        );
        let left = outcome(method, target, &body).expect("a text");
        assert!(
            !left.contains("Jansen") && left.contains("\"text\":\"tq1"),
            "{left}"
        );
    }
    let plain = "{\"body\":{\"text\":\"Jansen\"},\"subjectId\":\"me\"}";
    assert!(
        !outcome("POST", POST, plain)
            .expect("a post")
            .contains("Jansen")
    );
}

#[test]
fn a_post_writes_one_record() {
    let body = format!(
        "{{\"body\":{{\"messageSegments\":[{},{}]}}}}",
        segment("a"),
        segment("b")
    );
    let target = format!("/services/data/v60.0{POST}");
    let sent = Trial::start().send("POST", &target, &body).unwrap();
    assert_eq!((sent.units.len(), sent.rows), (1, 2));
    assert_eq!(sent.units[0].0, "FeedItem");
}

#[test]
fn what_is_found_in_the_whole_text_is_refused_as_in_one_segment() {
    const BOLD: &str = "{\"type\":\"MarkupBegin\",\"markupType\":\"Bold\"}";
    let one = segment("Mevrouw heeft borstkanker en krijgt chemotherapie");
    assert_eq!(posted(&[&one]), Err(Code::SpecialCategory));
    for parts in [
        vec![segment("Mevrouw heeft borst"), segment("kanker")],
        vec![
            segment("Mevrouw heeft borst"),
            BOLD.to_owned(),
            segment("kanker en krijgt chemo"),
            segment("therapie"),
        ],
    ] {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        assert_eq!(posted(&parts), Err(Code::SpecialCategory), "{parts:?}");
    }
    // Nothing is read over a name, and nothing stands in either part.
    let apart = [&segment("Zie de borst"), MENTION, &segment("Kanker en Zn.")];
    assert!(posted(&apart).is_ok());
}

#[test]
fn a_mask_may_come_back_alone_and_not_beside_new_text() {
    let mut trial = Trial::start();
    let target = format!("/services/data/v60.0{ELEMENT}");
    let body = |segments: &str| format!("{{\"body\":{{\"messageSegments\":[{segments}]}}}}");
    let first = trial
        .send("PATCH", &target, &body(&segment("Jansen")))
        .unwrap();
    let left: serde_json::Value = serde_json::from_str(&first.body).unwrap();
    let mask = left["body"]["messageSegments"][0]["text"].as_str().unwrap();
    let mask = segment(mask);
    let both = format!("{mask},{}", segment("en Bos"));
    let refused = trial.send("PATCH", &target, &body(&both));
    assert_eq!(
        refused.map(|sent| sent.body).unwrap_err().code,
        Code::TokenForeign
    );
    let other = target.replace("0001CAA", "0002CAA");
    let moved = trial.send("PATCH", &other, &body(&mask));
    assert_eq!(
        moved.map(|sent| sent.body).unwrap_err().code,
        Code::TokenForeign
    );
    // Where it stood: a post is written whole, and a text in the field alone would be lost.
    let kept = trial.send("PATCH", &target, &body(&mask));
    assert_eq!(
        kept.map(|sent| sent.body).unwrap_err().code,
        Code::TokenForeign
    );
    let anew = trial.send("PATCH", &target, &body(&segment("Jansen")));
    assert!(anew.is_ok(), "the control");
}

#[test]
fn what_has_no_rule_is_refused() {
    for segment in [
        "\"Jansen\"",
        "{\"type\":\"Text\"}",
        "{\"type\":\"Text\",\"text\":[\"Jansen\"]}",
        "{\"type\":\"Text\",\"text\":\"x\",\"y\":\"Jansen\"}",
        "{\"type\":\"Jansen\",\"text\":\"x\"}",
        "{\"type\":\"Mention\",\"id\":\"Jansen\"}",
        "{\"type\":\"Mention\",\"username\":\"jansen@example.nl\"}",
        "{\"type\":\"Mention\"}",
        "{\"type\":\"Link\",\"url\":\"https://example.nl\",\"urlName\":\"Jansen\"}",
        "{\"type\":\"InlineImage\",\"fileId\":\"069000000000001AAA\",\"altText\":\"Jansen\"}",
        "{\"type\":\"MarkupBegin\",\"markupType\":\"Jansen\"}",
        "{\"type\":\"MarkupBegin\",\"markupType\":\"Hyperlink\",\"url\":\"https://example.nl\"}",
    ] {
        assert_eq!(posted(&[segment]), Err(Code::BodyMalformed), "{segment}");
    }
    for body in [
        "{}",
        "\"Jansen\"",
        "{\"body\":\"Jansen\"}",
        "{\"body\":{\"x\":\"Jansen\"}}",
        "{\"body\":{\"text\":\"x\",\"messageSegments\":[]}}",
        "{\"body\":{\"messageSegments\":\"Jansen\"}}",
        "{\"body\":{\"text\":\"x\"},\"subjectId\":\"Jansen\"}",
        "{\"body\":{\"text\":\"x\"},\"feedElementType\":\"Jansen\"}",
        "{\"body\":{\"text\":\"x\"},\"capabilities\":{\"poll\":{\"choices\":[\"Jansen\"]}}}",
        "{\"body\":{\"text\":\"x\"},\"visibility\":\"Jansen\"}",
        "{\"body\":{\"text\":\"x\"},\"text\":\"Jansen\"}",
    ] {
        assert_eq!(
            outcome("POST", POST, body),
            Err(Code::BodyMalformed),
            "{body}"
        );
    }
    let likes = ELEMENT.to_owned() + "/capabilities/chatter-likes/items";
    assert!(outcome("POST", &likes, "{}").is_ok());
    assert_eq!(
        outcome("POST", &likes, "{\"x\":\"Jansen\"}"),
        Err(Code::BodyMalformed)
    );
}

#[test]
fn each_part_of_a_batch_goes_through_the_same_door() {
    let batch = |method: &str, url: &str, rest: &str| {
        let body = format!(
            "{{\"batchRequests\":[{{\"method\":\"GET\",\"url\":\"/services/data/v60.0/chatter/users/me\"}},\
             {{\"method\":\"{method}\",\"url\":\"{url}\"{rest}}}]}}"
        );
        outcome("POST", "/connect/batch", &body)
    };
    let post = "/services/data/v60.0/chatter/feed-elements";
    let text = format!(
        ",\"richInput\":{{\"body\":{{\"messageSegments\":[{}]}}}}",
        segment("Jansen")
    );
    let left = batch("POST", post, &text).expect("a batch");
    assert!(left.contains(&format!("\"url\":\"{post}\"")), "{left}");
    assert!(
        left.contains("\"text\":\"tq1") && !left.contains("Jansen"),
        "{left}"
    );
    let likes = format!("{post}/0D5000000000001CAA/capabilities/chatter-likes/items");
    assert!(batch("POST", &likes, "").is_ok());
    assert!(batch("GET", "v60.0/chatter/feeds/news/me/feed-elements", "").is_ok());
    for (method, url, rest) in [
        ("GET", "/services/data/v60.0/chatter/users?q=Jansen", ""),
        (
            "GET",
            "/services/data/v60.0/sobjects/Contact/003000000000001AAA",
            "",
        ),
        (
            "POST",
            "/services/data/v60.0/connect/batch",
            ",\"richInput\":{}",
        ),
        ("POST", post, ""),
        (
            "GET",
            "/services/data/v60.0/chatter/users/me",
            ",\"binaryPartName\":\"Jansen\"",
        ),
        ("POST", &likes, ",\"richInput\":{\"x\":\"Jansen\"}"),
    ] {
        assert!(batch(method, url, rest).is_err(), "{method} {url} {rest}");
    }
    let inside = format!(
        "{{\"batchRequests\":[{{\"method\":\"GET\",\"url\":\"{}\"}}]}}",
        "v60.0/chatter/users/me"
    );
    assert_eq!(
        outcome("POST", "/composite/batch", &inside),
        Err(Code::EndpointUnknown)
    );
}
