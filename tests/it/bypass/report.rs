//! `docs/fail-closed.md`: what was tried of each row, made by the tests and held to them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::bypass::all;
use crate::bypass::case::{Case, Expect};

/// What holds a row beside its cases: where its tests are, or why it is not for the border.
struct Note {
    row: &'static str,
    text: &'static str,
}

const NOTES: &[Note] = &[
    note(
        "A02",
        "`tests/it/drift.rs`: the CRM's fields change under a running border",
    ),
    note("A03", "with JSONTestSuite under J05"),
    note(
        "A04",
        "`tests/it/ops`: full disks, kill -9, a ledger that is replaced; `src/server/tests/operation.rs`: a panic answers 500 and nothing is sent; `src/vault/tests.rs`: a full disk, files that do not belong together; by type: only `protect` makes `Cleared`, and `upstream` sends nothing else",
    ),
    note(
        "A05",
        "bodies are read whole before any byte goes; tables of bulk jobs portion by portion, each cleared first: `tests/it/bulk.rs`",
    ),
    note(
        "A06",
        "a way around the border is closed in the CRM: its login addresses are pinned to the border; here: no session but the border's own is taken or shown",
    ),
    note(
        "A07",
        "the runner looks for the CRM's names in every answer of every case",
    ),
    note(
        "F02",
        "the same vectors at unit level in `src/server/tests/http2.rs`",
    ),
    note(
        "F05",
        "pipelining at unit level in `src/server/tests/http1.rs`",
    ),
    note(
        "F07",
        "`src/upstream/tests/mod.rs`, `tests/it/ops/upstream.rs`: answers that are split, doubled, cut or chunked badly",
    ),
    note(
        "F08",
        "floods in `http2.rs`; deadlines in `src/server/tests/limits.rs`",
    ),
    note(
        "J07",
        "untouched numbers byte for byte: `json.rs` and `src/wire/json/tests.rs`",
    ),
    note("E02", "limits in `src/wire/coding.rs`"),
    note("E04", "`coding.rs`: no answer is compressed"),
    note(
        "U07",
        "no personal value stands in a path or query that the border writes: queries and keys carry tokens (U01, U02), and in addresses of pages and JSON a token stays (`src/wire/html/url.rs`); `Referrer-Policy` is `no-referrer` on answers of the API, `same-origin` on pages",
    ),
    note("S01", "all parts of one request, or none"),
    note(
        "K01",
        "`surroundings.rs`: no two rows of the vault have one nonce; `src/protect/primitives/tests.rs`: Wycheproof; nonces are 96 random bits under a key per subject",
    ),
    note(
        "K02",
        "`src/protect/primitives/tests.rs`: every part of the place counts; `src/vault/tests.rs`: a row moved to another number does not open",
    ),
    note(
        "K03",
        "`surroundings.rs`: equal values get tokens of their own, no hash leaves; lint refuses stable tokens of small domains (`src/policy/tests/lint.rs`)",
    ),
    note(
        "N02",
        "`src/upstream/tests/mod.rs`: wrong name, stranger's, expired and self-signed certificates; there is no switch",
    ),
    note(
        "N03",
        "`surroundings.rs`: old versions and plain HTTP get no answer; `src/server/tests/operation.rs`",
    ),
    note(
        "N04",
        "`src/upstream/resolve.rs`; the certificate decides (N02)",
    ),
    note(
        "N05",
        "`src/server/tests/operation.rs`: operations tell health and metrics and nothing else",
    ),
    note(
        "N06",
        "`surroundings.rs`: no early data; client certificates in `src/server/tests/operation.rs` and `src/gate/tests`",
    ),
    note(
        "N07",
        "`src/server/tests/limits.rs`: slow heads and bodies, silent connections, one source's share",
    ),
    note(
        "N08",
        "`surroundings.rs`: the PROXY protocol is not spoken; X-Forwarded-For is under U03 and goes nowhere",
    ),
    note(
        "O01",
        "`surroundings.rs` and after every table: the log at trace, the metrics, the CRM's requests and records hold no canary",
    ),
    note(
        "M01",
        "`files.rs`, `ops/files.rs`: files of Salesforce's records leave sealed, whole and in constant memory, or are refused; `pages/files.rs`: the same of a CRM's pages (`tests/it/browser` through Creme)",
    ),
    note(
        "M02",
        "`files.rs`; `src/wire/multipart/tests.rs`: a strict reader, and every form is written anew; `pages/attacks.rs`, `pages/files.rs`",
    ),
    note(
        "M03",
        "`files.rs`, `pages/files.rs`, `pages/attacks.rs`: names become tokens, are scanned, and take one form only",
    ),
    note(
        "M04",
        "`files.rs`, `src/wire/multipart/tests.rs`: UTF-8 only, no charset of a part, no part within a part; `_charset_` is a name like others, and unknown",
    ),
    note(
        "M05",
        "as M01: sealed, so nobody need look inside; what is given back has a type that no browser runs (`files.rs`, `pages/files.rs`)",
    ),
    note(
        "R01",
        "`pages/attacks.rs`: a token of another record or field is refused and recorded; REST and SOAP under J and X",
    ),
    note(
        "R02",
        "`no-store` on all that was revealed, no cache of answers; `src/server/tests/http2.rs`, `tests/it/ops`: streams and exchanges that break off",
    ),
    note(
        "R03",
        "`pages/acts.rs`, `pages/step_up.rs`, `tests/it/browser`: pages, attributes, JSON, exports and searches of somebody who may not see a class; `tests/clients` with a masked token",
    ),
    note(
        "R04",
        "`src/wire/html/properties.rs`, `pages/attacks.rs`, `tests/it/browser`: poisoned names in every place of a page, in scripts, JSON and tables",
    ),
    note(
        "R05",
        "whatever does not open is the same token, unchanged; times are not compared",
    ),
    note(
        "R06",
        "a pace for each client and person; no limit of volume and no alarm yet",
    ),
    note(
        "R07",
        "`tests/it/ops/upstream.rs`, `errors.rs`: what the CRM says passes the same way in; ours name field and rule, never a value",
    ),
    note(
        "R08",
        "`Range`, `If-*` and `ETag` do not pass (`pages/files.rs`, headers under A07 and N)",
    ),
    note(
        "R09",
        "`staff/sessions.rs`, `staff/scripts.rs`: `no-store`, `Clear-Site-Data` at sign-out, no service worker",
    ),
    note(
        "R10",
        "`src/dialect/pages/headers.rs`, `pages/acts.rs`, `pages/hosts.rs`: the CRM's fields by a list, CORS for our own names only",
    ),
    note(
        "R11",
        "`staff/sessions.rs`: roles, disabling and sign-out act with the next request; `pages/files.rs`: also while a body comes; `ops/reload.rs`: a policy is in force at the next request",
    ),
    note(
        "I01",
        "`staff/matrix.rs` (`docs/access.md`): every route in every state of authentication, and no request at the CRM below two factors; `staff/soap.rs`",
    ),
    note(
        "I02",
        "`staff/second_factor.rs`: one code opens once, in parallel too; guesses meet the back-off; `src/gate/tests`",
    ),
    note(
        "I03",
        "`staff/second_factor.rs`, `src/gate/tests`: origin, user verification, one use, another person's key",
    ),
    note(
        "I04",
        "`staff/sessions.rs`: a new name at each step, ended by sign-out, role, idleness and time; `__Host-`",
    ),
    note(
        "I05",
        "`staff/forgery.rs`, `staff/scripts.rs`, `pages/attacks.rs`, `pages/sockets.rs`: other sites, and scripts of the CRM's own pages",
    ),
    note(
        "I06",
        "`staff/forgery.rs`: what a browser says of itself; headers under U03",
    ),
    note(
        "I07",
        "two proofs for each client: `src/gate/tests`, `staff/soap.rs`; tokens bound to certificate or network",
    ),
    note(
        "I08",
        "`staff/enrolment.rs`, `staff/changes.rs`: links of one use from another person, recovery codes once, changes after a step-up",
    ),
    note(
        "I09",
        "`staff/second_factor.rs`: the unknown and the mistyped get one answer; the same work is done for both",
    ),
    note(
        "I10",
        "`pages/provider.rs`: a real provider, and one that lies: state, nonce, issuer, audience, algorithm, hosts, age",
    ),
    note(
        "I11",
        "`pages/cookies.rs`: the CRM's session opens for one person, sign-in and host",
    ),
    note("I12", "there are no pages for customers"),
];

