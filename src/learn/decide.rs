//! What one name of a query or a body is, as far as its values' form and the pages' controls tell.
//!
//! Where both leave it open, a body's name is a field, which is protected, and a query's name is a
//! question, which is refused until somebody has answered it.

use super::controls::{Control, Kind};
use super::guess::{self, Class};
use super::shape::Shape;

/// What a name is taken for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// It passes in this form.
    Pass(&'static str),
    /// People type it.
    Field(Class),
    /// People look for a value of this class; none: for one of any.
    Search(Option<Class>),
    /// It is taken out.
    Drop,
    File,
    /// A login name or a password.
    Secret,
    /// A proof against forgery, which every body may have.
    Proof,
    /// A person must say. The second is the form that its values had.
    Ask(&'static str, Option<&'static str>),
}

/// Where a name stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// Of a URL, or of a body that only asks.
    Question,
    /// Of a body that writes.
    Body,
    /// Of a body by which people sign in.
    SignIn,
}

/// What a name is.
pub fn decide(name: &str, shape: &Shape, control: Option<Control>, place: Place) -> Decision {
    let kind = control.map(|control| control.kind);
    if shape.file || kind == Some(Kind::File) {
        return Decision::File;
    }
    if guess::is_proof(name) && shape.is("token") {
        return Decision::Proof;
    }
    match place {
        Place::SignIn => sign_in(shape, kind),
        Place::Question => question(name, shape, control),
        Place::Body => body(name, shape, control),
    }
}

/// Whether somebody signs in by a body with this name.
pub fn signs_in(name: &str, control: Option<Control>) -> bool {
    guess::is_password(name) || control.is_some_and(|control| control.kind == Kind::Password)
}

fn sign_in(shape: &Shape, kind: Option<Kind>) -> Decision {
    let form = shape.form().filter(|form| *form != "word");
    match (kind, form) {
        (Some(Kind::Hidden | Kind::Choice), Some(form)) => Decision::Pass(form),
        (None, Some(form @ ("empty" | "flag" | "path"))) => Decision::Pass(form),
        _ => Decision::Secret,
    }
}

fn question(name: &str, shape: &Shape, control: Option<Control>) -> Decision {
    const TYPED: &str = "people may type it: make it a search, or let the form pass";
    let form = shape.form();
    if guess::is_stamp(name) && shape.is("number") {
        return Decision::Drop;
    }
    let class = guess::class(name);
    let searched = class.filter(|class| class.is_searched());
    let chosen = control.is_some_and(|control| !control.is_typed());
    match form {
        Some(form @ "empty") if searched.is_none() && !guess::is_search(name) => {
            Decision::Pass(form)
        }
        Some("flag" | "date") if guess::is_telling(name) => Decision::Ask(TYPED, form),
        // The first page of a list is no switch.
        Some("flag") if shape.is("number") => Decision::Pass("number"),
        Some(form @ ("flag" | "date" | "uuid" | "hex")) => Decision::Pass(form),
        _ if guess::is_search(name) => Decision::Search(searched),
        // References are numbers whatever their names are.
        Some(form @ "number") if short(shape) && !guess::is_telling(name) => Decision::Pass(form),
        Some(form @ "path") => Decision::Pass(form),
        Some(form @ "word") if class.is_none() && (chosen || shape.is_coded()) => {
            Decision::Pass(form)
        }
        _ if searched.is_some() => Decision::Search(searched),
        _ => Decision::Ask(TYPED, form),
    }
}

fn body(name: &str, shape: &Shape, control: Option<Control>) -> Decision {
    let class = guess::class(name);
    let form = shape.form();
    let typed = || Decision::Field(class.unwrap_or(Class::FreeText));
    if guess::is_stamp(name) && shape.is("number") {
        return Decision::Drop;
    }
    if guess::is_telling(name) {
        return Decision::Ask(
            "it may say much about a person, and a number holds no token",
            form,
        );
    }
    match control.map(|control| control.kind) {
        Some(Kind::Email) => Decision::Field(Class::Email),
        Some(Kind::Phone) => Decision::Field(Class::Phone),
        Some(Kind::Url) => Decision::Field(Class::Website),
        Some(Kind::Text | Kind::Search | Kind::Area) => typed(),
        Some(Kind::Date) => dated(class, shape),
        Some(Kind::Hidden | Kind::Choice) => filled(class, shape, control.is_some()),
        Some(Kind::Number) if class.is_none() => Decision::Pass("number"),
        Some(Kind::Number | Kind::File | Kind::Password) => typed(),
        None => match form {
            Some("empty" | "flag" | "uuid" | "path") => filled(class, shape, false),
            Some("date") => dated(class, shape),
            Some("hex") if class.is_none() => Decision::Pass("hex"),
            Some("number") if short(shape) && is_reference(class) => Decision::Pass("number"),
            Some("word") if class.is_none() && shape.is_coded() => Decision::Pass("word"),
            _ => typed(),
        },
    }
}

/// What the page itself fills in, or offers.
fn filled(class: Option<Class>, shape: &Shape, known: bool) -> Decision {
    match (shape.form(), class) {
        (Some("empty"), Some(class)) if !known => Decision::Field(class),
        (Some("date"), Some(Class::BirthDate)) => Decision::Field(Class::BirthDate),
        (Some(form @ ("empty" | "flag" | "date" | "uuid" | "hex" | "path")), _) => {
            Decision::Pass(form)
        }
        (Some("number"), class) if short(shape) && is_reference(class) => Decision::Pass("number"),
        (Some(form @ ("word" | "token")), None) if known => Decision::Pass(form),
        (_, Some(class)) => Decision::Field(class),
        (form, None) if known => {
            Decision::Ask("the page fills it in with a text of no narrow form", form)
        }
        (_, None) => Decision::Field(Class::FreeText),
    }
}

fn dated(class: Option<Class>, shape: &Shape) -> Decision {
    match class {
        Some(class) => Decision::Field(class),
        None if shape.is("date") => Decision::Pass("date"),
        None => Decision::Ask("a date of another form than 2026-01-31", None),
    }
}

/// Whether a small number under such a name is that of a record, and not the value itself.
fn is_reference(class: Option<Class>) -> bool {
    class.is_none_or(|class| {
        matches!(
            class,
            Class::FullName | Class::Organization | Class::Region | Class::City | Class::FreeText
        )
    })
}

/// Whether numbers are too short for those that people have: of telephones, of identity.
fn short(shape: &Shape) -> bool {
    const LONGEST: usize = 6;
    shape.longest <= LONGEST
}
