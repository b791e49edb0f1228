//! Posts, comments and batches of Connect, and feeds in JSON.
//!
//! The first byte chooses the door, or that the rest is an answer.

use sluis::protect::inward::Shape;

use super::choice;
use crate::border;

const DOORS: [(&str, &str); 4] = [
    ("POST", "/services/data/v60.0/chatter/feed-elements"),
    (
        "PATCH",
        "/services/data/v60.0/chatter/feed-elements/0D5000000000001CAA",
    ),
    (
        "POST",
        "/services/data/v60.0/chatter/feed-elements/0D5000000000001CAA/capabilities/comments/items",
    ),
    ("POST", "/services/data/v60.0/connect/batch"),
];

pub fn run(input: &[u8]) {
    let Some((door, body)) = choice(input) else {
        return;
    };
    let border = border::salesforce();
    if let Some((method, target)) = DOORS.get(usize::from(door)) {
        let _refused = border.send(method, target, body);
        return;
    }
    let target = "/services/data/v60.0/chatter/feeds/news/me/feed-elements";
    let sent = border.send("GET", target, b"").expect("a request");
    if let Ok(text) = std::str::from_utf8(body)
        && !text.starts_with('<')
    {
        border.answer(&sent, Shape::Feed, text);
    }
}
