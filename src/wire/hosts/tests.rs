use proptest::prelude::{any, prop_assert, prop_assert_eq};
use proptest::{proptest, sample};

use crate::wire::hosts::{Hosts, Origin};

fn hosts(pairs: &[(&str, &str)]) -> Hosts {
    let origin = |text: &str| Origin::parse(text).unwrap();
    let pairs = pairs.iter().map(|(a, b)| (origin(a), origin(b)));
    Hosts::new(pairs.collect()).unwrap()
}

/// Two hosts of one CRM behind two of ours.
fn two() -> Hosts {
    hosts(&[
        ("https://my.crm.example", "https://crm.ours.eu"),
        ("https://files.crm.example", "https://files.ours.eu"),
    ])
}

fn body(hosts: &Hosts, text: &str) -> String {
    String::from_utf8(hosts.body(text.as_bytes()).into_owned()).unwrap()
}

#[test]
fn origins_have_a_scheme_a_host_and_a_port() {
    for (text, expected) in [
        ("https://crm.example", "https://crm.example"),
        ("HTTPS://CRM.Example:443", "https://crm.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
    ] {
        assert_eq!(Origin::parse(text).unwrap().to_string(), expected);
    }
    for text in [
        "",
        "crm.example",
        "ftp://crm.example",
        "https://",
        "https://crm.example/",
        "https://a@crm.example",
        "https://crm..example",
        "https://crm.example.",
        "https://crm.example:",
        "https://crm.example:+1",
        "https://crm.example:70000",
        "https://[::1",
        "https://[]",
        "https://[x]",
        "https://[::1]8443",
        "https://::1",
        "https://crm example",
        "null",
    ] {
        assert!(Origin::parse(text).is_err(), "{text}");
    }
    let origin = |text| Origin::parse(text).unwrap();
    let (a, b) = (origin("https://a.nl"), origin("https://b.nl"));
    assert!(Hosts::new(vec![(a.clone(), b.clone())]).is_ok());
    assert!(Hosts::new(vec![(a.clone(), a.clone())]).is_err());
    assert!(Hosts::new(vec![(a.clone(), b.clone()), (b, a)]).is_err());
}

#[test]
fn addresses_in_bodies_become_ours_however_they_are_written() {
    for (text, expected) in [
        ("https://my.crm.example/x", "https://crm.ours.eu/x"),
        ("//FILES.crm.example", "//files.ours.eu"),
        (
            "\"https:\\/\\/my.crm.example\\/x\"",
            "\"https:\\/\\/crm.ours.eu\\/x\"",
        ),
        (
            "?u=https%3A%2F%2Fmy.crm.example%2F",
            "?u=https%3A%2F%2Fcrm.ours.eu%2F",
        ),
        (
            "https%253a%252f%252fmy.crm.example",
            "https%253a%252f%252fcrm.ours.eu",
        ),
        (
            "https:&#x2F;&#x2F;my.crm.example",
            "https:&#x2F;&#x2F;crm.ours.eu",
        ),
        (
            "https:\\u002f\\u002fmy.crm.example",
            "https:\\u002f\\u002fcrm.ours.eu",
        ),
        ("a\\nmy.crm.example", "a\\ncrm.ours.eu"),
        ("my.crm.example", "crm.ours.eu"),
        ("at my.crm.example.", "at crm.ours.eu."),
        ("https://my.crm.example:443/x", "https://crm.ours.eu/x"),
        ("http://my.crm.example/x", "https://crm.ours.eu/x"),
        ("wss://my.crm.example/x", "wss://crm.ours.eu/x"),
        ("https://my.crm.example:8443/", "https://crm.ours.eu:8443/"),
        ("jan@my.crm.example", "jan@crm.ours.eu"),
        (
            "*.my.crm.example .my.crm.example",
            "*.crm.ours.eu .crm.ours.eu",
        ),
        (
            "my.crm.example files.crm.example",
            "crm.ours.eu files.ours.eu",
        ),
        ("my.crm.example?my.crm.example", "crm.ours.eu?crm.ours.eu"),
    ] {
        assert_eq!(body(&two(), text), expected, "{text}");
    }
}

#[test]
fn a_part_of_a_longer_name_is_another_name() {
    for text in [
        "",
        "crm.example",
        "xmy.crm.example",
        "x.my.crm.example",
        "x-my.crm.example",
        "my.crm.example.evil.org",
        "my.crm.example-x.org",
        "my.crm.examples",
        "my.crm.example_x",
        "my.crm.example%2Dx",
        "a%2Dmy.crm.example",
        "a%41my.crm.example",
        "\\\\nmy.crm.example",
        "myxcrm.example",
    ] {
        assert_eq!(body(&two(), text), text);
    }
}

#[test]
fn schemes_and_ports_are_those_of_the_other_side() {
    let local = hosts(&[("http://127.0.0.1:8000", "https://127.0.0.1:8443")]);
    for (text, expected) in [
        ("http://127.0.0.1:8000/x", "https://127.0.0.1:8443/x"),
        ("http:\\/\\/127.0.0.1:8000", "https:\\/\\/127.0.0.1:8443"),
        (
            "http%3A%2F%2F127.0.0.1%3A8000%2F",
            "https%3A%2F%2F127.0.0.1%3A8443%2F",
        ),
        ("ws://127.0.0.1:8000/x", "wss://127.0.0.1:8443/x"),
        ("127.0.0.1:8000", "127.0.0.1:8443"),
        ("http://127.0.0.1/x", "http://127.0.0.1/x"),
        ("127.0.0.1 127.0.0.1:80001", "127.0.0.1 127.0.0.1:80001"),
        ("https://127.0.0.1:8443/", "https://127.0.0.1:8443/"),
    ] {
        assert_eq!(body(&local, text), expected, "{text}");
    }
    let sixth = hosts(&[("http://[::1]:8000", "https://crm.ours.eu")]);
    for (text, expected) in [
        ("http://[::1]:8000/x", "https://crm.ours.eu/x"),
        ("\"http:\\/\\/[::1]:8000\"", "\"https:\\/\\/crm.ours.eu\""),
        ("[::1] [::12]:8000", "crm.ours.eu [::12]:8000"),
    ] {
        assert_eq!(body(&sixth, text), expected, "{text}");
    }
    let port = hosts(&[("https://my.crm.example", "https://localhost:8443")]);
    assert_eq!(
        body(
            &port,
            "?u=https%3A%2F%2Fmy.crm.example%2F https://my.crm.example"
        ),
        "?u=https%3A%2F%2Flocalhost%3A8443%2F https://localhost:8443"
    );
}

#[test]
fn headers_towards_the_browser_name_our_hosts() {
    let hosts = two();
    for (value, expected) in [
        (
            "https://my.crm.example/a?next=https%3A%2F%2Fmy.crm.example",
            "https://crm.ours.eu/a?next=https%3A%2F%2Fcrm.ours.eu",
        ),
        ("/relative", "/relative"),
        ("https://elsewhere.example/", "https://elsewhere.example/"),
    ] {
        assert_eq!(hosts.location(value), expected);
    }
    let allowed = |value| hosts.allow_origin(value);
    assert_eq!(
        allowed("https://my.crm.example").as_deref(),
        Some("https://crm.ours.eu")
    );
    assert_eq!(
        allowed("https://crm.ours.eu").as_deref(),
        Some("https://crm.ours.eu")
    );
    for foreign in [
        "*",
        "null",
        "https://evil.example",
        "http://my.crm.example",
        "",
    ] {
        assert_eq!(allowed(foreign), None, "{foreign}");
    }
}

#[test]
fn with_the_same_names_nothing_changes() {
    let hosts = hosts(&[]);
    assert_eq!(
        body(&hosts, "https://my.crm.example"),
        "https://my.crm.example"
    );
    assert_eq!(hosts.location("https://x.nl/a"), "https://x.nl/a");
    assert_eq!(hosts.allow_origin("*"), None);
}

proptest! {
    #[test]
    fn no_name_of_the_crm_is_left_where_a_name_can_stand(
        before in "([^a-zA-Z0-9._%\\\\-]|%2F|%3D|//|https://)*",
        name in sample::select(&["my.crm.example", "MY.crm.example", "files.crm.example"][..]),
        after in "(/[ -~]*|:443|:8080|%2F|\"|\\.)?",
    ) {
        let out = body(&two(), &format!("{before}{name}{after}")).to_ascii_lowercase();
        if !after.contains(name) {
            prop_assert!(!out.contains(&name.to_ascii_lowercase()), "{}", out);
        }
    }

    #[test]
    fn nothing_panics(text in any::<Vec<u8>>(), line in any::<String>()) {
        let hosts = two();
        let same = hosts.body(&text);
        prop_assert_eq!(same.as_ref(), &text[..]);
        let _ = (hosts.allow_origin(&line), Origin::parse(&line));
        let name = format!("{line}my.crm.example{line}");
        let _ = (hosts.body(name.as_bytes()), hosts.location(&name));
    }
}
