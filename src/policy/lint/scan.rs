//! Is free text looked at, and is whatever lets special categories pass decided by two people on a
//! ground that the law knows (GDPR Art. 9(2), 10, 87; UAVG Art. 31-33, 46)?

use std::ops::Range;

use crate::policy::lint::Subject;
use crate::policy::scan::{OnSpecial, SpecialScan, forbidden};
use crate::policy::{FieldType, Plan, Report, Rule, sentence};

/// Text fields from this length on are where people write stories.
const LONG: u32 = 1000;
/// Characters of the placeholder of a text in quarantine, and some room.
const PLACEHOLDER: u32 = 40;
/// The least length of a field for ciphertext; see `fit`.
const SEALED: u32 = 1000;

pub fn check(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    if field
        .scan
        .as_ref()
        .is_none_or(|scan| scan.special.is_none())
    {
        missing(subject, report);
    }
    check_scanned(subject, &field.span, report);
}

/// Whether what is looked for in a field can be done; `span` is where the file says it.
pub fn check_scanned(subject: &Subject<'_>, span: &Range<usize>, report: &mut Report) {
    let field = subject.field;
    let special = field.scan.as_ref().and_then(|scan| scan.special.as_ref());
    if let Some(special) = special {
        decided(subject, special, report);
        room(subject, (special, span), report);
    }
    let clear = field.rule == Rule::Pass;
    if clear && field.scan.as_ref().is_some_and(|scan| scan.identifiers) {
        identifiers(subject, span, report);
    }
}

/// `encrypt` lets the CRM hold a special category, sealed: GDPR Art. 9(2) must allow it.
fn decided(subject: &Subject<'_>, special: &SpecialScan, report: &mut Report) {
    if special.on_special != OnSpecial::Encrypt {
        return;
    }
    let decision = special.decision.as_ref();
    let allowed =
        decision.is_some_and(|decision| decision.is_signed() && decision.is_of_article_9());
    if !allowed {
        report.error(
            "policy-scan-decision",
            &special.span,
            sentence!(
                "{label} would take special categories on nobody's decision",
                "{label} zou bijzondere categorieën aannemen zonder dat iemand dat besloot",
                label = subject.field.label,
            ),
            sentence!(
                "add `decision = {{ exception = \"A9-2-…\", second_person = \"…\", date = \"…\" }}`, or use `block`, `strip` or `quarantine`",
                "voeg `decision = {{ exception = \"A9-2-…\", second_person = \"…\", date = \"…\" }}` toe, of gebruik `block`, `strip` of `quarantine`"
            ),
        );
    }
}

fn room(
    subject: &Subject<'_>,
    (special, span): (&SpecialScan, &Range<usize>),
    report: &mut Report,
) {
    let field = subject.field;
    let long = |least: u32| field.length.is_none_or(|length| length >= least);
    let words = matches!(
        field.kind,
        FieldType::String | FieldType::Textarea | FieldType::EncryptedString | FieldType::Combobox
    );
    let placeholder = long(PLACEHOLDER) && words;
    if special.may(OnSpecial::Quarantine) && !placeholder {
        report.error(
            "policy-scan-room",
            span,
            sentence!(
                "{label} cannot hold the placeholder of a text in quarantine",
                "{label} heeft geen ruimte voor wat een tekst in quarantaine vervangt",
                label = field.label,
            ),
            sentence!(
                "`quarantine` is for text fields from 40 characters; use `block` or `strip`",
                "`quarantine` is voor tekstvelden vanaf 40 tekens; gebruik `block` of `strip`"
            ),
        );
    }
    if special.may(OnSpecial::Encrypt) && field.rule == Rule::Pass && !long(SEALED) {
        report.error(
            "policy-scan-room",
            span,
            sentence!(
                "{label} has no room for ciphertext",
                "{label} heeft geen ruimte voor versleutelde tekst",
                label = field.label,
            ),
            sentence!(
                "`encrypt` is for text fields from 1000 characters, or for fields that are tokenized",
                "`encrypt` is voor tekstvelden vanaf 1000 tekens, of voor velden die een token worden"
            ),
        );
    }
}

fn identifiers(subject: &Subject<'_>, span: &Range<usize>, report: &mut Report) {
    let detection = subject.plan.detection();
    let all = crate::detect::Identifier::ALL.into_iter();
    let without = all.filter(|kind| detection.class(*kind).is_none());
    let names: Vec<&str> = without.map(crate::detect::Identifier::name).collect();
    if !names.is_empty() {
        report.error(
            "policy-scan-identifier",
            span,
            sentence!(
                "nothing says of which class these are when they are found in {label}: {names}",
                "niets zegt van welke klasse deze zijn als ze in {label} worden gevonden: {names}",
                label = subject.field.label,
                names = names.join(", "),
            ),
            sentence!(
                "name a class for each under `[detection.identifiers]`",
                "noem voor elk een klasse onder `[detection.identifiers]`"
            ),
        );
    }
}

/// Terms of what people tell; other long texts are lists of addresses or ids.
const TOLD: [&str; 2] = ["pd:Communication", "pd:EmailContent"];

/// Long text that nobody looks at.
fn missing(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    let leaves = matches!(
        field.rule,
        Rule::Pass | Rule::Tokenize { .. } | Rule::Encrypt | Rule::Hold
    );
    let long = field.kind == FieldType::Textarea && field.length.unwrap_or(0) >= LONG;
    let told = subject
        .class
        .is_some_and(|class| TOLD.contains(&class.category.as_str()));
    let free = field.rule == Rule::Encrypt || told;
    if leaves && long && free && field.writable && field.reason.is_none() {
        let label = &field.label;
        report.warning(
            "policy-scan-missing",
            &field.span,
            sentence!(
                "{label} is long text, and special categories in it would be kept",
                "{label} is lange tekst, en bijzondere categorieën erin zouden worden bewaard"
            ),
            sentence!(
                "add `scan = [\"special\"]` to the field or its class, or say in `reason` why not",
                "zet `scan = [\"special\"]` bij het veld of de klasse, of zeg in `reason` waarom niet"
            ),
        );
    }
}

/// Categories that are off, let pass or looked for with half an eye.
pub fn check_categories(plan: &Plan, report: &mut Report) {
    for departs in &plan.detection().categories {
        let weaker = departs.off || departs.on_special == Some(OnSpecial::Encrypt);
        if !weaker {
            continue;
        }
        let outright = forbidden(departs.category);
        let allowed = departs.decision.as_ref().is_some_and(|decision| {
            decision.is_signed()
                && if outright {
                    decision.is_of_statute()
                } else {
                    decision.is_of_article_9()
                }
        });
        if allowed {
            continue;
        }
        let name = departs.category.name();
        let (because, help) = if outright {
            (
                "which only a statute allows (GDPR Art. 10, 87; UAVG Art. 31, 46)",
                "add `decision = { ground = \"…\", second_person = \"…\", date = \"…\" }` with the statute",
            )
        } else {
            (
                "which GDPR Art. 9(1) forbids without an exception",
                "add `decision = { exception = \"A9-2-…\", second_person = \"…\", date = \"…\" }`",
            )
        };
        report.error(
            "policy-scan-decision",
            &departs.span,
            format!("`{name}` would be let through, {because}"),
            help,
        );
    }
}
