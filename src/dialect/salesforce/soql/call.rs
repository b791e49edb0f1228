//! Functions and their arguments.

use crate::dialect::salesforce::soql::Error;
use crate::dialect::salesforce::soql::ast::{Argument, Call, Function, Value};
use crate::dialect::salesforce::soql::cursor::Cursor;

impl Cursor<'_> {
    /// Whether a word with a parenthesis behind it stands here.
    pub(super) fn sees_call(&self) -> bool {
        self.word()
            .is_some_and(|word| self.behind(word).starts_with('('))
    }

    pub(super) fn call(&mut self) -> Result<Call, Error> {
        let start = self.at();
        let Some(function) = self.word().and_then(Function::named) else {
            return self.refuse("the function is not one of SOQL's");
        };
        let name = self.name("a function was expected")?;
        self.expect_mark(b'(', "( was expected behind the function")?;
        let arguments = match self.first() {
            Some(b')') => Vec::new(),
            _ => self.nested(|cursor| cursor.list(Self::argument))?,
        };
        self.expect_mark(b')', ") or a comma was expected in the function")?;
        if !fits(function, &arguments) {
            let what = "the function does not take these arguments";
            return Err(Error { at: start, what });
        }
        let span = self.back_to(start);
        Ok(Call {
            span,
            name,
            function,
            arguments,
        })
    }

    fn argument(&mut self) -> Result<Argument, Error> {
        if self.sees_call() {
            return self.call().map(Argument::Call);
        }
        if self.word().is_some() {
            let path = self.path("a field was expected in the function")?;
            return Ok(Argument::Path(path));
        }
        self.literal().map(Argument::Literal)
    }
}

/// Whether the function takes such arguments. Literals are held to the two functions that have
/// them, and to the values that these know: a text that nobody expects may name anything.
fn fits(function: Function, arguments: &[Argument]) -> bool {
    match function {
        Function::Count => matches!(arguments, [] | [Argument::Path(_)]),
        Function::CountDistinct
        | Function::Sum
        | Function::Avg
        | Function::Min
        | Function::Max
        | Function::Grouping
        | Function::ToLabel
        | Function::Format
        | Function::ConvertCurrency
        | Function::ConvertTimezone
        | Function::DatePart => match arguments {
            [Argument::Path(_)] => true,
            [Argument::Call(inner)] => {
                !matches!(inner.function, Function::Geolocation | Function::Fields)
            }
            _ => false,
        },
        Function::Distance => match arguments {
            [
                Argument::Path(_),
                Argument::Call(place),
                Argument::Literal(unit),
            ] => place.function == Function::Geolocation && is_unit(&unit.value),
            _ => false,
        },
        Function::Geolocation => match arguments {
            [Argument::Literal(latitude), Argument::Literal(longitude)] => {
                matches!(latitude.value, Value::Number(_))
                    && matches!(longitude.value, Value::Number(_))
            }
            _ => false,
        },
        Function::Fields => match arguments {
            [Argument::Path(path)] => match path.names.as_slice() {
                [which] => ["ALL", "CUSTOM", "STANDARD"].iter().any(|w| which.is(w)),
                _ => false,
            },
            _ => false,
        },
    }
}

/// Miles or kilometers.
fn is_unit(value: &Value) -> bool {
    match value {
        Value::Text(text) => ["mi", "km"]
            .iter()
            .any(|unit| text.expose().eq_ignore_ascii_case(unit)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::dialect::salesforce::soql::canonical::canonical;
    use crate::dialect::salesforce::soql::parse;

    fn select(item: &str) -> Result<String, &'static str> {
        let query = parse(&format!("SELECT {item} FROM Lead")).map_err(|error| error.what)?;
        let text = canonical(&query);
        let item = text
            .strip_prefix("SELECT ")
            .and_then(|t| t.strip_suffix(" FROM Lead"));
        Ok(item.expect("a query over Lead").to_owned())
    }

    #[test]
    fn functions_take_what_they_are_made_for() {
        let table = [
            ("COUNT()", "COUNT()"),
            ("count ( Id )n", "count(Id) n"),
            (
                "FORMAT(convertCurrency(Amount)) a",
                "FORMAT(convertCurrency(Amount)) a",
            ),
            ("Fields(all)", "Fields(all)"),
            ("toLabel(Owner.Profile.Name)", "toLabel(Owner.Profile.Name)"),
            (
                "DAY_ONLY(convertTimezone(CreatedDate))",
                "DAY_ONLY(convertTimezone(CreatedDate))",
            ),
            (
                "DISTANCE(Place__c,GEOLOCATION(52.1,-5),'km')",
                "DISTANCE(Place__c, GEOLOCATION(52.1, -5), 'km')",
            ),
        ];
        for (given, written) in table {
            assert_eq!(select(given), Ok(written.to_owned()), "{given}");
        }
    }

    #[test]
    fn a_function_that_soql_does_not_have_is_refused() {
        let what = "the function is not one of SOQL's";
        for call in [
            "FORMULA('Name')",
            "UPPER(Name)",
            "SUBSTR(Name, 1)",
            "MAXIMUM(Name)",
        ] {
            assert_eq!(select(call), Err(what), "{call}");
        }
    }

    #[test]
    fn arguments_that_a_function_does_not_take_are_refused() {
        let what = "the function does not take these arguments";
        for call in [
            "COUNT('Jansen')",
            "MAX()",
            "MAX('Jansen')",
            "MAX(Name, Email)",
            "FORMAT(FIELDS(ALL))",
            "FIELDS(Name)",
            "FIELDS()",
            "FIELDS(Lead.ALL)",
            "GEOLOCATION('a', 'b')",
            "DISTANCE(Place__c, GEOLOCATION(1, 2))",
            "DISTANCE(Place__c, GEOLOCATION(1, 2), 'Jansen')",
            "DISTANCE(Place__c, MAX(Name), 'km')",
        ] {
            assert_eq!(select(call), Err(what), "{call}");
        }
    }
}
