//! Why a request may not pass: named by code, field and rule, never by value.

use std::fmt::{self, Display, Formatter};

/// What kind of rule refused. Each code has a section of its name in `docs/errors.md`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Code {
    /// No endpoint of ours matches method and path.
    EndpointUnknown,
    /// The API version is outside the range that policy allows.
    VersionOutside,
    /// The method is not one that the endpoint has.
    MethodUnknown,
    /// A URL parameter that the endpoint does not have, or has twice.
    ParameterUnknown,
    /// The path or query is not in canonical form.
    TargetNotCanonical,
    /// The body is not what the endpoint's codec reads.
    BodyMalformed,
    /// The media type or content coding is not what the endpoint takes.
    BodyMediaType,
    /// A limit of size, depth or count.
    BodyTooLarge,
    /// Policy has no rule for the object.
    PolicyUnknownObject,
    /// Policy has no rule for the field.
    PolicyUnknownField,
    /// The program keeps to a list of fields, and this is not in it.
    ProgramFields,
    /// Policy does not name the action of a page, or does not let it carry a value.
    PolicyUnknownAction,
    /// Policy says `block`.
    PolicyBlocked,
    /// The field cannot be written (derived by the CRM, or its type does not fit the action).
    FieldNotWritable,
    /// The value has another type or form than the rule can protect.
    ValueUnfit,
    /// What protection makes of the value does not fit the field.
    ValueTooLong,
    /// The CRM no longer describes an object or a field as the policy relies on.
    Drift,
    /// A token came from outside that does not stand at this record and field.
    TokenForeign,
    /// A query that is not SOQL.
    QueryMalformed,
    /// A clause that cannot be answered over protected fields.
    QueryClause,
    /// A sub-request's reference that policy does not allow.
    ReferenceRefused,
    /// The client's role may not do this.
    RoleRefused,
    /// The second factor was not shown just now, and policy wants it for this.
    StepUp,
    /// Special categories of personal data, criminal data or national ids in free text.
    SpecialCategory,
    /// Direct identifiers where no token can take their places.
    IdentifierInText,
    /// A file that the CRM has is not given out.
    FileWithheld,
    /// A WebSocket where policy has none.
    WebsocketRefused,
    /// A text in quarantine is not in the state that an operator's command needs.
    QuarantineState,
}

impl Code {
    /// The code as errors print it and `docs/errors.md` heads it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EndpointUnknown => "endpoint-unknown",
            Self::VersionOutside => "version-outside",
            Self::MethodUnknown => "method-unknown",
            Self::ParameterUnknown => "parameter-unknown",
            Self::TargetNotCanonical => "target-not-canonical",
            Self::BodyMalformed => "body-malformed",
            Self::BodyMediaType => "body-media-type",
            Self::BodyTooLarge => "body-too-large",
            Self::PolicyUnknownObject => "policy-unknown-object",
            Self::PolicyUnknownField => "policy-unknown-field",
            Self::ProgramFields => "program-fields",
            Self::PolicyUnknownAction => "policy-unknown-action",
            Self::PolicyBlocked => "policy-blocked",
            Self::FieldNotWritable => "field-not-writable",
            Self::ValueUnfit => "value-unfit",
            Self::ValueTooLong => "value-too-long",
            Self::Drift => "drift",
            Self::TokenForeign => "token-foreign",
            Self::QueryMalformed => "query-malformed",
            Self::QueryClause => "query-clause",
            Self::ReferenceRefused => "reference-refused",
            Self::RoleRefused => "role-refused",
            Self::StepUp => "step-up",
            Self::SpecialCategory => "special-category",
            Self::IdentifierInText => "identifier-in-text",
            Self::FileWithheld => "file-withheld",
            Self::WebsocketRefused => "websocket-refused",
            Self::QuarantineState => "quarantine-state",
        }
    }
}

/// A refusal: the answer of the border to what it must not let pass.
///
/// `text` is ours alone: it may name objects, fields, clauses and rules that policy or the CRM's
/// describe know, and positions; it never repeats what the client sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    pub code: Code,
    /// The field, `Contact.Email`, where there is one.
    pub field: Option<String>,
    pub text: String,
    /// What was found in the field's text, each category once, for the ledger.
    pub found: Vec<&'static str>,
    /// Line and column of the client's text, from 1, where it is a text that has them.
    pub place: Option<(usize, usize)>,
}

impl Refusal {
    #[must_use]
    #[cold]
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self {
            code,
            field: None,
            text: text.into(),
            found: vec![],
            place: None,
        }
    }

    #[must_use]
    pub fn at(code: Code, field: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            code,
            field: Some(field.into()),
            text: text.into(),
            found: vec![],
            place: None,
        }
    }

    /// The same with its place in the client's text.
    #[must_use]
    pub fn in_text(mut self, line: usize, column: usize) -> Self {
        self.place = Some((line, column));
        self
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} [sluis {}]", self.text, self.code.name())
    }
}

impl std::error::Error for Refusal {}
