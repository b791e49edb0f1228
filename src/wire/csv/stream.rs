//! A table record by record, from bytes as they come.
//!
//! What is kept is the record that is being read. Each byte is looked at once to find where the
//! record ends, however the input was cut, and once more to find its cells.

use zeroize::Zeroizing;

use super::{BYTE_ORDER_MARK, Cell, Delimiter, malformed, record};
use crate::wire::Error;

/// The most bytes of one record. The CRM's own limit is 400,000 characters (Bulk API Developer
/// Guide, "Limits").
const RECORD: usize = 2 << 20;
/// The most cells of one record. The CRM's own limit is 5,000 fields.
const CELLS: usize = 5_000;

/// What stands at the end of each record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    Lf,
    CrLf,
}

/// Reads records one after the other.
#[derive(Debug)]
pub struct Reader {
    delimiter: Delimiter,
    ending: Option<Ending>,
    buffer: Zeroizing<Vec<u8>>,
    /// Where in the buffer the record begins that is being read.
    start: usize,
    /// Up to where it was looked at.
    seen: usize,
    /// Whether that place is within quotes.
    quoted: bool,
    /// How many cells the header has.
    width: Option<usize>,
    records: u64,
    /// Whether what follows is no table any more.
    loose: bool,
}

/// One record.
#[derive(Clone, Debug)]
pub struct Record {
    /// Counted from 0, which is the header.
    pub number: u64,
    /// As it came: a byte order mark before it and the line end behind it included.
    pub text: Zeroizing<String>,
    pub cells: Vec<Cell>,
}

impl Record {
    /// What a cell means.
    #[must_use]
    pub fn value(&self, column: usize) -> Option<std::borrow::Cow<'_, str>> {
        Some(self.cells.get(column)?.value(&self.text))
    }
}

/// What is wrong with a record, and where. It says nothing of what stands there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("record {record}: {error}")]
pub struct Fault {
    pub record: u64,
    /// The cell that could not be read, counted from 0.
    pub column: Option<usize>,
    pub error: Error,
}

impl Reader {
    /// `ending`: none where the first record says it. It is then the same for all.
    #[must_use]
    pub fn new(delimiter: Delimiter, ending: Option<Ending>) -> Self {
        Self {
            delimiter,
            ending,
            buffer: Zeroizing::default(),
            start: 0,
            seen: 0,
            quoted: false,
            width: None,
            records: 0,
            loose: false,
        }
    }

    /// Whether an empty line stands next, behind the header at the earliest. Some tables end so.
    #[must_use]
    pub fn is_at_blank(&self) -> bool {
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        self.records > 0 && (rest.starts_with(b"\n") || rest.starts_with(b"\r\n"))
    }

    /// What follows is no table any more: its lines have any number of cells, and any end.
    pub fn loosen(&mut self) {
        self.loose = true;
    }

    /// Takes further bytes. All records that are whole are to be read before the next ones come.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.seen -= self.start;
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next record, if all of it is here.
    ///
    /// # Errors
    /// As [`super::parse`]; when a record is too large, is not UTF-8, ends in another way than the
    /// one before, or has more or fewer cells than the header.
    pub fn record(&mut self) -> Result<Option<Record>, Fault> {
        let rest = self.buffer.get(self.seen..).unwrap_or_default();
        for at in memchr::memchr2_iter(b'"', b'\n', rest) {
            match rest.get(at) {
                Some(b'"') => self.quoted = !self.quoted,
                _ if self.quoted => {}
                _ => {
                    let end = self.seen + at + 1;
                    return self.cut(end).map(Some);
                }
            }
        }
        self.seen = self.buffer.len();
        if self.seen - self.start > RECORD {
            let (what, limit) = ("bytes of one record", RECORD);
            return Err(self.fault(None, Error::TooLarge { what, limit }));
        }
        Ok(None)
    }

