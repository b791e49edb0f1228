//! Classes of the file to classes of the plan.

use std::ops::Range;

use crate::policy::at::At;
use crate::policy::check::Scope;
use crate::policy::plan::ClassPlan;
use crate::policy::raw::Class;
use crate::policy::{Report, RoleSet, sentence, suggest, vocabulary};

pub fn resolve(scope: &Scope<'_>, report: &mut Report) -> Vec<ClassPlan> {
    let classes = &scope.file.classes;
    if let Some(first) = classes.keys().nth(usize::from(u16::MAX)) {
        report.error(
            "policy-classes",
            &first.span,
            "more classes than a plan can number",
            "merge classes",
        );
    }
    classes
        .iter()
        .map(|(name, class)| one(scope, name, &class.value, report))
        .collect()
}

fn one(scope: &Scope<'_>, name: &At<String>, class: &Class, report: &mut Report) -> ClassPlan {
    let category = category(class, &name.span, report);
    let known = category.as_deref().and_then(vocabulary::term);
    let by_term = known.is_some_and(|term| term.special);
    let declared = class.special.as_ref();
    if let Some(declared) = declared.filter(|declared| by_term && !declared.value) {
        report.error(
            "policy-special-denied",
            &declared.span,
            "the term is a special category of GDPR Art. 9 or criminal data of Art. 10",
            "write `special = true` or leave it out",
        );
    }
    let roles = class.roles.as_ref().or(scope.file.defaults.roles.as_ref());
    if roles.is_none() {
        report.error(
            "policy-incomplete",
            &name.span,
            sentence!(
                "nothing says who may see the class `{name}`",
                "niets zegt wie de klasse `{name}` mag zien",
                name = name.value,
            ),
            sentence!(
                "add `roles = [...]` here or under `[defaults]`; an empty list means nobody",
                "voeg hier of onder `[defaults]` `roles = [...]` toe; een lege lijst betekent niemand"
            ),
        );
    }
    let roles = roles.map_or_else(RoleSet::none, |roles| scope.roles(&roles.value, report));
    ClassPlan {
        name: name.value.clone(),
        category: category.unwrap_or_default(),
        roles,
        step_up: class.step_up.as_ref().is_some_and(|at| at.value),
        search: class.search.as_ref().map(|at| at.value).unwrap_or_default(),
        canonical: class
            .canonical
            .as_ref()
            .map(|at| at.value)
            .unwrap_or_default(),
        special: by_term || declared.is_some_and(|declared| declared.value),
        exception: class.exception.as_ref().map(|at| at.value),
        known: class.known.as_ref().map(|at| at.value),
        span: name.span.clone(),
    }
}

fn category(class: &Class, span: &Range<usize>, report: &mut Report) -> Option<String> {
    let Some(category) = &class.category else {
        report.error(
            "policy-incomplete",
            span,
            sentence!(
                "the class has no category",
                "de klasse heeft geen categorie"
            ),
            sentence!(
                "add `category = \"pd:…\"`, a term of https://w3id.org/dpv/pd",
                "voeg `category = \"pd:…\"` toe, een term van https://w3id.org/dpv/pd"
            ),
        );
        return None;
    };
    let text = &category.value;
    if !vocabulary::is_term(text) {
        report.error(
            "policy-category-form",
            &category.span,
            sentence!(
                "`{text}` is no term of the Data Privacy Vocabulary",
                "`{text}` is geen term van het Data Privacy Vocabulary"
            ),
            sentence!(
                "a term is `pd:EmailAddress`, `dpv:…` or, for what it lacks, `sluis:NationalIdNL`",
                "een term is `pd:EmailAddress`, `dpv:…` of, voor wat daar ontbreekt, `sluis:NationalIdNL`"
            ),
        );
    } else if vocabulary::term(text).is_none() {
        let terms: Vec<String> = vocabulary::terms().collect();
        report.warning(
            "policy-category-unknown",
            &category.span,
            sentence!(
                "lint knows nothing about the term `{text}`",
                "de controle kent de term `{text}` niet"
            ),
            match suggest::nearest(text, terms.iter().map(String::as_str)) {
                Some(near) => sentence!("did you mean `{near}`?", "bedoelde u `{near}`?"),
                None => sentence!(
                    "say `special = true` if it is a special category",
                    "zeg `special = true` als het een bijzondere categorie is"
                ),
            },
        );
    }
    Some(text.clone())
}
