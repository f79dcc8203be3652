//! JSON values with one meaning each: numbers compare by value, and nothing is rounded on its way through.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Keyed;

/// Policies or Settings of a client: keys such as `core::showUseConfigurationWindow` with any JSON value.
pub(crate) type Entries = Keyed<Json>;

/// A JSON value. `1`, `1.0` and `1e0` are equal; `true` and `"true"` are not. Numbers of any size keep their digits. Copies
/// share the value.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct Json(Arc<Value>);

static TRUE: LazyLock<Json> = LazyLock::new(|| Json(Arc::new(Value::Bool(true))));
static FALSE: LazyLock<Json> = LazyLock::new(|| Json(Arc::new(Value::Bool(false))));
static NULL: LazyLock<Json> = LazyLock::new(|| Json(Arc::new(Value::Null)));

/// Values that are met again, each kept once: scalars that many clients have.
#[derive(Debug, Default)]
pub(crate) struct SharedValues(HashSet<Arc<Value>>);

impl SharedValues {
    /// Beyond this many, scalars are no longer shared: most of them are then only one client's.
    const MOST: usize = 1 << 12;
    /// The longest text that is shared, in bytes: what is longer is hardly ever the same.
    const LONGEST: usize = 40;

    /// Makes a value, or a copy of one that is written the same.
    pub(crate) fn share(&mut self, value: Value) -> Json {
        if matches!(value, Value::Null | Value::Bool(_)) {
            return Json::from(value);
        }
        if let Some(shared) = self.0.get(&value) {
            return Json(Arc::clone(shared));
        }
        let repeats = match &value {
            Value::Number(number) => number.as_str().len() <= Self::LONGEST,
            Value::String(text) => text.len() <= Self::LONGEST,
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
        };
        let shared = Arc::new(value);
        if repeats && self.0.len() < Self::MOST {
            self.0.insert(Arc::clone(&shared));
        }
        Json(shared)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

impl Json {
    /// Gives the value for looking at.
    pub(crate) fn value(&self) -> &Value {
        &self.0
    }

    /// Tells whether this is a copy of another one, which shares its value.
    pub(crate) fn is_copy_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Makes a JSON string.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self(Arc::new(Value::String(text.into())))
    }

    /// Writes the value with sorted keys and numbers in one form, so that equal values give equal bytes.
    pub(crate) fn canonical(&self) -> String {
        let mut out = String::new();
        write_canonical(&self.0, &mut out);
        out
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => NULL.clone(),
            Value::Bool(value) => Self::from(value),
            value => Self(Arc::new(value)),
        }
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        if value { TRUE.clone() } else { FALSE.clone() }
    }
}

impl From<Entries> for Json {
    fn from(entries: Entries) -> Self {
        Self::from(Value::Object(entries.iter().map(|(key, value)| (key.to_string(), (*value.0).clone())).collect()))
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || equal(&self.0, &other.0)
    }
}

impl Eq for Json {}

impl std::fmt::Debug for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.canonical())
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::String(left), Value::String(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => {
            left.as_str() == right.as_str() || Decimal::of(left.as_str()) == Decimal::of(right.as_str())
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| equal(left, right)))
        }
        _ => false,
    }
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Number(number) => Decimal::of(number.as_str()).write(out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            out.push('{');
            for (index, key) in keys.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                let _ = write!(out, "{}:", Value::String(key.clone()));
                write_canonical(&map[key], out);
            }
            out.push('}');
        }
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
}

/// A decimal number as its sign, its digits without outer zeros, and the power of ten of the last digit.
#[derive(PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i128,
}

impl Decimal {
    /// Reads the text of a JSON number (RFC 8259, section 6). An exponent beyond `i64` is clamped: no value of use is there.
    fn of(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let clamped = if exponent.starts_with('-') { i64::MIN } else { i64::MAX };
        let exponent = i128::from(exponent.parse::<i64>().unwrap_or(clamped));
        let negative = mantissa.starts_with('-');
        let (whole, fraction) = mantissa.trim_start_matches(['-', '+']).split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{}{fraction}", whole.trim_start_matches(['-', '+']));
        let trimmed = all.trim_end_matches('0');
        let zeros = i128::try_from(all.len() - trimmed.len()).unwrap_or_default();
        let places = i128::try_from(fraction.len()).unwrap_or_default();
        let digits = trimmed.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Self { negative: false, digits, exponent: 0 };
        }
        Self { negative, digits, exponent: exponent - places + zeros }
    }

    fn write(&self, out: &mut String) {
        let Self { negative, digits, exponent } = self;
        if *negative {
            out.push('-');
        }
        match (digits.as_str(), exponent.cmp(&0)) {
            ("", _) => out.push('0'),
            (_, Ordering::Equal) => out.push_str(digits),
            (_, Ordering::Greater) if *exponent <= 20 => {
                out.push_str(digits);
                (0..*exponent).for_each(|_| out.push('0'));
            }
            _ => {
                let _ = write!(out, "{digits}e{exponent}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn numbers_compare_by_value() {
        for (left, right) in [("1", "1.0"), ("1e2", "100"), ("0", "-0.0"), ("0.10", "1e-1"), ("1e400", "10e399")] {
            assert_eq!(json(left), json(right), "{left} {right}");
            assert_eq!(json(left).canonical(), json(right).canonical());
        }
        for (left, right) in
            [("1", "-1"), ("9007199254740993", "9007199254740992"), ("true", "\"true\""), ("0", "null")]
        {
            assert_ne!(json(left), json(right), "{left} {right}");
            assert_ne!(json(left).canonical(), json(right).canonical());
        }
    }

    #[test]
    fn long_numbers_keep_their_digits() {
        let text = "[12345678901234567890123,1.000000000000000000001]";
        assert_eq!(serde_json::to_string(&json(text)).expect("text"), text);
    }

    #[test]
    fn objects_compare_without_order_and_arrays_with_it() {
        assert_eq!(json(r#"{"a":1,"b":[1,2]}"#), json(r#"{"b":[1.0,2],"a":1}"#));
        assert_ne!(json("[1,2]"), json("[2,1]"));
        assert_eq!(json(r#"{"b":1,"a":"x"}"#).canonical(), r#"{"a":"x","b":1}"#);
    }
}
