//! A13: posts and comments of Chatter, and what else Connect has.

use crate::bypass::case::{Case, D, call, get, send};
use crate::bypass::runner::run;

const ROW: &str = "A13";

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (method, rest) in TARGETS {
        cases.push(call(ROW, rest, method, &format!("{D}/{rest}")));
    }
    let post = format!("{D}/chatter/feed-elements");
    for segment in SEGMENTS {
        let body = format!("{{\"body\":{{\"messageSegments\":[{segment}]}},\"subjectId\":\"me\"}}");
        cases.push(send(ROW, segment, "POST", &post, &body));
    }
    for body in BODIES {
        cases.push(send(ROW, body, "POST", &post, body));
    }
    for (rest, body) in WRITES {
        cases.push(send(ROW, rest, "POST", &format!("{D}/{rest}"), body));
    }
    for part in PARTS {
        let body = format!("{{\"batchRequests\":[{part}]}}");
        let target = format!("{D}/connect/batch");
        cases.push(send(ROW, part, "POST", &target, &body));
    }
    let form = call(ROW, "a file beside a post", "POST", &post)
        .with(("Content-Type", "multipart/form-data; boundary=x"))
        .body(FORM);
    cases.push(form);
    for segments in WRITTEN {
        let body = format!(
            "{{\"body\":{{\"messageSegments\":{segments}}},\"feedElementType\":\"FeedItem\",\"subjectId\":\"me\"}}"
        );
        cases.push(send(ROW, segments, "POST", &post, &body).allowed());
        let part = format!(
            "{{\"batchRequests\":[{{\"method\":\"POST\",\"url\":\"{post}\",\"richInput\":{body}}}]}}"
        );
        let target = format!("{D}/connect/batch");
        cases.push(send(ROW, "in a batch", "POST", &target, &part).allowed());
    }
    for rest in READ {
        cases.push(get(ROW, rest, &format!("{D}/{rest}")).allowed());
    }
    cases
}

const TARGETS: &[(&str, &str)] = &[
    ("GET", "chatter/feed-elements/{c}"),
    ("GET", "chatter/feed-elements/batch/{c}"),
    ("GET", "chatter/feed-elements?q={c}"),
    ("POST", "chatter/feed-elements?text={c}&subjectId=me"),
    ("GET", "chatter/feeds/topics/{c}/feed-elements"),
    ("GET", "chatter/feeds/news/me/feed-elements?q={c}"),
    ("GET", "chatter/feeds/news/me/feed-elements?page={c}"),
    ("GET", "chatter/users?q={c}"),
    ("GET", "chatter/users/{c}"),
    ("GET", "chatter/groups?q={c}"),
    ("GET", "chatter/mentions/completions?q={c}"),
    ("GET", "connect/topics/{c}"),
    ("GET", "connect/communities/{c}"),
    ("GET", "connect/search?q={c}"),
    ("DELETE", "chatter/likes/{c}"),
];

const SEGMENTS: &[&str] = &[
    r#""{c}""#,
    r#"{"type":"{c}"}"#,
    r#"{"type":"Text","text":["{c}"]}"#,
    r#"{"type":"Text","text":"x","{c}":1}"#,
    r#"{"type":"Text","text":"x","text":"{c}"}"#,
    r#"{"type":"Mention","id":"{c}"}"#,
    r#"{"type":"Mention","username":"{c}"}"#,
    r#"{"type":"Link","url":"https://example.nl","urlName":"{c}"}"#,
    r#"{"type":"Hashtag","tag":"x","text":"{c}"}"#,
    r#"{"type":"InlineImage","fileId":"069000000000001AAA","altText":"{c}"}"#,
    r#"{"type":"MarkupBegin","markupType":"{c}"}"#,
    r#"{"type":"MarkupBegin","markupType":"Hyperlink","url":"https://example.nl/{c}"}"#,
];

const BODIES: &[&str] = &[
    r#"{"body":"{c}"}"#,
    r#"{"body":{"{c}":"x"}}"#,
    r#"{"body":{"text":"x","messageSegments":[{"type":"Text","text":"{c}"}]}}"#,
    r#"{"body":{"text":"x"},"header":{"text":"{c}"}}"#,
    r#"{"body":{"text":"x"},"subjectId":"{c}"}"#,
    r#"{"body":{"text":"x"},"feedElementType":"{c}"}"#,
    r#"{"body":{"text":"x"},"visibility":"{c}"}"#,
    r#"{"body":{"text":"x"},"capabilities":{"link":{"url":"https://example.nl/{c}","urlName":"{c}"}}}"#,
    r#"{"body":{"text":"x"},"capabilities":{"poll":{"choices":["{c}","x"]}}}"#,
    r#"{"body":{"text":"x"},"capabilities":{"questionAndAnswers":{"questionTitle":"{c}"}}}"#,
];

const WRITES: &[(&str, &str)] = &[
    (
        "chatter/users/me/messages",
        r#"{"body":"{c}","recipients":["005000000000001AAA"]}"#,
    ),
    ("chatter/groups", r#"{"name":"{c}"}"#),
    (
        "connect/records/003000000000001AAA/topics",
        r#"{"topicName":"{c}"}"#,
    ),
    (
        "connect/announcements",
        r#"{"body":{"messageSegments":[{"type":"Text","text":"{c}"}]}}"#,
    ),
    (
        "chatter/feed-elements/0D5000000000001CAA/capabilities/chatter-likes/items",
        r#"{"x":"{c}"}"#,
    ),
];

const PARTS: &[&str] = &[
    r#"{"method":"GET","url":"{c}"}"#,
    r#"{"method":"GET","url":"/services/data/v60.0/chatter/users?q={c}"}"#,
    r#"{"method":"{c}","url":"/services/data/v60.0/chatter/users/me"}"#,
    r#"{"method":"GET","url":"/services/data/v60.0/chatter/users/me","binaryPartName":"{c}"}"#,
    r#"{"method":"POST","url":"/services/data/v60.0/sobjects/Contact","richInput":{"LastName":"{c}"}}"#,
    r#"{"method":"POST","url":"/services/data/v60.0/chatter/feed-elements","richInput":{"body":"{c}"}}"#,
];

const FORM: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"json\"\r\n\
    Content-Type: application/json\r\n\r\n{\"body\":{\"text\":\"{c}\"}}\r\n--x--\r\n";

const WRITTEN: &[&str] = &[
    r#"[{"type":"Text","text":"{c}"},{"type":"Text","text":"en {c}"}]"#,
    r#"[{"type":"MarkupBegin","markupType":"Bold"},{"type":"Text","text":"{c}"},{"type":"MarkupEnd","markupType":"Bold"}]"#,
    r#"[{"type":"Link","url":"https://example.nl/{c}"},{"type":"Hashtag","tag":"{c}"}]"#,
];

const READ: &[&str] = &[
    "chatter/feeds/news/me/feed-elements?pageSize=5",
    "chatter/feeds/record/003000000000001AAA/feed-elements",
    "chatter/users/me",
    "chatter/groups",
];

#[test]
fn posts_are_protected_and_what_else_connect_has_is_refused() {
    run(&cases());
}
