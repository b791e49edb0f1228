use super::*;

/// The contexts of the places written `@@` in a page.
fn places(page: &str) -> Vec<Context> {
    let (text, ranges) = marked(page);
    document(&text, &ranges)
}

fn fragments(page: &str) -> Vec<Context> {
    let (text, ranges) = marked(page);
    fragment(&text, &ranges)
}

fn marked(page: &str) -> (String, Vec<Range<usize>>) {
    let ranges = page.match_indices("@@").map(|(at, two)| at..at + two.len());
    (page.to_owned(), ranges.collect())
}

fn place(page: &str) -> Context {
    let found = places(page);
    assert_eq!(found.len(), 1, "{page}");
    found[0].clone()
}

fn attribute(quote: Quote) -> Context {
    Context::Attribute { quote, url: None }
}

fn address(part: Part) -> Context {
    Context::Attribute {
        quote: Quote::Double,
        url: Some(part),
    }
}

fn string(kind: Literal) -> Context {
    Context::Literal {
        kind,
        inside: Inside::Plain,
    }
}

fn written(context: &Context, value: &str) -> String {
    let mut out = String::new();
    encode(context, value, &mut out).unwrap();
    out
}

fn is_nowhere(page: &str) {
    for found in places(page) {
        assert!(matches!(found, Context::Nowhere(_)), "{page}: {found:?}");
        let mut out = "kept".to_owned();
        assert!(encode(&found, "x", &mut out).is_err());
        assert_eq!(out, "kept");
    }
}

#[test]
fn text_is_text_wherever_a_browser_shows_it() {
    for page in [
        "@@",
        "<p>@@",
        "<td>@@</td>",
        "<table><tr>@@<td>x</table>",
        "<ul><li>a<li>@@</ul>",
        "<select><option>@@</select>",
        "a < @@ & b",
        "a &amp;@@",
        "<b>@@<p>x</b>y</p>",
        "<svg><text>@@</text></svg>",
        "<svg><title>@@</title></svg>",
        "<svg><foreignObject><p>@@",
        "<template><td>@@</template>",
        "<!-- a --> @@ <!-- b -->",
        "<!--> @@ -->",
        "<![CDATA[ > @@ ]]>",
        "<script>x</script>@@",
        "<noscript><p></noscript>@@",
        "<x-card>@@</x-card>",
        "</p title=a> @@",
    ] {
        assert_eq!(place(page), Context::Text, "{page}");
    }
    for page in [
        "<title>@@</title>",
        "<textarea>\n@@</textarea>",
        "<title><b>@@</title>",
        "<textarea><!-- @@",
    ] {
        assert_eq!(place(page), Context::RcData, "{page}");
    }
}

#[test]
fn nothing_is_safe_in_names_comments_styles_and_raw_text() {
    for page in [
        "<@@>",
        "<x@@>",
        "</@@>",
        "<a @@>",
        "<a @@=x>",
        "<a x@@=y>",
        "<a title=\"@@",
        "<a title=x title=@@>",
        "</p title=\"@@\">",
        "<!-- @@ -->",
        "<!-- --!@@-->",
        "<!@@>",
        "<?x @@?>",
        "<!doctype @@>",
        "<style>@@</style>",
        "<style>a { content: '@@' }</style>",
        "<p style=\"color: @@\">",
        "<xmp>@@</xmp>",
        "<iframe>@@</iframe>",
        "<noembed>@@</noembed>",
        "<noframes>@@</noframes>",
        "<noscript>@@</noscript>",
        "<head><noscript>@@</noscript>",
        "<noscript><p title=\"@@\"></noscript>",
        "<plaintext>@@</plaintext> @@",
        "<svg><style>@@</style></svg>",
        "<svg><script>'@@'</script></svg>",
        "<svg><script>&quot;@@&quot;</script></svg>",
        "<svg><g>@@</g></svg>",
        "<math><mi>@@</mi></math>",
        "<svg><a xlink:href=\"/x/@@\">x</a></svg>",
        "<svg><animate to=\"@@\"/></svg>",
        "<iframe srcdoc=\"@@\"></iframe>",
        "<iframe srcdoc=\"&lt;p>@@\"></iframe>",
        "<div id=\"@@\" class=\"@@\" name='@@' v-html=\"@@\" x-data=\"{a: '@@'}\" :title=\"@@\" ng-init=\"@@\">",
        "<div data-bind=\"text: '@@'\" data-ng-init='@@' data-hx-on=\"@@\" data-=\"@@\">",
        "<meta http-equiv=refresh content=\"0; url=/@@\">",
        "<base href=\"/@@\"><script src=\"/@@\"></script><link href=\"/@@\"><embed src=\"/@@\"><object data=\"/@@\"></object>",
        "<img srcset=\"/@@ 2x\">",
        "<a ping=\"/@@\">",
    ] {
        is_nowhere(page);
    }
}

