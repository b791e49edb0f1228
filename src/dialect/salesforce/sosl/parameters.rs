//! `parameterizedSearch`: a search without SOSL's words, in a URL or in a body.
//!
//! Both become a search of SOSL, which is the one form in which searches leave: what it means is
//! then read in one way only. Source: REST API Developer Guide, "Parameterized Search".

use super::ast::{Expression, Group, Returning, Search, With};
use super::canonical::canonical;
use super::parse_expression;
use super::returning::bare;
use crate::dialect::salesforce::soql::ast::{Count, Name, Span};
use crate::dialect::salesforce::soql::{self, Cursor, Error};
use crate::dialect::salesforce::target::Target;
use crate::model::{Code, Refusal};
use crate::wire::json::{Document, Kind, NodeId};

/// A search as its parameters give it.
#[derive(Default)]
pub(in crate::dialect::salesforce) struct Parameters {
    q: String,
    group: Option<String>,
    objects: Vec<Object>,
    /// Fields of every object that names none of its own.
    fields: Vec<String>,
    default_limit: Option<u32>,
    overall_limit: Option<u32>,
    offset: Option<u32>,
    spell_correction: Option<bool>,
}

#[derive(Default)]
struct Object {
    name: String,
    fields: Vec<String>,
    condition: Option<String>,
    order_by: Option<String>,
    limit: Option<u32>,
}

impl Parameters {
    /// Reads the parameters of a URL; one object, as a parameter stands once.
    pub(in crate::dialect::salesforce) fn of(target: &Target) -> Result<Self, Refusal> {
        let mut all = Self::default();
        if let Some(name) = target.parameter("sobject") {
            all.objects.push(Object {
                name: name.to_owned(),
                ..Object::default()
            });
        }
        let mut q = None;
        for (name, value) in &target.parameters {
            match name.as_str() {
                "q" => q = Some(value.clone()),
                "sobject" => {}
                "in" => all.group = Some(value.clone()),
                "fields" => all.fields = list(value),
                "defaultLimit" => all.default_limit = Some(number(value)?),
                "overallLimit" => all.overall_limit = Some(number(value)?),
                "offset" => all.offset = Some(number(value)?),
                "spellCorrection" => all.spell_correction = Some(flag(value)?),
                other => all.of_object(other, value)?,
            }
        }
        all.q = q.ok_or_else(parameter)?;
        Ok(all)
    }

    /// `Contact.fields=Id,Name`.
    fn of_object(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let (object, part) = name.split_once('.').ok_or_else(parameter)?;
        let named = self.objects.iter_mut();
        let mut named = named.filter(|known| known.name.eq_ignore_ascii_case(object));
        let object = named.next().ok_or_else(parameter)?;
        match part {
            "fields" => object.fields = list(value),
            "where" => object.condition = Some(value.to_owned()),
            "orderBy" => object.order_by = Some(value.to_owned()),
            "limit" => object.limit = Some(number(value)?),
            _ => return Err(parameter()),
        }
        Ok(())
    }

    /// The same search in SOSL.
    pub(in crate::dialect::salesforce) fn sosl(&self) -> Result<String, Refusal> {
        let search = self.search().map_err(|error| {
            Refusal::new(
                Code::QueryMalformed,
                format!("a parameter of the search: {error}"),
            )
        })?;
        Ok(canonical(&search))
    }

    fn search(&self) -> Result<Search, Error> {
        let find = self.expression()?;
        let group = match &self.group {
            None => None,
            Some(name) => Some(Group::named(name).ok_or(Error {
                at: 0,
                what: "ALL, NAME, EMAIL, PHONE or SIDEBAR was expected in `in`",
            })?),
        };
        let returning: Result<Vec<Returning>, Error> = self
            .objects
            .iter()
            .map(|object| self.returning(object))
            .collect();
        let spelled = self.spell_correction.map(With::SpellCorrection);
        Ok(Search {
            find,
            group,
            returning: returning?,
            with: spelled.into_iter().collect(),
            limit: self.overall_limit.map(count),
            update: vec![],
        })
    }

    fn expression(&self) -> Result<Expression, Error> {
        parse_expression(&self.q)
    }

    fn returning(&self, object: &Object) -> Result<Returning, Error> {
        let name = Name::new(&object.name).ok_or(Error {
            at: 0,
            what: "an object's name was expected",
        })?;
        let mut query = bare(name);
        let own = [&object.fields, &self.fields];
        let fields = own.into_iter().find(|fields| !fields.is_empty());
        for field in fields.into_iter().flatten() {
            let mut cursor = Cursor::new(field)?;
            query.select.push(cursor.returned_field()?);
            cursor.end()?;
        }
        if let Some(text) = &object.condition {
            let mut cursor = Cursor::new(text)?;
            query.condition = Some(cursor.condition()?);
            cursor.end()?;
        }
        if let Some(text) = &object.order_by {
            query.order_by = order(text)?;
        }
        query.limit = object.limit.or(self.default_limit).map(count);
        query.offset = self.offset.map(count);
        let clauses = query.condition.is_some()
            || !query.order_by.is_empty()
            || query.limit.is_some()
            || query.offset.is_some();
        if query.select.is_empty() && clauses {
            // SOSL has clauses behind fields alone; ids are what comes back without.
            let mut cursor = Cursor::new("Id")?;
            query.select.push(cursor.returned_field()?);
        }
        Ok(Returning {
            query,
            list_view: None,
        })
    }
}

