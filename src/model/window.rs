//! When nothing may be changed: times of the week, by the clock on the wall of a time zone.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::Scope;

/// The days as they are written, Monday first.
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// The minutes of a day.
const WHOLE_DAY: u16 = 24 * 60;
/// So far ahead an opening is looked for: what is closed for longer is closed.
const HORIZON: SignedDuration = SignedDuration::from_hours(15 * 24);

/// Times of the week: on some days from one time to another, over midnight where the end is before the beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WeekTimes {
    /// As it was written.
    text: String,
    days: [bool; 7],
    /// In minutes since midnight.
    from: u16,
    to: u16,
}

impl WeekTimes {
    /// Tells whether a clock on the wall that shows this is inside.
    fn contains(&self, wall: DateTime) -> bool {
        let today = wall.date().weekday().to_monday_zero_offset();
        let on = |day: i8| self.days[usize::try_from(day.rem_euclid(7)).unwrap_or_default()];
        let minute = minute(wall.time());
        if self.from < self.to {
            return on(today) && (self.from..self.to).contains(&minute);
        }
        (on(today) && minute >= self.from) || (on(today - 1) && minute < self.to)
    }

    /// Gives what the wall shows when the times are over that hold at `wall`.
    fn end(&self, wall: DateTime) -> Option<DateTime> {
        let over_midnight = self.from >= self.to && minute(wall.time()) >= self.from;
        let (days, minutes) = (i64::from(over_midnight || self.to == WHOLE_DAY), self.to % WHOLE_DAY);
        let midnight = wall.date().to_datetime(Time::midnight());
        midnight.checked_add(days.days()).ok()?.checked_add(i64::from(minutes).minutes()).ok()
    }
}

fn minute(time: Time) -> u16 {
    u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs())
}

impl FromStr for WeekTimes {
    type Err = String;

    /// Reads `Mon-Fri 08:00-18:00`, `Sat,Sun` or `22:00-06:00`.
    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (days, times) = match words[..] {
            [one] if one.starts_with(|first: char| first.is_ascii_digit()) => (None, Some(one)),
            [days] => (Some(days), None),
            [days, times] => (Some(days), Some(times)),
            _ => return Err("it is days, a time from and to, or both".to_owned()),
        };
        let days = days.map_or(Ok([true; 7]), read_days)?;
        let (from, to) = times.map_or(Ok((0, WHOLE_DAY)), read_times)?;
        Ok(Self { text: words.join(" "), days, from, to })
    }
}

fn read_days(text: &str) -> Result<[bool; 7], String> {
    let day = |name: &str| {
        let found = DAYS.iter().position(|day| day.eq_ignore_ascii_case(name));
        found.ok_or_else(|| format!("`{}` is no day: write {}", name.escape_debug(), DAYS.join(", ")))
    };
    let mut days = [false; 7];
    for range in text.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (mut at, last) = (day(first)?, day(last)?);
        days[at] = true;
        while at != last {
            at = (at + 1) % 7;
            days[at] = true;
        }
    }
    Ok(days)
}

fn read_times(text: &str) -> Result<(u16, u16), String> {
    let unclear = || format!("`{}` is no time of a day: write for example `08:00-18:00`", text.escape_debug());
    let time = |text: &str| {
        let (hour, minute) = text.split_once(':').filter(|(hour, minute)| (hour.len(), minute.len()) == (2, 2))?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        Some(hour * 60 + minute).filter(|all| minute < 60 && *all <= WHOLE_DAY)
    };
    let (from, to) = text.split_once('-').ok_or_else(unclear)?;
    let (from, to) = (time(from).ok_or_else(unclear)?, time(to).ok_or_else(unclear)?);
    match (from, to) {
        (WHOLE_DAY, _) => Err(unclear()),
        _ if from == to => Err("it begins when it ends: leave the times out for the whole day".to_owned()),
        // Until midnight is until the end of the day.
        (_, 0) => Ok((from, WHOLE_DAY)),
        times => Ok(times),
    }
}

/// Where and when nothing may be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangeWindow {
    /// What it is about: everything that has to do with this part of the estate.
    pub scope: Scope,
    pub deny: WeekTimes,
    pub zone: TimeZone,
}

impl ChangeWindow {
    fn is_closed(&self, now: Timestamp) -> bool {
        self.deny.contains(self.zone.to_datetime(now))
    }

    /// Gives the first moment after `now`, at which it is closed, when it may be open. Where the clock on the wall is changed that
    /// may be the moment of the change.
    fn opens(&self, now: Timestamp) -> Option<Timestamp> {
        let end = self.zone.to_ambiguous_timestamp(self.deny.end(self.zone.to_datetime(now))?);
        let (earlier, later) = (end.earlier().ok()?, end.later().ok()?);
        let changes = self.zone.following(now).map(|change| change.timestamp()).take_while(|change| *change <= later);
        let mut moments: Vec<Timestamp> = changes.chain([earlier, later]).filter(|moment| *moment > now).collect();
        moments.sort_unstable();
        let open = moments.iter().find(|moment| !self.is_closed(**moment));
        // Where the next day is closed too, whoever asks goes on from its beginning.
        open.or(moments.last()).copied()
    }

