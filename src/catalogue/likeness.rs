//! Which of two keys was probably meant by the other.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many letters of a key may be wrong.
const MOST_WRONG: usize = 2;

/// How many pairs of keys are compared: each with each takes for ever where there are very many, and then nobody is told
/// what was probably meant by the rest.
pub(super) const MOST_COMPARED: usize = 10_000_000;

/// The words of keys that are surely right: a word of them is no misspelling of another word.
#[derive(Debug, Default)]
pub(super) struct Vocabulary(HashMap<String, u32>);

impl Vocabulary {
    pub(super) fn add(&mut self, key: &KeyWords) {
        for word in &key.words {
            *self.0.entry(word.clone()).or_default() += 1;
        }
    }

    /// Tells whether a key knows a word, besides the key that it is asked for if that is one of them.
    fn knows(&self, word: &str, asked: &KeyWords) -> bool {
        let own = asked.words.iter().filter(|own| *own == word).count();
        let own = if asked.trust == Trust::Sure { own } else { 0 };
        self.0.get(word).is_some_and(|count| *count as usize > own)
    }
}

/// Whether a key is known to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    Sure,
    Unsure,
}

/// A key taken apart into its words, in lower case: `interface::showCallLog` is interface, show, call, log.
#[derive(Debug)]
pub(super) struct KeyWords {
    words: Vec<String>,
    /// The letters and digits alone.
    letters: String,
    trust: Trust,
}

impl KeyWords {
    pub(super) fn of(key: &str, trust: Trust) -> Self {
        let words = words(key);
        let letters = words.concat();
        Self { words, letters, trust }
    }
}

/// Keys that are known to be right, for finding the one that was meant.
#[derive(Debug, Default)]
pub(super) struct KnownKeys {
    keys: Vec<(Arc<str>, KeyWords)>,
    vocabulary: Vocabulary,
    /// So many pairs were compared, by all who ask.
    compared: AtomicUsize,
}

impl KnownKeys {
    pub(super) fn add(&mut self, key: &Arc<str>) {
        let words = KeyWords::of(key, Trust::Sure);
        self.vocabulary.add(&words);
        self.keys.push((Arc::clone(key), words));
    }

    /// Finds the key that was probably meant.
    pub(super) fn likely(&self, key: &str) -> Option<&Arc<str>> {
        if self.compared.fetch_add(self.keys.len(), Ordering::Relaxed) > MOST_COMPARED {
            return None;
        }
        let asked = KeyWords::of(key, Trust::Unsure);
        let near =
            self.keys.iter().filter_map(|(known, words)| Some((distance(&asked, words, &self.vocabulary)?, known)));
        near.min().map(|(_, known)| known)
    }
}

/// Counts the letters by which a key differs from the one that was probably meant; `None` if it is a key of its own.
pub(super) fn distance(key: &KeyWords, meant: &KeyWords, vocabulary: &Vocabulary) -> Option<usize> {
    if key.letters == meant.letters {
        return Some(0);
    }
    if key.letters.len().abs_diff(meant.letters.len()) > MOST_WRONG {
        return None;
    }
    let strange = |word: &&String| !meant.words.contains(word);
    if key.words.iter().filter(strange).any(|word| is_a_word(word) && vocabulary.knows(word, key)) {
        return None;
    }
    let wrong = if key.words.len() == meant.words.len() {
        word_by_word(&key.words, &meant.words)?
    } else if is_doubled(&key.words) || key.words.iter().any(|word| strange(&word) && is_a_word(word)) {
        // A letter in the wrong case makes two words of one, or one of two; so does a capital that stands twice.
        strsim::damerau_levenshtein(&key.letters, &meant.letters)
    } else {
        return None;
    };
    (wrong <= MOST_WRONG && wrong * 6 <= key.letters.len()).then_some(wrong)
}

/// Tells whether a letter by itself is that of the word behind it.
fn is_doubled(words: &[String]) -> bool {
    words.windows(2).any(|pair| pair[0].chars().count() == 1 && pair[1].len() > 1 && pair[1].starts_with(&pair[0]))
}

/// Counts wrong letters in words that stand at the same places.
fn word_by_word(key: &[String], meant: &[String]) -> Option<usize> {
    let differing = key.iter().zip(meant).filter(|(one, other)| one != other);
    differing.map(|(one, other)| slip(one, other)).sum()
}

