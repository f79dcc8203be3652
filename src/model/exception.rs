//! Differences that are known and left alone, up to a day.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Field, FieldPattern};

/// Fields of clients that plan, apply and drift leave alone up to a day, although git and live differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exception {
    pub fields: Vec<FieldPattern>,
    pub until: LastDay,
    /// Why, for whoever meets it.
    pub reason: String,
}

/// The last day on which something holds, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LastDay(Date);

impl Exception {
    /// Tells whether it covers a field, or one key of it.
    pub(crate) fn covers(&self, field: Field, key: Option<&str>) -> bool {
        self.fields.iter().any(|pattern| match key {
            Some(key) => pattern.covers_key(field, key),
            None => pattern.covers_field(field),
        })
    }
}

impl LastDay {
    /// Tells whether the day is over.
    pub(crate) fn is_over(self, now: Timestamp) -> bool {
        now.to_zoned(TimeZone::UTC).date() > self.0
    }
}

impl FromStr for LastDay {
    type Err = ();

    /// Reads `2027-01-31`, and nothing else that may mean a day.
    fn from_str(text: &str) -> Result<Self, ()> {
        let day: Date = text.parse().map_err(|_| ())?;
        if day.to_string() == text { Ok(Self(day)) } else { Err(()) }
    }
}

impl fmt::Display for LastDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_holds_to_its_end_in_utc() {
        let last: LastDay = "2027-01-31".parse().expect("a day");
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        assert!(!last.is_over(at("2026-11-26T00:00:00Z")));
        assert!(!last.is_over(at("2027-01-31T23:59:59Z")));
        assert!(last.is_over(at("2027-02-01T00:00:00Z")));
        // Midnight in Hong Kong is still the day before in UTC.
        assert!(!last.is_over(at("2027-02-01T00:00:00+08:00")));
    }

    #[test]
    fn a_day_is_written_in_one_way() {
        for text in
            ["", "2027-1-31", "20270131", "2027-02-30", "2027-01-31T00:00", "31.01.2027", " 2027-01-31", "never"]
        {
            assert_eq!(text.parse::<LastDay>(), Err(()), "{text}");
        }
    }
}
