//! Refusals as a browser shows them: a page for a person, JSON for a script.

use serde_json::json;

use crate::model::{Code, Refusal};

/// A language of our pages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Language {
    Nl,
    En,
}

impl Language {
    /// The first of a browser's languages that we have; English otherwise.
    #[must_use]
    pub fn of(accept: &str) -> Self {
        let first = accept.split([',', ';', '-']).map(str::trim);
        let mut known =
            first.filter(|word| word.eq_ignore_ascii_case("nl") || word.eq_ignore_ascii_case("en"));
        match known.next() {
            Some(word) if word.eq_ignore_ascii_case("nl") => Self::Nl,
            _ => Self::En,
        }
    }
}

/// Status and body for a script.
#[must_use]
pub fn json(refusal: &Refusal) -> (u16, String) {
    let body = json!({
        "error": {
            "code": refusal.code.name(),
            "field": refusal.field,
            "message": refusal.to_string(),
        }
    });
    (status(refusal.code), body.to_string())
}

/// Status and page for a person.
#[must_use]
pub fn page(refusal: &Refusal, language: Language) -> (u16, String) {
    let words = match language {
        Language::Nl => &NL,
        Language::En => &EN,
    };
    let field = refusal.field.as_ref().map_or_else(String::new, |field| {
        format!("<dt>{}</dt><dd>{}</dd>", words.field, escaped(field))
    });
    let (title, nothing) = match refusal.code {
        Code::FileWithheld => words.withheld,
        _ => (words.title, words.nothing),
    };
    let reason = (words.reason)(refusal.code);
    let body = format!(
        "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"{STYLE}\"></head>\
         <body><main><p class=\"brand\">sluis</p><h1>{title}</h1><p>{nothing}</p>\
         <dl><dt>{why}</dt>{reason}<dd{tongue}>{text}</dd>{field}<dt>{rule}</dt>\
         <dd><code>{code}</code></dd></dl>\
         <p>{remedy}</p>{confirm}<p><a href=\"/\">{home}</a></p></main></body></html>\n",
        lang = words.lang,
        why = words.why,
        reason = reason.map_or_else(String::new, |reason| format!("<dd>{reason}</dd>")),
        // Its text is English; of what was found in somebody's text it has the language of that text.
        tongue = reason.map_or("", |_| " lang=\"en\" class=\"hint\""),
        text = escaped(&refusal.text),
        rule = words.rule,
        code = refusal.code.name(),
        remedy = (words.remedy)(refusal.code),
        home = words.home,
        confirm = match refusal.code {
            Code::StepUp => format!(
                "<p><a class=\"button\" href=\"{STEP_UP}\" target=\"_blank\" rel=\"noopener\">{}</a></p>",
                words.confirm
            ),
            _ => String::new(),
        },
    );
    (status(refusal.code), body)
}

/// 400 what cannot be read, 422 what a value is the cause of, 403 what policy does not allow. Never
/// 401 or 5xx: scripts would sign in anew or try again.
fn status(code: Code) -> u16 {
    match code {
        Code::TargetNotCanonical | Code::BodyMalformed | Code::BodyTooLarge => 400,
        Code::ValueUnfit
        | Code::ValueTooLong
        | Code::SpecialCategory
        | Code::IdentifierInText
        | Code::QueryMalformed
        | Code::QueryClause
        | Code::ReferenceRefused => 422,
        Code::EndpointUnknown
        | Code::VersionOutside
        | Code::MethodUnknown
        | Code::ParameterUnknown
        | Code::BodyMediaType
        | Code::PolicyUnknownObject
        | Code::PolicyUnknownField
        | Code::PolicyUnknownAction
        | Code::ProgramFields
        | Code::PolicyBlocked
        | Code::FieldNotWritable
        | Code::Drift
        | Code::TokenForeign
        | Code::RoleRefused
        | Code::StepUp
        | Code::FileWithheld
        | Code::WebsocketRefused
        | Code::QuarantineState => 403,
    }
}

/// Where the second factor is shown once more, in a tab of its own: the form that was refused stays
/// where it is.
const STEP_UP: &str = "/.sluis/step-up?next=%2F.sluis%2Faccount";

/// What all pages of ours look like.
const STYLE: &str = "/.sluis/style.css";

struct Words {
    lang: &'static str,
    title: &'static str,
    nothing: &'static str,
    /// The same two where it is the CRM that something does not come from.
    withheld: (&'static str, &'static str),
    why: &'static str,
    /// What a code means, where the refusal's own text is in another language.
    reason: fn(Code) -> Option<&'static str>,
    field: &'static str,
    rule: &'static str,
    home: &'static str,
    confirm: &'static str,
    remedy: fn(Code) -> &'static str,
}

