//! A file that the CRM gives back: opened while it passes, for whoever may see its class.
//!
//! Nothing of a chunk goes on before its tag was checked. What can be refused is refused before the
//! first byte; a file that turns out broken later breaks the answer off, and the ledger has both.

use std::sync::Arc;

use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::exchange::{Content, Reply};
use super::giving::{Giving, Reader, Source, broken, withheld};
use super::record::{Scribe, Tally};
use super::{Failure, Rules, Shared};
use crate::model::{RecordId, Refusal};
use crate::protect::file::{Head, LEAD, Lead, MAGIC, opened_length};
use crate::protect::inward::{Revealed, Viewer};
use crate::protect::{Context, FormatVersion};
use crate::upstream::Opened;
use crate::vault::Sealed;
use crate::wire::disposition;

/// Which file is asked for, where the request says it: the object, and the record that has it.
pub(super) struct Asked<'a> {
    pub object: Option<&'a str>,
    pub record: Option<RecordId>,
}

/// Whether an answer is a file that this border, or another one, has sealed.
pub(super) async fn is_sealed(answer: &mut Opened) -> Result<bool, Failure> {
    // Neither is asked for, so neither says which bytes are meant.
    if answer.status() != StatusCode::OK || answer.is_coded() {
        return Ok(false);
    }
    Ok(answer.first(MAGIC.len()).await? == MAGIC)
}

/// Opens a sealed file for whoever asks. `headers` are those of every answer.
pub(super) async fn open(
    scribe: &Scribe<'_>,
    asked: &Asked<'_>,
    (mut answer, mut headers): (Opened, HeaderMap),
    (shown, reader): (bool, Reader),
    tally: &mut Tally,
) -> Result<Reply, Failure> {
    let (shared, rules) = (scribe.shared, scribe.rules);
    let length = answer.length();
    let lead = Lead::read(&answer.take(LEAD).await?).map_err(|_| broken())?;
    let sealed = answer.take(lead.head).await?;
    let row = named(shared, rules, &lead).await?;
    allowed(scribe, asked, &row)?;

    let context = Context {
        form: FormatVersion::FileName1,
        tenant: &rules.protection.tenant,
        class: &row.class,
        subject: row.subject,
        key: u64::from(row.key_version),
        row: row.row,
    };
    let head = Head::open(&lead, &sealed, (&row.key, &context)).map_err(|_| broken())?;
    let (name, kind) = (head.name.clone(), head.kind.clone());
    let mut source = Source::Sealed {
        opener: head.opener(),
        answer,
    };
    // The first chunk says whether the head belongs to what follows.
    let first = source.next().await?;

    let length = length.and_then(|all| all.checked_sub((LEAD + lead.head) as u64));
    let length = length.and_then(opened_length);
    say(&mut headers, name.expose(), (&kind, &first.plain), shown);
    let revealed = Revealed {
        body: zeroize::Zeroizing::default(),
        classes: vec![(&*row.class, 1)],
        masked: 0,
        subjects: vec![row.subject],
    };
    tally.revealed = 1;
    scribe.revealed(&revealed, 1).await?;

    let of = (&*row.class, vec![row.subject]);
    let giving = Giving::new(scribe, source, of, reader);
    Ok(Reply {
        status: StatusCode::OK,
        headers,
        body: Content::File(giving.begin(first, length)),
    })
}

/// The row of a file's name, which says whose the file is and what its class is.
async fn named(shared: &Shared, rules: &Rules, lead: &Lead) -> Result<Arc<Sealed>, Failure> {
    let row = rules
        .protection
        .codec
        .check(lead.token)
        .ok_or_else(broken)?;
    let found = shared.vault.load(&[row]).await?.pop().flatten();
    let gone = || {
        withheld(
            "this file's key is gone: whose data it had was erased, or the vault is another one",
        )
    };
    let row = found.ok_or_else(gone)?;
    match row.form {
        FormatVersion::FileName1 => Ok(row),
        FormatVersion::Vault1 | FormatVersion::Field1 | FormatVersion::FileHead1 => {
            Err(broken().into())
        }
    }
}