#[test]
fn what_has_begun_before_a_place_does_not_go_on_with_the_value() {
    for page in [
        "&@@",
        "&#@@",
        "&#x@@",
        "&am@@",
        "&#6@@;",
        "<p title=\"&@@\">",
        "<p title=\"&#x3@@\">",
        "<title></tit@@</title>",
        "<title></@@title></title>",
        "<title><@@/title></title>",
        "<textarea></@@</textarea>",
        "<script>x = '</scr@@'</script>",
        "<script>x = '<@@'</script>",
        "<script>x = '\\@@'</script>",
        "<script>x = '\\x@@'</script>",
        "<script>x = '\\x4@@'</script>",
        "<script>x = '\\u00@@'</script>",
        "<script>x = '\\u{@@}'</script>",
        "<script>x = '\\0@@'</script>",
        "<script>x = `$@@{alert(1)}`</script>",
        "<script type=application/json>{\"a\": \"\\u00@@\"}</script>",
        "<script type=application/json>{\"a\": \"\\@@\"}</script>",
        "&@@@@",
        "<title></scr@@@@</title>",
    ] {
        is_nowhere(page);
    }
    // The same with an end to what has begun.
    assert_eq!(place("&amp;@@"), Context::Text);
    assert_eq!(place("<title></tit @@</title>"), Context::RcData);
    assert_eq!(
        place("<script>x = '\\x41@@'</script>"),
        string(Literal::Single)
    );
    assert_eq!(
        place("<script>x = '\\\\@@'</script>"),
        string(Literal::Single)
    );
    assert_eq!(places("&amp;@@@@"), [Context::Text, Context::Text]);
}

#[test]
fn attributes_with_text_are_known_with_their_quotes() {
    for (page, quote) in [
        ("<p title=\"@@\">", Quote::Double),
        ("<p title = \"Go to 'x' = @@\">", Quote::Double),
        ("<p title='a @@ @@'>", Quote::Single),
        ("<p title=@@>", Quote::None),
        ("<p title=a\"@@>", Quote::None),
        ("<p title=\"&quot;@@\">", Quote::None),
        ("<input type=hidden value=\"@@\">", Quote::Double),
        ("<meta name=author content=\"@@\">", Quote::Double),
        ("<p aria-label=\"@@\">", Quote::Double),
        ("<body><body title='@@'>", Quote::Single),
    ] {
        for found in places(page) {
            assert_eq!(found, attribute(quote), "{page}");
        }
    }
    assert_eq!(
        written(&attribute(Quote::Double), "Zoë van 't \"Hoff\"\n"),
        "Zoë van &#39;t &quot;Hoff&quot;&#10;"
    );
    assert_eq!(
        written(&attribute(Quote::None), "a b=c/>ë"),
        "a&#32;b&#61;c&#47;&#62;ë"
    );
    assert!(encode(&attribute(Quote::None), "", &mut String::new()).is_err());
    assert_eq!(written(&attribute(Quote::Single), ""), "");
    assert!(encode(&Context::Text, "a\0", &mut String::new()).is_err());
}

