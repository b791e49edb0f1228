use super::{Document, Limits, Name, NodeId, Writer, decode, encode_into};
use crate::wire::Error;

fn parse(text: &str) -> Result<Document<'_>, Error> {
    Document::parse(text.as_bytes(), &Limits::default())
}

fn local<'a>(namespace: &'a str, local: &'a str) -> Name<'a> {
    Name { namespace, local }
}

#[test]
fn names_are_matched_by_namespace_and_not_by_prefix() {
    let text = "<?xml version='1.0' encoding='utf-8'?>\n<soap-env:E xmlns:soap-env=\"urn:e\" xmlns=\"urn:d\">\
        <a><soap-env:b xmlns:soap-env='urn:other' soap-env:x='1' x=\"2\"/></a></soap-env:E>";
    let document = parse(text).unwrap();
    let root = document.root();
    assert_eq!(document.name(root), local("urn:e", "E"));
    let a = document.child(root, &local("urn:d", "a")).unwrap();
    let b = document.child(a, &local("urn:other", "b")).unwrap();
    let attributes: Vec<_> = document.attributes(b).collect();
    let expected = [
        (local("urn:other", "x"), "1".into()),
        (local("", "x"), "2".into()),
    ];
    assert_eq!(attributes, expected);
    assert_eq!(
        document.qualified(b, "soap-env:T"),
        Some(local("urn:other", "T"))
    );
    assert_eq!(document.qualified(a, "T"), Some(local("urn:d", "T")));
    assert_eq!(document.qualified(a, "no:T"), None);
    assert_eq!(document.prefix(a, "urn:e"), Some("soap-env"));
    assert_eq!(
        document.prefix(b, "urn:e"),
        None,
        "the prefix was given away"
    );
}

#[test]
fn text_is_what_references_and_sections_stand_for() {
    for (raw, expected) in [
        ("", ""),
        ("de Vries &lt;&amp;&gt; 'é'", "de Vries <&> 'é'"),
        ("&#74;&#x61;n", "Jan"),
        ("<![CDATA[<J>]]>&amp;<![CDATA[&amp;]]>", "<J>&&amp;"),
        ("a\r\nb\rc&#13;", "a\nb\nc\r"),
        ("<![CDATA[a\r\nb]]>", "a\nb"),
    ] {
        let text = format!("<a>{raw}</a>");
        let document = parse(&text).unwrap_or_else(|error| panic!("{raw}: {error}"));
        assert_eq!(
            document.text(document.root()).as_deref(),
            Some(expected),
            "{raw}"
        );
    }
}

