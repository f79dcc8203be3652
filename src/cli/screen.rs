//! The one line at the bottom of a terminal that is drawn again and again, and everything that is written beside it.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use console::{Term, measure_text_width};
use indicatif::{ProgressBar, TermLike};

use super::args::LogFormat;
use crate::text::{harmless_json, visible};

/// The bar that is drawn now.
static DRAWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Takes a bar for the one that is drawn, or says that none is.
pub(super) fn draw(bar: Option<ProgressBar>) {
    *DRAWN.lock().unwrap_or_else(PoisonError::into_inner) = bar;
}

/// Writes to stderr while the bar, if there is one, is out of the way.
pub(super) fn aside<T>(write: impl FnOnce(&mut io::StderrLock<'_>) -> T) -> T {
    let drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let write = || write(&mut io::stderr().lock());
    match drawn {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// stderr for a log. It is written a line at a time, and shows what a terminal would obey: names of files and answers of servers
/// stand in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aside(pub LogFormat);

impl Aside {
    fn harmless(self, line: &str) -> String {
        match self.0 {
            LogFormat::Json => harmless_json(line).into_owned(),
            LogFormat::Text => format!("{}\n", visible(line.trim_end_matches('\n'))),
        }
    }
}

impl Write for Aside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = self.harmless(&String::from_utf8_lossy(bytes));
        aside(|stderr| stderr.write_all(line.as_bytes()))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// A terminal for a bar of one line that stays one line: no blanks are written behind it, and where the window became
/// narrower than what was drawn, the rows that the terminal made of it are cleared too.
#[derive(Debug)]
pub(super) struct OneLine<T> {
    term: T,
    /// How wide what was drawn last is.
    drawn: Mutex<usize>,
}

impl OneLine<Term> {
    pub(super) fn stderr() -> Self {
        Self { term: Term::buffered_stderr(), drawn: Mutex::default() }
    }
}

impl<T: TermLike> TermLike for OneLine<T> {
    fn width(&self) -> u16 {
        self.term.width()
    }

    fn height(&self) -> u16 {
        self.term.height()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.term.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.term.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.term.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.term.move_cursor_left(n)
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.term.write_line(line)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        if text.chars().all(|one| one == ' ') {
            return Ok(());
        }
        *self.drawn.lock().unwrap_or_else(PoisonError::into_inner) = measure_text_width(text.trim_matches('\r'));
        self.term.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        let drawn = std::mem::take(&mut *self.drawn.lock().unwrap_or_else(PoisonError::into_inner));
        let rows = drawn.saturating_sub(1) / usize::from(self.width()).max(1);
        if rows == 0 {
            return self.term.clear_line();
        }
        self.term.move_cursor_up(rows)?;
        // From the first of its rows to the end of the screen (ECMA-48, ED).
        self.term.write_str("\r\u{1b}[J")
    }

    fn flush(&self) -> io::Result<()> {
        self.term.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU16, Ordering};

    use super::*;

    /// A terminal that notes what it is told.
    #[derive(Debug, Clone, Default)]
    struct Noted {
        width: Arc<AtomicU16>,
        told: Arc<Mutex<String>>,
    }

    impl Noted {
        fn note(&self, text: &str) -> io::Result<()> {
            let mut told = self.told.lock().map_err(|_| io::Error::other("a test that failed"))?;
            told.push_str(text);
            Ok(())
        }
    }

    impl TermLike for Noted {
        fn width(&self) -> u16 {
            self.width.load(Ordering::Relaxed)
        }

        fn move_cursor_up(&self, n: usize) -> io::Result<()> {
            self.note(&format!("<up {n}>"))
        }

        fn move_cursor_down(&self, n: usize) -> io::Result<()> {
            self.note(&format!("<down {n}>"))
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, line: &str) -> io::Result<()> {
            self.note(&format!("{line}\n"))
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.note(text)
        }

        fn clear_line(&self) -> io::Result<()> {
            self.note("<clear>")
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_that_a_narrower_window_broke_is_cleared_from_its_first_row() {
        let noted = Noted::default();
        noted.width.store(80, Ordering::Relaxed);
        let line = OneLine { term: noted.clone(), drawn: Mutex::default() };
        line.write_str(&"x".repeat(50)).expect("a note");
        line.write_str(&" ".repeat(30)).expect("a note");
        noted.width.store(20, Ordering::Relaxed);
        line.clear_line().expect("a note");
        line.write_str("short").expect("a note");
        line.clear_line().expect("a note");
        let told = noted.told.lock().expect("a lock").replace(&"x".repeat(50), "<50>");
        assert_eq!(told, "<50><up 2>\r\u{1b}[Jshort<clear>");
    }
}
