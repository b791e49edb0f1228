//! The mark of a request that may leave.

use std::sync::Arc;

use crate::protect::file;

/// A request that protection has rebuilt. Its field is private to this module, and only
/// `protect::outward` makes one, so that forwarding anything else does not compile.
#[derive(Debug)]
pub struct Cleared<T>(T);

impl<T> Cleared<T> {
    pub(in crate::protect) fn new(request: T) -> Self {
        Self(request)
    }

    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// A request towards the CRM: everything in it was written by us from the parsed form.
#[derive(Debug)]
pub struct Outgoing {
    pub method: &'static str,
    /// Path and query.
    pub target: String,
    /// What the method's body is, where it takes one.
    pub body: Option<Vec<u8>>,
    /// None: JSON.
    pub content_type: Option<String>,
    /// Where in the body the proxy's own session is to stand, for doors that carry it there. Then
    /// the request is SOAP.
    pub session: Option<usize>,
    /// Sealed files that stand within the body, in order.
    pub files: Vec<Insert>,
}

/// A sealed file and the place in the body where it goes. What is sent there is what this file's own
/// key opens: its bytes lie elsewhere, and each chunk proves itself before it leaves.
#[derive(Clone, Debug)]
pub struct Insert {
    /// The number of bytes of the body that stand before it.
    pub at: usize,
    pub file: Arc<file::Sealed>,
}
