//! Changes examples a little, again and again, the same way for the same seed.

use std::collections::BTreeSet;

/// The longest input that is made, in bytes.
const LONGEST: usize = 16_384;

/// What means something to one of the readers.
const WORDS: &[&str] = &[
    "\n",
    "\r\n",
    "\n---\n",
    "  ",
    "\t",
    ": ",
    "- ",
    "? ",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "!x ",
    "|\n ",
    ">-\n ",
    "#",
    "\"",
    "'",
    "\\",
    "[",
    "]",
    "{",
    "}",
    ",",
    "[[[[[[[[",
    "${",
    "${var.site}",
    "${env.SITE}",
    "${device}",
    "$${",
    "null",
    "~",
    "true",
    "0",
    "-1",
    "-3",
    "9223372036854775807",
    "18446744073709551616",
    "1e999",
    "-0.0",
    "0x1F",
    ".inf",
    "1_000",
    "é",
    "☎",
    "\u{feff}",
    "\u{2028}",
    "\u{202e}",
    "\u{0}",
    "\\ud800",
    "\\u0000",
    "{\"$serde_json::private::Number\":\"5\"}",
    "{\"$serde_json::private::RawValue\":\"5\"}",
    "\"\"",
    "{}",
    "[]",
    "kind",
    "IntegratorClient",
    "Profile",
    "Fleet",
    "Config",
    "Keys",
    "name",
    "scope",
    "telsys",
    "partition",
    "device",
    "profiles",
    "extends",
    "settings",
    "policies",
    "sensitive",
    "ignore",
    "targets",
    "manage",
    "definitions",
    "**/*",
    "{a,b}",
    "[!a]",
    "P1D",
    "2026-11-26T00:00:00Z",
    "sha256:",
    "UnknownNoneOrAll",
];

/// A source of changes.
pub(super) struct Mutator {
    state: u64,
}

impl Mutator {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    /// Gives a number below another (xorshift64*).
    fn below(&mut self, most: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let number = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap_or_default() % most.max(1)
    }

    /// Makes an input of one of the pool, or of two.
    pub(super) fn mutate(&mut self, pool: &[Vec<u8>]) -> Vec<u8> {
        let mut input = pool[self.below(pool.len())].clone();
        for _ in 0..=self.below(5) {
            self.change(&mut input, pool);
        }
        input.truncate(LONGEST);
        input
    }

    /// Gives a stretch of at most so many bytes.
    fn stretch(&mut self, length: usize, most: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        start..start + self.below((length - start).min(most) + 1)
    }

    fn change(&mut self, input: &mut Vec<u8>, pool: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        match self.below(10) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.below(8);
                }
            }
            1 => {
                let stretch = self.stretch(input.len(), 40);
                input.drain(stretch);
            }
            2 => {
                let stretch = self.stretch(input.len(), 200);
                let copy: Vec<u8> = input[stretch].repeat(1 + self.below(4));
                input.splice(at..at, copy);
            }
            3 => {
                let other = &pool[self.below(pool.len())];
                let piece = other[self.stretch(other.len(), 200)].to_vec();
                input.splice(at..at, piece);
            }
            4 => {
                let other = &pool[self.below(pool.len())];
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            5 => {
                let line = |byte: &u8| *byte == b'\n';
                let mut lines: Vec<Vec<u8>> = input.split_inclusive(line).map(<[u8]>::to_vec).collect();
                let (one, other) = (self.below(lines.len()), self.below(lines.len()));
                if !lines.is_empty() {
                    lines.swap(one, other);
                }
                *input = lines.concat();
            }
            6 => {
                let word = WORDS[self.below(WORDS.len())];
                let end = at + self.below((input.len() - at).min(12) + 1);
                input.splice(at..end, word.bytes());
            }
            _ => {
                let word = WORDS[self.below(WORDS.len())];
                input.splice(at..at, word.bytes());
            }
        }
    }
}

#[test]
fn the_same_seed_makes_the_same_inputs_and_they_differ() {
    let pool = [b"kind: Fleet\n".to_vec(), b"a,b\n".to_vec()];
    let made = || {
        let mut mutator = Mutator::new(7);
        (0..100).map(|_| mutator.mutate(&pool)).collect::<Vec<_>>()
    };
    assert_eq!(made(), made());
    assert!(made().into_iter().collect::<BTreeSet<_>>().len() > 50);
}
