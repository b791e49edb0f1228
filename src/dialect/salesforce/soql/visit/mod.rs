//! Every place of a query where a field is named, and a walk that edits its comparisons.
//!
//! A query names fields in `SELECT`, in conditions, in what it groups and orders by, in the
//! arguments of functions and in the queries within it. Who decides about fields must see each of
//! them: [`walk`] lists them all, so that no clause is forgotten by its caller.

mod edit;

pub use edit::{Place, edit_comparisons};

use crate::dialect::salesforce::soql::ast::{
    Argument, Call, Compare, Condition, Function, Name, Operand, Path, Query, Right, SelectItem,
    Source, TypeOf,
};

/// All that a query names.
#[derive(Clone, Debug, Default)]
pub struct Walk<'q> {
    /// The query itself first, then those within it, in the order of the text.
    pub scopes: Vec<Scope<'q>>,
    /// Every path that names a field or, in `TYPEOF`, a relationship.
    pub fields: Vec<Field<'q>>,
    /// Every function that is not an argument of another one, with or without fields in it.
    pub calls: Vec<Applied<'q>>,
}

/// One query of the text: what its fields are fields of.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'q> {
    pub query: &'q Query,
    pub kind: Kind<'q>,
}

/// Where a query stands.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'q> {
    /// It is the whole text: its first source is an object.
    Whole,
    /// In `SELECT`: the last name of its source is a child relationship of the object of scope
    /// `parent`; a name before it is that object's name or alias. A path within it may begin with
    /// the child object's own name, which the relationship does not tell and `resolve` leaves on.
    Child { parent: usize },
    /// Behind `IN` or `NOT IN`: its source is an object of its own.
    SemiJoin { parent: usize, compare: &'q Compare },
}

/// One use of a field.
#[derive(Clone, Copy, Debug)]
pub struct Field<'q> {
    /// Which of [`Walk::scopes`].
    pub scope: usize,
    pub clause: Clause<'q>,
    /// The outermost function around the field; the field may stand in one nested in it.
    pub call: Option<&'q Call>,
    /// The comparison whose left side it is.
    pub compare: Option<&'q Compare>,
    /// As it stands in the text.
    pub path: &'q Path,
}

/// The clause in which a field or a function stands.
#[derive(Clone, Copy, Debug)]
pub enum Clause<'q> {
    Select,
    /// The relationship behind `TYPEOF`.
    TypeOf,
    /// A field behind `THEN`: it is one of the object, not of the query's source.
    When(&'q Name),
    /// A field behind `ELSE` of a `TYPEOF`: one of the pseudo-object `Name`.
    Else,
    Where,
    GroupBy,
    Having,
    OrderBy,
}

impl Clause<'_> {
    /// As SOQL writes it, for messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::TypeOf | Self::When(_) | Self::Else => "TYPEOF",
            Self::Where => "WHERE",
            Self::GroupBy => "GROUP BY",
            Self::Having => "HAVING",
            Self::OrderBy => "ORDER BY",
        }
    }
}

/// One use of a function, with the functions and fields in its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Applied<'q> {
    /// Which of [`Walk::scopes`].
    pub scope: usize,
    pub clause: Clause<'q>,
    /// The comparison whose left side it is.
    pub compare: Option<&'q Compare>,
    pub call: &'q Call,
}

/// A path as seen from the sources of its query.
#[derive(Clone, Copy, Debug)]
pub struct Resolved<'q> {
    /// The source whose field it is, or from which its relationships lead.
    pub source: &'q Source,
    /// What the path began with to name that source.
    pub prefix: Prefix,
    /// The rest of the path: relationships, then the field. Never empty.
    pub names: &'q [Name],
}

/// How a path names its source. A name before the first dot may also be a relationship of the
/// same name, which only the CRM's describe can tell: where the object has one, refuse.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Prefix {
    /// Not at all: it is a field of the first source.
    Absent,
    /// By the source's alias.
    Alias,
    /// By the object's own name.
    Object,
}

