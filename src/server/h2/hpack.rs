//! Reads header blocks (RFC 7541) only to see each `:path` as it was sent.
//!
//! h2 cuts a fragment off `:path` before anyone sees it, and a path that had one must be refused,
//! not repaired. So a second reader walks the same blocks. It keeps no values: a dynamic entry is
//! its size and whether its name is `:path`. Whatever it does not understand ends the connection.

use std::collections::VecDeque;

use crate::server::h2::huffman;

/// The reader's half of one connection's compression state.
#[derive(Debug)]
pub(super) struct Reader {
    /// Newest first.
    entries: VecDeque<Entry>,
    size: usize,
    limit: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    name: Name,
    size: usize,
}

#[derive(Clone, Copy, Debug)]
struct Name {
    length: usize,
    is_path: bool,
}

/// What we announce, by announcing nothing (RFC 9113, section 6.5.2).
const TABLE: usize = 4096;

impl Reader {
    pub(super) fn new() -> Self {
        Self {
            entries: VecDeque::new(),
            size: 0,
            limit: TABLE,
        }
    }

    /// Walks one whole block.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn block(&mut self, mut block: &[u8]) -> Result<(), &'static str> {
        while let Some(first) = block.first().copied() {
            match first {
                0x80.. => {
                    let index = integer(&mut block, 7)?;
                    self.name(index)?;
                }
                0x40..=0x7f => {
                    let entry = self.literal(&mut block, 6)?;
                    self.insert(entry);
                }
                0x20..=0x3f => {
                    let limit = integer(&mut block, 5)?;
                    if limit > TABLE {
                        return Err("a header table larger than announced");
                    }
                    self.limit = limit;
                    self.evict(0);
                }
                _ => {
                    self.literal(&mut block, 4)?;
                }
            }
        }
        Ok(())
    }

    fn literal(&self, block: &mut &[u8], bits: u8) -> Result<Entry, &'static str> {
        let name = match integer(block, bits)? {
            0 => {
                let name = string(block)?;
                Name {
                    length: name.len(),
                    is_path: name == b":path",
                }
            }
            index => self.name(index)?,
        };
        let value = string(block)?;
        if name.is_path && value.contains(&b'#') {
            return Err("the target has a fragment");
        }
        Ok(Entry {
            name,
            // RFC 7541, section 4.1.
            size: name.length + value.len() + 32,
        })
    }

    fn name(&self, index: usize) -> Result<Name, &'static str> {
        const UNKNOWN: &str = "an index outside of the header tables";
        let index = index.checked_sub(1).ok_or(UNKNOWN)?;
        if let Some(name) = STATIC.get(index) {
            return Ok(Name {
                length: name.len(),
                is_path: *name == ":path",
            });
        }
        let entry = self.entries.get(index - STATIC.len());
        entry.map(|entry| entry.name).ok_or(UNKNOWN)
    }

    fn insert(&mut self, entry: Entry) {
        self.evict(entry.size);
        if entry.size <= self.limit {
            self.size += entry.size;
            self.entries.push_front(entry);
        }
    }

    /// Makes room for an entry of `size`.
    fn evict(&mut self, size: usize) {
        while self.size + size > self.limit {
            let Some(oldest) = self.entries.pop_back() else {
                return;
            };
            self.size -= oldest.size;
        }
    }
}

/// RFC 7541, section 5.1, within what a header block can hold.
fn integer(block: &mut &[u8], bits: u8) -> Result<usize, &'static str> {
    const MALFORMED: &str = "a malformed integer in a header block";
    let (first, mut rest) = block.split_first().ok_or(MALFORMED)?;
    let mask = (1_usize << bits) - 1;
    let mut value = usize::from(*first) & mask;
    if value == mask {
        for shift in [0, 7, 14, 21] {
            let (byte, after) = rest.split_first().ok_or(MALFORMED)?;
            rest = after;
            value += usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                *block = rest;
                return Ok(value);
            }
        }
        return Err(MALFORMED);
    }
    *block = rest;
    Ok(value)
}

