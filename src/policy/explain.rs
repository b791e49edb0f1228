//! A policy in plain words: what leaves, what stays, and who sees what.

use crate::policy::plan::{FieldPlan, ObjectPlan, Plan, Rule, Subject};
use crate::policy::{Exception, Looks, OnSpecial, RoleSet, SpecialScan};

/// What a principal gets to see of a field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Seen {
    /// The value, as the CRM has it.
    Clear,
    /// The coarser value that the CRM has.
    Coarse,
    /// The value, from here.
    Revealed,
    /// A mask.
    Masked,
    /// Each token inside by its own class.
    ByToken,
    /// Nothing is kept anywhere.
    Nothing,
    /// Reading is refused.
    Refused,
}

impl Seen {
    /// The word for it in cases.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Coarse => "coarse",
            Self::Revealed => "revealed",
            Self::Masked => "masked",
            Self::ByToken => "by-token",
            Self::Nothing => "nothing",
            Self::Refused => "refused",
        }
    }
}

/// What someone with these roles sees of a field.
#[must_use]
pub fn seen(plan: &Plan, field: &FieldPlan, roles: RoleSet) -> Seen {
    match field.rule {
        Rule::Pass => Seen::Clear,
        Rule::Derived => Seen::ByToken,
        Rule::Generalize(_) => Seen::Coarse,
        Rule::Strip | Rule::Block => Seen::Nothing,
        Rule::Tokenize { .. } | Rule::Encrypt | Rule::Hold => {
            let class = field.class.map(|id| plan.class(id));
            if class.is_some_and(|class| roles.may_see(class.roles)) {
                Seen::Revealed
            } else {
                Seen::Masked
            }
        }
    }
}

/// What happens to an object's fields, or to one of them, and what a role sees of it.
#[must_use]
pub fn explain(plan: &Plan, object: &str, field: Option<&str>, role: Option<&str>) -> String {
    let Some(object) = plan.object(object) else {
        return "The policy has no rule for this object: every request for it is refused.\n"
            .to_owned();
    };
    let Some(name) = field else {
        return table(plan, object, role);
    };
    match object.field(name) {
        Some(field) => detail(plan, object, field, role),
        None => format!(
            "{} has no rule for this field: reading and writing it is refused.\n",
            object.name
        ),
    }
}

/// One line a field.
fn table(plan: &Plan, object: &ObjectPlan, role: Option<&str>) -> String {
    let mut rows = vec![[
        "Field".to_owned(),
        "What the CRM holds".to_owned(),
        role.map_or_else(
            || "Who sees the value".to_owned(),
            |role| format!("What {role} sees"),
        ),
    ]];
    for field in &object.fields {
        let who = match role {
            Some(role) => sight(seen(plan, field, plan.roles(&[role.to_owned()]))).to_owned(),
            None => audience(plan, field),
        };
        rows.push([field.name.clone(), held(field), who]);
    }
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let (first, second) = (width(0), width(1));
    let mut text = format!("{}: {}\n\n", object.name, whose(object));
    for [name, held, who] in &rows {
        text.push_str(&format!("{name:first$}  {held:second$}  {who}\n"));
    }
    text
}

/// One field, all that the policy says about it.
fn detail(plan: &Plan, object: &ObjectPlan, field: &FieldPlan, role: Option<&str>) -> String {
    let mut text = format!("{} ({})\n", field.label, field.kind);
    let mut line = |what: &str, says: &str| text.push_str(&format!("  {what:14} {says}\n"));
    line("rule", &field.rule_id);
    line("the CRM holds", &held(field));
    line("whose data", &whose(object));
    if !field.writable {
        line("writing", "refused");
    }
    if let Some(class) = field.class.map(|id| plan.class(id)) {
        let exception = class.exception.map_or("no exception", Exception::name);
        let special = if class.special {
            format!(", a special category: {exception}")
        } else {
            String::new()
        };
        line(
            "class",
            &format!("{} ({}{special})", class.name, class.category),
        );
        line("who sees it", &audience(plan, field));
        if class.step_up {
            let minutes = plan.step_up_seconds() / 60;
            let says = format!(
                "only who showed their second factor within {minutes} minutes; a mask otherwise"
            );
            line("step-up", &says);
        }
    }
    if let Some(role) = role {
        let seen = seen(plan, field, plan.roles(&[role.to_owned()]));
        line(&format!("{role} sees"), sight(seen));
    }
    if let Some(rule) = &field.file {
        let plain = match rule.plain {
            true => "those that lie in the CRM as they are are given out too",
            false => "those that lie in the CRM as they are are not given out",
        };
        line("files", &format!("of at most {} bytes; {plain}", rule.most));
    }
    if let Some(scan) = &field.scan {
        if let Some(special) = &scan.special {
            line("looked for", &sought(special));
            if let Some(decision) = &special.decision {
                line("decided", &decision.to_string());
            }
        }
        if scan.identifiers {
            let says = match field.rule {
                Rule::Pass => "names, addresses and numbers; tokens take their places",
                _ => "nothing more: names and numbers are within what is protected whole",
            };
            line("looked for", says);
        }
    }
    for (door, looks) in more(plan, object, field) {
        line(
            "looked for",
            &format!("{} also, in what comes by {door}", looks.words().english),
        );
    }
    if let Some(purpose) = &field.purpose {
        line("purpose", purpose);
    }
    if let Some(basis) = field.lawful_basis {
        line("lawful basis", &format!("{basis} ({})", basis.term()));
    }
    if let Some(retention) = &field.retention {
        line("kept for", retention);
    }
    if let Some(reason) = &field.reason {
        line("because", reason);
    }
    text
}

