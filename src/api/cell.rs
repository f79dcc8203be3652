//! One value of an answer that should be a text or a number, whatever it is.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::model::{Nullable, Observed};

/// How `serde_json` presents a number of any size to a visitor: as a map with this one key.
pub(super) const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// A value that should be a number or a text.
#[derive(Default)]
pub(super) enum Cell {
    /// The key is not there.
    #[default]
    Absent,
    Null,
    Text(String),
    Number(String),
    /// Something else.
    Other,
}

impl Cell {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Null | Self::Number(_) | Self::Other => None,
        }
    }

    /// Reads what may be written in either form, as the ids of users.
    pub(super) fn text_or_number(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            Self::Absent | Self::Null | Self::Other => None,
        }
    }

    /// Reads a whole number: `417`, `417.0`, or the text `417` in exactly this form.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Number(text) => text.parse().ok().or_else(|| integral(text)),
            Self::Text(text) => text.parse().ok().filter(|number: &i64| number.to_string() == *text),
            Self::Absent | Self::Null | Self::Other => None,
        }
    }

    pub(super) fn observed(self, name: &str) -> Observed<Nullable<String>> {
        match self {
            Self::Absent => Observed::Unread,
            Self::Null => Observed::Known(Nullable::default()),
            Self::Text(text) => Observed::Known(text.into()),
            Self::Number(_) | Self::Other => unreadable(name, "which is no text"),
        }
    }
}

fn integral(text: &str) -> Option<i64> {
    let number: f64 = text.parse().ok()?;
    // Telephony servers and partitions are far below this; a whole f64 in this range converts without loss.
    let whole = number.fract() == 0.0 && number.abs() < 1e15;
    #[expect(clippy::cast_possible_truncation, reason = "the number is whole and below 10^15")]
    whole.then_some(number as i64)
}

pub(super) fn unreadable<T>(name: &str, what: &str) -> Observed<T> {
    Observed::Unreadable { reason: format!("the server returned `{name}` as a value {what}").into() }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

/// Builds a [`Cell`]; what is neither text nor number is passed over without being built.
struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
        match map.next_key::<Cow<'_, str>>()? {
            Some(key) if key == NUMBER_TOKEN => return Ok(Cell::Number(map.next_value()?)),
            Some(_) => drop(map.next_value::<IgnoredAny>()?),
            None => {}
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cell, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cell::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Cell, E> {
        Ok(Cell::Text(text.to_owned()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Cell, E> {
        Ok(Cell::Number(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Cell, E> {
        Ok(Cell::Number(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Cell, E> {
        Ok(Cell::Number(number.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Cell, E> {
        Ok(Cell::Other)
    }
}
