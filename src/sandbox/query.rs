//! The query parameters of the five operations, in every way the page's samples may be typed.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

use super::listing::{Direction, Sort};

/// Which documented fields a request wants besides those that are always there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WantedFields(BTreeSet<String>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) fields: WantedFields,
    pub(super) sort: Sort,
    pub(super) limit: Option<u32>,
    pub(super) offset: u32,
}

impl WantedFields {
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

impl Query {
    /// Reads a query as it was sent; the error says which parameter makes no sense. Others are ignored.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut query = Self::default();
        for pair in text.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name), decoded(value));
            match name.as_str() {
                "IntegratorClientFields" => query.fields.0.extend(words(&value)),
                "sort" => query.sort = sort(&value)?,
                "offset" => query.offset = number("offset", &value)?,
                "limit" => {
                    query.limit = Some(number("limit", &value)?);
                    if query.limit == Some(0) {
                        return Err("`limit` is from 1 up".to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(query)
    }
}

pub(super) fn parameter(text: &str, wanted: &str) -> Option<String> {
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| decoded(value))
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Splits `'[A,B]'`, `[A, B]`, `"A","B"` and `A,B` alike.
fn words(text: &str) -> impl Iterator<Item = String> {
    let bare = |word: &str| -> String {
        word.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '[' | ']' | '\'' | '"')).collect()
    };
    text.split(',').map(bare).filter(|word| !word.is_empty()).collect::<Vec<_>>().into_iter()
}

fn sort(text: &str) -> Result<Sort, String> {
    let direction = |word: &String| match word.to_ascii_uppercase().as_str() {
        "ASC" => Ok(Direction::Ascending),
        "DESC" => Ok(Direction::Descending),
        _ => Err("`sort` is made of `ASC` and `DESC`".to_owned()),
    };
    let directions = words(text).map(|word| direction(&word)).collect::<Result<Vec<_>, _>>()?;
    match directions[..] {
        [] => Ok(Sort::default()),
        [telsys_description] => Ok(Sort { telsys_description, id: Direction::default() }),
        [telsys_description, id] => Ok(Sort { telsys_description, id }),
        _ => Err("`sort` has at most two directions".to_owned()),
    }
}

fn number(name: &str, text: &str) -> Result<u32, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { text.parse().ok() } else { None };
    number.ok_or_else(|| format!("`{name}` is not a whole number from 0 to {}", u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_read_the_same_in_every_way_of_typing() {
        for value in [
            "[Policies,Settings]",
            "%5BPolicies,Settings%5D",
            "'[Policies,%20Settings]'",
            "%22Policies%22%2CSettings",
            "[Policies,+Settings]",
        ] {
            let query = Query::parse(&format!("limit=25&IntegratorClientFields={value}")).expect(value);
            assert!(query.fields.has("Policies") && query.fields.has("Settings"), "{value}");
            assert_eq!(query.fields.0.len(), 2);
        }
    }

    #[test]
    fn numbers_and_directions_are_checked() {
        for text in [
            "limit=0",
            "limit=-1",
            "limit=x",
            "limit=",
            "offset=-1",
            "offset=1.0",
            "limit=4294967296",
            "sort=UP",
            "sort=[ASC,ASC,ASC]",
        ] {
            assert!(Query::parse(text).is_err(), "{text}");
        }
        let query = Query::parse("sort=['DESC','ASC']&offset=0").expect("a query");
        assert_eq!(query.sort, Sort { telsys_description: Direction::Descending, id: Direction::Ascending });
    }
}
