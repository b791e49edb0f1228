//! U01: what a search can hide.

use crate::bypass::case::{Case, D, escape, get, send};
use crate::bypass::runner::run;

pub fn cases() -> Vec<Case> {
    const ROW: &str = "U01";
    let sosl = |text: &str| format!("{D}/search?q={}", escape(text));
    let mut cases = Vec::new();
    for text in REFUSED {
        cases.push(get(ROW, text, &sosl(text)));
    }
    for text in ANSWERED {
        cases.push(get(ROW, text, &sosl(text)).allowed());
    }
    for target in TARGETS {
        cases.push(get(ROW, target, &format!("{D}/{target}")));
    }
    let parameterized = format!("{D}/parameterizedSearch");
    for body in BODIES {
        cases.push(send(ROW, body, "POST", &parameterized, body));
    }
    let body =
        r#"{"q":"{c}","sobjects":[{"name":"Contact","fields":["Id"],"where":"LastName = '{c}'"}]}"#;
    cases.push(send(ROW, body, "POST", &parameterized, body).allowed());
    let target =
        "parameterizedSearch?q={c}&sobject=Contact&Contact.fields=Id&Contact.where=LastName='{c}'";
    cases.push(get(ROW, target, &format!("{D}/{target}")).allowed());
    cases
}

const REFUSED: &[&str] = &[
    "FIND",
    "FIND {}",
    "FIND {c}",
    "FIND '{c}'",
    "FIND :{c}",
    "FIND {{c}",
    "FIND {{c}}}",
    "FIND {{c}*}",
    "FIND {?{c}}",
    "FIND {{c}* OR x} RETURNING Contact(Id)",
    "FIND {\"{c}*\"} RETURNING Contact(Id)",
    "FIND {{c} && x}",
    "FIND {{c}~}",
    "FIND {x \\{c}}",
    "FIND {x} {c}",
    "FIND {x} -- {c}",
    "FIND {x} IN {c} FIELDS",
    "FIND {x} RETURNING {c}",
    "FIND {x} RETURNING Contact({c})",
    "FIND {x} RETURNING Contact(Id, (SELECT {c} FROM Cases))",
    "FIND {x} RETURNING Contact(Id WHERE LastName LIKE '{c}%')",
    "FIND {x} RETURNING Contact(Id WHERE LastName > '{c}')",
    "FIND {x} RETURNING Contact(Id WHERE {c} = 1)",
    "FIND {x} RETURNING Contact(Id WHERE LastName = '{c})",
    "FIND {x} RETURNING Contact(Id ORDER BY {c})",
    "FIND {x} RETURNING Contact(Id ORDER BY LastName)",
    "FIND {x} RETURNING Contact(Id USING ListView = {c})",
    "FIND {x} RETURNING Contact(Id LIMIT {c})",
    "FIND {x} RETURNING Contact(Id), Pet__c(Id WHERE Name = '{c}')",
    "FIND {x} WITH DIVISION = '{c}'",
    "FIND {x} WITH NETWORK = '{c}'",
    "FIND {x} WITH NETWORK IN ('0DB000000000001','{c}')",
    "FIND {x} WITH PricebookId = '{c}'",
    "FIND {x} WITH DATA CATEGORY {c}__c AT x__c",
    "FIND {x} WITH SNIPPET (target_length = {c})",
    "FIND {x} WITH METADATA = '{c}'",
    "FIND {x} WITH {c}",
    "FIND {{c}} RETURNING Contact(Id) WITH HIGHLIGHT",
    "FIND {x} LIMIT {c}",
    "FIND {x} UPDATE {c}",
    "FIND {tq{c}tq{c}tq} RETURNING Contact(Birthdate WHERE Birthdate = 1980-01-02)",
    "FIND {a b c d e f g h {c}}",
    "SELECT Id FROM Contact WHERE LastName = '{c}'",
];

