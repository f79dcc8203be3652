//! From the text of a file to its documents; a document that is not YAML does not hide the next.

use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, ScanError, StrInput};

use super::super::budget::{Budget, Mistakes};
use super::Node;
use super::compose::{Composer, MOST_DEPTH, MostValues, too_deep};
use super::position::{place_of, to_span};
use super::simple::{self, Comments};
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, Span};

/// How many documents one file may hold.
const MOST_DOCUMENTS: usize = 250_000;

/// The documents of one file, one after the other.
pub(in crate::manifest) struct Documents<'a> {
    file: &'a Arc<SourceFile>,
    budget: Arc<Budget>,
    events: EventSource<'a>,
    most: MostValues,
    count: usize,
    /// Where the last syntax error was: reading must get beyond it, or it ends.
    stuck_at: Option<usize>,
    ended: bool,
}

/// Where the events of a file come from.
enum EventSource<'a> {
    /// All of them were read, as the file holds nothing that is not simple.
    Simple(std::vec::IntoIter<(Event<'a>, Span)>),
    Parser(Box<Parser<'a, StrInput<'a>>>),
}

/// Sees the events of a file while its documents are read, so that nothing is read twice.
pub(in crate::manifest) type SeeEvent<'s> = &'s mut dyn FnMut(&Event<'_>, Span);

/// Where reading got to.
enum ParseEnd {
    DocumentEnd,
    FileEnd,
}

#[derive(Debug)]
pub(in crate::manifest) enum Document<'a> {
    /// It was read; mistakes such as duplicate keys may have been reported.
    Read(Node<'a>),
    /// It could not be read, which was reported.
    Broken,
}

impl<'a> Documents<'a> {
    /// Reads a file for itself.
    pub(in crate::manifest) fn new(file: &'a Arc<SourceFile>) -> Self {
        Self::within(&Arc::default(), file)
    }

    /// Reads a file that shares what aliases may make with others.
    pub(in crate::manifest) fn within(budget: &Arc<Budget>, file: &'a Arc<SourceFile>) -> Self {
        Self::prepared(budget, file, Comments::Skipped)
    }

    /// Reads a file whose comments are seen by [`next_seen`](Self::next_seen).
    pub(in crate::manifest) fn with_comments(file: &'a Arc<SourceFile>) -> Self {
        Self::prepared(&Arc::default(), file, Comments::Seen)
    }

    /// Reads a file whose documents may hold so much.
    pub(in crate::manifest) fn with_room(file: &'a Arc<SourceFile>, most: MostValues) -> Self {
        Self { most, ..Self::new(file) }
    }

    fn prepared(budget: &Arc<Budget>, file: &'a Arc<SourceFile>, comments: Comments) -> Self {
        let (events, most) = (EventSource::of(file.text(), comments), MostValues::DEFINITION);
        Self { file, budget: Arc::clone(budget), events, most, count: 0, stuck_at: None, ended: false }
    }

    /// Reads the next document that is not empty. Mistakes go to `found`.
    pub(in crate::manifest) fn next(&mut self, found: &mut Mistakes) -> Option<Document<'a>> {
        self.next_seen(found, &mut |_, _| {})
    }

    /// Reads the next document that is not empty, and shows its events.
    pub(in crate::manifest) fn next_seen(&mut self, found: &mut Mistakes, see: SeeEvent<'_>) -> Option<Document<'a>> {
        while !self.ended {
            let mut composer = Composer::new(self.file, &self.budget, self.most);
            let reached = self.read(&mut composer, &mut *see);
            found.absorb(std::mem::take(&mut composer.found));
            match reached {
                Ok(ParseEnd::FileEnd) => self.ended = true,
                Ok(ParseEnd::DocumentEnd) => {
                    if let Some(node) = composer.root.filter(|root| !root.is_null()) {
                        return Some(Document::Read(node));
                    }
                }
                Err(error) => {
                    // What holds too much is not read on: the next document may be far away.
                    self.ended |= composer.is_full();
                    found.push(*error);
                    self.recover();
                    return Some(Document::Broken);
                }
            }
        }
        None
    }

    /// Reads events up to the end of a document.
    fn read(&mut self, composer: &mut Composer<'a>, see: SeeEvent<'_>) -> Result<ParseEnd, Box<Diagnostic>> {
        while let Some((event, place)) = self.next_event(&mut *see)? {
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(..) => self.count_document(place)?,
                Event::DocumentEnd => return Ok(ParseEnd::DocumentEnd),
                event => composer.take(event, place)?,
            }
        }
        Ok(ParseEnd::FileEnd)
    }

    fn next_event(&mut self, see: SeeEvent<'_>) -> Result<Option<(Event<'a>, Span)>, Box<Diagnostic>> {
        match self.events.next().transpose() {
            Err(error) => Err(Box::new(self.syntax_error(&error))),
            Ok(next) => Ok(next.inspect(|(event, span)| see(event, *span))),
        }
    }

    fn count_document(&mut self, span: Span) -> Result<(), Box<Diagnostic>> {
        self.count += 1;
        if self.count <= MOST_DOCUMENTS {
            return Ok(());
        }
        self.ended = true;
        let place = Place { file: Arc::clone(self.file), span };
        let message = format!("the file holds more than {MOST_DOCUMENTS} documents");
        let error = Diagnostic::error(Code::TooManyDocuments, message).at(place, "the first one too many");
        Err(Box::new(error.help("split the file")))
    }

    /// Goes on after the next `---`, if that is beyond the last error.
    fn recover(&mut self) {
        let parser = match &mut self.events {
            EventSource::Parser(parser) if !self.ended => parser,
            EventSource::Parser(_) | EventSource::Simple(_) => {
                self.ended = true;
                return;
            }
        };
        let goes_on = matches!(parser.proceed_next_document(), Ok(true));
        let at = parser.peek().and_then(|event| Some(event.ok()?.1.start.index()));
        let beyond = match (at, self.stuck_at) {
            (Some(at), Some(last)) => at > last,
            // A document that is broken at its first character still lies beyond the one before it.
            _ => true,
        };
        self.ended = !goes_on || !beyond || self.count > MOST_DOCUMENTS;
        self.count += 1;
        self.stuck_at = at.or(self.stuck_at);
    }

    fn syntax_error(&self, error: &ScanError) -> Diagnostic {
        let place = |span| Place { file: Arc::clone(self.file), span };
        let span = place(place_of(error));
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => too_deep(span),
            ErrorKind::UnknownAnchor => {
                Diagnostic::error(Code::BadAlias, "no anchor of this name stands before the alias")
                    .at(span, "")
                    .help("mark the value with `&name` before; text that begins with `*` needs quotes")
            }
            kind => Diagnostic::error(Code::Syntax, format!("the YAML is not valid: {}", error.info()))
                .at(span, "")
                .help(syntax_help(kind)),
        }
    }
}

