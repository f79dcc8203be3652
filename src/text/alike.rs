//! Texts that are not the same and look it: told apart by the code points of what differs.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use similar::{Algorithm, DiffOp, capture_diff_slices};
use unicode_normalization::UnicodeNormalization as _;
use unicode_security::skeleton;
use unicode_segmentation::UnicodeSegmentation as _;

use super::visible::{is_hidden, visible};

/// Longer texts are not taken apart: who shows them cuts them around the place that differs first.
const LONGEST: usize = 2_000;
/// So many characters that differ stand before their code points at most.
const MOST_TOGETHER: usize = 8;

/// Gives texts that are to be shown beside each other. Where two differ and look the same, each is followed by the code points of
/// what differs: `Zü (U+0075 U+0308)rich` beside `Zü (U+00FC)rich`. The texts are not visible yet.
pub(crate) fn told_apart<'t>(texts: &[&'t str]) -> Vec<Cow<'t, str>> {
    let mut shown: Vec<Cow<'t, str>> = texts.iter().map(|text| Cow::Borrowed(*text)).collect();
    let mut looks: BTreeMap<Cow<'_, str>, Vec<usize>> = BTreeMap::new();
    for (at, text) in texts.iter().enumerate().filter(|(_, text)| text.len() <= LONGEST) {
        looks.entry(look(text)).or_default().push(at);
    }
    for alike in looks.into_values() {
        let first = texts[alike[0]];
        let Some(second) = alike.iter().map(|at| texts[*at]).find(|text| *text != first) else { continue };
        let other = |text: &str| if text == first { second } else { first };
        let told: BTreeMap<&str, String> =
            alike.iter().map(|at| (texts[*at], with_code_points(texts[*at], other(texts[*at])))).collect();
        let differ = told.values().map(|told| look(told)).collect::<BTreeSet<_>>().len() == told.len();
        for at in alike {
            // Blanks at different ends are one blank beside the same code point: then everything is spelt.
            let told =
                if differ { told[texts[at]].clone() } else { spelt(&texts[at].graphemes(true).collect::<Vec<_>>()) };
            shown[at] = Cow::Owned(told);
        }
    }
    shown
}

/// Gives two texts so that they look different.
pub(crate) fn both_told_apart<'t>(one: &'t str, other: &'t str) -> (Cow<'t, str>, Cow<'t, str>) {
    let mut shown = told_apart(&[one, other]).into_iter();
    (shown.next().unwrap_or(Cow::Borrowed(one)), shown.next().unwrap_or(Cow::Borrowed(other)))
}

/// Gives what stands for how a text looks: texts of one look are taken for one another. It is the skeleton of UTS #39 (section 4,
/// "Confusable Detection": characters that look the same in some font have one prototype, and what is never seen is left out) of
/// what is shown, after compatibility decomposition (UAX #15: the same characters in another dress, such as thin spaces and wide
/// letters). Blanks count once, and at the ends not at all, as where HTML or Markdown is read. Of characters for private use
/// nobody knows the look; they are one box.
pub(super) fn look(text: &str) -> Cow<'_, str> {
    let shown = visible(text);
    let plain = |byte: &u8| byte.is_ascii_graphic() && !PROTOTYPES.contains_key(byte);
    if shown.bytes().all(|byte| plain(&byte)) {
        return shown;
    }
    let letters = if shown.is_ascii() {
        shown.bytes().fold(String::with_capacity(shown.len() + 4), |mut out, byte| {
            match PROTOTYPES.get(&byte) {
                Some(prototype) => out.push_str(prototype),
                None => out.push(char::from(byte)),
            }
            out
        })
    } else {
        let decomposed: String = shown.nfkd().collect();
        skeleton(&decomposed).map(|one| if is_private(one) { '\u{e000}' } else { one }).collect()
    };
    let words: Vec<&str> = letters.split(|one: char| one.is_whitespace() || one == '\u{2800}').collect();
    Cow::Owned(words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}

/// The skeletons of those ASCII characters that are not their own: most names hold nothing else, and there may be many names.
static PROTOTYPES: LazyLock<BTreeMap<u8, String>> = LazyLock::new(|| {
    let all = (b'!'..=b'~').map(|byte| (byte, skeleton(&char::from(byte).to_string()).collect::<String>()));
    all.filter(|(byte, prototype)| prototype.as_bytes() != [*byte]).collect()
});