const NL: Words = Words {
    lang: "nl",
    title: "Dit is niet verstuurd",
    nothing: "De grens van uw organisatie heeft dit verzoek tegengehouden. Het CRM heeft niets ontvangen.",
    withheld: (
        "Dit bestand wordt niet getoond",
        "De grens van uw organisatie geeft dit bestand uit het CRM niet door.",
    ),
    why: "Waarom",
    reason: dutch,
    field: "Veld",
    rule: "Regel",
    home: "Naar het begin van het CRM",
    confirm: "Bevestig dat u het bent",
    remedy: |code| match code {
        Code::SpecialCategory | Code::IdentifierInText => {
            "Ga met de knop Terug van uw browser terug naar uw tekst, haal weg wat is genoemd en sla opnieuw op."
        }
        Code::ValueUnfit | Code::ValueTooLong => {
            "Ga met de knop Terug van uw browser terug en verbeter het genoemde veld."
        }
        Code::FileWithheld => {
            "Vraag een collega die dit bestand mag zien, of de beheerder van de grens."
        }
        Code::QueryClause => "Zoek op de hele waarde van één veld.",
        Code::StepUp => {
            "Bevestig eerst dat u het bent; dat kan in een nieuw tabblad. Kom dan hier terug en verstuur het opnieuw."
        }
        Code::TokenForeign => {
            "Laat een veld dat u niet kunt zien zoals het is; kopieer zijn inhoud niet naar een ander veld."
        }
        _ => {
            "Heeft u dit nodig? Vraag de beheerder van de grens om dit in het beleid op te nemen, met de regel hierboven."
        }
    },
};

/// What a code means, where a refusal's own text is in another language than the page.
pub(in crate::dialect) fn reason(code: Code, language: Language) -> Option<&'static str> {
    match language {
        Language::Nl => dutch(code),
        Language::En => None,
    }
}

/// None where the text is in the language of what was written, which is looked into.
fn dutch(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::SpecialCategory | Code::IdentifierInText => return None,
        Code::EndpointUnknown => "Deze pagina staat niet in het beleid.",
        Code::VersionOutside => "Deze versie van het CRM staat niet in het beleid.",
        Code::MethodUnknown => "Dit kan op deze pagina niet.",
        Code::ParameterUnknown => {
            "Het adres heeft een onderdeel dat niet in het beleid staat, of het dubbel heeft."
        }
        Code::TargetNotCanonical => "Het adres is niet goed geschreven.",
        Code::BodyMalformed => "Het formulier is niet te lezen.",
        Code::BodyMediaType => "Het formulier komt in een soort die deze pagina niet heeft.",
        Code::BodyTooLarge => "Het is groter dan mag.",
        Code::PolicyUnknownObject | Code::PolicyUnknownField => {
            "Het formulier heeft een veld dat niet in het beleid staat."
        }
        Code::PolicyUnknownAction => "Deze handeling staat niet in het beleid.",
        Code::ProgramFields => "De lijst van dit programma noemt dit niet.",
        Code::PolicyBlocked => "Het beleid laat dit veld niet naar het CRM gaan.",
        Code::FieldNotWritable => "Dit veld kan niet worden ingevuld.",
        Code::ValueUnfit => "Deze inhoud past niet bij het veld.",
        Code::ValueTooLong => "Deze inhoud is, beschermd, te lang voor het veld.",
        Code::Drift => "Het CRM heeft dit veld niet meer zoals het beleid het kent.",
        Code::TokenForeign => "Hier staat een verborgen waarde die bij een ander veld hoort.",
        Code::QueryMalformed => "De zoekopdracht is niet te lezen.",
        Code::QueryClause => "Zo is in beschermde velden niet te zoeken.",
        Code::ReferenceRefused => "De verwijzing staat niet in het beleid.",
        Code::RoleRefused => "Uw rol mag dit niet.",
        Code::StepUp => "Hiervoor is een tweede factor nodig die zojuist is getoond.",
        Code::FileWithheld => "Dit bestand mag u niet zien, of het kan niet worden geopend.",
        Code::WebsocketRefused => "Hier is geen WebSocket toegestaan.",
        Code::QuarantineState => "De tekst in quarantaine is niet in de staat die dit vraagt.",
    })
}

const EN: Words = Words {
    lang: "en",
    title: "This was not sent",
    nothing: "Your organisation's border has stopped this request. The CRM has received nothing.",
    withheld: (
        "This file is not shown",
        "Your organisation's border does not pass on this file of the CRM's.",
    ),
    why: "Why",
    reason: |_| None,
    field: "Field",
    rule: "Rule",
    home: "To the start of the CRM",
    confirm: "Confirm that it is you",
    remedy: |code| match code {
        Code::SpecialCategory | Code::IdentifierInText => {
            "Go back to your text with your browser's Back button, take out what is named and save again."
        }
        Code::ValueUnfit | Code::ValueTooLong => {
            "Go back with your browser's Back button and correct the field that is named."
        }
        Code::FileWithheld => "Ask a colleague who may see this file, or whoever runs the border.",
        Code::QueryClause => "Search for the whole value of one field.",
        Code::StepUp => {
            "Confirm that it is you first; a new tab will do. Then come back here and send it again."
        }
        Code::TokenForeign => {
            "Leave a field that you may not see as it is; do not copy what stands in it to another field."
        }
        _ => {
            "Do you need this? Ask whoever runs the border to add it to the policy, and name the rule above."
        }
    },
};

/// Text as it stands in a page.
pub(in crate::dialect) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
