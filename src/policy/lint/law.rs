//! Does each field say why it is processed and for how long (GDPR Art. 5(1)(b), (e), 5(2), 6(1))?

use crate::policy::lint::{self, Subject};
use crate::policy::{Plan, Report, Rule, Sentence, retention, sentence};

/// The longest retention that needs no second look, in months. Dutch tax law asks for seven years
/// (AWR Art. 52), ten for real estate.
const LONG: i32 = 120;

pub fn check(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    if matches!(field.rule, Rule::Pass | Rule::Derived) {
        return;
    }
    let missing: Vec<&str> = [
        ("purpose", field.purpose.is_none()),
        ("lawful_basis", field.lawful_basis.is_none()),
        ("retention", field.retention.is_none()),
    ]
    .into_iter()
    .filter(|(_, missing)| *missing)
    .map(|(key, _)| key)
    .collect();
    if !missing.is_empty() {
        let missing = Sentence {
            english: missing.join(", no "),
            dutch: missing.join(", "),
        };
        report.error(
            "policy-incomplete",
            &field.span,
            sentence!(
                "{label} has no {missing}",
                "van {label} ontbreekt: {missing}",
                label: sentence!("{label}", "{label}", label = field.label),
                missing: missing,
            ),
            sentence!(
                "state it at the field, its class, its object or under `[defaults]`",
                "zeg het bij het veld, de klasse, het object of onder `[defaults]`"
            ),
        );
    }
    if let Some(stated) = &field.retention {
        check_retention(subject, stated, report);
    }
    if field.class.is_none() {
        report.error(
            "policy-incomplete",
            &field.span,
            sentence!(
                "nothing says what {label} is and who may see it",
                "niets zegt wat {label} is en wie het mag zien",
                label = field.label,
            ),
            sentence!(
                "name a class: it has the category and the roles",
                "noem een klasse: die heeft de categorie en de rollen"
            ),
        );
    }
}

fn check_retention(subject: &Subject<'_>, stated: &str, report: &mut Report) {
    let span = &subject.field.span;
    let Some(months) = retention::months(stated) else {
        report.error(
            "policy-retention-form",
            span,
            sentence!(
                "the retention of {label} is no ISO 8601 duration",
                "de bewaartijd van {label} is geen duur volgens ISO 8601",
                label = subject.field.label,
            ),
            sentence!(
                "write years, months, weeks or days: \"P7Y\", \"P18M\", \"P90D\"",
                "schrijf jaren, maanden, weken of dagen: \"P7Y\", \"P18M\", \"P90D\""
            ),
        );
        return;
    };
    if months > LONG {
        let label = &subject.field.label;
        report.warning(
            "policy-retention-long",
            span,
            sentence!(
                "{label} is kept for more than ten years",
                "{label} wordt langer dan tien jaar bewaard"
            ),
            sentence!(
                "name the law that asks for it in `reason`, or shorten it",
                "noem in `reason` de wet die dat vraagt, of kort de tijd in"
            ),
        );
    }
}

/// Who may see it, and is each class used?
pub fn check_classes(plan: &Plan, report: &mut Report) {
    for (id, class) in plan.classes() {
        let name = &class.name;
        let of_class = lint::fields(plan).filter(|(_, field)| field.class == Some(id));
        let rules: Vec<&Rule> = of_class.map(|(_, field)| &field.rule).collect();
        let kept = rules
            .iter()
            .any(|rule| !matches!(rule, Rule::Block | Rule::Strip));
        let revealed = rules
            .iter()
            .any(|rule| matches!(rule, Rule::Tokenize { .. } | Rule::Encrypt | Rule::Hold));
        if rules.is_empty() && !plan.detection().names(id) {
            report.warning(
                "policy-unused-class",
                &class.span,
                sentence!(
                    "no field is of the class `{name}`",
                    "geen veld is van de klasse `{name}`"
                ),
                sentence!(
                    "take it away, or name it at a field",
                    "haal haar weg, of noem haar bij een veld"
                ),
            );
        }
        if kept && class.special && class.exception.is_none() {
            report.error(
                "policy-special-exception",
                &class.span,
                sentence!(
                    "nothing says why the special category `{name}` may be processed",
                    "niets zegt waarom de bijzondere categorie `{name}` mag worden verwerkt"
                ),
                sentence!(
                    "name the exception: `exception = \"A9-2-a\"` is explicit consent (GDPR Art. 9(2), 10)",
                    "noem de uitzondering: `exception = \"A9-2-a\"` is uitdrukkelijke toestemming (AVG art. 9 lid 2, art. 10)"
                ),
            );
        }
        if revealed && class.roles.is_empty() {
            report.warning(
                "policy-nobody",
                &class.span,
                sentence!(
                    "nobody may see values of the class `{name}`",
                    "niemand mag waarden van de klasse `{name}` zien"
                ),
                sentence!(
                    "name roles; if nobody needs the values, `strip` does not collect them (GDPR Art. 5(1)(c))",
                    "noem rollen; heeft niemand de waarden nodig, dan verzamelt `strip` ze niet (AVG art. 5 lid 1 c)"
                ),
            );
        }
    }
}