fn allowed(scribe: &Scribe<'_>, asked: &Asked<'_>, row: &Sealed) -> Result<(), Refusal> {
    let plan = &scribe.rules.plan;
    let viewer = Viewer::new(plan, scribe.roles, scribe.fresh);
    let class = plan.class_named(&row.class);
    if !class.is_some_and(|class| viewer.may_see(class)) {
        let text = format!("your role may not see files of the class {}", row.class);
        return Err(withheld(&text));
    }
    // Where the request says which record it is about, a file of another one is not taken for its own.
    let elsewhere = match (asked.object, asked.record, row.record.as_deref()) {
        (Some(object), Some(asked), Some(stands)) => {
            *row.object != *object || asked.as_str() != stands
        }
        _ => false,
    };
    match elsewhere {
        true => Err(withheld("the CRM gave the file of another record")),
        false => Ok(()),
    }
}

/// What a browser may be told that a file is.
enum As {
    /// It is saved.
    Saved(&'static str),
    /// A picture of a page.
    Shown(&'static str),
}

/// Types that no browser runs. All others are bytes.
const HARMLESS: [&str; 16] = [
    "application/msword",
    "application/pdf",
    "application/vnd.ms-excel",
    "application/vnd.ms-outlook",
    "application/vnd.ms-powerpoint",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/zip",
    "image/gif",
    "image/jpeg",
    "image/png",
    "text/csv",
    "text/plain",
];

/// The pictures that pages show, by their first bytes: what a file says of itself does not count.
const PICTURES: [(&str, &[u8]); 4] = [
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/gif", b"GIF8"),
    ("image/webp", b"RIFF"),
];

fn kind_of(kind: &str, first: &[u8], shown: bool) -> As {
    let mut pictures = PICTURES.into_iter();
    let picture = pictures.find(|(kind, start)| {
        first.starts_with(start) && (*kind != "image/webp" || first.get(8..12) == Some(b"WEBP"))
    });
    if let Some((kind, _)) = picture.filter(|_| shown) {
        return As::Shown(kind);
    }
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let known = HARMLESS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(kind));
    As::Saved(known.unwrap_or("application/octet-stream"))
}

/// The header fields of a file: what it says of itself and its first bytes decide what a browser is
/// told.
pub(super) fn say(headers: &mut HeaderMap, name: &str, (kind, first): (&str, &[u8]), shown: bool) {
    let (kind, how) = match kind_of(kind, first, shown) {
        As::Saved(kind) => (kind, "attachment"),
        As::Shown(kind) => (kind, "inline"),
    };
    let named = disposition::write(how, name);
    let fields = [
        (CONTENT_TYPE, kind),
        (CONTENT_DISPOSITION, named.as_str()),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    for (field, value) in fields {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(field, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{As, kind_of};

    #[test]
    fn only_what_is_a_picture_by_its_bytes_is_shown() {
        let shown = |kind: &str, first: &[u8], asked| match kind_of(kind, first, asked) {
            As::Shown(kind) => kind.to_owned(),
            As::Saved(kind) => format!("saved {kind}"),
        };
        let png = b"\x89PNG\r\n\x1a\n....";
        assert_eq!(shown("text/html", png, true), "image/png");
        assert_eq!(shown("image/png", png, false), "saved image/png");
        assert_eq!(shown("image/webp", b"RIFF....WEBPVP8 ", true), "image/webp");
        for (kind, first) in [
            (
                "image/svg+xml",
                &b"<svg xmlns='http://www.w3.org/2000/svg'>"[..],
            ),
            ("text/html", b"<script>alert(1)</script>"),
            ("image/webp", b"RIFF....WAVEfmt "),
            ("application/xhtml+xml", b"<html>"),
            ("", b""),
        ] {
            let expected = "saved application/octet-stream";
            assert_eq!(shown(kind, first, true), expected, "{kind}");
        }
        assert_eq!(shown("image/png", b"<html>", true), "saved image/png");
        assert_eq!(
            shown("Text/Plain; charset=x", b"a", true),
            "saved text/plain"
        );
    }
}
