//! Dates as a form has them: in the order of the language of the form's default creator, not in that
//! of the API.

/// The order and the divider of a date.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Dates {
    /// `2026-11-23`
    #[default]
    YearFirst,
    /// `23-11-2026`
    DayFirst(char),
    /// `11/23/2026`
    MonthFirst,
}

impl Dates {
    /// The form of dates that a configuration names.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "yyyy-mm-dd" => Self::YearFirst,
            "dd-mm-yyyy" => Self::DayFirst('-'),
            "dd/mm/yyyy" => Self::DayFirst('/'),
            "dd.mm.yyyy" => Self::DayFirst('.'),
            "mm/dd/yyyy" => Self::MonthFirst,
            _ => return None,
        })
    }

    /// The date as the API writes it. Days and months may have one digit; which of them can be, the
    /// API's own rules say.
    pub(super) fn read(self, text: &str) -> Option<String> {
        let (divider, order) = self.order();
        let mut parts = text.split(divider);
        let three = [parts.next()?, parts.next()?, parts.next()?];
        if parts.next().is_some() {
            return None;
        }
        let [year, month, day] = order.map(|at| three.get(at).copied());
        let (year, month, day) = (year?, month?, day?);
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let short = |part: &str| (1..=2).contains(&part.len()) && digits(part);
        (year.len() == 4 && digits(year) && short(month) && short(day))
            .then(|| format!("{year}-{month:0>2}-{day:0>2}"))
    }

    /// A date of the API's as the form has it.
    pub(super) fn write(self, date: &str) -> Option<String> {
        let mut parts = date.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 {
            return None;
        }
        Some(match self {
            Self::YearFirst => date.to_owned(),
            Self::DayFirst(divider) => format!("{day}{divider}{month}{divider}{year}"),
            Self::MonthFirst => format!("{month}/{day}/{year}"),
        })
    }

    /// The divider, and where year, month and day stand.
    fn order(self) -> (char, [usize; 3]) {
        match self {
            Self::YearFirst => ('-', [0, 1, 2]),
            Self::DayFirst(divider) => (divider, [2, 1, 0]),
            Self::MonthFirst => ('/', [2, 0, 1]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_one_order_and_written_in_the_same() {
        for (name, text, date) in [
            ("yyyy-mm-dd", "2026-11-03", "2026-11-03"),
            ("dd-mm-yyyy", "03-11-2026", "2026-11-03"),
            ("dd/mm/yyyy", "03/11/2026", "2026-11-03"),
            ("dd.mm.yyyy", "03.11.2026", "2026-11-03"),
            ("mm/dd/yyyy", "11/03/2026", "2026-11-03"),
        ] {
            let dates = Dates::named(name).unwrap();
            assert_eq!(dates.read(text).as_deref(), Some(date), "{name}");
            assert_eq!(dates.write(date).as_deref(), Some(text), "{name}");
        }
        let dutch = Dates::named("dd-mm-yyyy").unwrap();
        assert_eq!(dutch.read("3-1-2026").as_deref(), Some("2026-01-03"));
        for text in [
            "2026-11-03",
            "3/1/2026",
            "3-1-26",
            "3-1",
            "3-1-2026-1",
            "3-1-2026-",
            "3-1-2026--Jansen",
            "a-1-2026",
            "",
            "-1-2026",
            "003-1-2026",
            "+3-1-2026",
            "Jan-Jansen-Utr8",
        ] {
            assert_eq!(dutch.read(text), None, "{text}");
        }
        assert_eq!(Dates::named("yyyy"), None);
        assert_eq!(dutch.write("2026"), None);
    }
}