/// The words stay here.
const ANSWERED: &[&str] = &[
    "FIND {{c}}",
    "find {{c}}",
    "FIND {{c}} IN ALL FIELDS RETURNING Contact(Id)",
    "FIND {{c}} IN NAME FIELDS RETURNING Contact(Id, Name), Lead(Id), Account",
    "FIND {{c}@example.nl} IN EMAIL FIELDS RETURNING Contact(Id)",
    "FIND {+31 6 {c}} IN PHONE FIELDS RETURNING Contact(Id)",
    "FIND {\"{c} x\"} RETURNING Contact(Id)",
    "FIND {\"\\\"{c}\"} RETURNING Contact(Id)",
    "FIND {{c}'s OR ({c} AND NOT x{c})} RETURNING Contact(Id)",
    "FIND {\\{{c}\\}} RETURNING Contact(Id)",
    "FIND {{c}} RETURNING User(Id), Contact(Id)",
    "FIND {x} RETURNING Contact(Id WHERE LastName = '{c}' LIMIT 5) LIMIT 10",
    "FIND {x} RETURNING Contact(Id WHERE LastName IN ('{c}','x') AND (NOT Email = '{c}@example.nl'))",
];

const TARGETS: &[&str] = &[
    "search",
    "search?q=",
    "search?q=FIND+{x}&x={c}",
    "search?q=FIND+{x}&q={c}",
    "search?Q=FIND+{{c}}",
    "search/suggestions?q={c}&sobject=Contact",
    "search/suggestSearchQueries?q={c}&language=nl",
    "search/suggestTitleMatches?q={c}",
    "search/layout?q={c}",
    "search/{c}",
    "parameterizedSearch?sobject=Contact",
    "parameterizedSearch?q={c}*",
    "parameterizedSearch?q={c}&x=1",
    "parameterizedSearch?q=x&sobject={c}",
    "parameterizedSearch?q=x&sobject=Contact&Contact.fields={c}",
    "parameterizedSearch?q=x&sobject=Contact&Lead.fields=Id",
    "parameterizedSearch?q=x&sobject=Contact&Contact.{c}=Id",
    "parameterizedSearch?q=x&sobject=Contact&Contact.where=LastName+LIKE+'{c}%25'",
    "parameterizedSearch?q=x&sobject=Contact&Contact.where=Id!=null)+OR+({c}='x'",
    "parameterizedSearch?q=x&sobject=Contact&Contact.orderBy=LastName",
    "parameterizedSearch?q=x&in={c}",
    "parameterizedSearch?q=x&division={c}",
    "parameterizedSearch?q=x&dataCategory={c}",
    "parameterizedSearch?q=x&snippet={c}",
    "parameterizedSearch?q=x}+RETURNING+Contact({c})",
];

const BODIES: &[&str] = &[
    r#"{"q":"{c}*"}"#,
    r#"{"q":["{c}"]}"#,
    r#"{"Q":"{c}"}"#,
    r#"{"q":"x","q":"{c}"}"#,
    r#"{"q":"x","in":"{c}"}"#,
    r#"{"q":"x","fields":["{c}"],"sobjects":[{"name":"Contact"}]}"#,
    r#"{"q":"x","sobjects":[{"name":"{c}"}]}"#,
    r#"{"q":"x","sobjects":[{"name":"Contact","fields":["{c}"]}]}"#,
    r#"{"q":"x","sobjects":[{"name":"Contact","where":"LastName LIKE '{c}%'"}]}"#,
    r#"{"q":"x","sobjects":[{"name":"Contact","orderBy":"{c}"}]}"#,
    r#"{"q":"x","sobjects":[{"name":"Contact","{c}":1}]}"#,
    r#"{"q":"x","sobjects":"{c}"}"#,
    r#"{"q":"x","dataCategories":[{"groupName":"{c}"}]}"#,
    r#"{"q":"x","snippet":"{c}"}"#,
    r#"{"q":"x","overallLimit":"{c}"}"#,
    r#"["{c}"]"#,
    r#""{c}""#,
];

#[test]
fn searches_look_for_tokens_or_are_refused() {
    run(&cases());
}
