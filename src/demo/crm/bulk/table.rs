//! Comma-separated values, read as they are mostly meant, and written with quotes around each.

/// The rows of a table. Empty lines are none.
pub fn read(text: &str, separator: char) -> Vec<Vec<String>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut rows = Vec::new();
    let (mut row, mut cell) = (Vec::new(), String::new());
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                cell.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            c if quoted => cell.push(c),
            c if c == separator => row.push(std::mem::take(&mut cell)),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows.retain(|row| row.len() > 1 || row.iter().any(|cell| !cell.is_empty()));
    rows
}

/// Appends one row.
pub fn write<'c>(
    out: &mut String,
    cells: impl IntoIterator<Item = &'c str>,
    (separator, end): (char, &str),
) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push(separator);
        }
        out.push('"');
        out.push_str(&cell.replace('"', "\"\""));
        out.push('"');
    }
    out.push_str(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut text = String::new();
        write(&mut text, ["a", "b\"c", "d;e\n"], (';', "\r\n"));
        write(&mut text, ["", "x", "y"], (';', "\r\n"));
        assert_eq!(read(&text, ';'), [["a", "b\"c", "d;e\n"], ["", "x", "y"]]);
        assert_eq!(read("a,b\n1,\"2\"\n\n", ','), [["a", "b"], ["1", "2"]]);
    }
}
