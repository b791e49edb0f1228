//! Answers of GraphQL on the way in. Every key that names a field is one of ours, so what stands
//! under it is known without looking around it; what is neither ours nor a word of the schema is
//! masked.

use std::ops::Range;

use super::frame::{Frame, Graph, Under};
use super::read::{Part, Saved, Site, Walk, What};
use super::view::Sight;
use crate::dialect::salesforce::graphql::answer::is_structure;
use crate::dialect::salesforce::id::Id;
use crate::protect::outward::{Alias, GraphKey};
use crate::wire::json::Text;

/// What the value that comes next is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answered<'p> {
    /// Words of the schema, behind which records stand; the position of a mutation.
    Structure(Option<usize>),
    /// The same, where all of the answer stands.
    Whole,
    /// The id of the record that is being read.
    Id,
    /// A field, by its object's view.
    Field(Sight<'p>, Option<usize>),
    /// A part of a field: its value, or how that is shown.
    Value(Sight<'p>, Option<usize>, bool),
    /// Errors.
    Described,
    Unknown,
}

impl<'a, 'p> Walk<'a, 'p> {
    /// What a key means, and the client's for it.
    pub(super) fn graph_key(&mut self, text: &Text<'a>) -> Answered<'p> {
        let key = text.raw;
        if let Some(Frame::GraphValue { sight, view }) = self.frames.last() {
            return match key {
                "value" => Answered::Value(*sight, *view, false),
                "displayValue" | "label" => Answered::Value(*sight, *view, true),
                "__typename" => Answered::Structure(None),
                _ => Answered::Unknown,
            };
        }
        let answer = self.answer;
        let alias = answer
            .aliases
            .iter()
            .find(|alias| alias.graph.is_some() && alias.ours == key);
        let Some(alias) = alias else {
            return match key {
                "Id" => Answered::Id,
                "errors" => Answered::Described,
                "data" | "uiapi" => Answered::Whole,
                key if is_structure(key) => Answered::Structure(None),
                _ => Answered::Unknown,
            };
        };
        self.reading.sites.push(Site {
            range: text.span.clone(),
            what: What::Name(alias.theirs.clone()),
        });
        match &alias.graph {
            Some(GraphKey::Field { object, field }) => {
                let view = self.view(object);
                let sight = view.and_then(|view| self.views.get(view));
                let sight = sight.map(|view| view.shown(field, &answer.viewer).sight);
                Answered::Field(sight.unwrap_or(Sight::Unknown), view)
            }
            Some(GraphKey::Mutation(position)) => Answered::Structure(Some(*position)),
            Some(GraphKey::Structure) | None => Answered::Structure(None),
        }
    }

    pub(super) fn graph_object(&self, key: Answered<'p>, at: usize) -> Frame<'p> {
        match key {
            Answered::Whole => Frame::Graph(Graph::default()),
            Answered::Structure(position) => {
                // The record of a mutation stands one object further in.
                let around = self.frames.last().and_then(|frame| match frame {
                    Frame::Graph(graph) if !graph.inner => graph.position,
                    _ => None,
                });
                Frame::Graph(Graph {
                    id: None,
                    position: position.or(around),
                    inner: position.is_none(),
                })
            }
            Answered::Field(sight, view) if !matches!(sight, Sight::Unknown) => {
                Frame::GraphValue { sight, view }
            }
            Answered::Described => Frame::Opening {
                at,
                under: Under::Field(Sight::Open),
            },
            Answered::Field(..) | Answered::Value(..) | Answered::Id | Answered::Unknown => {
                Frame::Masked {
                    at,
                    sites: self.reading.sites.len(),
                }
            }
        }
    }

    pub(super) fn graph_array(&self, key: Answered<'p>, at: usize) -> Frame<'p> {
        let under = match key {
            Answered::Structure(_) | Answered::Whole => Under::Graph,
            Answered::Described => Under::Field(Sight::Open),
            _ => {
                return Frame::Masked {
                    at,
                    sites: self.reading.sites.len(),
                };
            }
        };
        Frame::array(under)
    }

    pub(super) fn graph_string(&mut self, key: Answered<'p>, text: &Text<'_>) {
        if matches!(key, Answered::Id) {
            self.reading.records += 1;
            let id = Id::parse(text.raw);
            let mut written = None;
            if let Some(Frame::Graph(graph)) = self.frames.last_mut() {
                graph.id = id;
                written = graph.position.zip(id);
            }
            if let Some((position, id)) = written {
                self.reading.saved.push(Saved {
                    id,
                    trail: vec![position],
                    name: None,
                });
            }
            return;
        }
        self.value(&text.span, key.sight());
    }

    fn mutations(&self) -> usize {
        let mutation = |alias: &&Alias| matches!(alias.graph, Some(GraphKey::Mutation(_)));
        self.answer.aliases.iter().filter(mutation).count()
    }

    /// A null is where a held value stands, or says that a mutation was not carried out.
    pub(super) fn graph_null(&mut self, key: Answered<'p>, span: Range<usize>) {
        let failed = match key {
            Answered::Structure(position) => position,
            // Of several mutations some may stand behind an answer without data.
            Answered::Whole if self.mutations() == 1 => Some(0),
            _ => None,
        };
        if let Some(position) = failed {
            self.reading.parts.push(Part {
                name: None,
                position,
                status: 400,
            });
        }
        let Answered::Value(Sight::Held(field, true), Some(view), shown) = key else {
            return;
        };
        let id = self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Graph(graph) => Some(graph.id),
            _ => None,
        });
        let view = self.views.get(view);
        let Some((id, view)) = id.flatten().zip(view) else {
            return;
        };
        let record = (view.object.name.as_str(), id);
        if self.reading.held.last() != Some(&record) {
            self.reading.held.push(record);
        }
        let at = self.reading.held.len() - 1;
        let what = What::Held { at, field, shown };
        self.reading.sites.push(Site { range: span, what });
    }
}

impl<'p> Answered<'p> {
    /// The sight of a value that is no object.
    pub fn sight(self) -> Sight<'p> {
        match self {
            Self::Structure(_) | Self::Whole | Self::Id | Self::Described => Sight::Open,
            Self::Field(sight, _) | Self::Value(sight, ..) => sight,
            Self::Unknown => Sight::Unknown,
        }
    }
}