impl<'q> Scope<'q> {
    /// Takes the alias or the object's name off the path. `None` only for a query without sources
    /// or a path without names, which parsing never makes.
    #[must_use]
    pub fn resolve(&self, path: &'q Path) -> Option<Resolved<'q>> {
        resolve(&self.query.from, path)
    }

    /// The items of `SELECT` whose alias the path is, as it may be in `ORDER BY`. A name can be an
    /// alias and a field at once: then both are meant to be looked at.
    pub fn aliased(&self, path: &'q Path) -> impl Iterator<Item = &'q SelectItem> {
        let alone = match path.names.as_slice() {
            [name] => Some(name),
            _ => None,
        };
        let named = move |item: &&SelectItem| match (item.alias(), alone) {
            (Some(alias), Some(name)) => alias.same(name),
            _ => false,
        };
        self.query.select.iter().filter(named)
    }
}

/// Takes the alias or the object's name of one of the sources off the path.
#[must_use]
pub fn resolve<'q>(sources: &'q [Source], path: &'q Path) -> Option<Resolved<'q>> {
    let names = path.names.as_slice();
    if let [first, rest @ ..] = names
        && !rest.is_empty()
    {
        let by_alias = |source: &&Source| source.alias.as_ref().is_some_and(|a| a.same(first));
        let by_object = |source: &&Source| match source.path.names.as_slice() {
            [object] => object.same(first),
            _ => false,
        };
        let found = sources
            .iter()
            .find(by_alias)
            .map(|source| (source, Prefix::Alias))
            .or_else(|| Some((sources.iter().find(by_object)?, Prefix::Object)));
        if let Some((source, prefix)) = found {
            return Some(Resolved {
                source,
                prefix,
                names: rest,
            });
        }
    }
    let source = sources.first().filter(|_| !names.is_empty())?;
    Some(Resolved {
        source,
        prefix: Prefix::Absent,
        names,
    })
}

/// Lists all that the query names, the queries within it included.
#[must_use]
pub fn walk(query: &Query) -> Walk<'_> {
    let mut walk = Walk::default();
    walk.query(query, Kind::Whole);
    walk
}

impl<'q> Walk<'q> {
    fn query(&mut self, query: &'q Query, kind: Kind<'q>) {
        let at = At {
            scope: self.scopes.len(),
            clause: Clause::Select,
            compare: None,
        };
        self.scopes.push(Scope { query, kind });
        for item in &query.select {
            match item {
                SelectItem::Field { path, .. } => self.path(at, None, path),
                SelectItem::Function { call, .. } => self.call(at, call),
                SelectItem::Subquery { query, .. } => {
                    self.query(query, Kind::Child { parent: at.scope });
                }
                SelectItem::TypeOf(of) => self.type_of(at, of),
            }
        }
        if let Some(condition) = &query.condition {
            self.condition(at.within(Clause::Where), condition);
        }
        for item in query.group_by.iter().flat_map(|group_by| &group_by.items) {
            self.operand(at.within(Clause::GroupBy), item);
        }
        if let Some(having) = &query.having {
            self.condition(at.within(Clause::Having), having);
        }
        for item in &query.order_by {
            self.operand(at.within(Clause::OrderBy), &item.by);
        }
    }

    fn type_of(&mut self, at: At<'q>, of: &'q TypeOf) {
        self.path(at.within(Clause::TypeOf), None, &of.path);
        for when in &of.whens {
            for path in &when.fields {
                self.path(at.within(Clause::When(&when.object)), None, path);
            }
        }
        for path in &of.otherwise {
            self.path(at.within(Clause::Else), None, path);
        }
    }

