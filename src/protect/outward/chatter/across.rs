//! What stands in a text as a whole and in none of its segments: whoever reads it sees one text.

use std::ops::Range;

use crate::model::{Code, Refusal};
use crate::policy::FieldPlan;
use crate::protect::outward::scan;
use crate::protect::outward::values::Context;
use crate::wire::json::NodeId;

/// A segment, by what it adds to the text.
pub(super) enum Piece {
    Text {
        node: NodeId,
        text: String,
    },
    /// The name of whoever is mentioned, which the CRM knows.
    Name,
    /// How what follows looks.
    Markup,
}

/// Refuses a text of several pieces in which more is found than in each of them: what is done to a
/// piece would not reach it. A mask is refused: a post is written whole, so nothing of it is kept.
pub(super) fn check(
    context: &Context<'_, '_>,
    field: &FieldPlan,
    pieces: &[Piece],
) -> Result<(), Refusal> {
    let mask = |piece: &Piece| match piece {
        Piece::Text { text, .. } => context.protection.whole_token(text).is_some(),
        Piece::Name | Piece::Markup => false,
    };
    if pieces.iter().any(mask) {
        let text = "a post is written whole, and a text that is not shown cannot be kept in it; write it anew";
        return Err(Refusal::at(Code::TokenForeign, field.label.clone(), text));
    }
    // Markup may be a word in bold type, or a new paragraph.
    for gap in ["", "\n"] {
        let (whole, parts) = joined(pieces, gap);
        if parts.len() > 1 {
            scan::across(context, field, &whole, &parts)?;
        }
    }
    Ok(())
}

/// The whole text, and where the pieces stand in it. `gap`: what markup is to whoever reads.
fn joined(pieces: &[Piece], gap: &str) -> (String, Vec<Range<usize>>) {
    let mut whole = String::new();
    let mut parts = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text { text, .. } => {
                let start = whole.len();
                whole.push_str(text);
                parts.push(start..whole.len());
            }
            Piece::Name => whole.push(' '),
            Piece::Markup => whole.push_str(gap),
        }
    }
    (whole, parts)
}
