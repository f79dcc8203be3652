//! What of the lines of a CSV file its reader would take for something else, or for too much.

/// How many columns a CSV file may have.
const MOST_COLUMNS: usize = 1024;

/// How many bytes one line of a CSV file may have, line breaks between quotes included.
pub(super) const MOST_OF_ROW: usize = 1024 * 1024;

/// Names what separates the columns where the first line has no comma, as spreadsheets write it in many countries.
pub(super) fn other_separator(first: &str) -> Option<&'static str> {
    if first.contains(',') {
        return None;
    }
    [(';', "semicolons"), ('\t', "tabs")]
        .into_iter()
        .find(|(separator, _)| first.contains(*separator))
        .map(|(_, word)| word)
}

/// What of a CSV file the reader would take for something else, or for too much.
pub(super) struct Misread {
    pub(super) extent: MistakeExtent,
    /// Where, in bytes.
    pub(super) at: usize,
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// What a place in a CSV file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MistakeExtent {
    /// A line, and no other one.
    Line,
    /// A field, which begins at a byte: where lines end behind it is not certain.
    Field { begin: usize },
    /// The file.
    Whole,
}

/// Finds quotes that do not stand where RFC 4180 (section 2) lets them stand: the reader would take everything up to the next
/// quote, or the end, for one field, and nobody would miss the rows. Finds lines too that have another number of fields than the
/// first, and the first of too many fields or bytes, which take room one by one.
pub(super) fn misread(text: &str, tell: &mut impl FnMut(Misread)) {
    let (bytes, mut at, mut fields, mut row) = (text.as_bytes(), 0, 0, 0);
    let (mut first, mut lines, mut is_open) = (None, 0, false);
    // Behind a last comma is a field too.
    while at < bytes.len() || is_open {
        let end = match field(text, at) {
            Ok(end) => end,
            Err((wrong, message)) => {
                let help = "a field in double quotes begins and ends with one; a quote inside it is written twice";
                tell(Misread {
                    extent: MistakeExtent::Field { begin: at },
                    at: wrong,
                    message: message.to_owned(),
                    help,
                });
                // What else is wrong is told too: the next line is another one, unless a quote was never closed.
                let Some(rest) = text[wrong..].find(['\n', '\r']).filter(|_| message != UNCLOSED) else { return };
                (at, row, fields, lines, is_open) = (wrong + rest + 1, wrong + rest + 1, 0, lines + 1, false);
                continue;
            }
        };
        let too_much = if end - row > MOST_OF_ROW {
            Some((row, format!("a line has more than {MOST_OF_ROW} bytes"), "a line is about one device"))
        } else if fields == MOST_COLUMNS {
            let message = format!("a line has more than {MOST_COLUMNS} fields");
            Some((row, message, "remove columns that nothing refers to"))
        } else {
            None
        };
        if let Some((at, message, help)) = too_much {
            return tell(Misread { extent: MistakeExtent::Whole, at, message, help });
        }
        fields += 1;
        is_open = bytes.get(end) == Some(&b',');
        at = end + 1;
        if is_open {
            continue;
        }
        // The reader skips empty lines.
        if end > row {
            first = first.or((lines == 0).then_some(fields));
            lines += 1;
            if let Some(expected) = first.filter(|expected| *expected != fields) {
                let message = format!("this line has {fields} fields, and the first line has {expected}");
                let help = "fields that hold a comma, a quote or a line break stand in double quotes";
                tell(Misread { extent: MistakeExtent::Line, at: row, message, help });
            }
        }
        (fields, row) = (0, at);
    }
}

const UNCLOSED: &str = "the quote that begins this field is never closed";

/// Gives the end of the field that begins at a byte, or what is wrong with it and where.
fn field(text: &str, begin: usize) -> Result<usize, (usize, &'static str)> {
    let bytes = text.as_bytes();
    if bytes.get(begin) != Some(&b'"') {
        let end = begin + text[begin..].find([',', '\n', '\r']).unwrap_or(bytes.len() - begin);
        return match text[begin..end].find('"') {
            Some(quote) => Err((begin + quote, "a quote stands inside a field that does not begin with one")),
            None => Ok(end),
        };
    }
    let end = closing(text, begin + 1).ok_or((begin, UNCLOSED))? + 1;
    if bytes.get(end).is_some_and(|next| !matches!(next, b',' | b'\n' | b'\r')) {
        return Err((end, "text stands behind the quote that ends a field"));
    }
    Ok(end)
}

/// Finds the quote that ends a field: one that is not doubled.
pub(super) fn closing(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += text.get(at..)?.find('"')?;
        if text.as_bytes().get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<Misread> {
        let mut told = Vec::new();
        misread(text, &mut |one| told.push(one));
        told
    }

    fn places(text: &str) -> Vec<usize> {
        told(text).into_iter().map(|one| one.at).collect()
    }

    #[test]
    fn quotes_stand_where_the_rfc_lets_them() {
        for fine in ["", "a,b\n", "\"a\",\"b\"\"c\"\r\n\"\",x", "\"a\nb\",c", "a,\"b\"", ",,\n", "\"\"\"\""] {
            assert_eq!(places(fine), [0; 0], "{fine:?}");
        }
        for (text, at) in
            [("a,\"b\nc,d\n", 2), ("a,\"b\" c\n", 5), ("a,b\"c\n", 3), ("\"", 0), ("\"\"\"", 0), ("x\n1,\"é\"\"", 4)]
        {
            assert_eq!(places(text), [at], "{text:?}");
        }
    }

    #[test]
    fn everything_that_is_wrong_with_lines_is_told_at_once() {
        for (text, at) in [
            ("a,b\n1\n2,3\n4,5,6\n7,", &[4, 10][..]),
            ("a,b\n1,x\"y\n2\n\n\"3\" 4,5\r\n6,7\r\n8\n", &[7, 10, 16, 27]),
            ("a,\"b\"c\n1\n1,2\n", &[5]),
            ("a,b\n1,\"2\n3\n", &[6]),
            ("a,b\n1,2,", &[4]),
            ("a,b,\n1,2,", &[]),
        ] {
            assert_eq!(places(text), at, "{text:?}");
        }
    }

    #[test]
    fn a_line_has_so_many_fields_and_not_more() {
        let line = |fields: usize| format!("{}\n", vec!["\"a\""; fields].join(","));
        assert!(told(&line(MOST_COLUMNS).repeat(3)).is_empty());
        let many = line(MOST_COLUMNS) + &line(MOST_COLUMNS + 1);
        assert!(matches!(&told(&many)[..], [one] if one.message.contains("more than 1024 fields")));
    }
}
