//! Scopes, ids and names as people write them.

use std::sync::Arc;

use super::device::{self, NoDevice};
use super::keys::{AnyScopeKeys, Written};
use super::read::{Placed, TreeReader, but, double_quoted, plain_text};
use super::variables::Variables;
use super::yaml::{MapEntry, Node, ScalarValue};
use crate::diagnostic::{Code, Span};
use crate::model::{ClientId, ClientName, Device, Partition, Scope, Telsys};
use crate::text::quote;

/// The parts of a scope as far as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScopeParts {
    pub(super) telsys: Telsys,
    pub(super) partition: Option<Partition>,
    pub(super) device: Option<Device>,
}

impl ScopeParts {
    /// Reads parts that were left out as "all", as a filter and a definition do.
    pub(super) fn scope(self) -> Scope {
        Scope {
            telsys: self.telsys,
            partition: self.partition.unwrap_or(Partition::All),
            device: self.device.unwrap_or(Device::All),
        }
    }
}

/// Reads the parts of a scope; `variables` where substitution takes place.
pub(super) fn read_parts<'n>(
    reader: &mut TreeReader<'_>,
    keys: impl Into<AnyScopeKeys<'n>>,
    variables: Option<&Variables<'_>>,
) -> Option<ScopeParts> {
    let AnyScopeKeys { telsys, partition, device } = keys.into();
    let telsys = reader.required(telsys, "write the number of the telephony server, for example `telsys: 417`");
    let telsys = telsys.and_then(|entry| {
        let number = reader.integer(entry)?;
        Telsys::from_number(number).map_err(|error| bad_scope(reader, entry, error.to_string())).ok()
    });
    let partition = match partition.entry {
        None => Some(None),
        Some(entry) => reader.integer(entry).and_then(|number| {
            let partition = Partition::from_number(number);
            partition.map(Some).map_err(|error| bad_scope(reader, entry, error.to_string())).ok()
        }),
    };
    let device = match device.entry {
        None => Some(None),
        Some(entry) => read_device(reader, &entry.value, entry.value_span(), variables).map(Some),
    };
    Some(ScopeParts { telsys: telsys?, partition: partition?, device: device? })
}

fn bad_scope(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>, message: String) {
    reader.error(Code::BadScope, entry.value_span(), message);
}

/// Reads a device number, which is text even if it looks like a number.
pub(super) fn read_device(
    reader: &mut TreeReader<'_>,
    node: &Node<'_>,
    span: Span,
    variables: Option<&Variables<'_>>,
) -> Option<Device> {
    let Some(text) = plain_text(node) else {
        not_text(reader, node, span);
        return None;
    };
    let number = match variables {
        Some(variables) => variables.template(reader, text, node.span)?.fixed(&mut reader.found)?,
        None => text.into(),
    };
    match device::read(&number) {
        Ok(device) => {
            if device::looks_like_pattern(device.as_str()) {
                warn_of_pattern(reader, text, span);
            }
            Some(device)
        }
        Err(NoDevice { message, help }) => {
            // What was written is shown, not what a variable made of it.
            let message = if number == text { message } else { format!("{} makes no device number", quote(text)) };
            reader.error_with(Code::BadScope, span, message, help);
            None
        }
    }
}

/// Says that nothing but the very number is meant: what such an entry of `protect` was to cover is deleted.
fn warn_of_pattern(reader: &mut TreeReader<'_>, text: &str, span: Span) {
    let message = format!("{} is the number of one device, and no pattern", quote(text));
    let help = "write an entry for each device, or leave `device` out for all devices of the partition";
    reader.warn(Code::DevicePattern, span, message, help);
}

fn not_text(reader: &mut TreeReader<'_>, node: &Node<'_>, span: Span) {
    let Some(scalar) = node.scalar() else {
        reader.error(Code::WrongType, span, format!("a device number must be text, {}", but(node)));
        return;
    };
    let quoted = double_quoted(&scalar.text);
    match scalar.value() {
        ScalarValue::Number(_) => {
            let message = format!("YAML reads the device number {} as a number", quote(&scalar.text));
            reader.error_with(Code::DeviceNotText, span, message, format!("write `{quoted}`, in quotes"));
        }
        ScalarValue::Null => {
            let help = "leave `device` out for every device, or write its number in quotes";
            reader.error_with(Code::WrongType, span, "a device number must be text, but it is empty", help);
        }
        ScalarValue::Bool(_) | ScalarValue::Text => {
            let message = "a device number must be text, not true or false";
            reader.error_with(Code::WrongType, span, message, format!("write `{quoted}`, in quotes"));
        }
    }
}

/// Reads an id of the server.
pub(super) fn read_id(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> Option<ClientId> {
    let text = reader.text(entry)?;
    check_id(reader, entry, text, text)
}

/// Makes an id of `text`, which stands in the file as `written`.
pub(super) fn check_id(
    reader: &mut TreeReader<'_>,
    entry: &MapEntry<'_>,
    written: &str,
    text: &str,
) -> Option<ClientId> {
    let id = ClientId::from_person(text);
    if id.is_none() {
        let message = format!("{} does not look like an id of the server", quote(written));
        let help = "an id looks like `a21abf960a398ee2:7b73f31a:198d18707a9:6e88`";
        reader.error_with(Code::BadId, entry.value_span(), message, help);
    }
    id
}

/// Reads a name of `[a-z0-9-]`, not longer than [`ClientName::LONGEST`].
pub(super) fn read_name<'n>(reader: &mut TreeReader<'_>, entry: &'n MapEntry<'n>) -> Option<&'n str> {
    const LONGEST: usize = ClientName::LONGEST;
    let text = reader.text(entry)?;
    if ClientName::new(text).is_some() && text.len() <= LONGEST {
        return Some(text);
    }
    let (message, proposal) = if text.len() > LONGEST {
        (format!("{} is longer than {LONGEST} characters", quote(text)), String::new())
    } else {
        let message = format!("{} is not a name: names are made of `a` to `z`, `0` to `9` and `-`", quote(text));
        (message, proposal(text))
    };
    let help = match proposal.as_str() {
        "" => "write a name such as `sunshine-reception`".to_owned(),
        proposal => format!("write for example `{proposal}`"),
    };
    reader.error_with(Code::BadName, entry.value_span(), message, help);
    None
}

pub(super) const NAME_HELP: &str = "write a name of `a` to `z`, `0` to `9` and `-`";

/// Reads the name of a profile or fleet.
pub(super) fn read_document_name(reader: &mut TreeReader<'_>, written: Written<'_>) -> Option<Placed<Arc<str>>> {
    let entry = reader.required(written, NAME_HELP)?;
    let name = Arc::from(read_name(reader, entry)?);
    Some(reader.placed(name, entry.value_span()))
}

/// Makes a name out of any text: lower case words with hyphens between them.
fn proposal(text: &str) -> String {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}