    fn concerns(&self, scope: &Scope) -> bool {
        self.scope.overlaps(scope)
    }
}

impl fmt::Display for ChangeWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scope, deny, zone } = self;
        write!(f, "{scope}: {} {}", deny.text, zone.iana_name().unwrap_or("UTC"))
    }
}

/// Every window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Windows(pub Vec<ChangeWindow>);

/// A window that is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClosedWindow {
    /// The window as it is written.
    pub window: String,
    /// When a step may be done: `Mon 2026-11-30 18:00 Europe/London`. `None` if that is further away than two weeks.
    pub opens: Option<String>,
}

impl Windows {
    /// Tells whether anything may be changed at a time of the week, in winter or in summer, when one of the windows of before was
    /// closed. Where there are too many to look at each, a window that is gone counts.
    pub(crate) fn open_more_than(&self, before: &Self) -> bool {
        const MOST: usize = 2_500;
        const WEEKS: [&str; 2] = ["2026-01-05T00:00:00Z", "2026-07-06T00:00:00Z"];
        if self.0.len() * before.0.len() > MOST {
            return before.0.iter().any(|window| !self.0.contains(window));
        }
        let quarters = WEEKS.into_iter().filter_map(|week| week.parse::<Timestamp>().ok()).flat_map(|week| {
            (0..7 * 24 * 4_i64)
                .filter_map(move |quarter| week.checked_add(SignedDuration::from_mins(15 * quarter)).ok())
        });
        let quarters: Vec<Timestamp> = quarters.collect();
        before.0.iter().filter(|window| !self.0.contains(window)).any(|window| {
            let now: Vec<&ChangeWindow> = self.0.iter().filter(|one| one.scope.contains(&window.scope)).collect();
            let is_open = |moment: &Timestamp| !now.iter().any(|one| one.is_closed(*moment));
            quarters.iter().any(|moment| window.is_closed(*moment) && is_open(moment))
        })
    }

    /// Gives the first window that is closed at a moment for any of these scopes.
    pub(crate) fn closed(&self, scopes: &[&Scope], now: Timestamp) -> Option<ClosedWindow> {
        let concerning: Vec<&ChangeWindow> =
            self.0.iter().filter(|window| scopes.iter().any(|scope| window.concerns(scope))).collect();
        let first = concerning.iter().find(|window| window.is_closed(now))?;
        let opens = opening(&concerning, now).map(|moment| {
            let zone = first.zone.iana_name().unwrap_or("UTC");
            format!("{} {zone}", moment.to_zoned(first.zone.clone()).strftime("%a %Y-%m-%d %H:%M"))
        });
        Some(ClosedWindow { window: first.to_string(), opens })
    }
}

