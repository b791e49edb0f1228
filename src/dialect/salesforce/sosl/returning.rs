//! `RETURNING`: objects with their fields and conditions.

use crate::dialect::salesforce::soql::ast::{Name, Path, Query, SelectItem, Source, Span};
use crate::dialect::salesforce::soql::{Cursor, Error};
use crate::dialect::salesforce::sosl::ast::Returning;

impl Cursor<'_> {
    pub(super) fn returning(&mut self) -> Result<Vec<Returning>, Error> {
        match self.keyword("RETURNING") {
            true => self.list(Self::returned),
            false => Ok(Vec::new()),
        }
    }

    /// `Contact`, or `Contact(Id, Name WHERE … ORDER BY … LIMIT 5)`.
    fn returned(&mut self) -> Result<Returning, Error> {
        let start = self.at();
        let object = self.free_name("an object was expected in RETURNING")?;
        let mut query = bare(object);
        let mut list_view = None;
        if self.mark(b'(') {
            query.select = self.list(Self::returned_field)?;
            list_view = self.list_view()?;
            if self.keyword("WHERE") {
                query.condition = Some(self.condition()?);
            }
            query.order_by = self.order_by()?;
            query.limit = self.count("LIMIT")?;
            query.offset = self.count("OFFSET")?;
            self.expect_mark(b')', "a clause, a comma or ) was expected in RETURNING")?;
        }
        query.span = self.back_to(start);
        Ok(Returning { query, list_view })
    }

    /// A field, or a function around one. Neither queries nor aggregates stand here.
    pub(super) fn returned_field(&mut self) -> Result<SelectItem, Error> {
        let at = self.at();
        match self.select_item()? {
            item @ (SelectItem::Field { alias: None, .. }
            | SelectItem::Function { alias: None, .. }) => Ok(item),
            _ => Err(Error {
                at,
                what: "a field was expected in RETURNING",
            }),
        }
    }

    /// `USING ListView = Recent`.
    fn list_view(&mut self) -> Result<Option<Name>, Error> {
        if !self.keyword("USING") {
            return Ok(None);
        }
        self.expect("ListView", "ListView was expected behind USING")?;
        self.expect_mark(b'=', "= was expected behind ListView")?;
        self.free_name("a list view was expected behind USING")
            .map(Some)
    }
}

/// The query for an object without anything else.
pub(super) fn bare(object: Name) -> Query {
    Query {
        span: Span::default(),
        select: Vec::new(),
        from: vec![Source {
            path: Path {
                names: vec![object],
            },
            alias: None,
        }],
        scope: None,
        condition: None,
        with: Vec::new(),
        group_by: None,
        having: None,
        order_by: Vec::new(),
        limit: None,
        offset: None,
        for_clauses: Vec::new(),
        update: Vec::new(),
        all_rows: false,
    }
}
