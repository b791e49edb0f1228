//! From a method and the rest of a path to the resource.

use super::{Act, Chatter, Feed, Listed, Root, What, Whom};
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::target::Target;
use crate::model::{Code, Refusal};

/// Key prefixes of posts, comments, likes, users, groups and topics.
const ELEMENT: &str = "0D5";
const COMMENT: &str = "0D7";
const LIKE: &str = "0I0";
const USER: &str = "005";
const GROUP: &str = "0F9";
const TOPIC: &str = "0TO";

/// How many posts one request may name; the API's own limit.
const MOST: usize = 500;

/// Parameters with a number, and those with one of some words.
const NUMBERS: &[&str] = &["pageSize", "recentCommentCount", "elementsPerBundle"];
const WORDS: &[(&str, &[&str])] = &[
    (
        "sort",
        &[
            "CreatedDateAsc",
            "CreatedDateDesc",
            "LastModifiedDateDesc",
            "Relevance",
        ],
    ),
    ("density", &["AllUpdates", "FewerUpdates"]),
];

/// Finds the resource behind `chatter/` or `connect/`, with its parameters.
pub(in crate::dialect::salesforce) fn resolve(
    (root, method): (Root, &str),
    rest: &[&str],
    target: &Target,
) -> Result<Chatter, Refusal> {
    let what = match (root, rest) {
        (Root::Connect, ["batch"]) => only(method, "POST", What::Batch)?,
        _ => what(method, rest)?,
    };
    let lists = matches!(
        what,
        What::Feed(_) | What::Comments(_) | What::Likes(_) | What::Listed(_)
    );
    let parameters = target.parameters.iter().map(|(name, value)| {
        let known = parameter(name, value).filter(|_| lists);
        known.ok_or_else(|| {
            let text = "a URL parameter is unknown or malformed for this resource";
            Refusal::new(Code::ParameterUnknown, text)
        })
    });
    Ok(Chatter {
        root,
        parameters: parameters.collect::<Result<_, _>>()?,
        what,
    })
}

fn parameter(name: &str, value: &str) -> Option<(&'static str, String)> {
    if name == "page" {
        return is_place(value).then(|| ("page", value.to_owned()));
    }
    if let Some(name) = NUMBERS.iter().find(|known| **known == name) {
        return is_small(value).then(|| (*name, value.to_owned()));
    }
    let (name, words) = WORDS.iter().find(|(known, _)| *known == name)?;
    words.contains(&value).then(|| (*name, value.to_owned()))
}

fn is_small(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A page: its number, or the moment and the id of the post that it begins with.
fn is_place(text: &str) -> bool {
    let Some((moment, id)) = text.split_once(',') else {
        return is_small(text);
    };
    let digits = moment.bytes().filter(u8::is_ascii_digit).count();
    let shaped = moment.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        19 => byte == b'Z',
        _ => byte.is_ascii_digit(),
    });
    // Other numbers of this form could be a telephone's.
    let upto = |at: std::ops::Range<usize>, most: u8| {
        let number = moment.get(at).and_then(|text| text.parse::<u8>().ok());
        number.is_some_and(|number| number <= most)
    };
    let real = upto(5..7, 12) && upto(8..10, 31) && upto(11..13, 23) && upto(14..16, 59);
    let real = real && upto(17..19, 60) && matches!(moment.get(..2), Some("19" | "20"));
    moment.len() == 20 && digits == 14 && shaped && real && self::id(id, ELEMENT).is_ok()
}

fn what(method: &str, rest: &[&str]) -> Result<What, Refusal> {
    let act = || match method {
        "GET" => Ok(Act::Read),
        "PATCH" => Ok(Act::Edit),
        "DELETE" => Ok(Act::Delete),
        _ => Err(wrong_method()),
    };
    let both = |read, written| match method {
        "GET" => Ok(read),
        "POST" => Ok(written),
        _ => Err(wrong_method()),
    };
    match *rest {
        ["feed-elements"] => only(method, "POST", What::Post),
        ["feed-elements", "batch", ids] => {
            let ids = ids.split(',').map(|text| id(text, ELEMENT));
            let ids: Vec<Id> = ids.collect::<Result<_, _>>()?;
            match ids.len() <= MOST {
                true => only(method, "GET", What::Elements(ids)),
                false => Err(unknown(rest)),
            }
        }
        ["feed-elements", element] => Ok(What::Element(act()?, id(element, ELEMENT)?)),
        ["feed-elements", element, "capabilities", kind, "items"] => {
            let element = id(element, ELEMENT)?;
            match kind {
                "comments" => both(What::Comments(element), What::Reply(element)),
                "chatter-likes" => both(What::Likes(element), What::Like(element)),
                _ => Err(unknown(rest)),
            }
        }
        ["comments", comment] => Ok(What::Comment(act()?, id(comment, COMMENT)?)),
        ["likes", like] => only(method, "DELETE", What::Unlike(id(like, LIKE)?)),
        ["feeds", ref whose @ .., "feed-elements"] => only(method, "GET", What::Feed(feed(whose)?)),
        _ => {
            let listed = listed(rest).ok_or_else(|| unknown(rest))?;
            only(method, "GET", What::Listed(listed))
        }
    }
}

