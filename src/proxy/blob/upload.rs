//! A record with its file, read as it comes: the record is kept, the file is sealed chunk by chunk and
//! put aside, and only when both are here is it decided whether anything leaves. The record may come
//! last, and may refuse the file.

use std::sync::Arc;

use crate::dialect::salesforce::door::{self, Door, Verb};
use crate::dialect::salesforce::file::{Form, Part};
use crate::dialect::salesforce::target::Target;
use crate::gate::Permit;
use crate::model::{Code, Refusal};
use crate::policy::ObjectPlan;
use crate::protect::file::Sealed;
use crate::protect::outward::file;
use crate::proxy::sealing::Sealing;
use crate::proxy::spool::{Share, Spool};
use crate::proxy::{Failure, Proxy, Rules, Shared, upload};
use crate::wire::json;
use crate::wire::multipart::{self, Event, Head, Reader};

/// Record and file; a third part is refused.
const PARTS: usize = 2;

/// A form that is being read.
pub struct Upload {
    shared: Arc<Shared>,
    /// The policy that it is read by. Where another is in force at its end, it is refused.
    rules: Arc<Rules>,
    object: String,
    form: Form,
    reader: Reader,
    current: Current,
    record: Vec<u8>,
    file: Option<File>,
    spool: Spool,
    failed: Option<Failure>,
}

/// What is being read.
enum Current {
    Nothing,
    Record,
    File(Box<Coming>),
}

struct Coming {
    field: String,
    name: String,
    kind: String,
    most: u64,
    sealing: Sealing,
}

/// The file, once it is here.
struct File {
    field: String,
    name: String,
    sealed: Arc<Sealed>,
}

/// A form that is here: its record, and its file sealed and on disk.
pub(in crate::proxy) struct Received {
    pub record: Vec<u8>,
    /// The field that the file is for.
    pub field: String,
    pub name: String,
    pub sealed: Arc<Sealed>,
    pub spool: std::fs::File,
}

/// How a body is to be read, by what stands before it.
pub struct Beginning<'r> {
    pub method: &'r str,
    pub target: &'r str,
    pub content_type: Option<&'r str>,
    pub content_encoding: Option<&'r str>,
}

impl Proxy {
    /// How a request's body is to be read: none where it is to be had whole. What is wrong with such a
    /// request is said where all requests are looked at.
    ///
    /// # Errors
    /// When there is no place for what is read.
    pub fn blob(&self, permit: &Permit, head: &Beginning<'_>) -> Result<Option<Upload>, Failure> {
        let plain = head
            .content_encoding
            .is_none_or(|coding| coding.eq_ignore_ascii_case("identity"));
        // Most requests have no such body, and are told by a look at this field.
        let boundary = multipart::boundary(head.content_type.unwrap_or_default());
        let (true, Ok(boundary)) = (plain, boundary) else {
            return Ok(None);
        };
        let rules = self.shared.rules_for(permit);
        let Some(object) = object(&rules, head).filter(|object| has_files(object)) else {
            return Ok(None);
        };
        let Ok(reader) = Reader::new(&boundary, PARTS) else {
            return Ok(None);
        };
        let object = object.name.clone();
        let spool = self.shared.spools.open(permit.recorded_as());
        Ok(Some(Upload {
            shared: Arc::clone(&self.shared),
            form: Form::new(&object),
            object,
            rules,
            reader,
            current: Current::Nothing,
            record: vec![],
            file: None,
            spool: spool.map_err(Failure::Spool)?,
            failed: None,
        }))
    }
}

/// The object of a request that writes one record.
fn object<'p>(rules: &'p Rules, head: &Beginning<'_>) -> Option<&'p ObjectPlan> {
    let target = Target::parse(head.target).ok()?;
    let route = door::resolve(head.method, &target).ok()?;
    let (Door::Create { object }
    | Door::Record {
        verb: Verb::Update,
        object,
        ..
    }) = &route.door
    else {
        return None;
    };
    rules.plan.object(object)
}

