//! A form with files, read as it comes: files are sealed chunk by chunk and put aside, and only when
//! the whole form is here is it decided whether anything of it leaves.
//!
//! It is not sent on while it is read: what stands behind a file in a form can refuse all of it, and
//! whose file it is may be said by a field that comes last.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use zeroize::Zeroizing;

use super::page::{Visit, not_fresh};
use super::record::Scribe;
use super::rules::no_pages;
use super::sealing::Sealing;
use super::spool::{Share, Spool};
use super::{Failure, Proxy, Rules, Shared};
use crate::dialect::pages::{Call, Codec, Name, Names, Part, Submitted};
use crate::gate::Permit;
use crate::model::{Code, Refusal};
use crate::protect::file::Sealed;
use crate::wire::multipart::{self, Event, Head, Limits, Reader};
use crate::wire::{self};

/// What the fields of a form with files may have together, in bytes.
const FIELDS: usize = 1 << 20;
/// How many files one form may have.
const FILES: usize = 20;

/// A form with files that is being read.
pub struct Upload {
    shared: Arc<Shared>,
    /// The policy that it is read by. Where another is in force at its end, it is refused.
    pub(super) rules: Arc<Rules>,
    names: Names,
    reader: Reader,
    current: Current,
    fields: usize,
    parts: Vec<Part>,
    files: Vec<Arc<Sealed>>,
    spool: Spool,
    failed: Option<Failure>,
}

/// What is being read.
enum Current {
    /// Nothing, or a part that must be empty.
    Nothing,
    Field {
        name: String,
        value: Zeroizing<Vec<u8>>,
    },
    File(Box<Coming>),
}

struct Coming {
    name: String,
    filename: String,
    kind: String,
    /// The most bytes that policy lets it have.
    most: u64,
    sealing: Sealing,
}

/// A form that is here: its fields, and its files sealed and on disk.
pub(super) struct Received {
    pub parts: Vec<Part>,
    pub files: Vec<Arc<Sealed>>,
    pub spool: std::fs::File,
    /// To be kept until the request is sent.
    pub share: Share,
}