fn order(text: &str) -> Result<Vec<soql::ast::OrderItem>, Error> {
    let whole = format!("ORDER BY {text}");
    let mut cursor = Cursor::new(&whole)?;
    let order = cursor.order_by()?;
    cursor.end()?;
    Ok(order)
}

fn count(rows: u32) -> Count {
    Count {
        span: Span::default(),
        rows,
    }
}

/// Reads the body of `POST parameterizedSearch`.
pub(in crate::dialect::salesforce) fn from_body(
    document: &Document<'_>,
    node: NodeId,
) -> Result<Parameters, Refusal> {
    let body = Body(document);
    let mut all = Parameters::default();
    let mut q = None;
    for (key, node) in body.members(node)? {
        match key.as_str() {
            "q" => q = Some(body.text(node)?),
            "in" => all.group = Some(body.text(node)?),
            "fields" => all.fields = body.texts(node)?,
            "sobjects" => {
                for object in body.elements(node)? {
                    all.objects.push(body.object(object)?);
                }
            }
            "defaultLimit" => all.default_limit = Some(body.number(node)?),
            "overallLimit" => all.overall_limit = Some(body.number(node)?),
            "offset" => all.offset = Some(body.number(node)?),
            "spellCorrection" => all.spell_correction = Some(body.flag(node)?),
            _ => {
                return Err(malformed(
                    "the body has a member that searches through the border do not have",
                ));
            }
        }
    }
    all.q = q.ok_or_else(|| malformed("the body lacks q"))?;
    Ok(all)
}

struct Body<'d, 'b>(&'d Document<'b>);

impl Body<'_, '_> {
    fn members(&self, node: NodeId) -> Result<Vec<(String, NodeId)>, Refusal> {
        match self.0.kind(node) {
            Kind::Object => Ok(self
                .0
                .members(node)
                .map(|(key, node)| (key.into_owned(), node))
                .collect()),
            _ => Err(malformed("an object is expected here")),
        }
    }

    fn elements(&self, node: NodeId) -> Result<Vec<NodeId>, Refusal> {
        match self.0.kind(node) {
            Kind::Array => Ok(self.0.elements(node).collect()),
            _ => Err(malformed("a list is expected here")),
        }
    }

    fn text(&self, node: NodeId) -> Result<String, Refusal> {
        let text = self.0.text(node);
        text.map(|text| text.into_owned())
            .ok_or_else(|| malformed("a text is expected here"))
    }

    fn texts(&self, node: NodeId) -> Result<Vec<String>, Refusal> {
        let elements = self.elements(node)?;
        elements.into_iter().map(|node| self.text(node)).collect()
    }

    fn number(&self, node: NodeId) -> Result<u32, Refusal> {
        let digits = Some(self.0.raw(node)).filter(|_| self.0.kind(node) == Kind::Number);
        digits
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| malformed("a number of rows is expected here"))
    }

    fn flag(&self, node: NodeId) -> Result<bool, Refusal> {
        match (self.0.kind(node), self.0.raw(node)) {
            (Kind::Bool, raw) => Ok(raw == "true"),
            _ => Err(malformed("true or false is expected here")),
        }
    }

    fn object(&self, node: NodeId) -> Result<Object, Refusal> {
        let mut object = Object::default();
        for (key, node) in self.members(node)? {
            match key.as_str() {
                "name" => object.name = self.text(node)?,
                "fields" => object.fields = self.texts(node)?,
                "where" => object.condition = Some(self.text(node)?),
                "orderBy" => object.order_by = Some(self.text(node)?),
                "limit" => object.limit = Some(self.number(node)?),
                _ => return Err(malformed("an object has an unknown member")),
            }
        }
        Ok(object)
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_owned()).collect()
}

fn number(text: &str) -> Result<u32, Refusal> {
    text.parse().map_err(|_| parameter())
}

fn flag(text: &str) -> Result<bool, Refusal> {
    text.parse().map_err(|_| parameter())
}

fn parameter() -> Refusal {
    Refusal::new(
        Code::ParameterUnknown,
        "a parameter of the search is missing, unknown or malformed",
    )
}

fn malformed(text: &'static str) -> Refusal {
    Refusal::new(Code::BodyMalformed, text)
}