fn has_files(object: &ObjectPlan) -> bool {
    object.fields.iter().any(|field| field.file.is_some())
}

impl Upload {
    /// Reads on. `false`: the form is refused, and the rest of it need not be read.
    pub async fn push(&mut self, bytes: &[u8]) -> bool {
        if self.failed.is_none()
            && let Err(failure) = self.read(bytes).await
        {
            self.failed = Some(failure);
        }
        self.failed.is_none()
    }

    /// Bytes of it that are in memory.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.record.len() + self.spool.gathered()
    }

    /// The form, once its last byte was read. `rules`: the policy of the exchange.
    /// The room that it takes on disk is to be kept until the request is sent.
    pub(in crate::proxy) async fn finish(
        mut self,
        rules: &Arc<Rules>,
    ) -> Result<(Received, Share), Failure> {
        if let Some(failure) = self.failed {
            return Err(failure);
        }
        if !Arc::ptr_eq(&self.rules, rules) {
            return Err(Failure::PolicyChanged);
        }
        self.reader.finish().map_err(upload::malformed)?;
        self.form.finish()?;
        let Some(File {
            field,
            name,
            sealed,
        }) = self.file
        else {
            return Err(Refusal::new(Code::BodyMalformed, "the form has no file").into());
        };
        let (spool, share) = self.spool.finish().await.map_err(Failure::Spool)?;
        let received = Received {
            record: self.record,
            field,
            name,
            sealed,
            spool,
        };
        Ok((received, share))
    }

    async fn read(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.reader.push(bytes);
        while let Some(event) = self.reader.event().map_err(upload::malformed)? {
            match event {
                Event::Part(head) => self.begin(head)?,
                Event::Content(bytes) => self.content(&bytes)?,
                Event::End => self.end()?,
            }
            self.spool.flush(false).await.map_err(Failure::Spool)?;
        }
        Ok(())
    }

    fn begin(&mut self, head: Head) -> Result<(), Failure> {
        self.current = match self.form.part(head)? {
            Part::Record => Current::Record,
            Part::File { field, name, kind } => {
                let object = self.rules.plan.object(&self.object);
                let object = object.ok_or(Failure::PolicyChanged)?;
                let holder = file::holder(object, &field)?;
                Current::File(Box::new(Coming {
                    field: holder.name.clone(),
                    most: file::most(holder),
                    name,
                    kind,
                    sealing: Sealing::new(&*self.shared.entropy)?,
                }))
            }
        };
        Ok(())
    }

    fn content(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match &mut self.current {
            Current::Nothing => {
                Err(Refusal::new(Code::BodyMalformed, "content came without a part").into())
            }
            Current::Record => {
                if self.record.len() + bytes.len() > json::Limits::default().bytes {
                    let text = "the record of a form with a file is too large";
                    return Err(Refusal::new(Code::BodyTooLarge, text).into());
                }
                self.record.extend_from_slice(bytes);
                Ok(())
            }
            Current::File(coming) => {
                if coming.sealing.exceeds(bytes, coming.most) {
                    let object = self.rules.plan.object(&self.object);
                    let field = object.and_then(|object| object.field(&coming.field));
                    let refusal = field.map(file::too_large);
                    return Err(refusal.map_or(Failure::PolicyChanged, Failure::Refused));
                }
                coming.sealing.push(bytes, self.spool.end())
            }
        }
    }

    fn end(&mut self) -> Result<(), Failure> {
        if let Current::File(coming) = std::mem::replace(&mut self.current, Current::Nothing) {
            let Coming {
                field,
                name,
                kind,
                sealing,
                ..
            } = *coming;
            let sealed = sealing.finish(&name, &kind, self.spool.end())?;
            self.file = Some(File {
                field,
                name,
                sealed: Arc::new(sealed),
            });
        }
        Ok(())
    }
}
