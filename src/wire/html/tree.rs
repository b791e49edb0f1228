//! The page as a browser builds it, as far as marks stand in it.
//!
//! No tree is kept: of each element only its name, and of each script its text. The parser keeps
//! its own stack of open elements and asks for nothing more.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{
    Attribute, ExpandedName, ParseOpts, Parser, QualName, TokenizerResult, expanded_name,
    local_name, ns, parse_document, parse_fragment,
};

use super::mark::Marks;
use super::{Context, Unsafe, attribute, script};

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Document,
    Fragment,
}

/// The context of each mark. `None`: the page is nested deeper than browsers follow, or a tag has
/// thousands of attributes.
pub(super) fn read(marks: &Marks<'_>, kind: Kind, level: usize) -> Option<Vec<Context>> {
    let sink = Sink::new(marks, level);
    let options = ParseOpts::default();
    let parser = match kind {
        Kind::Document => parse_document(sink, options),
        // A template takes every element where it stands: rows without a table too.
        Kind::Fragment => {
            let name = QualName::new(None, ns!(html), local_name!("template"));
            parse_fragment(sink, options, name, vec![], true)
        }
    };
    let mut at = 0;
    for (index, range) in marks.ranges.iter().enumerate() {
        feed(&parser, marks.text.get(at..range.start)?)?;
        feed(&parser, &marks.mark(index))?;
        at = range.end;
    }
    feed(&parser, marks.text.get(at..)?)?;
    parser.tokenizer.end();
    let sink = &parser.tokenizer.sink.sink;
    (!sink.too_much.get()).then(|| sink.contexts())
}

/// Feeds a piece, and stops soon after the page has become too much: the parser looks through all
/// open elements for many an end tag, and through all attributes of a tag for each.
fn feed(parser: &Parser<Sink<'_>>, piece: &str) -> Option<()> {
    let input = BufferQueue::default();
    let mut rest = piece;
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at(rest.floor_char_boundary(CHUNK));
        input.push_back(StrTendril::from_slice(chunk));
        while !matches!(parser.tokenizer.feed(&input), TokenizerResult::Done) {}
        if parser.tokenizer.sink.sink.is_too_much(chunk) {
            return None;
        }
        rest = behind;
    }
    Some(())
}

/// How much is read between two looks at what it became, in bytes.
const CHUNK: usize = 4 << 10;
/// How many characters that may separate attributes may stand where no tag ends.
const SEPARATORS: usize = 8 << 10;
/// Chromium puts what is nested deeper beside its parent, and so builds another tree than the
/// standard says (`kMaximumHTMLParserDOMTreeDepth`).
const DEEPEST: usize = 500;

struct Element {
    name: QualName,
    /// Whether a script runs, is data, or is neither.
    script: Cell<Option<script::Kind>>,
    text: RefCell<String>,
    depth: Cell<usize>,
    flags: ElementFlags,
}

struct Sink<'a> {
    marks: &'a Marks<'a>,
    level: usize,
    found: RefCell<Vec<Option<Context>>>,
    scripts: RefCell<Vec<Rc<Element>>>,
    /// Text that may go on: the parser gives it in pieces.
    run: RefCell<Option<(Rc<Element>, String)>>,
    root: Rc<Element>,
    too_much: Cell<bool>,
    /// Whether anything came of what was read last.
    grown: Cell<bool>,
    /// Separators of attributes since anything came of what was read.
    separators: Cell<usize>,
}

impl<'a> Sink<'a> {
    fn new(marks: &'a Marks<'a>, level: usize) -> Self {
        let name = QualName::new(None, ns!(), local_name!(""));
        Self {
            marks,
            level,
            found: RefCell::new(vec![None; marks.ranges.len()]),
            scripts: RefCell::default(),
            run: RefCell::default(),
            root: Rc::new(element(name, ElementFlags::default())),
            too_much: Cell::new(false),
            grown: Cell::new(false),
            separators: Cell::new(0),
        }
    }

    /// Looks at what became of a chunk that was read.
    fn is_too_much(&self, chunk: &str) -> bool {
        let before = match self.grown.replace(false) {
            true => 0,
            false => self.separators.get(),
        };
        let separates = |byte: &u8| byte.is_ascii_whitespace() || b"/\"'".contains(byte);
        let separators = before + chunk.bytes().filter(separates).count();
        self.separators.set(separators);
        self.too_much.get() || separators > SEPARATORS
    }

    /// What was found; a mark that came out nowhere stood in a name.
    fn contexts(&self) -> Vec<Context> {
        self.end_run();
        for script in self.scripts.borrow().iter() {
            let text = script.text.borrow();
            for (index, context) in
                script::contexts(self.marks, &text, script.script.get(), self.level)
            {
                self.set(index, context);
            }
        }
        let unseen = Context::Nowhere(Unsafe::Markup);
        let found = self.found.borrow();
        let found = found.iter().cloned();
        found.map(|found| found.unwrap_or(unseen.clone())).collect()
    }

    /// A mark may come out twice: the parser copies elements. Then both must be alike.
    fn set(&self, index: usize, context: Context) {
        if let Some(found) = self.found.borrow_mut().get_mut(index) {
            match found {
                Some(other) if *other != context => *other = Context::Nowhere(Unsafe::Ambiguous),
                Some(_) => (),
                None => *found = Some(context),
            }
        }
    }

