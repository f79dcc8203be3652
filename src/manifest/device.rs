//! The grammar of device numbers in definitions, and what spreadsheets make of them. What a server shows is not judged by it.

use crate::model::Device;
use crate::text::quote;

/// The longest device number, in characters.
const LONGEST: usize = 64;

const GRAMMAR: &str = "a device number is 1 to 64 visible ASCII characters without blanks, slashes and quotes";
const AS_TEXT: &str = "the number itself is lost: format the column as text in the spreadsheet, enter the numbers again from where \
                       they are true, and export it as CSV";

/// Why a text is no device number, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoDevice {
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// Tells whether a definition can name a device by this number.
pub(crate) fn is_device_number(text: &str) -> bool {
    read(text).is_ok()
}

/// Reads a device number, or the word for every device.
pub(crate) fn read(text: &str) -> Result<Device, NoDevice> {
    let no = |what: String, help: &'static str| NoDevice { message: format!("{} {what}", quote(text)), help };
    if text.is_empty() {
        return Err(no("is not a device number: it is empty".to_owned(), "leave `device` out for every device"));
    }
    if let Some(what) = of_spreadsheet(text) {
        return Err(no(format!("is not a device number but {what}"), AS_TEXT));
    }
    if let Some((at, bad)) = text.chars().enumerate().find(|(_, one)| !is_allowed(*one)) {
        let what = format!("is not a device number: character {} is {}", at + 1, described(bad));
        return Err(no(what, GRAMMAR));
    }
    if matches!(text, "." | "..") {
        return Err(no("is not a device number: in a URL it would name another place".to_owned(), GRAMMAR));
    }
    if text.eq_ignore_ascii_case(Device::All.as_str()) && text != Device::All.as_str() {
        let what = format!("is not a device number: every device is `{}`, letter by letter", Device::All.as_str());
        return Err(no(what, "leave `device` out for every device"));
    }
    if text.len() > LONGEST {
        return Err(no(format!("is not a device number: it has {} characters", text.len()), GRAMMAR));
    }
    Device::from_text(text).map_err(|_| no("is not a device number".to_owned(), GRAMMAR))
}

/// Tells whether a device number was probably meant as a pattern, of which scopes know none. A `*` belongs to numbers such as
/// `*55#`, which begin with it and hold nothing but digits besides.
pub(super) fn looks_like_pattern(text: &str) -> bool {
    let is_code = text.starts_with(['*', '#'])
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"*#".contains(&byte));
    text.contains(['*', '?']) && !is_code
}

fn is_allowed(one: char) -> bool {
    one.is_ascii_graphic() && !matches!(one, '/' | '\\' | '"' | '\'' | '`')
}

/// Names a character that does not belong somewhere, also one that nobody sees.
pub(super) fn described(bad: char) -> String {
    let name = match bad {
        ' ' => "a blank",
        '\t' => "a tab",
        '\u{a0}' | '\u{202f}' | '\u{2007}' => "a no-break space",
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => "a character without width",
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "a mark of writing direction",
        '\u{2018}'..='\u{201f}' => "a curly quote",
        '\u{ff01}'..='\u{ff5e}' => "a full-width character, which looks like its ASCII sister",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "a dash that is no `-`",
        '/' | '\\' => "a slash",
        '"' | '\'' | '`' => "a quote",
        one if one.is_control() => "a control character",
        one if one.is_whitespace() => "a blank that is no ASCII one",
        _ => "not ASCII",
    };
    let shown = if bad.is_ascii_graphic() { format!("`{bad}`, ") } else { String::new() };
    format!("{shown}U+{:04X}, {name}", u32::from(bad))
}

/// Names what a spreadsheet or a script has made of a number.
fn of_spreadsheet(text: &str) -> Option<&'static str> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if text.starts_with('\'') {
        return Some("text with the apostrophe of a spreadsheet before it");
    }
    if text.starts_with('#') && is_error(text) {
        return Some("the error value of a spreadsheet");
    }
    if text.starts_with('=') {
        return Some("the formula of a spreadsheet");
    }
    if NOTHINGS.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        return Some("a program's word for a value that is not there");
    }
    if let Some((mantissa, exponent)) = unsigned.split_once(['e', 'E']) {
        let signed = exponent.strip_prefix(['+', '-']);
        let decimal = mantissa.split_once(['.', ',']).is_some_and(|(whole, rest)| digits(whole) && digits(rest));
        if digits(signed.unwrap_or(exponent)) && (decimal || signed.is_some() && digits(mantissa)) {
            return Some("a number in scientific notation");
        }
    }
    if unsigned.split_once('.').is_some_and(|(whole, rest)| digits(whole) && rest.bytes().all(|byte| byte == b'0')) {
        return Some("a decimal number");
    }
    let mut groups = unsigned.split(',');
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    if rest.peek().is_some() && digits(first) && first.len() <= 3 && rest.all(|group| digits(group) && group.len() == 3)
    {
        return Some("a number with separators between its thousands");
    }
    is_date(text).then_some("a date")
}