#[test]
fn addresses_take_values_where_no_crm_is_asked_for_them() {
    for (url, part) in [
        ("mailto:@@", Part::Opaque),
        ("tel:@@", Part::Opaque),
        ("mailto:info@example.nl?subject=@@", Part::Component),
        ("@@", Part::Whole),
        (" @@ ", Part::Whole),
    ] {
        assert_eq!(
            place(&format!("<a href=\"{url}\">")),
            address(part),
            "{url}"
        );
    }
    for element in [
        "a href",
        "img src",
        "iframe src",
        "video poster",
        "p hx-get",
        "p data-url",
    ] {
        for url in [
            "/contact/@@",
            "/static/@@.png",
            "/list?search=@@&page=2",
            "?q=@@",
            "#@@",
            "x/@@",
            "@@/edit",
            "https://crm.example/x/@@",
            "HTTPS:\\\\crm.example?@@",
            "//crm.example/@@",
        ] {
            is_nowhere(&format!("<{element}=\"{url}\">x"));
        }
    }
    for url in [
        "javascript:alert('@@')",
        "JavaScript:@@",
        "java\tscript:@@",
        "\u{1}javascript:@@",
        "data:text/html,@@",
        "vbscript:@@",
        "unknown:@@",
        "@@:alert(1)",
        "java@@:alert(1)",
        "https:@@",
        "https:/@@",
        "https://@@",
        "https://@@/x",
        "https:///@@",
        "https://crm.example@@/x",
        "https://crm.example:@@/",
        "//@@/x",
        "/\\@@",
        "\\\\@@",
        "/&#9;/@@",
    ] {
        is_nowhere(&format!("<a href=\"{url}\">x</a>"));
    }
    assert_eq!(
        written(&address(Part::Component), "Jan & co/../\"x"),
        "Jan%20%26%20co%2F..%2F%22x"
    );
    assert_eq!(
        written(&address(Part::Opaque), "+31 a@b.nl"),
        "+31%20a@b.nl"
    );
    assert_eq!(
        written(&address(Part::Whole), "https://a.nl/?x=1&y='2'\"<"),
        "https://a.nl/?x=1&amp;y=&#39;2&#39;%22%3C"
    );
    // A value that is no address would be a path.
    for value in ["javascript:alert(1)", "Jansen", "/Jansen", "//evil.example"] {
        assert!(encode(&address(Part::Whole), value, &mut String::new()).is_err());
    }
    for value in ["", ".", ".."] {
        assert!(encode(&address(Part::Component), value, &mut String::new()).is_err());
    }
}

#[test]
fn strings_of_scripts_are_told_from_code() {
    for (script, kind) in [
        ("x = \"@@\"", Literal::Double),
        ("x = 'a \\' @@'", Literal::Single),
        ("x = `a ${f({a: `${1}`})} @@`", Literal::Template),
        ("// it's\nx = '@@'", Literal::Single),
        ("/* ' */ x = '@@'", Literal::Single),
        ("x = /'[/']/g; y = '@@'", Literal::Single),
        ("x = a / 2; y = '@@' // /", Literal::Single),
        ("x = (a) / 2\ny = '@@'", Literal::Single),
        ("return /'/.test('@@')", Literal::Single),
        ("x = a[0] / b[1] / '@@'", Literal::Single),
        ("x = 'a\\\n@@'", Literal::Single),
        ("{ let a = {b: '@@'}; }", Literal::Single),
    ] {
        let page = format!("<script>{script}</script>");
        assert_eq!(place(&page), string(kind), "{script}");
        if !script.contains('"') && !script.contains('&') {
            let page = format!("<p onclick=\"{script}\">");
            assert_eq!(place(&page), string(kind), "{script}");
        }
    }
    for script in [
        "x = @@",
        "@@('a')",
        "x = `${@@}`",
        "// '@@'",
        "/* '@@' */",
        "x = /'@@'/",
        "x = /[/'@@/]'/",
        "x = (a) / 2; y = '@@' / 3",
        "if (a) /'/.test(x); y = '@@'",
        "x = {} / 1 /'@@'",
        "yield /'/; x = '@@'/ 2",
        "x++ /'@@'/ 2",
        "x = 'a\n@@'",
        "x = 'a @@",
        "x = '\\1@@'",
        "x = '\\u{41} @@'",
        "} x = '@@'",
        "<!-- '@@'",
        "x = '@@' <!-- b",
        "x\n--> '@@'",
        "/* x = '@@'",
        "var \\u0041 = '@@'",
    ] {
        is_nowhere(&format!("<script>{script}</script>"));
    }
    assert_eq!(
        written(&string(Literal::Single), "Zoë </b>\u{2028}😀"),
        "Zo\\u00eb\\u0020\\u003c\\u002fb\\u003e\\u2028\\ud83d\\ude00"
    );
}