/// The doors at which more is looked for in a field than its own rule says.
fn more<'p>(
    plan: &'p Plan,
    object: &'p ObjectPlan,
    field: &'p FieldPlan,
) -> impl Iterator<Item = (&'p str, Looks)> {
    plan.doors.iter().filter_map(move |door| {
        let here = door.object(&object.name)?.field(&field.name)?;
        (here.scan != field.scan).then_some((door.name.as_str(), door.looks))
    })
}

/// Special categories by what becomes of the text, each action once.
fn sought(special: &SpecialScan) -> String {
    let mut parts = Vec::new();
    for act in [
        OnSpecial::Block,
        OnSpecial::Quarantine,
        OnSpecial::Strip,
        OnSpecial::Encrypt,
    ] {
        let of_act = special.sought.iter().filter(|sought| sought.act == act);
        let names: Vec<&str> = of_act.map(|sought| sought.category.name()).collect();
        if names.len() == special.sought.len() {
            return format!("all special categories: {}", act.name());
        }
        if !names.is_empty() {
            parts.push(format!("{}: {}", names.join(", "), act.name()));
        }
    }
    parts.join("; ")
}

fn held(field: &FieldPlan) -> String {
    match &field.rule {
        Rule::Pass => "the value".to_owned(),
        Rule::Derived => "what it computes from tokens".to_owned(),
        Rule::Tokenize { stable: false } => "a token".to_owned(),
        Rule::Tokenize { stable: true } => "a token, equal for equal values".to_owned(),
        Rule::Encrypt => "ciphertext".to_owned(),
        Rule::Strip => "nothing; the value is dropped".to_owned(),
        Rule::Generalize(to) => to.to_string(),
        Rule::Hold => "nothing; the value stays here".to_owned(),
        Rule::Block => "nothing; writing it is refused".to_owned(),
    }
}

fn audience(plan: &Plan, field: &FieldPlan) -> String {
    let Some(class) = field.class.map(|id| plan.class(id)) else {
        return match field.rule {
            Rule::Derived => "by the tokens inside".to_owned(),
            _ => "everyone, the CRM included".to_owned(),
        };
    };
    if field.rule.leaves_clear() {
        return "everyone, the CRM included".to_owned();
    }
    let names = plan.role_names().iter().enumerate();
    let roles: Vec<&str> = names
        .filter(|(place, _)| class.roles.contains(*place))
        .map(|(_, name)| name.as_str())
        .collect();
    if roles.is_empty() {
        "nobody".to_owned()
    } else {
        roles.join(", ")
    }
}

fn sight(seen: Seen) -> &'static str {
    match seen {
        Seen::Clear => "the value, which the CRM has too",
        Seen::Coarse => "the coarser value, which the CRM has too",
        Seen::Revealed => "the value",
        Seen::Masked => "a mask",
        Seen::ByToken => "the text, each token in it by its own class",
        Seen::Nothing => "nothing",
        Seen::Refused => "a refusal",
    }
}

fn whose(object: &ObjectPlan) -> String {
    match &object.subject {
        Subject::Own => "each record is a data subject of its own".to_owned(),
        Subject::Identify(fields) => {
            format!(
                "records with the same {} are one data subject",
                fields.join(" or ")
            )
        }
        Subject::Follow { field, objects } => format!(
            "a record belongs to the data subject of the {} that {field} names",
            objects.join(" or ")
        ),
    }
}
