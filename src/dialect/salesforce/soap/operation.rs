//! The operations of the WSDL, each with its parameters.

use serde_json::{Map, Value, json};

use super::convert;
use super::message::{Ask, Operation};
use super::sobject::{self, is_nil};
use super::{Api, malformed};
use crate::dialect::salesforce::door::{self, Door, Verb};
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Refusal};
use crate::wire::xml::{Document, NodeId};

/// How many records, ids or types one message may have; the CRM takes 2,000 ids and 200 records.
const MOST: usize = 2_000;

/// An operation that is being read.
pub(super) struct Reader<'d, 'b> {
    api: Api,
    document: &'d Document<'b>,
    node: NodeId,
}

/// What is asked, the resources that ask the same, and the records that are written.
type Read = (Ask, Vec<Door>, Option<String>);

impl<'d, 'b> Reader<'d, 'b> {
    pub fn new(api: Api, document: &'d Document<'b>, node: NodeId) -> Self {
        Self {
            api,
            document,
            node,
        }
    }

    /// What the border answers by itself, if it is that.
    pub fn own(&self, name: &str) -> Result<Option<Operation>, Refusal> {
        Ok(Some(match name {
            "login" => {
                let [username, password] = self.texts(["username", "password"])?;
                Operation::Login {
                    username,
                    password: password.as_str().into(),
                }
            }
            "logout" => {
                self.nothing()?;
                Operation::Logout
            }
            "getUserInfo" => {
                self.nothing()?;
                Operation::UserInfo
            }
            _ => return Ok(None),
        }))
    }

    /// What the CRM is asked.
    pub fn operation(&self, name: &str) -> Result<Read, Refusal> {
        match name {
            "create" => self.write(Ask::Create, Verb::Create),
            "update" => self.write(Ask::Update, Verb::Update),
            "upsert" => self.upsert(),
            "merge" => self.merge(),
            "delete" => self.ids(Ask::Delete),
            "undelete" => self.ids(Ask::Undelete),
            "retrieve" => self.retrieve(),
            "query" | "queryAll" => {
                let [text] = self.texts(["queryString"])?;
                let all = name == "queryAll";
                Ok((Ask::Query, vec![Door::Query { text, all }], None))
            }
            "search" => {
                let [text] = self.texts(["searchString"])?;
                Ok((Ask::Search, vec![Door::Search { text }], None))
            }
            "convertLead" => {
                let (conversions, records) = convert::read(self)?;
                let door = Door::Convert(conversions);
                Ok((Ask::Convert, vec![door], Some(body(&records)?)))
            }
            "queryMore" => {
                let [text] = self.texts(["queryLocator"])?;
                let locator = door::locator(text.trim())?;
                let door = Door::More {
                    locator,
                    all: false,
                };
                Ok((Ask::QueryMore, vec![door], None))
            }
            "describeSObject" | "describeSObjects" => self.describe(name == "describeSObjects"),
            "describeGlobal" => {
                self.nothing()?;
                Ok((Ask::DescribeAll, vec![Door::Objects], None))
            }
            "getServerTimestamp" => {
                self.nothing()?;
                // As `limits` it names no object, and is answered without a record.
                Ok((Ask::Timestamp, vec![Door::Limits], None))
            }
            _ => Err(refused(name)),
        }
    }

    fn write(&self, ask: Ask, verb: Verb) -> Result<Read, Refusal> {
        let mut records = Vec::new();
        for node in self.children() {
            self.expect(node, "sObjects")?;
            records.push(sobject::read(self.api, self.document, node)?);
        }
        Ok((ask, vec![Door::Collection { verb }], Some(body(&records)?)))
    }

    fn upsert(&self) -> Result<Read, Refusal> {
        let mut field = None;
        let mut records = Vec::new();
        for node in self.children() {
            if field.is_none() {
                self.expect(node, "externalIDFieldName")?;
                field = Some(door::name(self.text(node)?.trim())?);
            } else {
                self.expect(node, "sObjects")?;
                records.push(sobject::read(self.api, self.document, node)?);
            }
        }
        let field = field.ok_or_else(|| malformed("an upsert names its external id"))?;
        let object = records
            .first()
            .and_then(|record| record.pointer("/attributes/type"))
            .and_then(Value::as_str)
            .ok_or_else(|| malformed("an upsert has records"))?;
        let door = Door::CollectionUpsert {
            object: object.to_owned(),
            field,
        };
        Ok((Ask::Upsert, vec![door], Some(body(&records)?)))
    }

    /// The fields of the master are written; what the others hold goes with them.
    fn merge(&self) -> Result<Read, Refusal> {
        let mut records = Vec::new();
        let mut losers = Vec::new();
        for request in self.children() {
            self.expect(request, "request")?;
            self.plain(request)?;
            let mut master = None;
            let mut ids = Vec::new();
            for node in self.document.children(request) {
                match self.document.name(node).local {
                    "masterRecord" if master.is_none() => {
                        master = Some(sobject::read(self.api, self.document, node)?);
                    }
                    "recordToMergeIds" => ids.push(self.id(node)?),
                    "additionalInformationMap"
                        if self.document.text(node).as_deref() == Some("") => {}
                    _ => return Err(malformed("a merge has a member that is not taken")),
                }
            }
            let master = master.ok_or_else(|| malformed("a merge names its master record"))?;
            records.push(master);
            losers.push(ids);
        }
        let gone = Door::CollectionDelete {
            ids: losers.concat(),
            all_or_none: None,
        };
        let doors = vec![Door::Collection { verb: Verb::Update }, gone];
        Ok((Ask::Merge(losers), doors, Some(body(&records)?)))
    }

