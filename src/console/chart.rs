//! Bars over time, drawn here: no script and no library of others. Colors are the style's.

use std::fmt::Write;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 52.0;
const BOTTOM: f64 = 26.0;
const TOP: f64 = 10.0;

/// One bar of several parts, from below.
pub(super) struct Bar {
    pub label: String,
    pub parts: Vec<u64>,
}

/// An SVG element. `kinds` are names of classes, one for each part. `title` is what it shows.
pub(super) fn bars(title: &str, kinds: &[&'static str], bars: &[Bar]) -> String {
    let whole = |bar: &Bar| bar.parts.iter().sum::<u64>();
    let most = bars.iter().map(whole).max().unwrap_or(0).max(1);
    let top = round_up(most);
    let room = HEIGHT - BOTTOM - TOP;
    let step = (WIDTH - LEFT) / number(bars.len().max(1) as u64);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escaped(title)
    );
    for (share, value) in [(0.0, 0), (0.5, top / 2), (1.0, top)] {
        let y = HEIGHT - BOTTOM - share * room;
        // Writing to a String cannot fail.
        let _written = write!(
            svg,
            "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\" \
             stroke-opacity=\"{}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
            if value == 0 { 1.0 } else { 0.25 },
            LEFT - 8.0,
            y + 4.0,
        );
    }
    let every = bars.len().div_ceil(8).max(1);
    for (place, bar) in bars.iter().enumerate() {
        let x = LEFT + number(place as u64) * step;
        let mut y = HEIGHT - BOTTOM;
        for (kind, part) in kinds.iter().zip(&bar.parts).filter(|(_, part)| **part > 0) {
            let high = number(*part) / number(top) * room;
            y -= high;
            let _written = write!(
                svg,
                "<rect class=\"{kind}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{high:.1}\"/>",
                x + step * 0.12,
                step * 0.76,
            );
        }
        if place % every == 0 {
            let _written = write!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                x + step / 2.0,
                HEIGHT - 8.0,
                escaped(&bar.label)
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

/// A number of pixels. Counts beyond 2^52 would be drawn a little too low.
fn number(count: u64) -> f64 {
    let high = u32::try_from(count >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(count & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

/// The next number that is easy to read: 1, 2 or 5 and zeros.
fn round_up(most: u64) -> u64 {
    let mut scale = 1_u64;
    loop {
        for digit in [1, 2, 5] {
            let value = scale.saturating_mul(digit);
            if value >= most {
                // An even number has a middle.
                return value.max(2);
            }
        }
        scale = scale.saturating_mul(10);
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_shows_each_part_and_no_markup_of_anybody() {
        let bar = |label: &str, parts: [u64; 2]| Bar {
            label: label.to_owned(),
            parts: parts.to_vec(),
        };
        let drawn = bars(
            "a \"b\" <c>",
            &["protected", "clear"],
            &[bar("<script>", [3, 1]), bar("2", [0, 0])],
        );
        assert_eq!(drawn.matches("<rect").count(), 2, "{drawn}");
        assert!(!drawn.contains("<script"), "{drawn}");
        assert!(
            drawn.contains("aria-label=\"a &quot;b&quot; &lt;c&gt;\""),
            "{drawn}"
        );
    }

    #[test]
    fn an_axis_ends_at_a_number_that_is_easy_to_read() {
        for (most, top) in [
            (1, 2),
            (2, 2),
            (3, 5),
            (6, 10),
            (11, 20),
            (51, 100),
            (200, 200),
        ] {
            assert_eq!(round_up(most), top, "{most}");
        }
        assert!(round_up(u64::MAX) > 0);
    }
}
