//! Chatter and Connect (`D/chatter/…`, `D/connect/…`): feeds, posts and comments, whose text stands
//! in segments; who takes part in them.
//!
//! Source: Connect REST API Developer Guide, "Feed Elements", "Message Segments", "Users",
//! "Groups", "Topics" and "Batch"; requests of jsforce. What else Connect has is refused by name.
//!
//! Read first: [`Chatter`], [`What`].

mod body;
mod resolve;

use std::fmt::Write as _;

use super::id::Id;

pub use body::normal;
pub(super) use resolve::resolve;

/// One resource with its parameters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chatter {
    /// The API has most resources under both names.
    pub root: Root,
    pub what: What,
    /// Numbers, words and places in a list, each of a known form.
    pub parameters: Vec<(&'static str, String)>,
}

/// What stands before the resource.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Root {
    Chatter,
    Connect,
}

/// What is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// `GET feeds/…/feed-elements`
    Feed(Feed),
    /// `POST feed-elements`
    Post,
    /// `GET|PATCH|DELETE feed-elements/ID`
    Element(Act, Id),
    /// `GET feed-elements/batch/ID,ID`
    Elements(Vec<Id>),
    /// `GET feed-elements/ID/capabilities/comments/items`
    Comments(Id),
    /// `POST feed-elements/ID/capabilities/comments/items`
    Reply(Id),
    /// `GET|PATCH|DELETE comments/ID`
    Comment(Act, Id),
    /// `GET feed-elements/ID/capabilities/chatter-likes/items`
    Likes(Id),
    /// `POST feed-elements/ID/capabilities/chatter-likes/items`
    Like(Id),
    /// `DELETE likes/ID`
    Unlike(Id),
    /// What is only read: `GET` of a path whose parts are words and ids.
    Listed(Listed),
    /// `POST connect/batch`
    Batch,
}

/// What happens to a post or a comment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Act {
    Read,
    Edit,
    Delete,
}

/// Whose feed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Feed {
    /// `company`, `news/me`, `to/me`, `user-profile/me`
    Own(&'static str),
    /// `record/ID`, `user-profile/ID`
    Of(&'static str, Id),
}

/// People, groups and topics.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Listed {
    /// `users`, `user-profiles`, `groups`, `topics`, `records`
    pub kind: &'static str,
    /// Which one; all where none is named.
    pub whom: Option<Whom>,
    /// `groups` of a user, `members` of a group, `topics` of a record
    pub rest: Option<&'static str>,
}

/// Who is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Whom {
    Me,
    Id(Id),
}

impl Chatter {
    #[must_use]
    pub fn method(&self) -> &'static str {
        match &self.what {
            What::Post | What::Reply(_) | What::Like(_) | What::Batch => "POST",
            What::Element(Act::Edit, _) | What::Comment(Act::Edit, _) => "PATCH",
            What::Element(Act::Delete, _) | What::Comment(Act::Delete, _) | What::Unlike(_) => {
                "DELETE"
            }
            What::Feed(_)
            | What::Element(Act::Read, _)
            | What::Elements(_)
            | What::Comments(_)
            | What::Comment(Act::Read, _)
            | What::Likes(_)
            | What::Listed(_) => "GET",
        }
    }

    /// Whether its body may be left out.
    #[must_use]
    pub fn may_lack_body(&self) -> bool {
        matches!(self.what, What::Like(_))
    }

    /// A short name for logs and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match &self.what {
            What::Feed(_) => "feed",
            What::Post | What::Element(..) | What::Elements(_) => "feed-element",
            What::Comments(_) | What::Reply(_) | What::Comment(..) => "feed-comment",
            What::Likes(_) | What::Like(_) | What::Unlike(_) => "feed-likes",
            What::Listed(_) => "connect-list",
            What::Batch => "connect-batch",
        }
    }

    /// What stands behind the version.
    pub(super) fn target(&self) -> String {
        let mut out = match self.root {
            Root::Chatter => "/chatter",
            Root::Connect => "/connect",
        }
        .to_owned();
        // Writing to a `String` cannot fail.
        let _ = match &self.what {
            What::Feed(Feed::Own(whose)) => write!(out, "/feeds/{whose}/feed-elements"),
            What::Feed(Feed::Of(kind, id)) => write!(out, "/feeds/{kind}/{id}/feed-elements"),
            What::Post => write!(out, "/feed-elements"),
            What::Element(_, id) => write!(out, "/feed-elements/{id}"),
            What::Elements(ids) => {
                let ids: Vec<&str> = ids.iter().map(Id::as_str).collect();
                write!(out, "/feed-elements/batch/{}", ids.join(","))
            }
            What::Comments(id) | What::Reply(id) => {
                write!(out, "/feed-elements/{id}/capabilities/comments/items")
            }
            What::Comment(_, id) => write!(out, "/comments/{id}"),
            What::Likes(id) | What::Like(id) => {
                write!(out, "/feed-elements/{id}/capabilities/chatter-likes/items")
            }
            What::Unlike(id) => write!(out, "/likes/{id}"),
            What::Listed(listed) => listed.write(&mut out),
            What::Batch => write!(out, "/batch"),
        };
        let mut before = '?';
        for (name, value) in &self.parameters {
            // A place in a list has colons and a comma, which the API itself writes as escapes.
            let value = value.replace(':', "%3A").replace(',', "%2C");
            let _ = write!(out, "{before}{name}={value}");
            before = '&';
        }
        out
    }
}