#[test]
fn what_parsers_disagree_about_is_refused() {
    for text in [
        "",
        " ",
        "<a",
        "<a>",
        "<a></b>",
        "</a>",
        "<a/><b/>",
        "x<a/>",
        "<a/>x",
        "<a/>&amp;",
        "\u{feff}<a/>",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<a>&x;</a>",
        "<a b='&x;'/>",
        "<a>&#0;</a>",
        "<a>&#x110000;</a>",
        "<a>&#xD800;</a>",
        "<a>&#x000000041;</a>",
        "<a>&#+65;</a>",
        "<a>& </a>",
        "<a>\u{1}</a>",
        "<a>\u{fffe}</a>",
        "<a><!-- Jansen --></a>",
        "<!-- Jansen --><a/>",
        "<a><?php Jansen?></a>",
        " <?xml version='1.0'?><a/>",
        "<?xml version='1.1'?><a/>",
        "<?xml version='1.0' encoding='utf-16'?><a/>",
        "<?xml version='1.0' encoding='iso-8859-1'?><a/>",
        "<?xml version='1.0' encoding='utf-8' note='Jansen'?><a/>",
        "<?xml-stylesheet href='x'?><a/>",
        "<a b='1' b='2'/>",
        "<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>",
        "<a xmlns='u' xmlns='v'/>",
        "<x:a/>",
        "<a x:b='1'/>",
        "<xmlns:a/>",
        "<a xmlns:xml='u'/>",
        "<a xmlns:x=''/>",
        "<a xmlns='u&#114;n'/>",
        "<a b=1/>",
        "<a b/>",
        "<a b='<'/>",
        "<a b='1'c='2'/>",
        "<a:b:c/>",
        "<1a/>",
        "<é/>",
        "<a>x<b/></a>",
        "<a><b/>x</a>",
        "<a><b/>&#32;</a>",
        "<a>]]></a>",
        "<a><![CDATA[x]]</a>",
        "<a></a b='Jansen'>",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
    assert!(Document::parse(b"<a>\xff</a>", &Limits::default()).is_err());
    assert!(Document::parse(b"\xff\xfe<\0a\0/\0>\0", &Limits::default()).is_err());
}

#[test]
fn ranges_are_those_of_the_source() {
    let text = "<a xmlns:s='u'><s:b x='1'>te&amp;xt</s:b  ><s:c/></a>";
    let document = parse(text).unwrap();
    let [b, c]: [NodeId; 2] = document
        .children(document.root())
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    assert_eq!(&text[document.whole(b)], "<s:b x='1'>te&amp;xt</s:b  >");
    assert_eq!(&text[document.content(b)], "te&amp;xt");
    let (first, last) = document.local_names(b);
    assert_eq!((&text[first], &text[last.unwrap()]), ("b", "b"));
    assert_eq!(&text[document.whole(c)], "<s:c/>");
    assert_eq!(document.local_names(c).1, None);
    assert_eq!(document.tag(c), "s:c");
    assert!(document.holds(document.root()) && !document.holds(b));
    assert_eq!(document.text(document.root()), None);
}

#[test]
fn the_beginning_of_a_body_is_read_up_to_where_it_is_enough() {
    let text = "<e xmlns='u'><h>x</h><b><op><deep>é</deep></op></b></e>";
    let ends = |document: &Document<'_>, node: NodeId| document.name(node).local == "op";
    let read = |bytes| Document::parse_beginning(bytes, &Limits::default(), &ends);
    let behind = text.find("<deep>").unwrap();
    for cut in 0..=text.len() {
        let document = read(&text.as_bytes()[..cut]);
        assert_eq!(document.is_ok(), cut >= behind, "{cut}");
        let Ok(document) = document else { continue };
        let [h, b]: [NodeId; 2] = document
            .children(document.root())
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        assert_eq!(document.text(h).as_deref(), Some("x"));
        let op = document.child(b, &local("u", "op")).unwrap();
        assert_eq!(document.parent(op), Some(b));
        assert_eq!(document.children(op).count(), 0, "what follows is not read");
    }
    // A whole body without that tag is read as any other.
    assert!(read(b"<e xmlns='u'><h/></e>").is_ok());
    assert!(read(b"<e xmlns='u'><h/></f>").is_err());
    assert!(read(b"<!DOCTYPE e><e xmlns='u'><op>").is_err());
    assert!(read(b"<e>\xff<op>").is_err());
}

#[test]
fn limits_hold() {
    let limits = Limits {
        bytes: 400,
        depth: 3,
        nodes: 5,
        attributes: 2,
        namespaces: 2,
    };
    for (fits, passes) in [
        ("<a><a><a/></a></a>", "<a><a><a><a/></a></a></a>"),
        ("<a><b/><b/><b/><b/></a>", "<a><b/><b/><b/><b/><b/></a>"),
        ("<a b='' c=''/>", "<a b='' c='' d=''/>"),
        (
            "<a xmlns='u'><b xmlns='u'/><b xmlns='u'/></a>",
            "<a xmlns='u'><b xmlns='u'><c xmlns='u'/></b></a>",
        ),
    ] {
        let parse = |text: &str| Document::parse(text.as_bytes(), &limits).map(|_| ());
        assert_eq!(parse(fits), Ok(()), "{fits}");
        assert!(
            matches!(parse(passes), Err(Error::TooLarge { .. })),
            "{passes}"
        );
    }
    let long = format!("<a>{}</a>", "x".repeat(400));
    assert!(Document::parse(long.as_bytes(), &limits).is_err());
}

/// Work is counted by its limits: each of these has as many of something as a body has bytes.
#[test]
fn hostile_texts_cost_what_their_length_costs() {
    let count = 200_000;
    let attributes: String = (0..30).map(|at| format!(" a{at}=''")).collect();
    let declared: String = (0..30).map(|at| format!(" xmlns:n{at}='u'")).collect();
    for text in [
        "<a>".repeat(count),
        format!("<a>{}</a>", "<b/>".repeat(count)),
        format!("<a{declared}>{}</a>", "<n29:b/>".repeat(count)),
        format!(
            "<a{declared}><b{attributes}>{}</b></a>",
            "<b/>".repeat(count)
        ),
        format!("<a>{}</a>", "&amp;".repeat(count)),
        format!("<a>{}</a>", "<![CDATA[]]>".repeat(count)),
        format!("<a>{}", "<![CDATA[".repeat(count)),
        format!("<a>{}", "&".repeat(count)),
        format!("<a {}", "b='".repeat(count)),
        format!("<a {}/>", "b='' ".repeat(count)),
        format!("<a>{}</a>", "]]".repeat(count)),
        format!("<!DOCTYPE{}", "[<!--".repeat(count)),
    ] {
        // A quadratic walk over two hundred thousand of anything would not end within a test.
        let _ = Document::parse(text.as_bytes(), &Limits::default());
    }
}

#[test]
fn a_written_text_reads_as_it_was_and_what_cannot_be_held_is_refused() {
    let mut writer = Writer::new();
    let value = "Zoë \"d'Arc\" <&> ]]>\r\n\tx";
    writer
        .open("a", &[("xmlns:s", "urn:s"), ("b", value)])
        .unwrap();
    writer.text("s:c", value).unwrap();
    writer.empty("s:d", &[]).unwrap();
    let bytes = writer.finish();
    let document = Document::parse(&bytes, &Limits::default()).unwrap();
    let c = document
        .child(document.root(), &local("urn:s", "c"))
        .unwrap();
    assert_eq!(document.text(c).as_deref(), Some(value));
    for unfit in ["\0", "\u{b}", "\u{ffff}", "x\u{1f}"] {
        let mut out = b"before".to_vec();
        assert!(encode_into(&mut out, unfit).is_err());
        assert_eq!(out, b"before");
    }
    assert!(decode("&nbsp;", 0).is_err());
}