impl Proxy {
    /// How a request's body is to be read: none where it is to be had whole.
    ///
    /// # Errors
    /// When there is no place for what is read, or its route wants a second factor first.
    pub async fn upload(
        &self,
        permit: &Permit,
        visit: &Visit<'_>,
    ) -> Result<Option<Upload>, Failure> {
        let content_type = visit.headers.get(CONTENT_TYPE);
        let content_type = content_type.and_then(|kind| kind.to_str().ok());
        let rules = self.shared.rules_for(permit);
        let site = rules.plan.site();
        let Some(site) = site.and_then(|site| site.of(self.host(visit.host))) else {
            return Ok(None);
        };
        let submitted = Submitted {
            method: visit.method,
            target: visit.target,
            content_type,
            body: b"--",
        };
        // What is wrong with route and query is said where all requests are looked at.
        let Ok(call) = Call::resolve(site, &submitted) else {
            return Ok(None);
        };
        let multipart = matches!(call.codec(&submitted), Ok(Some(Codec::Multipart)));
        if !multipart || !call.route.form.has_uploads() {
            return Ok(None);
        }
        let mut scribe = Scribe::new(&self.shared, &rules, permit, visit.exchange);
        scribe.route = &call.route.name;
        if rules.plan.is_narrowed() {
            return scribe.conclude(Err(no_pages().into())).await;
        }
        if call.route.step_up && !scribe.fresh {
            return scribe.conclude(Err(not_fresh().into())).await;
        }
        let names = call.route.form.clone();
        let boundary = multipart::boundary(content_type.unwrap_or_default());
        let reader = boundary.and_then(|found| Reader::new(&found, Limits::default().parts));
        // As above: read whole, it is refused by the same rule.
        let Ok(reader) = reader else {
            return Ok(None);
        };
        let spool = self.shared.spools.open(permit.recorded_as());
        let spool = spool.map_err(Failure::Spool)?;
        Ok(Some(Upload {
            shared: Arc::clone(&self.shared),
            rules,
            names,
            reader,
            current: Current::Nothing,
            fields: 0,
            parts: vec![],
            files: vec![],
            spool,
            failed: None,
        }))
    }
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
        self.fields + self.spool.gathered()
    }

    /// The form, once its last byte was read.
    pub(super) async fn finish(mut self) -> Result<Received, Failure> {
        if let Some(failure) = self.failed {
            return Err(failure);
        }
        self.reader.finish().map_err(malformed)?;
        let (spool, share) = self.spool.finish().await.map_err(Failure::Spool)?;
        Ok(Received {
            parts: self.parts,
            files: self.files,
            spool,
            share,
        })
    }

    async fn read(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.reader.push(bytes);
        while let Some(event) = self.reader.event().map_err(malformed)? {
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
        let Head {
            name,
            filename,
            content_type,
        } = head;
        self.count(name.len())?;
        self.current = match filename {
            None => Current::Field {
                name,
                value: Zeroizing::default(),
            },
            Some(filename) if filename.is_empty() => {
                self.parts.push(Part::Empty { name });
                Current::Nothing
            }
            Some(filename) => {
                let Some(Name::Upload(upload)) = self.names.find(&name) else {
                    return Err(self.no_file(&name).into());
                };
                if self.files.len() == FILES {
                    let text = format!("a form may have at most {FILES} files");
                    return Err(Refusal::new(Code::BodyTooLarge, text).into());
                }
                Current::File(Box::new(Coming {
                    name,
                    filename,
                    kind: content_type.unwrap_or_default(),
                    most: upload.most,
                    sealing: Sealing::new(&*self.shared.entropy)?,
                }))
            }
        };
        Ok(())
    }

    fn content(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match &mut self.current {
            // A file without a name is none, and then it has no content either.
            Current::Nothing => {
                Err(Refusal::new(Code::BodyMalformed, "a file came without a name").into())
            }
            Current::Field { value, .. } => {
                value.extend_from_slice(bytes);
                self.count(bytes.len())
            }
            Current::File(file) => {
                if file.sealing.exceeds(bytes, file.most) {
                    let text = format!(
                        "{}: a file may have at most {} bytes, as policy says",
                        file.name, file.most
                    );
                    let name = file.name.clone();
                    return Err(Refusal::at(Code::BodyTooLarge, name, text).into());
                }
                file.sealing.push(bytes, self.spool.end())
            }
        }
    }

    fn end(&mut self) -> Result<(), Failure> {
        match std::mem::replace(&mut self.current, Current::Nothing) {
            Current::Nothing => {}
            Current::Field { name, value } => {
                let wrong = |at| malformed(wire::Error::NotUtf8 { at });
                let text = str::from_utf8(&value).map_err(|error| wrong(error.valid_up_to()))?;
                if text.contains('\0') {
                    let what = "NUL";
                    return Err(malformed(wire::Error::Malformed { at: 0, what }).into());
                }
                let value = text.to_owned();
                self.parts.push(Part::Field { name, value });
            }
            Current::File(file) => {
                let Coming {
                    name,
                    filename,
                    kind,
                    sealing,
                    ..
                } = *file;
                let sealed = sealing.finish(&filename, &kind, self.spool.end())?;
                self.files.push(Arc::new(sealed));
                self.parts.push(Part::File { name, filename });
            }
        }
        Ok(())
    }

    fn count(&mut self, bytes: usize) -> Result<(), Failure> {
        self.fields = self.fields.saturating_add(bytes);
        if self.fields > FIELDS {
            let text = format!("the fields of a form with files have more than {FIELDS} bytes");
            return Err(Refusal::new(Code::BodyTooLarge, text).into());
        }
        Ok(())
    }

    /// A name of policy's may be said again.
    fn no_file(&self, name: &str) -> Refusal {
        match self.names.find(name) {
            Some(Name::File) => {
                let text = format!("{name}: policy says that files may not be sent to the CRM");
                Refusal::at(Code::PolicyBlocked, name, text)
            }
            Some(_) | None => {
                Refusal::new(Code::BodyMalformed, "a file came where policy names none")
            }
        }
    }
}

pub(super) fn malformed(error: wire::Error) -> Refusal {
    let code = match error {
        wire::Error::TooLarge { .. } => Code::BodyTooLarge,
        _ => Code::BodyMalformed,
    };
    Refusal::new(code, error.to_string())
}
