//! JSON that can be looked at.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use super::visible::{COMMAND, is_hidden};

/// Writes characters that nobody sees, or that a terminal obeys, as `\uXXXX` in JSON text. Outside of strings JSON is ASCII
/// (RFC 8259, section 2), so the meaning stays.
pub(crate) fn harmless_json(json: &str) -> Cow<'_, str> {
    let hidden = |one: &char| !one.is_ascii_whitespace() && is_hidden(*one);
    if (is_seen_ascii(json) || !json.chars().any(|one| hidden(&one))) && !json.contains(COMMAND) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 64);
    for character in json.chars() {
        if hidden(&character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out.replace(COMMAND, "##\\u005b"))
}

/// Tells whether a text is of ASCII that is seen, and blanks: most are, and that is told many bytes at a time.
fn is_seen_ascii(text: &str) -> bool {
    let seen = |byte: u8| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r' | b'\x0c');
    text.as_bytes().chunks(64).all(|chunk| chunk.iter().fold(true, |all, byte| all & seen(*byte)))
}

/// Passes JSON text on as [`harmless_json`] writes it, piece by piece, so that a document never stands in memory as a whole.
pub(crate) struct HarmlessWriter<W> {
    out: W,
    /// What was not passed on yet.
    held: Vec<u8>,
}

/// So many bytes are passed on together, at least.
const PIECE: usize = 64 * 1024;

impl<W: io::Write> HarmlessWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, held: Vec::with_capacity(PIECE) }
    }

    /// Passes the rest on.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.pass(self.held.len())
    }

    fn pass(&mut self, end: usize) -> io::Result<()> {
        let text = std::str::from_utf8(&self.held[..end]).map_err(io::Error::other)?;
        self.out.write_all(harmless_json(text).as_bytes())?;
        self.held.drain(..end);
        Ok(())
    }
}

impl<W: io::Write> io::Write for HarmlessWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= PIECE {
            let whole = match std::str::from_utf8(&self.held) {
                Ok(text) => text.len(),
                Err(error) => error.valid_up_to(),
            };
            // What may be the beginning of a command waits for the rest of it.
            let numbers = self.held[..whole].iter().rev().take(COMMAND.len() - 1).take_while(|byte| **byte == b'#');
            self.pass(whole - numbers.count())?;
        }
        Ok(bytes.len())
    }

    /// Passes nothing on: a piece may end inside of a character.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_the_same_without_hidden_characters() {
        let value = serde_json::json!({ "a\u{9b}31m": "\u{202e}\u{7f}\u{e0041} plain ##[error] \n é" });
        let text = serde_json::to_string_pretty(&value).expect("JSON");
        let harmless = harmless_json(&text);
        assert!(harmless.chars().all(|one| one == '\n' || !is_hidden(one)) && !harmless.contains("##["), "{harmless}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&harmless).expect("JSON"), value);
    }

    #[test]
    fn pieces_are_written_as_the_whole_is() {
        let text = format!("\"{}\"", "é#\u{202e}##[x]###[".repeat(PIECE / 4));
        for size in [1, 2, 3, 7, PIECE - 1, text.len()] {
            let mut out = Vec::new();
            let mut writer = HarmlessWriter::new(&mut out);
            for piece in text.as_bytes().chunks(size) {
                io::Write::write_all(&mut writer, piece).expect("a buffer");
            }
            writer.finish().expect("a buffer");
            assert!(out == harmless_json(&text).as_bytes(), "in pieces of {size}");
        }
    }
}