/// Shows all events of a text, comments too. Tells whether it is YAML.
pub(in crate::manifest) fn see_events(text: &str, see: SeeEvent<'_>) -> bool {
    EventSource::of(text, Comments::Seen).all(|next| next.map(|(event, span)| see(&event, span)).is_ok())
}

/// Shows all events of a text as the parser of all of YAML gives them.
#[cfg(test)]
pub(in crate::manifest) fn see_parsed(text: &str, see: SeeEvent<'_>) -> bool {
    EventSource::parsed(text, Comments::Seen).all(|next| next.map(|(event, span)| see(&event, span)).is_ok())
}

impl<'a> EventSource<'a> {
    fn of(text: &'a str, comments: Comments) -> Self {
        let simple = simple::events(text, comments);
        simple.map_or_else(|| Self::parsed(text, comments), |events| Self::Simple(events.into_iter()))
    }

    /// Prepares the parser of all of YAML.
    fn parsed(text: &'a str, comments: Comments) -> Self {
        let mut options = granit_parser::options! {
            block_nesting_limit: MOST_DEPTH,
            flow_nesting_limit: MOST_DEPTH,
        };
        options.set_emit_comments(comments == Comments::Seen);
        Self::Parser(Box::new(Parser::new_from_str_with_options(text, options)))
    }
}

impl<'a> Iterator for EventSource<'a> {
    type Item = Result<(Event<'a>, Span), ScanError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Simple(events) => events.next().map(Ok),
            Self::Parser(parser) => Some(parser.next_event()?.map(|(event, span)| (event, to_span(&span)))),
        }
    }
}

fn syntax_help(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => "indent with spaces, not with tabs",
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => "close the quote",
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::MismatchedFlowCollectionEnd { .. } => "close every `[` and `{`, in order",
        ErrorKind::UnexpectedCharacter { .. } => "text that begins with this character needs quotes",
        _ => "the mistake is here or just before; text with `: `, ` #` or a special first character needs quotes",
    }
}
