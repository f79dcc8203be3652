//! The shape of JSON that `serde_json` alone would take for another: lists for objects, its own marks, keys that stand twice.

use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::cell::NUMBER_TOKEN;

/// What the keys begin with by which `serde_json` marks numbers and raw text for itself: read as its own, such a key turns a map into
/// whatever the server likes.
const RESERVED: &str = "$serde_json::private::";

/// Counts the keys of a JSON text that only `serde_json` itself may use, however they are escaped.
pub(super) fn reserved_keys(json: &[u8]) -> usize {
    // Hardly any text begins with a dollar or an escape, and without one nothing needs to be taken apart.
    if !json.contains(&b'$') && !json.contains(&b'\\') {
        return 0;
    }
    if !json.windows(2).any(|pair| matches!(pair, [b'"', b'$' | b'\\'])) {
        return 0;
    }
    let mut found = 0;
    let mut at = 0;
    while let Some(start) = json[at..].iter().position(|byte| *byte == b'"').map(|found| at + found) {
        let mut end = start + 1;
        while end < json.len() && json[end] != b'"' {
            end += if json[end] == b'\\' { 2 } else { 1 };
        }
        at = (end + 1).min(json.len());
        let literal = &json[start..at];
        let may_be = literal.len() > RESERVED.len() && matches!(literal[1], b'$' | b'\\');
        let is_key = || json[at..].trim_ascii_start().first() == Some(&b':');
        let is_reserved = || serde_json::from_slice::<String>(literal).is_ok_and(|key| key.starts_with(RESERVED));
        if may_be && is_key() && is_reserved() {
            found += 1;
        }
    }
    found
}

/// Reads an object: a list of the fields in their order is none.
pub(super) fn object<'de, T: Deserialize<'de>>(json: &'de RawValue) -> Result<T, String> {
    if !json.get().starts_with('{') {
        return Err(format!("{} is where an object has to be", kind(json.get())));
    }
    serde_json::from_str(json.get()).map_err(|error| error.to_string())
}

/// What is read from an object: a list of the fields in their order is none.
pub(super) struct OnlyObject<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OnlyObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Self)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

fn kind(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "a truth value",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// A JSON value, unless a key stands twice somewhere in it: which of the two is meant nobody knows.
pub(super) struct Single(pub(super) Option<Value>);

impl<'de> Deserialize<'de> for Single {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SingleVisitor).map(Self)
    }
}

struct SingleVisitor;

impl<'de> Visitor<'de> for SingleVisitor {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Value>, A::Error> {
        let (mut entries, mut single) = (Map::new(), true);
        while let Some(key) = map.next_key::<String>()? {
            if key == NUMBER_TOKEN {
                let text: String = map.next_value()?;
                return Ok(Some(Value::Number(text.parse().map_err(serde::de::Error::custom)?)));
            }
            match map.next_value::<Single>()? {
                Single(Some(value)) => single &= entries.insert(key, value).is_none(),
                Single(None) => single = false,
            }
        }
        Ok(single.then_some(Value::Object(entries)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<Value>, A::Error> {
        let (mut items, mut single) = (Vec::new(), true);
        while let Some(Single(item)) = seq.next_element()? {
            single &= item.is_some();
            items.extend(item);
        }
        Ok(single.then_some(Value::Array(items)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<Value>, E> {
        Ok(Some(Value::String(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Option<Value>, E> {
        Ok(Some(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Option<Value>, E> {
        Ok(Some(Value::Bool(value)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Option<Value>, E> {
        Ok(Some(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Option<Value>, E> {
        Ok(Some(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Option<Value>, E> {
        Ok(Some(number.into()))
    }
}

/// Finds a key that stands twice.
pub(super) fn doubled<T>(entries: &[(String, T)]) -> Option<&str> {
    let mut seen = HashSet::new();
    entries.iter().find_map(|(key, _)| (!seen.insert(key.as_str())).then_some(key.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_keys_are_found_however_they_are_written() {
        for (json, count) in [
            (r#"{"$serde_json::private::Number":"5"}"#, 1),
            (r#"[{"\u0024serde_json::private::RawValue" : "{}"}]"#, 1),
            (r#"{"a":{"\u0024\u0073erde_json\u003a:private::Number":1},"$serde_json::private::Number":2}"#, 2),
            (r#"{"a":"$serde_json::private::Number"}"#, 0),
            (r#"{"a\"$serde_json::private::Number":1}"#, 0),
            (r#"{"$serde":1}"#, 0),
            (r#""\"#, 0),
            (r#"""#, 0),
        ] {
            assert_eq!(reserved_keys(json.as_bytes()), count, "{json}");
        }
    }

    #[test]
    fn a_value_with_a_key_twice_is_none_and_numbers_keep_their_digits() {
        let read = |json: &str| serde_json::from_str::<Single>(json).expect(json).0.map(|value| value.to_string());
        for json in [r#"{"a":1.10,"b":[true,null,"x",{"c":-12345678901234567890123}]}"#, "1e5", "[]", "{}"] {
            assert_eq!(
                read(json).as_deref(),
                Some(serde_json::from_str::<Value>(json).expect(json).to_string().as_str())
            );
        }
        for json in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