impl Listed {
    fn write(&self, out: &mut String) -> std::fmt::Result {
        write!(out, "/{}", self.kind)?;
        match &self.whom {
            Some(Whom::Me) => write!(out, "/me")?,
            Some(Whom::Id(id)) => write!(out, "/{id}")?,
            None => {}
        }
        match self.rest {
            Some(rest) => write!(out, "/{rest}"),
            None => Ok(()),
        }
    }
}

/// Whether a word says how a segment looks.
#[must_use]
pub fn is_markup(text: &str) -> bool {
    matches!(
        text,
        "Bold"
            | "Code"
            | "Italic"
            | "ListItem"
            | "OrderedList"
            | "Paragraph"
            | "Strikethrough"
            | "Underline"
            | "UnorderedList"
    )
}

#[cfg(test)]
mod tests {
    use super::super::door;
    use super::super::target::Target;
    use crate::model::{Code, Refusal};

    fn again(method: &str, rest: &str) -> Result<String, Refusal> {
        let target = format!("/services/data/v60.0/{rest}");
        let route = door::resolve(method, &Target::parse(&target)?)?;
        assert_eq!(route.method(), method);
        let written = route.target();
        let rest = written.strip_prefix("/services/data/v60.0/");
        Ok(rest.unwrap().to_owned())
    }

    #[test]
    fn a_known_resource_is_written_again_as_it_was_asked() {
        const ITEMS: &str = "chatter/feed-elements/0D5000000000001CAA/capabilities";
        for (method, rest) in [
            ("POST", "chatter/feed-elements"),
            ("GET", "chatter/feed-elements/0D5000000000001CAA"),
            ("PATCH", "connect/feed-elements/0D5000000000001CAA"),
            ("DELETE", "chatter/feed-elements/0D5000000000001CAA"),
            (
                "GET",
                "chatter/feed-elements/batch/0D5000000000001CAA,0D5000000000002CAA",
            ),
            ("GET", &format!("{ITEMS}/comments/items?pageSize=10")),
            ("POST", &format!("{ITEMS}/comments/items")),
            ("GET", &format!("{ITEMS}/chatter-likes/items")),
            ("POST", &format!("{ITEMS}/chatter-likes/items")),
            ("DELETE", "chatter/likes/0I0000000000001CAA"),
            ("DELETE", "chatter/comments/0D7000000000001CAA"),
            (
                "GET",
                "chatter/feeds/news/me/feed-elements?sort=CreatedDateDesc",
            ),
            (
                "GET",
                "chatter/feeds/record/003000000000001AAA/feed-elements?page=2026-01-01T10%3A00%3A00Z%2C0D5000000000001CAA",
            ),
            ("GET", "chatter/feeds/company/feed-elements"),
            ("GET", "chatter/users?page=2&pageSize=25"),
            ("GET", "chatter/users/me"),
            ("GET", "chatter/users/005000000000001AAA/groups"),
            ("GET", "connect/user-profiles/005000000000001AAA"),
            ("GET", "chatter/groups/0F9000000000001CAA/members"),
            ("GET", "connect/topics/0TO000000000001GAA"),
            ("GET", "connect/records/003000000000001AAA/topics"),
            ("POST", "connect/batch"),
        ] {
            assert_eq!(again(method, rest).unwrap(), rest, "{method}");
        }
    }

    #[test]
    fn what_else_connect_has_is_refused_by_name() {
        for (method, rest, word) in [
            ("POST", "chatter/users/me/messages", "private messages"),
            ("GET", "connect/files/069000000000001AAA", "files"),
            ("POST", "connect/announcements", "announcements"),
            ("GET", "chatter/users/me/recommendations", "recommendations"),
            ("GET", "connect/cms/contents/x", "managed content"),
            ("POST", "connect/nlp/x", "language"),
            ("GET", "connect/commerce/x", "shops"),
            ("GET", "chatter/mentions/completions", "suggestions"),
            ("GET", "chatter/feeds/topics/Jansen/feed-elements", "knows"),
        ] {
            let refusal = again(method, rest).unwrap_err();
            assert_eq!(refusal.code, Code::EndpointUnknown, "{rest}");
            assert!(refusal.to_string().contains(word), "{rest}: {refusal}");
        }
    }

    #[test]
    fn words_of_people_have_no_place_in_a_target() {
        for (method, rest, code) in [
            ("GET", "feed-elements", Code::MethodUnknown),
            ("GET", "feed-elements/Jansen", Code::EndpointUnknown),
            (
                "POST",
                "feed-elements?text=Jansen&subjectId=me",
                Code::ParameterUnknown,
            ),
            ("POST", "batch", Code::EndpointUnknown),
            ("POST", "users/me", Code::MethodUnknown),
            ("GET", "users?q=Jansen", Code::ParameterUnknown),
            ("GET", "users/Jansen", Code::EndpointUnknown),
            (
                "GET",
                "feeds/news/me/feed-elements?q=Jansen",
                Code::ParameterUnknown,
            ),
            (
                "GET",
                "feeds/news/me/feed-elements?page=Jansen",
                Code::ParameterUnknown,
            ),
            (
                "GET",
                "feeds/news/me/feed-elements?page=0612-34-56T78:00:00Z%2C0D5000000000001CAA",
                Code::ParameterUnknown,
            ),
            (
                "GET",
                "feeds/news/me/feed-elements?sort=Jansen",
                Code::ParameterUnknown,
            ),
            (
                "GET",
                "feeds/news/me/feed-elements?pageSize=0612345678",
                Code::ParameterUnknown,
            ),
        ] {
            let refused = again(method, &format!("chatter/{rest}"));
            assert_eq!(
                refused.map_err(|refusal| refusal.code),
                Err(code),
                "{method} {rest}"
            );
        }
    }
}
