//! The objects and fields that the stand-in knows, from `schema.json`.
//!
//! The table was trimmed from recorded describe answers; Task, User, EmailMessage, Organization,
//! Group, RecordType and Profile follow the vendor's object reference.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

/// All objects, found by name in any case, or by the first three characters of an id.
pub struct Schema {
    objects: Vec<Object>,
    by_name: HashMap<String, usize>,
    by_prefix: HashMap<String, usize>,
}

/// One object, such as Contact.
#[derive(Deserialize)]
pub struct Object {
    #[serde(default)]
    pub name: String,
    pub prefix: String,
    pub label: String,
    #[serde(rename = "labelPlural")]
    pub label_plural: String,
    pub children: Vec<Child>,
    pub fields: Vec<Field>,
    #[serde(skip)]
    by_name: HashMap<String, usize>,
}

/// The relationship from a parent to its children: its name, their object, their field.
#[derive(Deserialize)]
pub struct Child(pub String, pub String, pub String);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    pub name: String,
    pub label: String,
    #[serde(rename = "type")]
    pub kind: Kind,
    /// In characters; 0 where the type has none.
    #[serde(default)]
    pub length: usize,
    #[serde(default)]
    pub digits: u32,
    #[serde(default)]
    pub precision: u32,
    #[serde(default)]
    pub scale: u32,
    #[serde(default)]
    pub compound_field_name: Option<String>,
    #[serde(default)]
    pub extra_type_info: Option<String>,
    #[serde(default)]
    pub relationship_name: Option<String>,
    #[serde(default)]
    pub reference_to: Vec<String>,
    #[serde(default)]
    pub picklist: Vec<String>,
    #[serde(default)]
    pub default: Option<Value>,
    flags: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Id,
    Boolean,
    String,
    Textarea,
    Phone,
    Email,
    Url,
    Picklist,
    Combobox,
    Reference,
    Date,
    Datetime,
    Double,
    Currency,
    Percent,
    Int,
    Address,
    Base64,
}

impl Schema {
    /// # Errors
    /// When the table that is compiled in does not parse.
    pub fn load() -> Result<Self, serde_json::Error> {
        let raw: serde_json::Map<String, Value> =
            serde_json::from_str(include_str!("schema.json"))?;
        let mut objects = Vec::with_capacity(raw.len());
        for (name, value) in raw {
            let mut object: Object = serde_json::from_value(value)?;
            object.by_name = index(object.fields.iter().map(|field| field.name.as_str()));
            object.name = name;
            objects.push(object);
        }
        Ok(Self {
            by_name: index(objects.iter().map(|object| object.name.as_str())),
            by_prefix: index(objects.iter().map(|object| object.prefix.as_str())),
            objects,
        })
    }

    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    pub fn object(&self, name: &str) -> Option<&Object> {
        self.objects.get(found(&self.by_name, name)?)
    }

    /// The object that an id belongs to.
    pub fn of_id(&self, id: &str) -> Option<&Object> {
        self.objects.get(found(&self.by_prefix, id.get(..3)?)?)
    }
}

impl Object {
    pub fn position(&self, name: &str) -> Option<usize> {
        found(&self.by_name, name)
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(self.position(name)?)
    }

    /// The field and its position whose relationship has that name (`Account` for `AccountId`).
    pub fn relationship(&self, name: &str) -> Option<(usize, &Field)> {
        let named = |field: &&Field| {
            let found = field.relationship_name.as_deref();
            found.is_some_and(|found| found.eq_ignore_ascii_case(name))
        };
        let field = self.fields.iter().find(named)?;
        Some((self.position(&field.name)?, field))
    }

    pub fn child(&self, relationship: &str) -> Option<&Child> {
        let named = |child: &&Child| child.0.eq_ignore_ascii_case(relationship);
        self.children.iter().find(named)
    }

    /// The fields that a compound field is made of, such as MailingStreet of MailingAddress.
    pub fn parts<'a>(&'a self, compound: &'a Field) -> impl Iterator<Item = (usize, &'a Field)> {
        let of = move |field: &&Field| field.compound_field_name.as_ref() == Some(&compound.name);
        let fields = self.fields.iter().filter(of);
        fields.filter_map(|field| Some((self.position(&field.name)?, field)))
    }
}

impl Field {
    pub fn is(&self, flag: &str) -> bool {
        self.flags.iter().any(|found| found == flag)
    }

    /// Whether a new record must have it.
    pub fn required(&self) -> bool {
        self.is("createable")
            && !self.is("nillable")
            && !self.is("defaultedOnCreate")
            && self.kind != Kind::Boolean
    }

    pub fn custom(&self) -> bool {
        self.name.ends_with("__c")
    }

    /// Whether the database has a column for it.
    pub fn stored(&self) -> bool {
        self.kind != Kind::Address
    }

    /// Whether a record can be found by it in a path.
    pub fn lookup(&self) -> bool {
        self.is("externalId") || self.is("idLookup")
    }
}

impl Kind {
    pub fn is_text(self) -> bool {
        matches!(
            self,
            Self::String
                | Self::Textarea
                | Self::Phone
                | Self::Email
                | Self::Url
                | Self::Picklist
                | Self::Combobox
        )
    }

    pub fn is_id(self) -> bool {
        matches!(self, Self::Id | Self::Reference)
    }

    pub fn is_number(self) -> bool {
        matches!(
            self,
            Self::Double | Self::Currency | Self::Percent | Self::Int
        )
    }

    /// The name that describe and error messages use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Boolean => "boolean",
            Self::String => "string",
            Self::Textarea => "textarea",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Url => "url",
            Self::Picklist => "picklist",
            Self::Combobox => "combobox",
            Self::Reference => "reference",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Double => "double",
            Self::Currency => "currency",
            Self::Percent => "percent",
            Self::Int => "int",
            Self::Address => "address",
            Self::Base64 => "base64",
        }
    }

    /// The type of the value in XML Schema, as describe gives it.
    pub fn soap(self) -> &'static str {
        match self {
            Self::Id | Self::Reference => "tns:ID",
            Self::Boolean => "xsd:boolean",
            Self::Date => "xsd:date",
            Self::Datetime => "xsd:dateTime",
            Self::Double | Self::Currency | Self::Percent => "xsd:double",
            Self::Int => "xsd:int",
            Self::Address => "urn:address",
            Self::Base64 => "xsd:base64Binary",
            _ => "xsd:string",
        }
    }
}

/// Finds a name as it is written in the schema at once, any other case of it by folding.
fn found(index: &HashMap<String, usize>, name: &str) -> Option<usize> {
    let exact = index.get(name);
    exact.or_else(|| index.get(&name.to_lowercase())).copied()
}

fn index<'a>(names: impl Iterator<Item = &'a str>) -> HashMap<String, usize> {
    let both = |(at, name): (usize, &str)| [(name.to_lowercase(), at), (name.to_owned(), at)];
    names.enumerate().flat_map(both).collect()
}
