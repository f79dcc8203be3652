//! What a scalar means: the core schema of YAML 1.2, in which `no` is text.

use std::borrow::Cow;

/// A scalar as it was written.
#[derive(Debug, Clone)]
pub(in crate::manifest) struct Scalar<'a> {
    pub(in crate::manifest) text: Cow<'a, str>,
    pub(in crate::manifest) style: ScalarForm,
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::manifest) enum ScalarForm {
    /// Without quotes: it may be something else than text.
    Plain,
    /// In quotes, as a block, or with the tag `!!str`: it is text.
    Text,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::manifest) enum ScalarValue {
    Null,
    Bool(bool),
    Number(Number),
    Text,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::manifest) enum Number {
    /// It can be written as a JSON number: with these characters.
    Json(String),
    /// It cannot, or what is meant is unclear: for this reason.
    Unclear(&'static str),
}

impl Scalar<'_> {
    /// Tells whether it is one of the words for nothing.
    pub(in crate::manifest) fn is_null(&self) -> bool {
        self.style == ScalarForm::Plain && matches!(&*self.text, "" | "~" | "null" | "Null" | "NULL")
    }

    /// Resolves the scalar by the core schema (YAML 1.2.2, section 10.3.2).
    pub(in crate::manifest) fn value(&self) -> ScalarValue {
        let text = &*self.text;
        match (self.style, text) {
            (ScalarForm::Text, _) => ScalarValue::Text,
            (ScalarForm::Plain, _) if self.is_null() => ScalarValue::Null,
            (ScalarForm::Plain, "true" | "True" | "TRUE") => ScalarValue::Bool(true),
            (ScalarForm::Plain, "false" | "False" | "FALSE") => ScalarValue::Bool(false),
            (ScalarForm::Plain, _) => Number::of(text).map_or(ScalarValue::Text, ScalarValue::Number),
        }
    }
}

impl Number {
    /// Reads a number of the core schema; `None` if the text is none.
    fn of(text: &str) -> Option<Self> {
        let first = *text.as_bytes().first()?;
        if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
            return None;
        }
        if let Some(digits) = text.strip_prefix("0x") {
            return of_radix(digits, 16);
        }
        if let Some(digits) = text.strip_prefix("0o") {
            return of_radix(digits, 8);
        }
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
            return Some(Self::Unclear("JSON has no such number"));
        }
        let decimal = DecimalText::of(unsigned)?;
        Some(match (decimal, first) {
            (_, b'+') => Self::Unclear("the leading plus would be lost"),
            (DecimalText { whole, .. }, _) if whole.len() > 1 && whole.starts_with('0') => {
                Self::Unclear("the leading zero would be lost")
            }
            (decimal, _) if decimal.is_json() => Self::Json(text.to_owned()),
            (decimal, _) => Self::Json(decimal.json(if first == b'-' { "-" } else { "" })),
        })
    }
}

fn of_radix(digits: &str, radix: u32) -> Option<Number> {
    let valid = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    let number = u128::from_str_radix(digits, radix).map(|number| Number::Json(number.to_string()));
    valid.then(|| number.unwrap_or(Number::Unclear("it is too large")))
}

/// The parts of a decimal number without its sign: `[0-9]*(\.[0-9]*)?([eE][-+]?[0-9]+)?` with a digit somewhere.
struct DecimalText<'a> {
    whole: &'a str,
    fraction: Option<&'a str>,
    exponent: &'a str,
}

impl<'a> DecimalText<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (mantissa, exponent) = text.split_at(text.find(['e', 'E']).unwrap_or(text.len()));
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let power = exponent.get(1..).map(|power| power.strip_prefix(['+', '-']).unwrap_or(power));
        let valid = digits(whole)
            && digits(fraction.unwrap_or_default())
            && !(whole.is_empty() && fraction.unwrap_or_default().is_empty())
            && power.is_none_or(|power| !power.is_empty() && digits(power));
        valid.then_some(Self { whole, fraction, exponent })
    }

    /// Tells whether JSON writes it the same.
    fn is_json(&self) -> bool {
        !self.whole.is_empty() && self.fraction != Some("")
    }

    /// Writes the number as JSON wants it: `.5` and `5.` need a digit on both sides of the dot.
    fn json(&self, sign: &str) -> String {
        let Self { whole, fraction, exponent } = self;
        let whole = if whole.is_empty() { "0" } else { whole };
        match fraction {
            None => format!("{sign}{whole}{exponent}"),
            Some("") => format!("{sign}{whole}.0{exponent}"),
            Some(fraction) => format!("{sign}{whole}.{fraction}{exponent}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> ScalarValue {
        Scalar { text: text.into(), style: ScalarForm::Plain }.value()
    }

    fn number(text: &str) -> ScalarValue {
        ScalarValue::Number(Number::Json(text.to_owned()))
    }

    #[test]
    fn norway_and_her_sisters_are_text() {
        for word in [
            "no",
            "No",
            "NO",
            "yes",
            "on",
            "off",
            "y",
            "n",
            "Yes",
            "On",
            "OFF",
            "nUll",
            "tRue",
            "none",
            "nil",
            "1_000",
            "12:30:45",
            "2024-01-01",
            "0b11",
            "0X1F",
            "0O17",
            "1e",
            "1e+",
            "e3",
            ".",
            "-",
            "+",
            "--1",
            "+-1",
            "1.2.3",
            "0x",
            "0xg",
            "-0x1F",
            "+.nan",
            "-.nan",
            "1,000",
            "०",
            "1 2",
            "<<",
            "=",
            ".e3",
            "infinity",
        ] {
            assert_eq!(plain(word), ScalarValue::Text, "{word}");
        }
    }

    #[test]
    fn nothing_and_truth_are_what_the_core_schema_says() {
        for word in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(word), ScalarValue::Null, "{word}");
        }
        for word in ["true", "True", "TRUE"] {
            assert_eq!(plain(word), ScalarValue::Bool(true), "{word}");
        }
        for word in ["false", "False", "FALSE"] {
            assert_eq!(plain(word), ScalarValue::Bool(false), "{word}");
        }
        assert_eq!(Scalar { text: "true".into(), style: ScalarForm::Text }.value(), ScalarValue::Text);
    }

    #[test]
    fn numbers_keep_their_characters() {
        for text in ["0", "-0", "7", "-12", "1e3", "1E+3", "1.5e-7", "0.10", "123456789012345678901234567890", "1e400"]
        {
            assert_eq!(plain(text), number(text), "{text}");
        }
        for (text, json) in
            [(".5", "0.5"), ("-.5", "-0.5"), ("5.", "5.0"), ("5.e3", "5.0e3"), ("0x1F", "31"), ("0o17", "15")]
        {
            assert_eq!(plain(text), number(json), "{text}");
        }
    }

    #[test]
    fn numbers_that_would_lose_something_are_unclear() {
        for text in [
            "0123",
            "00",
            "-01",
            "007.5",
            "+5",
            "+442046034980",
            "+0123",
            "+.5",
            ".inf",
            "-.Inf",
            "+.INF",
            ".nan",
            ".NaN",
            "01e3",
            "0xfffffffffffffffffffffffffffffffff",
        ] {
            assert!(matches!(plain(text), ScalarValue::Number(Number::Unclear(_))), "{text}");
        }
    }
}
