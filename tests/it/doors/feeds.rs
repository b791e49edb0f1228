//! Chatter and Connect.

use super::rest::Door;

const CHATTER: &str = "node/chatter.js";

pub const DOORS: &[Door] = &[
    Door {
        name: "feed",
        methods: "GET",
        path: "D/chatter/feeds/…/feed-elements",
        sample: (
            "GET",
            "/services/data/v60.0/chatter/feeds/news/me/feed-elements",
        ),
        protects: "texts by the rules of `FeedItem.Body` and `FeedComment.CommentBody`, names by those of their records; what nobody knows is masked unless it is a token",
        refuses: "searches, feeds by names",
        proved: &[(CHATTER, "a feed is read page by page")],
    },
    Door {
        name: "feed-element",
        methods: "POST; ID also GET, PATCH, DELETE",
        path: "D/chatter/feed-elements, …/ID, …/batch/IDS",
        sample: ("POST", "/services/data/v60.0/chatter/feed-elements"),
        protects: "each segment of text by the rule of `FeedItem.Body`, looked at as a whole too; links and hashtags leave as text; mentions and records stay ids",
        refuses: "titles of links, pictures, polls, questions, files, mentions by name; texts in quarantine",
        proved: &[
            (
                CHATTER,
                "a post and its comments are read as they were written",
            ),
            (
                CHATTER,
                "a post in several segments mentions and is changed",
            ),
            (CHATTER, "links and hashtags are words of the text"),
            (CHATTER, "what has no rule is refused"),
        ],
    },
    Door {
        name: "feed-comment",
        methods: "GET, POST; ID also PATCH, DELETE",
        path: "D/chatter/feed-elements/ID/capabilities/comments/items, D/chatter/comments/ID",
        sample: (
            "GET",
            "/services/data/v60.0/chatter/comments/0D7000000000001CAA",
        ),
        protects: "each segment of text by the rule of `FeedComment.CommentBody`, as above",
        refuses: "as above",
        proved: &[(
            CHATTER,
            "a post and its comments are read as they were written",
        )],
    },
    Door {
        name: "feed-likes",
        methods: "GET, POST; DELETE",
        path: "D/chatter/feed-elements/ID/capabilities/chatter-likes/items, D/chatter/likes/ID",
        sample: (
            "DELETE",
            "/services/data/v60.0/chatter/likes/0I0000000000001CAA",
        ),
        protects: "names in the answer, as above",
        refuses: "a like that says anything",
        proved: &[(
            CHATTER,
            "a post in several segments mentions and is changed",
        )],
    },
    Door {
        name: "connect-list",
        methods: "GET",
        path: "D/chatter/users[/ID[/groups]], D/connect/user-profiles/ID, D/chatter/groups[/ID[/members]], D/connect/topics[/ID], D/connect/records/ID/topics",
        sample: ("GET", "/services/data/v60.0/chatter/users/me"),
        protects: "names, addresses and titles by the rules of `User`, `CollaborationGroup` and `Topic`, if policy has them; else masked unless they are tokens",
        refuses: "searches by name; making and changing groups and topics; private messages, announcements, recommendations, files, managed content, shops, all else of Connect",
        proved: &[
            (
                CHATTER,
                "a post in several segments mentions and is changed",
            ),
            (CHATTER, "what has no rule is refused"),
        ],
    },
    Door {
        name: "connect-batch",
        methods: "POST",
        path: "D/connect/batch",
        sample: ("POST", "/services/data/v60.0/connect/batch"),
        protects: "each part by its own door",
        refuses: "the whole request for one refused part; anything but Connect inside",
        proved: &[(CHATTER, "a batch goes through the same doors")],
    },
];