    fn ids(&self, ask: Ask) -> Result<Read, Refusal> {
        let mut ids = Vec::new();
        for node in self.children() {
            self.expect(node, "ids")?;
            ids.push(self.id(node)?);
        }
        some(ids.len())?;
        let door = Door::CollectionDelete {
            ids,
            all_or_none: None,
        };
        Ok((ask, vec![door], None))
    }

    fn retrieve(&self) -> Result<Read, Refusal> {
        let mut nodes = self.children();
        let mut text = |name| {
            let node = nodes
                .next()
                .ok_or_else(|| malformed("a parameter is missing"))?;
            self.expect(node, name)?;
            self.text(node)
        };
        let (fields, object) = (text("fieldList")?, text("sObjectType")?);
        let mut ids = Vec::new();
        for node in nodes {
            self.expect(node, "ids")?;
            ids.push(self.id(node)?);
        }
        some(ids.len())?;
        let fields = fields.split(',').map(|field| field.trim().to_owned());
        let door = Door::CollectionRead {
            object: door::name(object.trim())?,
            ids,
            fields: fields.collect(),
            in_body: false,
        };
        Ok((Ask::Retrieve, vec![door], None))
    }

    fn describe(&self, many: bool) -> Result<Read, Refusal> {
        let mut doors = Vec::new();
        for node in self.children() {
            self.expect(node, "sObjectType")?;
            let object = door::name(self.text(node)?.trim())?;
            doors.push(Door::Describe { object });
        }
        let ask = match many {
            true => Ask::DescribeMany,
            false => Ask::Describe,
        };
        match doors.len() {
            1 => {}
            // The CRM describes a hundred at once.
            2..=100 if many => {}
            _ => return Err(malformed("a description names its objects")),
        }
        Ok((ask, doors, None))
    }

    /// Parameters that are text, in the order of the WSDL and no others.
    fn texts<const N: usize>(&self, names: [&'static str; N]) -> Result<[String; N], Refusal> {
        let nodes: Vec<NodeId> = self.children().collect();
        let mut found = Vec::with_capacity(N);
        for (node, name) in nodes.iter().zip(names) {
            self.expect(*node, name)?;
            found.push(self.text(*node)?);
        }
        let wrong = || malformed("the operation has other parameters than those of the WSDL");
        match nodes.len() == N {
            true => found.try_into().map_err(|_| wrong()),
            false => Err(wrong()),
        }
    }

    fn nothing(&self) -> Result<(), Refusal> {
        match self.document.text(self.node) {
            Some(text) if text.trim().is_empty() => Ok(()),
            _ => Err(malformed("the operation has no parameters")),
        }
    }

    pub fn children(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.children_of(self.node)
    }

    pub fn children_of(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.document.children(node)
    }

    /// Whether an element is the parameter of that name.
    pub fn is(&self, node: NodeId, name: &str) -> bool {
        let found = self.document.name(node);
        found.local == name && self.api.is_of_record(found.namespace)
    }

    pub fn nil(&self, node: NodeId) -> Result<bool, Refusal> {
        is_nil(self.document, node)
    }

    /// A parameter by name. jsforce has its lists in a namespace of its own.
    pub fn expect(&self, node: NodeId, name: &'static str) -> Result<(), Refusal> {
        if self.is(node, name) {
            return Ok(());
        }
        Err(malformed(format!(
            "the operation has another parameter where the WSDL has {name}"
        )))
    }

    pub fn text(&self, node: NodeId) -> Result<String, Refusal> {
        self.plain(node)?;
        let text = self.document.text(node);
        text.map(std::borrow::Cow::into_owned)
            .ok_or_else(|| malformed("a parameter must be text"))
    }

    /// A parameter has no attributes but `xsi:nil="false"`, which says nothing.
    pub fn plain(&self, node: NodeId) -> Result<(), Refusal> {
        let known = self
            .document
            .attributes(node)
            .all(|(name, _)| (name.namespace, name.local) == (super::XSI, "nil"));
        match known && !is_nil(self.document, node)? {
            true => Ok(()),
            false => Err(malformed("a parameter has an attribute, or is nil")),
        }
    }

    fn id(&self, node: NodeId) -> Result<Id, Refusal> {
        let text = self.text(node)?;
        Id::parse(text.trim())
            .ok_or_else(|| Refusal::new(Code::ValueUnfit, "a record id is malformed"))
    }
}

fn body(records: &[Value]) -> Result<String, Refusal> {
    some(records.len())?;
    let mut body = Map::new();
    body.insert("records".to_owned(), json!(records));
    Ok(Value::Object(body).to_string())
}

/// An operation is about one record at least.
fn some(count: usize) -> Result<(), Refusal> {
    match count {
        0 => Err(malformed("the operation has no records")),
        1..=MOST => Ok(()),
        _ => Err(Refusal::new(
            Code::BodyTooLarge,
            "the message has too many records",
        )),
    }
}

/// Operations of the WSDL that are refused, each with why.
fn refused(name: &str) -> Refusal {
    let why = match name {
        "sendEmail" | "sendEmailMessage" => "mail is not sent through this border",
        "findDuplicates" | "findDuplicatesByIds" => "duplicates are looked for by query",
        _ => "this operation is not among those that the border knows",
    };
    Refusal::new(Code::EndpointUnknown, why)
}
