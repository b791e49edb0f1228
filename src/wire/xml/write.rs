//! Generating XML.

use super::text::{Unfit, encode_into};

/// Writes elements by names of ours. Texts are escaped for their places.
#[derive(Clone, Debug)]
pub struct Writer {
    out: Vec<u8>,
    open: Vec<String>,
}

impl Writer {
    /// Begins a document.
    #[must_use]
    pub fn new() -> Self {
        Self {
            out: b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_vec(),
            open: vec![],
        }
    }

    /// Begins a part of a document.
    #[must_use]
    pub fn part() -> Self {
        Self {
            out: vec![],
            open: vec![],
        }
    }

    /// How many bytes stand already.
    #[must_use]
    pub fn position(&self) -> usize {
        self.out.len()
    }

    /// Opens an element. `name` may have a prefix that an element around it declares.
    ///
    /// # Errors
    /// When an attribute's value cannot be held by XML.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<(), Unfit> {
        self.start(name, attributes)?;
        self.out.push(b'>');
        self.open.push(name.to_owned());
        Ok(())
    }

    /// Closes the element that was opened last.
    pub fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.out.extend_from_slice(b"</");
            self.out.extend_from_slice(name.as_bytes());
            self.out.push(b'>');
        }
    }

    /// Writes an element with text.
    ///
    /// # Errors
    /// When XML cannot hold the text.
    pub fn text(&mut self, name: &str, text: &str) -> Result<(), Unfit> {
        self.open(name, &[])?;
        encode_into(&mut self.out, text)?;
        self.close();
        Ok(())
    }

    /// Writes an element without content.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<(), Unfit> {
        self.start(name, attributes)?;
        self.out.extend_from_slice(b"/>");
        Ok(())
    }

    /// Closes what is open, and gives the document.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<(), Unfit> {
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        for (name, value) in attributes {
            self.out.push(b' ');
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(b"=\"");
            encode_into(&mut self.out, value)?;
            self.out.push(b'"');
        }
        Ok(())
    }
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}