const fn note(row: &'static str, text: &'static str) -> Note {
    Note { row, text }
}

#[test]
fn the_document_says_what_was_tried() {
    let written = document();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fail-closed.md");
    if std::env::var_os("SLUIS_BLESS").is_some() {
        std::fs::write(&path, &written).expect("the document");
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stands == written,
        "docs/fail-closed.md is not what the tests make: write it by SLUIS_BLESS=1 cargo test --test it bypass::report"
    );
}

#[test]
fn every_row_has_cases_or_a_note_and_nothing_else_has() {
    let rows = rows();
    let cases = all();
    assert!(cases.len() > 2_000, "{} cases", cases.len());
    for row in &rows {
        let id = row.first().expect("an id").as_str();
        let has =
            cases.iter().any(|case| case.row == id) || NOTES.iter().any(|note| note.row == id);
        assert!(has, "{id}");
    }
    let known = |id: &str| {
        rows.iter()
            .any(|row| row.first().is_some_and(|first| first == id))
    };
    let unknown = cases.iter().find(|case| !known(case.row));
    assert!(
        unknown.is_none(),
        "cases of an unknown row: {}",
        unknown.unwrap().row
    );
    assert!(
        NOTES.iter().all(|note| known(note.row)),
        "a note of an unknown row"
    );
}