fn listed(rest: &[&str]) -> Option<Listed> {
    let user = |text: &str| match text {
        "me" => Some(Whom::Me),
        _ => id(text, USER).ok().map(Whom::Id),
    };
    let of = |text: &str, prefix: &str| id(text, prefix).ok().map(Whom::Id);
    let listed = |kind, whom, rest| Some(Listed { kind, whom, rest });
    match *rest {
        ["users"] => listed("users", None, None),
        ["users", whom] => listed("users", Some(user(whom)?), None),
        ["users", whom, "groups"] => listed("users", Some(user(whom)?), Some("groups")),
        ["user-profiles", whom] => listed("user-profiles", Some(user(whom)?), None),
        ["groups"] => listed("groups", None, None),
        ["groups", group] => listed("groups", Some(of(group, GROUP)?), None),
        ["groups", group, "members"] => listed("groups", Some(of(group, GROUP)?), Some("members")),
        ["topics"] => listed("topics", None, None),
        ["topics", topic] => listed("topics", Some(of(topic, TOPIC)?), None),
        ["records", record, "topics"] => {
            let record = Id::parse(record).map(Whom::Id)?;
            listed("records", Some(record), Some("topics"))
        }
        _ => None,
    }
}

fn feed(whose: &[&str]) -> Result<Feed, Refusal> {
    Ok(match *whose {
        ["company"] => Feed::Own("company"),
        ["news", "me"] => Feed::Own("news/me"),
        ["to", "me"] => Feed::Own("to/me"),
        ["user-profile", "me"] => Feed::Own("user-profile/me"),
        ["user-profile", user] => Feed::Of("user-profile", id(user, USER)?),
        ["record", record] => Feed::Of("record", Id::parse(record).ok_or_else(|| unknown(whose))?),
        _ => return Err(unknown(whose)),
    })
}

fn id(text: &str, prefix: &str) -> Result<Id, Refusal> {
    let id = Id::parse(text).filter(|_| text.starts_with(prefix));
    id.ok_or_else(|| unknown(&[]))
}

fn only(method: &str, known: &str, what: What) -> Result<What, Refusal> {
    match method == known {
        true => Ok(what),
        false => Err(wrong_method()),
    }
}

/// What Connect has beside feeds, each by a part of its path and why it is closed.
const CLOSED: &[(&str, &str)] = &[
    ("messages", "private messages have texts that no rule names"),
    (
        "conversations",
        "private messages have texts that no rule names",
    ),
    (
        "announcements",
        "announcements have texts that no rule names",
    ),
    (
        "recommendations",
        "recommendations are made from what nobody has named",
    ),
    ("files", "files are read and written as ContentVersion"),
    ("folders", "files are read and written as ContentVersion"),
    ("photo", "files are read and written as ContentVersion"),
    ("cms", "managed content is read by nobody here"),
    (
        "commerce",
        "shops have orders and addresses that no rule names",
    ),
    (
        "nlp",
        "texts are not given away to be looked at for their language",
    ),
    (
        "einstein",
        "texts are not given away to be looked at for their language",
    ),
    (
        "mentions",
        "suggestions look for the beginnings of names; mention people by their ids",
    ),
    (
        "completions",
        "suggestions look for the beginnings of names; mention people by their ids",
    ),
];

fn unknown(rest: &[&str]) -> Refusal {
    let closed = CLOSED.iter().find(|(word, _)| rest.contains(word));
    let text = match closed {
        Some((_, why)) => format!("this resource of Connect is closed: {why}"),
        None => "of Chatter and Connect the border knows feeds, posts, comments, likes, users, \
                 groups and topics"
            .to_owned(),
    };
    Refusal::new(Code::EndpointUnknown, text)
}

fn wrong_method() -> Refusal {
    Refusal::new(
        Code::MethodUnknown,
        "this resource does not take that method here",
    )
}