/// Tells whether a character is one for private use (Unicode, section 23.5).
fn is_private(character: char) -> bool {
    matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

/// Writes a text with the code points of what differs from the other one.
fn with_code_points(text: &str, other: &str) -> String {
    let (mine, theirs): (Vec<&str>, Vec<&str>) = (text.graphemes(true).collect(), other.graphemes(true).collect());
    let mut out = String::with_capacity(text.len() * 2);
    for op in capture_diff_slices(Algorithm::Myers, &mine, &theirs) {
        let graphemes = &mine[op.old_range()];
        match op {
            DiffOp::Equal { .. } => out.extend(graphemes.iter().copied()),
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => out.push_str(&spelt(graphemes)),
        }
    }
    out
}

/// Writes characters with their code points behind them.
fn spelt(graphemes: &[&str]) -> String {
    let mut out = String::new();
    for chunk in graphemes.chunks(MOST_TOGETHER).map(<[&str]>::concat) {
        let points: Vec<String> = chunk.chars().map(|one| format!("U+{:04X}", u32::from(one))).collect();
        let gap = if chunk.ends_with(|one: char| one.is_whitespace() && !is_hidden(one)) { "" } else { " " };
        let _ = write!(out, "{chunk}{gap}({})", points.join(" "));
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(one: &str, other: &str) -> String {
        let (one, other) = both_told_apart(one, other);
        format!("{} → {}", visible(&one), visible(&other))
    }

    #[test]
    fn texts_that_look_the_same_show_their_code_points() {
        for (one, other, shown) in [
            ("Zu\u{308}rich", "Zürich", "Zu\u{308} (U+0075 U+0308)rich → Zü (U+00FC)rich"),
            ("Desk\u{a0}7", "Desk 7", "Desk\u{a0}(U+00A0)7 → Desk (U+0020)7"),
            ("12\u{2009}km", "12 km", "12\u{2009}(U+2009)km → 12 (U+0020)km"),
            ("two  blanks", "two blanks", "two  (U+0020)blanks → two blanks"),
            ("end ", "end", "end (U+0020) → end"),
            (
                "\u{441}\u{43e}\u{440}",
                "cop",
                "\u{441}\u{43e}\u{440} (U+0441 U+043E U+0440) → cop (U+0063 U+006F U+0070)",
            ),
            ("Desk l", "Desk 1", "Desk l (U+006C) → Desk 1 (U+0031)"),
            ("modern", "modem", "modern (U+0072 U+006E) → modem (U+006D)"),
            ("☎\u{fe0f}", "☎", "☎\u{fe0f} (U+260E U+FE0F) → ☎ (U+260E)"),
            ("a\nb", "a\\nb", "a\\n (U+000A)b → a\\n (U+005C U+006E)b"),
            (
                "\u{200b}",
                "\\u{200b}",
                "\\u{200b} (U+200B) → \\u{200b} (U+005C U+0075 U+007B U+0032 U+0030 U+0030 U+0062 U+007D)",
            ),
            ("\u{e001}", "\u{f8ff}", "\u{e001} (U+E001) → \u{f8ff} (U+F8FF)"),
        ] {
            assert_eq!(told(one, other), shown, "{one:?} {other:?}");
        }
    }

    #[test]
    fn texts_that_look_different_stay_as_they_are() {
        for (one, other) in [("Zürich", "Zurich"), ("a", "b"), ("01234", "01235"), ("same", "same"), ("", "x")] {
            assert_eq!(both_told_apart(one, other), (Cow::Borrowed(one), Cow::Borrowed(other)));
        }
    }

    #[test]
    fn of_many_texts_each_is_told_from_all_others() {
        let shown = told_apart(&["a b", "x", "a\u{a0}b", "a\u{2009}b", "a b"]);
        assert_eq!(shown, ["a (U+0020)b", "x", "a\u{a0}(U+00A0)b", "a\u{2009}(U+2009)b", "a (U+0020)b"]);
    }

    /// Letters of one look in several scripts, forms and cases, blanks, what is never seen, what escapes are made of.
    const NASTY: &str = "[aаαAΑА\u{301}éеeoо0Oοl1I|mrn \u{a0}\u{2009}\u{3000}\t\n\r\u{200b}\u{200d}\u{2060}\u{feff}\u{ad}\
        \u{fe0e}\u{fe0f}\u{180b}\u{34f}\u{202e}\u{2066}\u{2069}☎ｅﬁfi²2\\\\u{}()U+56שaب\u{e000}\u{f8ff}\u{2800}'\"`]{0,6}";

    /// Another measure of a look: without compatibility forms, without what Unicode lets nobody see, blanks once.
    fn seen(text: &str) -> String {
        let plain: String = text.nfkc().filter(|one| !one.is_control()).collect();
        let plain: String = plain.chars().filter(|one| !matches!(one, '\u{fe00}'..='\u{fe0f}')).collect();
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

        #[test]
        fn two_different_texts_never_look_equal(one in NASTY, other in NASTY) {
            prop_assume!(one != other);
            let (left, right) = both_told_apart(&one, &other);
            let (left, right) = (visible(&left), visible(&right));
            prop_assert_ne!(look(&left), look(&right), "{:?} {:?}", one, other);
            prop_assert_ne!(seen(&left), seen(&right), "{:?} {:?}", one, other);
        }

        #[test]
        fn nor_do_texts_of_one_look(word in NASTY, at in 0_usize..6, one in NASTY, other in NASTY) {
            prop_assume!(one != other);
            let at = word.char_indices().nth(at).map_or(word.len(), |(at, _)| at);
            let around = |middle: &str| format!("{}{middle}{}", &word[..at], &word[at..]);
            let (left, right) = (around(&one), around(&other));
            prop_assume!(left != right);
            let (left, right) = both_told_apart(&left, &right);
            let (left, right) = (visible(&left), visible(&right));
            prop_assert_ne!(look(&left), look(&right), "{:?} {:?} {:?}", word, one, other);
        }

        #[test]
        fn nor_do_those_of_a_list(texts in prop::collection::btree_set("[aаα \u{a0}\u{2009}\u{fe0f}l1I]{1,3}", 2..6)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let looks: std::collections::BTreeSet<String> =
                told_apart(&texts).iter().map(|text| look(&visible(text)).into_owned()).collect();
            prop_assert_eq!(looks.len(), texts.len(), "{:?}", texts);
        }
    }
}
