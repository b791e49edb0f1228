//! The compiled policy: what the exchange asks per object, field and class.

use std::ops::Range;
use std::sync::Arc;

use crate::dialect::pages::Site;
use crate::policy::guarded::Guarded;
use crate::policy::names::Names;
use crate::policy::scan::{Detection, KnownAs, Looks, Scan};
use crate::policy::sequence::Sequence;
use crate::policy::{
    Action, Canonical, Exception, FieldType, Generalization, LawfulBasis, Report, RoleSet, Search,
    Source, Unanswerable,
};

/// A checked policy. Immutable and shared by all exchanges that began while it was in force.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(in crate::policy) hash: [u8; 32],
    /// The file as it is written, for comparison: what a key means that nobody thought of there.
    pub(in crate::policy) written: Arc<toml::Table>,
    pub(in crate::policy) crm: String,
    pub(in crate::policy) token_domain: String,
    pub(in crate::policy) api: Api,
    pub(in crate::policy) role_names: Vec<String>,
    pub(in crate::policy) classes: Vec<ClassPlan>,
    /// What stands for a class that is not there: nobody may see it.
    pub(in crate::policy) sealed: ClassPlan,
    pub(in crate::policy) objects: Vec<ObjectPlan>,
    pub(in crate::policy) by_name: Names,
    pub(in crate::policy) guarded: Guarded,
    pub(in crate::policy) detection: Detection,
    pub(in crate::policy) unanswerable: Unanswerable,
    pub(in crate::policy) streams: Vec<String>,
    pub(in crate::policy) doors: Vec<DoorPlan>,
    pub(in crate::policy) controllers: Vec<Controller>,
    pub(in crate::policy) site: Option<Site>,
    pub(in crate::policy) step_up_minutes: u16,
    pub(in crate::policy) warnings: Report,
    /// The policy itself, where this is the part of it that a program's list leaves.
    pub(in crate::policy) whole: Option<Arc<Self>>,
}

impl Plan {
    /// SHA-256 of the file: the policy's version in ledger and logs.
    #[must_use]
    pub fn version_hash(&self) -> [u8; 32] {
        self.hash
    }

    #[must_use]
    pub fn crm(&self) -> &str {
        &self.crm
    }

    /// The domain of tokens in e-mail fields, in lower case.
    #[must_use]
    pub fn token_domain(&self) -> &str {
        &self.token_domain
    }

    #[must_use]
    pub fn api(&self) -> Api {
        self.api
    }

    /// The routes of a CRM that the file describes alone; none for a CRM that we know.
    #[must_use]
    pub fn site(&self) -> Option<&Site> {
        self.site.as_ref()
    }

    /// How long a second factor counts as just shown, in seconds.
    #[must_use]
    pub fn step_up_seconds(&self) -> i64 {
        i64::from(self.step_up_minutes) * 60
    }