#[test]
fn only_scripts_that_run_or_hold_json_are_written_into() {
    for kind in [
        "text/javascript",
        "module",
        "TEXT/JavaScript; charset=utf-8",
        "",
    ] {
        let page = format!("<script type=\"{kind}\">x = '@@'</script>");
        assert_eq!(place(&page), string(Literal::Single), "{kind}");
    }
    for kind in [
        "application/json",
        "application/ld+json",
        "importmap",
        "text/json",
    ] {
        let page = format!("<script type='{kind}'>{{\"a\": [1, \"@@\"]}}</script>");
        assert_eq!(place(&page), string(Literal::Json), "{kind}");
    }
    let commented = "<script type=\"application/json\"><!-- {\"a\": \"@@\"} --></script>";
    assert_eq!(place(commented), string(Literal::Json));
    for script in [
        "<script type=text/template>'@@'</script>",
        "<script type=text/x-handlebars><p>@@</p></script>",
        "<script language=vbscript>x = \"@@\"</script>",
        "<script type=application/json>{\"@@\": 1}</script>",
        "<script type=application/json>{\"a\": @@}</script>",
        "<script type=application/json>{\"a\": \"@@\",}</script>",
        "<script type=application/json>{'a': '@@'}</script>",
    ] {
        is_nowhere(script);
    }
}

#[test]
fn a_script_ends_where_a_browser_ends_it() {
    assert_eq!(place("<script>'</script>@@'</script>"), Context::Text);
    assert_eq!(place("<script>'</SCRIPT >@@"), Context::Text);
    is_nowhere("<script><!-- <script> '</script>@@'</script>");
    assert_eq!(
        place("<script><!-- <script> '</script>'</script>@@"),
        Context::Text
    );
    is_nowhere("<title><script></title><script>@@</script>");
    assert_eq!(
        place("<svg><p><style><p>@@"),
        Context::Nowhere(Unsafe::Style)
    );
    is_nowhere("<svg><desc><style>@@");
}