    fn set_all(&self, text: &str, context: &Context) {
        for mark in self.marks.find(text) {
            self.set(mark.index, context.clone());
        }
    }

    fn attributes(&self, name: &QualName, attributes: &[Attribute]) {
        for one in attributes {
            if self.marks.is_in(&one.value) {
                let place = attribute::Place {
                    element: name,
                    attribute: one,
                    all: attributes,
                };
                for (index, context) in attribute::contexts(self.marks, &place, self.level) {
                    self.set(index, context);
                }
            }
        }
    }

    fn insert(&self, parent: &Rc<Element>, depth: usize, child: NodeOrText<Rc<Element>>) {
        self.grown.set(true);
        match child {
            NodeOrText::AppendNode(node) => {
                self.end_run();
                node.depth.set(depth + 1);
                if depth > DEEPEST {
                    self.too_much.set(true);
                }
            }
            NodeOrText::AppendText(text) if is_script(&parent.name) => {
                parent.text.borrow_mut().push_str(&text);
            }
            NodeOrText::AppendText(text) => self.text(parent, &text),
        }
    }

    fn text(&self, parent: &Rc<Element>, text: &str) {
        if let Some((open, run)) = &mut *self.run.borrow_mut()
            && Rc::ptr_eq(open, parent)
        {
            return run.push_str(text);
        }
        self.end_run();
        self.run.replace(Some((parent.clone(), text.to_owned())));
    }

    fn end_run(&self) {
        if let Some((parent, text)) = self.run.take() {
            self.set_all(&text, &text_in(&parent.name));
        }
    }
}

fn element(name: QualName, flags: ElementFlags) -> Element {
    Element {
        name,
        script: Cell::new(None),
        text: RefCell::default(),
        depth: Cell::new(0),
        flags,
    }
}

fn is_script(name: &QualName) -> bool {
    name.local == local_name!("script")
}

/// The context of an element's text.
fn text_in(name: &QualName) -> Context {
    if name.ns == ns!(svg) {
        return match &*name.local {
            "text" | "tspan" | "textPath" | "title" | "desc" => Context::Text,
            "style" => Context::Nowhere(Unsafe::Style),
            _ => Context::Nowhere(Unsafe::RawText),
        };
    }
    if name.ns != ns!(html) {
        return Context::Nowhere(Unsafe::RawText);
    }
    match &*name.local {
        "title" | "textarea" => Context::RcData,
        "style" => Context::Nowhere(Unsafe::Style),
        "iframe" | "noembed" | "noframes" | "noscript" | "plaintext" | "xmp" => {
            Context::Nowhere(Unsafe::RawText)
        }
        _ => Context::Text,
    }
}

impl TreeSink for Sink<'_> {
    type Handle = Rc<Element>;
    type Output = ();
    type ElemName<'b>
        = ExpandedName<'b>
    where
        Self: 'b;

    fn finish(self) {}

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Rc<Element> {
        self.root.clone()
    }

    fn elem_name<'b>(&'b self, target: &'b Rc<Element>) -> ExpandedName<'b> {
        target.name.expanded()
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        flags: ElementFlags,
    ) -> Rc<Element> {
        self.attributes(&name, &attributes);
        let element = Rc::new(element(name, flags));
        if is_script(&element.name) {
            let runs = element.name.expanded() == expanded_name!(html "script");
            let kind = runs.then(|| script::Kind::of(&attributes)).flatten();
            element.script.set(kind);
            self.scripts.borrow_mut().push(element.clone());
        }
        element
    }

    fn create_comment(&self, text: StrTendril) -> Rc<Element> {
        self.set_all(&text, &Context::Nowhere(Unsafe::Comment));
        self.root.clone()
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Rc<Element> {
        self.set_all(&target, &Context::Nowhere(Unsafe::Markup));
        self.create_comment(data)
    }

    fn append(&self, parent: &Rc<Element>, child: NodeOrText<Rc<Element>>) {
        self.insert(parent, parent.depth.get(), child);
    }

    fn append_based_on_parent_node(
        &self,
        table: &Rc<Element>,
        before: &Rc<Element>,
        child: NodeOrText<Rc<Element>>,
    ) {
        // Beside a table or in the element before it on the stack: neither can be a script.
        let depth = table.depth.get().max(before.depth.get());
        self.insert(before, depth, child);
    }

    fn append_before_sibling(&self, sibling: &Rc<Element>, child: NodeOrText<Rc<Element>>) {
        self.insert(sibling, sibling.depth.get(), child);
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Rc<Element>) -> Rc<Element> {
        target.clone()
    }

    fn same_node(&self, one: &Rc<Element>, other: &Rc<Element>) -> bool {
        Rc::ptr_eq(one, other)
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn add_attrs_if_missing(&self, target: &Rc<Element>, attributes: Vec<Attribute>) {
        self.attributes(&target.name, &attributes);
    }

    fn remove_from_parent(&self, _: &Rc<Element>) {}

    fn reparent_children(&self, _: &Rc<Element>, _: &Rc<Element>) {}

    fn is_mathml_annotation_xml_integration_point(&self, target: &Rc<Element>) -> bool {
        target.flags.mathml_annotation_xml_integration_point
    }
}