    /// The object of that name in any case, or none: then it is refused.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<&ObjectPlan> {
        self.objects.get(self.by_name.find(name)?)
    }

    /// What holds at a door where more is looked for in text than elsewhere: a route by its name, or
    /// a kind of request. None where the fields' own rules are all.
    #[must_use]
    pub fn door(&self, name: &str) -> Option<&DoorPlan> {
        self.doors.iter().find(|door| door.name == name)
    }

    /// The object whose records' ids begin with these three characters (in their case).
    #[must_use]
    pub fn object_of_id(&self, id: &str) -> Option<&ObjectPlan> {
        let prefix = id.get(..3)?;
        self.objects
            .iter()
            .find(|object| object.key_prefix.as_deref() == Some(prefix))
    }

    /// All objects, in the file's order.
    pub fn objects(&self) -> impl Iterator<Item = &ObjectPlan> {
        self.objects.iter()
    }

    /// The class of an id that this plan gave out. An id of another plan that this one does not
    /// have is a class that nobody may see.
    #[must_use]
    pub fn class(&self, id: ClassId) -> &ClassPlan {
        self.classes.get(id.place()).unwrap_or(&self.sealed)
    }

    /// The id of the class of that name, as the vault stores it.
    #[must_use]
    pub fn class_named(&self, name: &str) -> Option<ClassId> {
        let place = self.classes.iter().position(|class| class.name == name)?;
        u16::try_from(place).ok().map(ClassId)
    }

    /// All classes, in the file's order.
    pub fn classes(&self) -> impl Iterator<Item = (ClassId, &ClassPlan)> {
        (0..).map(ClassId).zip(&self.classes)
    }

    /// The set of the named roles. A role that the policy does not know sees nothing.
    #[must_use]
    pub fn roles(&self, names: &[String]) -> RoleSet {
        self.role_names
            .iter()
            .enumerate()
            .filter(|(_, role)| names.contains(role))
            .fold(RoleSet::none(), |set, (place, _)| set.with(place))
    }

    /// Every role that the policy knows.
    #[must_use]
    pub fn role_names(&self) -> &[String] {
        &self.role_names
    }

    /// What holds for all fields whose text is scanned.
    #[must_use]
    pub fn detection(&self) -> &Detection {
        &self.detection
    }

    /// What becomes of a free search that reaches into fields which cannot be looked up.
    #[must_use]
    pub fn unanswerable(&self) -> Unanswerable {
        self.unanswerable
    }

    /// The channels of events that may be listened to beside those of objects.
    #[must_use]
    pub fn streams(&self) -> &[String] {
        &self.streams
    }

    /// What an action of Lightning pages may carry, where the file names it.
    #[must_use]
    pub fn controller(&self, descriptor: &str) -> Option<&Controller> {
        let mut controllers = self.controllers.iter();
        controllers.find(|controller| controller.descriptor == descriptor)
    }

    /// All actions that the file names.
    pub fn controllers(&self) -> impl Iterator<Item = &Controller> {
        self.controllers.iter()
    }

    /// What lint found that is no error.
    #[must_use]
    pub fn warnings(&self) -> &Report {
        &self.warnings
    }

    pub(in crate::policy) fn with_warnings(mut self, warnings: Report) -> Self {
        self.warnings = warnings;
        self
    }
}

/// An action of Lightning pages that the file names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Controller {
    /// `apex://Class/ACTION$method`
    pub descriptor: String,
    pub(in crate::policy) carries: Vec<String>,
}

impl Controller {
    /// Whether the value of this parameter may leave as it is.
    #[must_use]
    pub fn carries(&self, parameter: &str) -> bool {
        self.carries.iter().any(|name| name == parameter)
    }
}

/// Versions of the CRM's API that clients may use, both ends included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Api {
    pub oldest: u16,
    pub newest: u16,
}

/// A class by its place in the plan. Not stable across versions of a policy: what is stored names
/// the class ([`Plan::class_named`]).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ClassId(pub(in crate::policy) u16);

impl ClassId {
    /// The class's place in the plan, for tables indexed by class.
    #[must_use]
    pub fn place(self) -> usize {
        usize::from(self.0)
    }
}

/// What a value is, and who may see it.
#[derive(Clone, Debug)]
pub struct ClassPlan {
    pub name: String,
    /// A term of the Data Privacy Vocabulary; empty where the class has none and passes.
    pub category: String,
    pub roles: RoleSet,
    /// Whether values are shown only after a second factor that was shown just now.
    pub step_up: bool,
    pub search: Search,
    pub canonical: Canonical,
    /// GDPR Art. 9 or 10, declared or by the term.
    pub special: bool,
    /// Why a special category may be processed.
    pub exception: Option<Exception>,
    /// What its values are to whoever looks for them in the free text of the same person.
    pub known: Option<KnownAs>,
    pub(in crate::policy) span: Range<usize>,
}

impl ClassPlan {
    /// Whether its values are shown to somebody with these roles. `fresh`: a second factor of
    /// theirs was shown just now.
    #[must_use]
    pub fn is_shown_to(&self, roles: RoleSet, fresh: bool) -> bool {
        roles.may_see(self.roles) && (fresh || !self.step_up)
    }
}