/// RFC 7541, section 5.2.
fn string(block: &mut &[u8]) -> Result<Vec<u8>, &'static str> {
    const MALFORMED: &str = "a malformed string in a header block";
    let huffman = block.first().is_some_and(|first| first & 0x80 != 0);
    let length = integer(block, 7)?;
    let (text, rest) = block.split_at_checked(length).ok_or(MALFORMED)?;
    *block = rest;
    if huffman {
        huffman::decode(text).ok_or(MALFORMED)
    } else {
        Ok(text.to_vec())
    }
}

/// The names of RFC 7541, appendix A.
#[rustfmt::skip]
const STATIC: [&str; 61] = [
    ":authority", ":method", ":method", ":path", ":path", ":scheme", ":scheme", ":status",
    ":status", ":status", ":status", ":status", ":status", ":status", "accept-charset",
    "accept-encoding", "accept-language", "accept-ranges", "accept",
    "access-control-allow-origin", "age", "allow", "authorization", "cache-control",
    "content-disposition", "content-encoding", "content-language", "content-length",
    "content-location", "content-range", "content-type", "cookie", "date", "etag", "expect",
    "expires", "from", "host", "if-match", "if-modified-since", "if-none-match", "if-range",
    "if-unmodified-since", "last-modified", "link", "location", "max-forwards",
    "proxy-authenticate", "proxy-authorization", "range", "referer", "refresh", "retry-after",
    "server", "set-cookie", "strict-transport-security", "transfer-encoding", "user-agent",
    "vary", "via", "www-authenticate",
];

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;
    use proptest::prelude::proptest;

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        HEXLOWER.decode(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_requests_of_the_rfc_leave_its_tables() {
        // RFC 7541, appendices C.3 and C.4: the same three requests, plain and Huffman coded, with
        // the sizes of the dynamic table that it gives after each.
        let plain = [
            "828684410f7777772e6578616d706c652e636f6d",
            "828684be58086e6f2d6361636865",
            "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
        ];
        let coded = [
            "828684418cf1e3c2e5f23a6ba0ab90f4ff",
            "828684be5886a8eb10649cbf",
            "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
        ];
        for blocks in [plain, coded] {
            let mut reader = Reader::new();
            for (block, size) in blocks.iter().zip([57, 110, 164]) {
                assert_eq!(reader.block(&hex(block)), Ok(()));
                assert_eq!(reader.size, size);
            }
        }
    }

    #[test]
    fn a_fragment_is_seen_however_the_path_is_written() {
        let fragment = Err("the target has a fragment");
        for block in [
            "04032f6123",             // Literal, name by index 4.
            "05032f6123",             // Literal, name by index 5.
            "44032f6123",             // Into the dynamic table.
            "14032f6123",             // Never indexed.
            "00053a70617468032f6123", // Name spelled out.
            "40053a70617468032f6123", // Name spelled out, into the table.
            "44012fbe0f2f032f6123",   // Name by the dynamic entry of an earlier path.
            "0483607ff5",             // Huffman coded.
        ] {
            assert_eq!(Reader::new().block(&hex(block)), fragment, "{block}");
        }
        assert_eq!(Reader::new().block(&hex("04032f6162")), Ok(()));
        // A `#` elsewhere is data.
        assert_eq!(Reader::new().block(&hex("0003782d61032f6123")), Ok(()));
    }

    #[test]
    fn entries_that_do_not_fit_push_the_oldest_out() {
        let mut reader = Reader::new();
        let mut block = Vec::new();
        for _ in 0..200 {
            block.extend(hex("4003782d6103626364"));
        }
        assert_eq!(reader.block(&block), Ok(()));
        assert!(reader.size <= TABLE && reader.size > TABLE - 39);
        assert_eq!(reader.block(&hex("20")), Ok(()));
        assert_eq!((reader.size, reader.entries.len()), (0, 0));
        assert!(reader.block(&hex("be")).is_err());
        assert!(
            reader.block(&hex("3fe21f")).is_err(),
            "4097 was not announced"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(blocks: Vec<Vec<u8>>) {
            let mut reader = Reader::new();
            for block in blocks {
                let _ = reader.block(&block);
                assert!(reader.size <= reader.limit);
            }
        }
    }
}