#[test]
fn strings_may_hold_markup_addresses_and_json() {
    let nested = |page: &str| match place(page) {
        Context::Literal {
            inside: Inside::Nested(context),
            ..
        } => *context,
        other => panic!("{page}: {other:?}"),
    };
    assert_eq!(nested("<script>x = '<b>@@<\\/b>'</script>"), Context::Text);
    assert_eq!(
        nested("<script>x = '\\u003ca title=\"@@\">'</script>"),
        attribute(Quote::Double)
    );
    assert_eq!(
        nested("<script type=application/json>[\"<p>@@\"]</script>"),
        Context::Text
    );
    assert_eq!(
        nested("<script>x = JSON.parse('{\"a\": \"@@\"}')</script>"),
        string(Literal::Json)
    );
    is_nowhere("<script>x = '<a href=\"@@'</script>");
    is_nowhere("<script>x = '<!-- @@ -->'</script>");
    is_nowhere("<script>x = 'javascript:@@'</script>");
    is_nowhere("<script>location = \"/x?q=@@\"</script>");
    let url = Inside::Url(Part::Opaque);
    let kind = Literal::Double;
    assert_eq!(
        place("<script>location = \"tel:@@\"</script>"),
        Context::Literal { kind, inside: url }
    );
    for page in [
        "<p data-x='{\"a\": \"@@\"}'>",
        "<p data-x=\"{&quot;a&quot;: &quot;@@&quot;}\">",
        "<input type=hidden value='[\"@@\"]'>",
        "<p hx-vals='{\"a\": \"@@\"}'>",
    ] {
        assert_eq!(place(page), string(Literal::Json), "{page}");
    }
    is_nowhere("<p data-x='{a: \"@@\"}' hx-vals=\"js:{a: '@@'}\">");
    assert_eq!(place("<input value=\"[1] @@\">"), attribute(Quote::Double));
}

#[test]
fn fragments_of_json_answers_are_told_from_text() {
    for text in ["<p>x", "x</p>", "a &amp; b", "&#x27;", "<!-- -->", "<br/>"] {
        assert!(is_fragment(text), "{text}");
    }
    for text in ["", "a < b", "a & b; c", "AT&T", "<3", "&;", "a <", "&"] {
        assert!(!is_fragment(text), "{text}");
    }
    assert_eq!(
        fragments("<tr><td title='@@'>@@</td></tr><script>x = '@@'</script>"),
        [
            attribute(Quote::Single),
            Context::Text,
            string(Literal::Single)
        ]
    );
    assert_eq!(fragments("</div>@@"), [Context::Text]);
    assert!(matches!(fragments("<p @@>")[0], Context::Nowhere(_)));
}

#[test]
fn ranges_that_are_no_places_and_pages_without_end_have_none() {
    let nowhere = |text: &str, ranges: &[(usize, usize)]| {
        let ranges: Vec<_> = ranges.iter().map(|(from, to)| *from..*to).collect();
        let found = document(text, &ranges);
        assert_eq!(found.len(), ranges.len());
        assert!(found.iter().all(|one| matches!(one, Context::Nowhere(_))));
    };
    nowhere("abc", &[(1, 2), (0, 1)]);
    nowhere("abc", &[(0, 2), (1, 3)]);
    nowhere("abc", &[(0, 9)]);
    nowhere("é", &[(1, 2)]);
    nowhere(&format!("{}x", "<div>".repeat(600)), &[(3000, 3001)]);
    let tag = format!("<p {}title=", "a b ".repeat(5000));
    nowhere(&format!("{tag}x>"), &[(tag.len(), tag.len() + 1)]);
    assert!(document("abc", &[]).is_empty());
    for page in [
        format!("{}@@", "<div>".repeat(400)),
        format!("<p {}>@@", "a b ".repeat(1000)),
        format!("<p title=\"{}\">@@", "x ".repeat(5000)),
        format!("{}@@", "<p title='a b'>c</p>".repeat(5000)),
        format!("<!-- {} -->@@", "x ".repeat(5000)),
    ] {
        assert_eq!(place(&page), Context::Text);
    }
}

#[test]
fn values_that_a_script_could_turn_into_something_else_are_not_inert() {
    for value in [
        "Zoë van 't Hoff",
        "a & b",
        "06-12 (x)",
        "a: b",
        "a@b.nl",
        "€ {1}",
    ] {
        assert!(is_inert(value), "{value}");
    }
    for value in [
        "<b>",
        "x' onload=alert(1)",
        "{{1}}",
        "${1}",
        " java\tscript:alert(1)",
        "DATA:x",
        "`",
    ] {
        assert!(!is_inert(value), "{value}");
    }
}