    /// The last record, where the table ends without a line end.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn finish(&mut self) -> Result<Option<Record>, Fault> {
        match self.start < self.buffer.len() {
            true => self.cut(self.buffer.len()).map(Some),
            false => Ok(None),
        }
    }

    /// How many bytes are kept of a record that is not whole yet.
    #[must_use]
    pub fn held(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// How many records were read, the header included.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    fn cut(&mut self, end: usize) -> Result<Record, Fault> {
        let bytes = self.buffer.get(self.start..end).unwrap_or_default();
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let at = error.valid_up_to();
            self.fault(None, Error::NotUtf8 { at })
        })?;
        let (cells, ending) = self.cells(text)?;
        let text = Zeroizing::new(text.to_owned());
        self.ending = self.ending.or(ending);
        self.width = Some(cells.len());
        self.start = end;
        self.seen = end;
        let number = self.records;
        self.records += 1;
        Ok(Record {
            number,
            text,
            cells,
        })
    }

    /// The cells of a record, and what ends it.
    fn cells(&self, text: &str) -> Result<(Vec<Cell>, Option<Ending>), Fault> {
        let first = self.records == 0;
        let marked = first && text.starts_with(BYTE_ORDER_MARK);
        let start = if marked {
            BYTE_ORDER_MARK.len_utf8()
        } else {
            0
        };
        if first && text.get(start..).unwrap_or_default().starts_with("sep=") {
            let error = malformed(start, "a line that sets the separator");
            return Err(self.fault(None, error));
        }
        let mut cells = Vec::with_capacity(self.width.unwrap_or(16));
        let bytes = text.as_bytes();
        let read = record(bytes, (start, 0), self.delimiter, (&mut cells, CELLS));
        let column = Some(cells.len());
        let end = read.map_err(|error| self.fault(column, error))?;
        if let Some(at) = memchr::memchr(0, bytes) {
            let column = cells.iter().position(|cell| cell.range.contains(&at));
            return Err(self.fault(column, malformed(at, "NUL")));
        }
        if end != text.len() {
            // Only a quote that stands wrong makes a record look longer than it is.
            return Err(self.fault(column, malformed(end, "a quote that does not end")));
        }
        let ending = match text.strip_suffix('\n') {
            Some(line) if line.ends_with('\r') => Some(Ending::CrLf),
            Some(_) => Some(Ending::Lf),
            None => None,
        };
        if self.loose {
            return Ok((cells, ending));
        }
        if self.ending.is_some() && ending.is_some() && ending != self.ending {
            let error = malformed(text.len(), "another line end than was said");
            return Err(self.fault(None, error));
        }
        if self.width.is_some_and(|width| width != cells.len()) {
            let error = malformed(text.len(), "more or fewer cells than the header has");
            return Err(self.fault(None, error));
        }
        Ok((cells, ending))
    }

    fn fault(&self, column: Option<usize>, error: Error) -> Fault {
        Fault {
            record: self.records,
            column,
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{any, prop_assert_eq};
    use proptest::{proptest, sample};

    use super::*;
    use crate::wire::csv::{Guard, Limits, encode, parse};

    fn read(text: &[u8], cuts: usize, ending: Option<Ending>) -> Result<Vec<Record>, Fault> {
        let mut reader = Reader::new(Delimiter::Comma, ending);
        let mut records = Vec::new();
        for part in text.chunks(cuts.max(1)) {
            reader.push(part);
            while let Some(record) = reader.record()? {
                records.push(record);
            }
        }
        records.extend(reader.finish()?);
        Ok(records)
    }

    fn rows(records: &[Record]) -> Vec<Vec<String>> {
        let row = |record: &Record| {
            let values = (0..record.cells.len()).filter_map(|at| record.value(at));
            values.map(std::borrow::Cow::into_owned).collect()
        };
        records.iter().map(row).collect()
    }

    #[test]
    fn records_come_as_they_stand_however_the_bytes_are_cut() {
        let text = "\u{feff}a,\"b\"\"c\"\n\"d\r\n,e\",é\n,\n1,2";
        for cuts in 1..text.len() {
            let records = read(text.as_bytes(), cuts, None).unwrap();
            let expected = [["a", "b\"c"], ["d\r\n,e", "é"], ["", ""], ["1", "2"]];
            assert_eq!(rows(&records), expected);
            let whole: String = records.iter().map(|record| record.text.as_str()).collect();
            assert_eq!(whole, text);
            assert_eq!(records[3].number, 3);
        }
        assert!(read(b"", 1, None).unwrap().is_empty());
    }

    #[test]
    fn what_has_two_readings_is_refused_with_its_record_and_column() {
        let refused = |text: &str, ending| {
            let fault = read(text.as_bytes(), 3, ending).unwrap_err();
            (fault.record, fault.column)
        };
        assert!(read(b"a,b\r\nc,d\r\n", 2, Some(Ending::CrLf)).is_ok());
        for (text, ending, expected) in [
            ("a,b\nc,d\"e\n", None, (1, Some(1))),
            ("a,b\n\"c\"d,e\n", None, (1, Some(0))),
            ("a,b\nc,\"d", None, (1, Some(1))),
            ("a,b\nc\n", None, (1, None)),
            ("a,b\nc,d,e\n", None, (1, None)),
            ("a,b\nc,d\n\n", None, (2, None)),
            ("a,b\nc,d\r\n", None, (1, None)),
            ("a,b\r\nc,d\n", None, (1, None)),
            ("a,b\r\n", Some(Ending::Lf), (0, None)),
            ("a,b\n", Some(Ending::CrLf), (0, None)),
            ("a,b\rc,d\n", None, (0, Some(2))),
            ("a,b\nc,\0\n", None, (1, Some(1))),
            ("sep=,\na,b\n", None, (0, None)),
        ] {
            assert_eq!(refused(text, ending), expected, "{text:?}");
        }
        let fault = read(b"a\n\xff\n", 1, None).unwrap_err();
        assert_eq!((fault.record, fault.error), (1, Error::NotUtf8 { at: 0 }));
    }

    #[test]
    fn an_empty_line_ends_a_table_where_the_reader_is_told_so() {
        for cuts in 1..20 {
            let text = b"\"a\",\"b\"\r\n\"\r\n\",\"\"\r\n\r\n\"x\"\n,,,\r\n";
            let mut reader = Reader::new(Delimiter::Comma, None);
            let (mut table, mut behind) = (0, 0);
            let mut loose = false;
            for part in text.chunks(cuts) {
                reader.push(part);
                loop {
                    if !loose && reader.is_at_blank() {
                        loose = true;
                        reader.loosen();
                    }
                    match reader.record().unwrap() {
                        None => break,
                        Some(_) if loose => behind += 1,
                        Some(_) => table += 1,
                    }
                }
            }
            assert_eq!((table, behind), (2, 3), "{cuts}");
        }
        let fault = read(b"\"a\",\"b\"\n\n\"x\"\n", 3, None).unwrap_err();
        assert!(matches!(fault.error, Error::Malformed { .. }));
    }

    #[test]
    fn a_record_without_an_end_is_refused_before_it_fills_memory() {
        let mut reader = Reader::new(Delimiter::Comma, None);
        reader.push(b"a,\"");
        let part = vec![b'x'; 64 * 1024];
        let mut pushed = 0;
        let fault = loop {
            reader.push(&part);
            pushed += part.len();
            match reader.record() {
                Ok(None) => assert!(pushed <= RECORD, "it is kept"),
                Ok(Some(_)) => panic!("a record"),
                Err(fault) => break fault,
            }
        };
        assert!(matches!(fault.error, Error::TooLarge { .. }));
        let many = format!("{}\n", ",".repeat(CELLS));
        assert!(read(many.as_bytes(), 4096, None).is_err());
    }

    proptest! {
        #[test]
        fn it_reads_what_the_reader_of_whole_tables_reads(
            text in "(a|,|\"|\"\"|\r\n|\n|é){0,24}",
            cuts in 1..9_usize,
        ) {
            let whole = parse(&text, Delimiter::Comma, &Limits::default());
            let cut = read(text.as_bytes(), cuts, None);
            // Line ends of two kinds are refused here only.
            if let Ok(records) = &cut {
                let cells: usize = records.iter().map(|record| record.cells.len()).sum();
                prop_assert_eq!(whole.map(|cells| cells.len()), Ok(cells));
            } else if !text.contains('\r') {
                prop_assert_eq!(whole.is_err(), true, "{:?}", cut);
            }
        }

        #[test]
        fn what_is_written_comes_back(
            table in vec(vec("[^\0\u{feff}]{0,9}", 3), 1..6),
            quoted in any::<bool>(),
            ending in sample::select(&["\n", "\r\n"][..]),
            delimiter in sample::select(&[
                Delimiter::Comma, Delimiter::Semicolon, Delimiter::Tab,
                Delimiter::Pipe, Delimiter::Caret, Delimiter::Backquote,
            ][..]),
            cuts in 1..40_usize,
        ) {
            let mut text = String::new();
            for row in &table {
                for (at, value) in row.iter().enumerate() {
                    if at > 0 {
                        text.push(char::from(delimiter.byte()));
                    }
                    // A first cell `sep=` would be a setting.
                    let quoted = quoted || value.starts_with("sep=");
                    encode(value, quoted, delimiter, Guard::Off, &mut text).unwrap();
                }
                text.push_str(ending);
            }
            let mut reader = Reader::new(delimiter, None);
            let mut records = Vec::new();
            for part in text.as_bytes().chunks(cuts) {
                reader.push(part);
                while let Some(record) = reader.record().unwrap() {
                    records.push(record);
                }
            }
            prop_assert_eq!(rows(&records), table);
        }
    }
}