/// An object of the CRM and the rules of its fields.
#[derive(Clone, Debug)]
pub struct ObjectPlan {
    /// In the CRM's spelling.
    pub name: String,
    /// The first three characters of its records' ids.
    pub key_prefix: Option<String>,
    /// All fields that have a rule, in the file's order: pass, derived, then the others.
    pub fields: Vec<FieldPlan>,
    pub subject: Subject,
    pub(in crate::policy) by_name: Names,
    pub(in crate::policy) sequence: Sequence,
    pub(in crate::policy) summary: Summary,
    /// Relationship names in lower case, each with the objects that it may lead to.
    pub(in crate::policy) relations: Vec<(String, Vec<String>)>,
    /// Those of them that lead, in the CRM, to objects that the policy does not say.
    pub(in crate::policy) open_relations: Vec<String>,
    pub(in crate::policy) children: Vec<(String, String)>,
    pub(in crate::policy) external_ids: Vec<String>,
    pub(in crate::policy) left_out: Vec<String>,
    /// Whether a program's list leaves out some of its fields.
    pub(in crate::policy) narrowed: bool,
    /// Why it is configuration and no data about people.
    pub(in crate::policy) reason: Option<(String, Range<usize>)>,
    pub(in crate::policy) span: Range<usize>,
}

/// What the fields of an object come to, which is asked for each answer that shows a record of it.
#[derive(Clone, Debug)]
pub(in crate::policy) struct Summary {
    /// Those of its fields, each once.
    classes: Vec<ClassId>,
    /// Whether values of a field are kept here.
    holds: bool,
}

impl Summary {
    pub(in crate::policy) fn of(fields: &[FieldPlan]) -> Self {
        let mut classes = Vec::new();
        for class in fields.iter().filter_map(|field| field.class) {
            if !classes.contains(&class) {
                classes.push(class);
            }
        }
        Self {
            classes,
            holds: fields.iter().any(|field| field.rule == Rule::Hold),
        }
    }
}

impl ObjectPlan {
    /// The classes of its fields, each once.
    #[must_use]
    pub fn classes(&self) -> &[ClassId] {
        &self.summary.classes
    }

    /// Whether values of one of its fields are kept here.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.summary.holds
    }

    /// The field of that name in any case, or none: then it is refused.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldPlan> {
        self.fields.get(self.by_name.find(name)?)
    }

    /// As [`Self::field`], behind the field at `last` of a record that is being read, or at its
    /// beginning: so that [`Self::next`] guesses it the next time. With its place.
    #[must_use]
    pub fn field_behind(&self, last: Option<usize>, name: &str) -> Option<(usize, &FieldPlan)> {
        let place = self.by_name.find(name)?;
        self.sequence.learn(last, place);
        Some((place, self.fields.get(place)?))
    }

    /// The field that stood behind the one at `last` in the answer read before, with its place.
    #[must_use]
    pub fn next(&self, last: Option<usize>) -> Option<(usize, &FieldPlan)> {
        let place = self.sequence.next(last)?;
        Some((place, self.fields.get(place)?))
    }

    /// The objects that a relationship (`Account`, `Who`) may lead to.
    #[must_use]
    pub fn relation(&self, name: &str) -> Option<&[String]> {
        let mut relations = self.relations.iter();
        let (_, targets) = relations.find(|(relation, _)| relation.eq_ignore_ascii_case(name))?;
        Some(targets)
    }

    /// Whether a relationship leads nowhere but to the objects that the policy says.
    #[must_use]
    pub fn is_closed(&self, relation: &str) -> bool {
        let mut open = self.open_relations.iter();
        !open.any(|open| open.eq_ignore_ascii_case(relation))
    }

    /// All relationships with the objects that they may lead to.
    pub fn relations(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.relations
            .iter()
            .map(|(name, targets)| (name.as_str(), targets.as_slice()))
    }

    /// All child relationships with their objects.
    pub fn children(&self) -> impl Iterator<Item = (&str, &str)> {
        self.children
            .iter()
            .map(|(name, object)| (name.as_str(), object.as_str()))
    }

    /// The object of a child relationship (`Contacts`, `Cases`).
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&str> {
        let mut children = self.children.iter();
        let (_, object) = children.find(|(child, _)| child.eq_ignore_ascii_case(name))?;
        Some(object)
    }

    /// Whether the file says that the field is known and refused on purpose.
    #[must_use]
    pub fn is_left_out(&self, field: &str) -> bool {
        self.left_out
            .iter()
            .any(|known| known.eq_ignore_ascii_case(field))
    }

    /// Whether an upsert may name the field as the key.
    #[must_use]
    pub fn is_external_id(&self, field: &str) -> bool {
        self.external_ids
            .iter()
            .any(|known| known.eq_ignore_ascii_case(field))
    }
}