/// Counts the wrong letters of a word; `None` if it is another word.
fn slip(word: &str, meant: &str) -> Option<usize> {
    if !is_a_word(word) || !is_a_word(meant) {
        return None;
    }
    let most = match word.len().max(meant.len()) {
        ..=2 => 0,
        3..=7 => 1,
        _ => MOST_WRONG,
    };
    let wrong = strsim::damerau_levenshtein(word, meant);
    // `call` and `calls`, `min` and `max`, `left` and `lift`: short words are other words.
    let short = meant.len() <= 4 && word.len() == meant.len() && is_substitution(word, meant);
    (wrong <= most && !short && !is_plural(word, meant)).then_some(wrong)
}

fn is_substitution(word: &str, meant: &str) -> bool {
    strsim::hamming(word, meant).is_ok_and(|differing| differing == 1)
}

fn is_plural(word: &str, meant: &str) -> bool {
    word.strip_suffix('s') == Some(meant) || meant.strip_suffix('s') == Some(word)
}

/// Tells words from numbers and single letters, which are never misspelt.
fn is_a_word(word: &str) -> bool {
    word.chars().nth(1).is_some() && !word.starts_with(|one: char| one.is_ascii_digit())
}

/// Splits at what is neither letter nor digit, where digits begin or end, and where upper case begins.
fn words(key: &str) -> Vec<String> {
    let characters: Vec<char> = key.chars().collect();
    let (mut words, mut word) = (Vec::new(), String::new());
    for (index, one) in characters.iter().copied().enumerate() {
        let before = index.checked_sub(1).and_then(|before| characters.get(before)).copied().unwrap_or(' ');
        let after = characters.get(index + 1).copied().unwrap_or(' ');
        let hump = one.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && after.is_lowercase()));
        if hump || one.is_ascii_digit() != before.is_ascii_digit() || !one.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if one.is_alphanumeric() {
            word.extend(one.to_lowercase());
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 6] = [
        "interface::showMissedCallPreview",
        "interface::minLines",
        "crm::password",
        "line1::label",
        "ui::showLeftPanel",
        "ui::enableTransfer",
    ];

    fn likely(key: &str) -> Option<String> {
        let mut known = KnownKeys::default();
        KNOWN.iter().for_each(|key| known.add(&Arc::from(*key)));
        known.likely(key).map(ToString::to_string)
    }

    #[test]
    fn what_was_meant_is_asked_so_often_and_no_longer() {
        let mut known = KnownKeys::default();
        KNOWN.iter().for_each(|key| known.add(&Arc::from(*key)));
        known.compared = AtomicUsize::new(MOST_COMPARED);
        let asked = [1, 2].map(|_| known.likely("crm::pasword").is_some());
        assert_eq!(asked, [true, false]);
    }

    #[test]
    fn keys_are_taken_apart_into_words() {
        assert_eq!(words("interface::showIVRMenu2x_b"), ["interface", "show", "ivr", "menu", "2", "x", "b"]);
    }

    #[test]
    fn slips_of_the_pen_are_found() {
        for slip in [
            "interface::showMisedCallPreview",
            "interface::showMissedCallPreveiw",
            "interface::showMisedCallPreveiw",
            "interface::showmissedCallPreview",
            "interface:showMissedCallPreview",
            "interface.show_missed_call_preview",
            "intreface::showMissedCallPreview",
            "interface::showMissedCallPreview ",
            "interface::showMissdcallPreview",
            "interface::shwoMissedCallPreview",
            "interface::showMMissedCallPreview",
            "cmr::password",
            "crm::pasword",
        ] {
            assert!(likely(slip).is_some(), "{slip}");
        }
    }

    #[test]
    fn keys_of_their_own_are_none() {
        for other in [
            "interface::showMissedCallsPreview",
            "interface::maxLines",
            "line2::label",
            "ui::showRightPanel",
            "ui::disableTransfer",
            "interface::hideMissedCallPreview",
            "interface::showCallPreview",
            "crm::user",
            "interface::showMissedCallPreview2",
        ] {
            assert_eq!(likely(other), None, "{other}");
        }
    }
}