/// A note is worth what it points to.
#[test]
fn every_file_that_a_note_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for Note { row, text } in NOTES {
        let named = text.split('`').skip(1).step_by(2);
        for name in named.filter(|name| name.ends_with(".rs") || name.contains('/')) {
            let places = ["", "tests/it", "tests/it/bypass"];
            let is_there = places
                .iter()
                .any(|place| root.join(place).join(name).exists());
            assert!(is_there, "{row}: {name}");
        }
    }
}

const HEAD: &str = "# Fail closed\n\n\
Ways in which personal data could slip past the border, and what became of each when it was tried\n\
against the running product by `cargo test --test it bypass`. Made by the tests; do not edit.\n\n\
A *try* is refused: an error of the CRM's own shape or a closed connection, no request at the CRM,\n\
and its canary neither in the CRM nor in logs, metrics or the answer. A *control* is the same kind\n\
of request without the trick: it succeeds, and the CRM holds tokens. One that does not behave so\n\
fails its test, and this page cannot be made from it.\n\n\
The rows are those of `tests/fixtures/bypass.csv`, the tables in `tests/it/bypass/`. Families I, R and M\n\
are of people, browsers and files: their tests are beside the tables, in `tests/it/staff`,\n\
`tests/it/pages` and `tests/it/browser`.\n\n";

fn document() -> String {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for Case { row, expect, .. } in all() {
        let count = counts.entry(row).or_default();
        match expect {
            Expect::Allowed | Expect::Answered => count.1 += 1,
            Expect::Refused(_) | Expect::Dropped => count.0 += 1,
        }
    }
    let tried: usize = counts.values().map(|count| count.0).sum();
    let controls: usize = counts.values().map(|count| count.1).sum();
    let mut text = HEAD.to_owned();
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{tried} tries and {controls} controls.\n");
    text.push_str("| Row | Risk | Way | Tries | Controls | Verdict | Beside the cases |\n");
    text.push_str("| --- | --- | --- | ---: | ---: | --- | --- |\n");
    for row in rows() {
        let [id, risk, vector, ..] = row.as_slice() else {
            continue;
        };
        let (tried, controls) = counts.get(id.as_str()).copied().unwrap_or_default();
        let verdict = if tried > 0 { "refused" } else { "see beside" };
        let note = NOTES
            .iter()
            .find(|note| note.row == id)
            .map_or("", |note| note.text);
        let vector = vector.replace('|', "\\|").replace('<', "&lt;");
        let _ = writeln!(
            text,
            "| {id} | {risk} | {vector} | {tried} | {controls} | {verdict} | {note} |"
        );
    }
    text
}

/// The rows of the fixture, without its head.
fn rows() -> Vec<Vec<String>> {
    let text = include_str!("../../fixtures/bypass.csv");
    text.lines().skip(1).map(fields).collect()
}

/// One line of CSV (RFC 4180); no field of the fixture has a line end.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let field = fields.last_mut().expect("a field");
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => field.push(other),
        }
    }
    fields
}