/// The rules of fields at a door where more is looked for in their text than elsewhere.
#[derive(Clone, Debug)]
pub struct DoorPlan {
    /// A route's name, or a kind of request: `records`, `composite`, `query`.
    pub name: String,
    pub looks: Looks,
    pub(in crate::policy) objects: Vec<ObjectPlan>,
    pub(in crate::policy) by_name: Names,
    pub(in crate::policy) span: Range<usize>,
}

impl DoorPlan {
    /// The object of that name in any case, with the rules that hold here; none where those of the
    /// plan do.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<&ObjectPlan> {
        self.objects.get(self.by_name.find(name)?)
    }
}

/// Whose data the records of an object are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Subject {
    /// Each record is a subject of its own.
    Own,
    /// Records with an equal value in one of these fields are one subject.
    Identify(Vec<String>),
    /// The subject of the record that the reference field names, in one of the objects; the record
    /// itself while the reference is empty.
    Follow { field: String, objects: Vec<String> },
}

/// A field's rule and all that goes with it.
#[derive(Clone, Debug)]
pub struct FieldPlan {
    /// In the CRM's spelling.
    pub name: String,
    /// With its object: `Contact.Email`.
    pub label: String,
    pub rule: Rule,
    /// None where the rule is [`Rule::Pass`] or [`Rule::Derived`] without a class.
    pub class: Option<ClassId>,
    pub kind: FieldType,
    /// The most characters that the field takes, where its type has a length.
    pub length: Option<u32>,
    /// Whether the CRM lets clients write it, and no rule of ours forbids it.
    pub writable: bool,
    /// Where the rule stands in the file: `objects.Contact.fields.Email`.
    pub rule_id: String,
    pub purpose: Option<String>,
    pub lawful_basis: Option<LawfulBasis>,
    /// ISO 8601: `P7Y`.
    pub retention: Option<String>,
    /// Why an exception stands, in the author's words.
    pub reason: Option<String>,
    /// What is looked for in its text on the way out.
    pub scan: Option<Box<Scan>>,
    /// What holds for its files; none where it holds none, or they do not leave.
    pub file: Option<FileRule>,
    /// Bytes of the file.
    pub span: Range<usize>,
}

/// What holds for the files of a field whose type is base64.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FileRule {
    /// The most bytes of one.
    pub most: u64,
    /// Whether files that did not come through the border are given out as they are.
    pub plain: bool,
}

/// What happens to a field's value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Rule {
    /// It leaves as it is.
    Pass,
    /// The CRM computes it from protected fields: never written, filtered or sorted by; tokens
    /// inside are revealed on the way in.
    Derived,
    /// A token stands for it; stable: the same value has the same token.
    Tokenize { stable: bool },
    /// Its ciphertext stands in the field.
    Encrypt,
    /// It is dropped.
    Strip,
    /// A coarser value leaves.
    Generalize(Generalization),
    /// It is kept here by record and field; nothing leaves.
    Hold,
    /// A write is refused.
    Block,
}

impl Rule {
    /// The word for it in cases, explanations and messages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pass => Action::Pass.name(),
            Self::Derived => "derived",
            Self::Tokenize { stable: false } => Action::Tokenize.name(),
            Self::Tokenize { stable: true } => "tokenize-stable",
            Self::Encrypt => Action::Encrypt.name(),
            Self::Strip => Action::Strip.name(),
            Self::Generalize(_) => Action::Generalize.name(),
            Self::Hold => Action::Hold.name(),
            Self::Block => Action::Block.name(),
        }
    }

    /// Whether the CRM holds the value, or a part of it, in the clear.
    #[must_use]
    pub fn leaves_clear(&self) -> bool {
        matches!(self, Self::Pass | Self::Generalize(_))
    }

    /// Whether equal values are equal in the CRM, so that groups and counts of different values are
    /// right.
    #[must_use]
    pub fn keeps_equality(&self) -> bool {
        self.leaves_clear() || *self == Self::Tokenize { stable: true }
    }
}

/// The SHA-256 of a file's text.
pub(in crate::policy) fn hash(source: &Source) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, source.text.as_bytes());
    let mut hash = [0; 32];
    hash.copy_from_slice(digest.as_ref());
    hash
}