/// Words that programs write for nothing, and for truth.
const NOTHINGS: [&str; 10] = ["nan", "null", "none", "nil", "undefined", "n/a", "inf", "-inf", "true", "false"];

fn is_error(text: &str) -> bool {
    let name = text.trim_start_matches('#').trim_end_matches(['!', '?']);
    let known = ["N/A", "REF", "NAME", "VALUE", "DIV/0", "NULL", "NUM", "SPILL", "CALC", "FIELD", "BUSY", "BLOCKED"];
    name.is_empty() || known.iter().any(|one| one.eq_ignore_ascii_case(name))
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Tells whether a text has the form of `02-Jan`, `Jan-26`, `2-Jan-2026`, `2026-01-02` or `02/01/2026`.
fn is_date(text: &str) -> bool {
    let number = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let month =
        |part: &str| MONTHS.iter().any(|month| part.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(month)));
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    match day.split(['-', '/', '.']).collect::<Vec<_>>()[..] {
        [one, other] => month(one) && number(other, 1..=4) || number(one, 1..=2) && month(other),
        [one, other, year] if month(other) => number(one, 1..=2) && number(year, 2..=4),
        [year, month, day] => {
            let ends = |part| number(part, 1..=2);
            number(year, 4..=4) && ends(month) && ends(day) || ends(year) && ends(month) && number(day, 4..=4)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_names_and_addresses_are_device_numbers() {
        let longest = "1".repeat(LONGEST);
        for fine in [
            "014520000107",
            "+442046034980",
            "01",
            "0123-45",
            "x1",
            "anna@example.com",
            "*55#",
            "1.2.3.4",
            "12E5",
            "10.5",
            "sip:a;b=c",
            "UnknownNoneOrAll",
            "1-2-3",
            "jan",
            "janet-12x",
            &longest,
        ] {
            assert!(read(fine).is_ok(), "{fine}: {:?}", read(fine));
        }
    }

    #[test]
    fn what_spreadsheets_make_of_numbers_is_named() {
        let named = |text: &str| read(text).expect_err(text).message;
        for (text, what) in [
            ("4.42046E+11", "scientific"),
            ("4,42046E+11", "scientific"),
            ("1e-5", "scientific"),
            ("4.4e11", "scientific"),
            ("442046034980.0", "decimal"),
            ("442046034980.", "decimal"),
            ("'+442046034980", "apostrophe"),
            ("#N/A", "error value"),
            ("#REF!", "error value"),
            ("#DIV/0!", "error value"),
            ("####", "error value"),
            ("nan", "not there"),
            ("NaN", "not there"),
            ("NULL", "not there"),
            ("None", "not there"),
            ("TRUE", "not there"),
            ("=A1", "formula"),
            ("442,046,034,980", "thousands"),
            ("02-Jan", "a date"),
            ("Jan-02", "a date"),
            ("2-Jan-26", "a date"),
            ("2026-01-02", "a date"),
            ("02/01/2026", "a date"),
            ("2026-01-02 00:00:00", "a date"),
            ("1.2.2026", "a date"),
        ] {
            assert!(named(text).contains(what), "{text}: {}", named(text));
        }
    }

    #[test]
    fn a_character_that_does_not_belong_is_named_also_where_nobody_sees_it() {
        for (text, what) in [
            ("0123\u{200b}", "character 5 is U+200B, a character without width"),
            ("\u{202a}0123", "U+202A, a mark of"),
            ("01\u{a0}23", "U+00A0, a no-break space"),
            ("\u{ff10}123", "U+FF10, a full-width"),
            ("“0123”", "U+201C, a curly"),
            ("01 23", "U+0020, a blank"),
            ("a/b", "`/`, U+002F, a slash"),
            ("a\\b", "a slash"),
            ("\"01\"", "a quote"),
            ("01\u{7}", "U+0007, a control"),
            ("é", "U+00E9, not ASCII"),
            ("01\u{2013}2", "a dash that is no `-`"),
            ("", "empty"),
            ("\u{feff}01", "without width"),
            ("01\u{3000}2", "a blank that is no ASCII one"),
            (".", "another place"),
            ("..", "another place"),
        ] {
            let message = read(text).expect_err(text).message;
            assert!(message.contains(what), "{message}");
        }
        assert!(read(&"1".repeat(LONGEST + 1)).is_err());
    }
}
