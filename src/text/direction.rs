//! Text that is read from right to left, kept from turning what stands beside it around.

use std::borrow::Cow;

use super::visible::visible;

/// First Strong Isolate: what follows has a direction of its own (UAX #9).
pub(super) const FSI: char = '\u{2068}';
/// Pop Directional Isolate: it ends here.
pub(super) const PDI: char = '\u{2069}';

/// Tells whether something in a text is read from right to left: of `Bidi_Class` R or AL, or of a block that has
/// one of these by default (`DerivedBidiClass.txt`).
pub(crate) fn is_right_to_left(text: &str) -> bool {
    let strong = |one: char| {
        matches!(one, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    };
    !text.is_ascii() && text.chars().any(strong)
}

/// Gives text that is visible already so that what stands before it stays before it and what stands behind it behind.
pub(crate) fn isolated<'t>(text: impl Into<Cow<'t, str>>) -> Cow<'t, str> {
    let text = text.into();
    if is_right_to_left(&text) { Cow::Owned(format!("{FSI}{}{PDI}", without_isolates(&text))) } else { text }
}

/// Takes isolates out.
pub(super) fn without_isolates(text: &str) -> Cow<'_, str> {
    if text.contains([FSI, PDI]) { Cow::Owned(text.replace([FSI, PDI], "")) } else { Cow::Borrowed(text) }
}

/// Takes apart what is isolated and what is not: `true` stands beside what is.
pub(crate) fn isolates(text: &str) -> Vec<(bool, &str)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, inside, behind)) = first_isolate(rest) {
        parts.extend((!before.is_empty()).then_some((false, before)));
        parts.push((true, inside));
        rest = behind;
    }
    parts.extend((!rest.is_empty()).then_some((false, rest)));
    parts
}

fn first_isolate(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(FSI)?;
    let (inside, behind) = rest.split_once(PDI)?;
    Some((before, inside, behind))
}

/// Shows text that may have been made visible and isolated before: these isolates stay.
pub(super) fn still_visible(text: &str) -> Cow<'_, str> {
    if !text.contains(FSI) {
        return visible(text);
    }
    let parts = isolates(text).into_iter().map(|(alone, part)| {
        let shown = visible(part);
        if alone && is_right_to_left(&shown) { isolated(shown).into_owned() } else { shown.into_owned() }
    });
    Cow::Owned(parts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_right_to_left_keeps_its_side() {
        assert_eq!(isolated("שלום"), "\u{2068}שלום\u{2069}");
        assert_eq!(isolated("a \u{2068}ب\u{2069}"), "\u{2068}a ب\u{2069}");
        assert_eq!(isolated("Zürich 東京"), "Zürich 東京");
    }

    #[test]
    fn isolates_stay_and_nothing_else_passes_through_them() {
        let shown = "x \u{2068}שלום\u{2069} y";
        assert_eq!(still_visible(shown), shown);
        assert_eq!(isolates(shown), [(false, "x "), (true, "שלום"), (false, " y")]);
        assert_eq!(still_visible("\u{2068}a\u{202e}\u{2069}"), "a\\u{202e}");
        assert_eq!(still_visible("\u{2068}ש\u{202e}\u{2069}\u{2069}"), "\u{2068}ש\\u{202e}\u{2069}\\u{2069}");
        assert_eq!(still_visible("ש\u{2068}ש"), "ש\\u{2068}ש");
        assert_eq!(still_visible("\u{2068}ש\u{2068}ש\u{2069}"), "\u{2068}ש\\u{2068}ש\u{2069}");
    }
}