    fn condition(&mut self, at: At<'q>, condition: &'q Condition) {
        match condition {
            Condition::And(parts) | Condition::Or(parts) => {
                for part in parts {
                    self.condition(at, part);
                }
            }
            Condition::Not(part) => self.condition(at, part),
            Condition::Compare(compare) => {
                let at = At {
                    compare: Some(compare),
                    ..at
                };
                self.operand(at, &compare.left);
                if let Right::SemiJoin(query) = &compare.right {
                    let parent = at.scope;
                    self.query(query, Kind::SemiJoin { parent, compare });
                }
            }
        }
    }

    fn operand(&mut self, at: At<'q>, operand: &'q Operand) {
        match operand {
            Operand::Path(path) => self.path(at, None, path),
            Operand::Call(call) => self.call(at, call),
        }
    }

    fn call(&mut self, at: At<'q>, call: &'q Call) {
        self.calls.push(Applied {
            scope: at.scope,
            clause: at.clause,
            compare: at.compare,
            call,
        });
        self.arguments(at, call, call);
    }

    fn arguments(&mut self, at: At<'q>, outermost: &'q Call, call: &'q Call) {
        for argument in &call.arguments {
            match argument {
                // `ALL` and its like in `FIELDS(ALL)` are not fields; the call says so.
                Argument::Path(_) if call.function == Function::Fields => (),
                Argument::Path(path) => self.path(at, Some(outermost), path),
                Argument::Call(inner) => self.arguments(at, outermost, inner),
                Argument::Literal(_) => (),
            }
        }
    }

    fn path(&mut self, at: At<'q>, call: Option<&'q Call>, path: &'q Path) {
        self.fields.push(Field {
            scope: at.scope,
            clause: at.clause,
            call,
            compare: at.compare,
            path,
        });
    }
}

/// Where the walk stands.
#[derive(Clone, Copy)]
struct At<'q> {
    scope: usize,
    clause: Clause<'q>,
    compare: Option<&'q Compare>,
}