/// Gives the first moment when none of the windows is closed.
fn opening(windows: &[&ChangeWindow], now: Timestamp) -> Option<Timestamp> {
    let last = now.checked_add(HORIZON).ok()?;
    let mut moment = now;
    while moment <= last {
        match windows.iter().find(|window| window.is_closed(moment)) {
            Some(window) => moment = window.opens(moment)?,
            None => return Some(moment),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(rows: &[(&str, &str, &str)]) -> Windows {
        let window = |(scope, deny, zone): &(&str, &str, &str)| ChangeWindow {
            scope: scope.parse().expect("a scope"),
            deny: deny.parse().expect("times"),
            zone: TimeZone::get(zone).expect("a zone"),
        };
        Windows(rows.iter().map(window).collect())
    }

    #[test]
    fn windows_open_more_where_a_time_or_a_place_is_no_longer_closed() {
        let one = |scope, deny| windows(&[(scope, deny, "Europe/London")]);
        let before = one("417/1/all", "Mon-Fri 08:00-18:00");
        for (after, opens) in [
            (one("417/1/all", "Mon-Fri 07:00-19:00"), false),
            (one("417/all/all", "Mon-Fri 08:00-18:00"), false),
            (one("417/1/all", "00:00-24:00"), false),
            (one("417/1/all", "Mon-Fri 08:00-17:45"), true),
            (one("417/2/all", "Mon-Fri 08:00-18:00"), true),
            (windows(&[("417/1/all", "Mon-Fri 08:00-18:00", "UTC")]), true),
            (windows(&[]), true),
        ] {
            assert_eq!(after.open_more_than(&before), opens, "{after:?}");
        }
    }

    /// Says whether a window is closed for 417/1/01 at a moment, and when it opens.
    fn told(windows: &Windows, moment: &str) -> Option<String> {
        let scope: Scope = "417/1/01".parse().expect("a scope");
        let closed = windows.closed(&[&scope], moment.parse().expect("a moment"))?;
        Some(closed.opens.unwrap_or_else(|| "never".to_owned()))
    }

    fn london(deny: &str, moment: &str) -> Option<String> {
        told(&windows(&[("417", deny, "Europe/London")]), moment)
    }

    #[test]
    fn times_of_the_week_read_as_people_write_them() {
        for right in ["Mon-Fri 08:00-18:00", "Sat,Sun", "22:00-06:00", "Fri-Mon 00:00-24:00", "mon 20:00-00:00"] {
            assert!(right.parse::<WeekTimes>().is_ok(), "{right}");
        }
        for wrong in [
            "",
            "Mo",
            "Mon-",
            "8:00-18:00",
            "Mon 08:00",
            "08:00-08:00",
            "24:00-06:00",
            "08:60-09:00",
            "Mon 25:00-26:00",
            "Mon 08:00-18:00 Tue",
            "Mon 08:00 - 18:00",
        ] {
            assert!(wrong.parse::<WeekTimes>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_window_is_closed_from_its_beginning_to_just_before_its_end() {
        let days = "Mon-Fri 08:00-18:00";
        // 2026-11-27 is a Friday.
        assert_eq!(london(days, "2026-11-27T07:59:59Z"), None);
        let until = Some("Fri 2026-11-27 18:00 Europe/London".to_owned());
        assert_eq!(london(days, "2026-11-27T08:00:00Z"), until);
        assert_eq!(london(days, "2026-11-27T17:59:59Z"), until);
        assert_eq!(london(days, "2026-11-27T18:00:00Z"), None);
        assert_eq!(london(days, "2026-11-28T12:00:00Z"), None);
    }

    #[test]
    fn times_over_midnight_belong_to_the_day_on_which_they_begin() {
        let night = "Fri 22:00-06:00";
        let until = Some("Sat 2026-11-28 06:00 Europe/London".to_owned());
        assert_eq!(london(night, "2026-11-27T23:00:00Z"), until);
        assert_eq!(london(night, "2026-11-28T05:59:00Z"), until);
        assert_eq!(london(night, "2026-11-27T05:00:00Z"), None);
        assert_eq!(london(night, "2026-11-28T23:00:00Z"), None);
    }

    #[test]
    fn several_windows_open_when_the_last_of_them_does() {
        let both = windows(&[
            ("417", "Sat,Sun", "Europe/London"),
            ("all", "Mon 00:00-09:00", "Europe/Berlin"),
            ("426", "Mon", "Europe/London"),
        ]);
        assert_eq!(told(&both, "2026-11-28T12:00:00Z"), Some("Mon 2026-11-30 08:00 Europe/London".to_owned()));
        let never = windows(&[("417", "Mon-Sun", "UTC")]);
        assert_eq!(told(&never, "2026-11-28T12:00:00Z"), Some("never".to_owned()));
    }

    #[test]
    fn a_window_concerns_what_is_wider_and_what_is_narrower() {
        let partition = windows(&[("417/1", "Mon-Sun", "UTC")]);
        let concerned =
            |scope: &str| partition.closed(&[&scope.parse().expect("a scope")], Timestamp::UNIX_EPOCH).is_some();
        assert!(concerned("417/1/01") && concerned("417/1") && concerned("417") && concerned("all"));
        assert!(!concerned("417/2/01") && !concerned("426"));
        let unresolved = Scope { partition: super::super::Partition::Unresolved, .."417".parse().expect("a scope") };
        assert!(partition.closed(&[&unresolved], Timestamp::UNIX_EPOCH).is_some());
    }

    #[test]
    fn when_clocks_go_forward_what_the_wall_never_shows_is_over_at_that_moment() {
        // On 2027-03-28 clocks in London go from 01:00 to 02:00.
        let gap = "Sun 00:30-01:30";
        assert_eq!(london(gap, "2027-03-28T00:45:00Z"), Some("Sun 2027-03-28 02:00 Europe/London".to_owned()));
        assert_eq!(london(gap, "2027-03-28T01:00:00Z"), None);
        let begins_in_gap = "Sun 01:30-03:00";
        assert_eq!(london(begins_in_gap, "2027-03-28T00:59:00Z"), None);
        assert_eq!(
            london(begins_in_gap, "2027-03-28T01:00:00Z"),
            Some("Sun 2027-03-28 03:00 Europe/London".to_owned())
        );
        // A working day has its hours by the clock on the wall, winter and summer.
        assert_eq!(
            london("Mon 08:00-18:00", "2027-03-29T07:30:00Z"),
            Some("Mon 2027-03-29 18:00 Europe/London".to_owned())
        );
        assert_eq!(london("Mon 08:00-18:00", "2027-03-22T07:30:00Z"), None);
    }

    #[test]
    fn when_clocks_go_back_what_the_wall_shows_twice_is_closed_twice() {
        // On 2027-10-31 clocks in London go from 02:00 to 01:00.
        let twice = "Sun 01:00-01:30";
        assert!(london(twice, "2027-10-31T00:15:00Z").is_some());
        assert_eq!(london(twice, "2027-10-31T00:45:00Z"), None);
        assert!(london(twice, "2027-10-31T01:15:00Z").is_some());
        let whole = "Sun 00:30-02:30";
        assert_eq!(london(whole, "2027-10-31T00:15:00Z"), Some("Sun 2027-10-31 02:30 Europe/London".to_owned()));
        let split = "Sun 01:30-02:00";
        assert_eq!(london(split, "2027-10-31T00:45:00Z"), Some("Sun 2027-10-31 01:00 Europe/London".to_owned()));
    }
}