impl<'q> At<'q> {
    fn within(self, clause: Clause<'q>) -> Self {
        Self { clause, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::salesforce::soql::parse;

    /// `scope clause path`, with the call and the operator around it.
    fn fields(text: &str) -> Vec<String> {
        let query = parse(text).expect("a query");
        let walk = walk(&query);
        let described = walk.fields.iter().map(|field| {
            let call = field.call.map(|call| format!(" in {}", call.name.text()));
            let operator = field.compare.map(|c| format!(" {}", c.operator.text()));
            format!(
                "{} {} {}{}{}",
                field.scope,
                field.clause.name(),
                text_of(&field.path.names),
                call.unwrap_or_default(),
                operator.unwrap_or_default(),
            )
        });
        described.collect()
    }

    fn text_of(names: &[Name]) -> String {
        let names: Vec<&str> = names.iter().map(Name::text).collect();
        names.join(".")
    }

    #[test]
    fn every_clause_that_names_a_field_is_walked() {
        let found = fields(
            "SELECT Id, MAX(Age__c) a, FORMAT(convertCurrency(Pay__c)), \
             TYPEOF Who WHEN Lead THEN Company ELSE Alias END, \
             (SELECT Email FROM Contacts WHERE Phone = '1' ORDER BY Fax) \
             FROM Account WHERE City__c LIKE 'x' AND (NOT Id IN (SELECT AccountId FROM Case \
             WHERE SuppliedEmail = 'y')) \
             GROUP BY ROLLUP(Id, toLabel(Type)) HAVING COUNT(Rank__c) > 1 AND Zip__c = 'z' \
             ORDER BY MIN(Birthdate__c), a",
        );
        assert_eq!(
            found,
            [
                "0 SELECT Id",
                "0 SELECT Age__c in MAX",
                "0 SELECT Pay__c in FORMAT",
                "0 TYPEOF Who",
                "0 TYPEOF Company",
                "0 TYPEOF Alias",
                "1 SELECT Email",
                "1 WHERE Phone =",
                "1 ORDER BY Fax",
                "0 WHERE City__c LIKE",
                "0 WHERE Id IN",
                "2 SELECT AccountId",
                "2 WHERE SuppliedEmail =",
                "0 GROUP BY Id",
                "0 GROUP BY Type in toLabel",
                "0 HAVING Rank__c in COUNT >",
                "0 HAVING Zip__c =",
                "0 ORDER BY Birthdate__c in MIN",
                "0 ORDER BY a",
            ]
        );
    }

    #[test]
    fn functions_without_a_field_are_walked_too() {
        let query = parse("SELECT COUNT(), (SELECT FIELDS(ALL) FROM Contacts) FROM Account");
        let query = query.expect("a query");
        let walk = walk(&query);
        let calls: Vec<_> = walk
            .calls
            .iter()
            .map(|applied| (applied.scope, applied.call.function))
            .collect();
        assert_eq!(calls, [(0, Function::Count), (1, Function::Fields)]);
        assert!(walk.fields.is_empty());
    }

    #[test]
    fn a_scope_says_where_its_query_stands() {
        let query = parse(
            "SELECT Id, (SELECT Id FROM Contacts WHERE Id IN (SELECT ContactId FROM Case)) \
             FROM Account",
        );
        let query = query.expect("a query");
        let walk = walk(&query);
        assert!(matches!(walk.scopes[0].kind, Kind::Whole));
        assert!(matches!(walk.scopes[1].kind, Kind::Child { parent: 0 }));
        let Kind::SemiJoin { parent: 1, compare } = walk.scopes[2].kind else {
            panic!("{:?}", walk.scopes[2].kind);
        };
        assert!(matches!(&compare.left, Operand::Path(path) if text_of(&path.names) == "Id"));
    }

    #[test]
    fn aliases_and_the_objects_name_are_taken_off() {
        let table = [
            ("SELECT LastName FROM Contact", Prefix::Absent, "LastName"),
            (
                "SELECT c.LastName FROM Contact c",
                Prefix::Alias,
                "LastName",
            ),
            (
                "SELECT C.Owner.Name FROM Contact c",
                Prefix::Alias,
                "Owner.Name",
            ),
            (
                "SELECT contact.LastName FROM Contact",
                Prefix::Object,
                "LastName",
            ),
            (
                "SELECT Contact.LastName FROM Contact c",
                Prefix::Object,
                "LastName",
            ),
            (
                "SELECT Owner.Name FROM Contact c",
                Prefix::Absent,
                "Owner.Name",
            ),
            ("SELECT c FROM Contact c", Prefix::Absent, "c"),
            ("SELECT Contact FROM Contact", Prefix::Absent, "Contact"),
            (
                "SELECT k.Subject FROM Contact c, c.Cases k",
                Prefix::Alias,
                "Subject",
            ),
        ];
        for (text, prefix, names) in table {
            let query = parse(text).expect(text);
            let walk = walk(&query);
            let resolved = walk.scopes[0].resolve(walk.fields[0].path).expect(text);
            assert_eq!(resolved.prefix, prefix, "{text}");
            assert_eq!(text_of(resolved.names), names, "{text}");
        }
    }

    #[test]
    fn a_path_leads_from_the_source_that_it_names() {
        let query = parse("SELECT k.Subject, Name FROM Contact c, c.Cases k").expect("a query");
        let walk = walk(&query);
        let sources = walk.fields.iter().map(|field| {
            let resolved = walk.scopes[0].resolve(field.path).expect("a source");
            text_of(&resolved.source.path.names)
        });
        assert_eq!(sources.collect::<Vec<_>>(), ["c.Cases", "Contact"]);
    }

    #[test]
    fn an_alias_in_order_by_leads_to_its_item() {
        let query = parse("SELECT MAX(Birthdate) b FROM Contact ORDER BY B, Name");
        let query = query.expect("a query");
        let walk = walk(&query);
        let found = |path| walk.scopes[0].aliased(path).count();
        let counts: Vec<_> = walk.fields.iter().map(|field| found(field.path)).collect();
        assert_eq!(counts, [0, 1, 0]);
    }
}
