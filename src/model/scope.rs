//! What a client applies to: a telephony server, a partition of it, or one device.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The word of the API for "no particular device": every device of the partition or server (the vendor's page, List).
pub(crate) const ALL_DEVICES: &str = "UnknownNoneOrAll";
const ALL: i64 = -1;
const UNRESOLVED: i64 = -3;
/// What stands for all in a scope that a person reads or types.
const ALL_WORD: &str = "all";

/// Names a telephony server, or all of them (`-1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Telsys {
    /// Every telephony server: `-1`.
    All,
    /// One telephony server by its `telSysID`.
    One(u32),
}

/// Names a partition inside a telephony server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Partition {
    /// The whole telephony server: `-1`, which rows show as "[None Or All Partitions]".
    All,
    /// `-3` in a row: the server could not resolve the scope for display, so the true one is unknown.
    Unresolved,
    /// One partition by its `partitionIDInTelSys`.
    One(u32),
}

/// Names a device by its number, or every device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Device {
    /// Every device: `UnknownNoneOrAll`.
    All,
    /// One device by its number, which is text: a leading `+` or zero is part of it.
    One(DeviceNumber),
}

/// A device number: text that is not empty and holds no control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct DeviceNumber(Box<str>);

/// What a client applies to. At most one client exists for one exact scope (error 30005 of the vendor's page).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(into = "ScopeForm", try_from = "ScopeForm")]
#[schemars(description = "What a client applies to, in the numbers of the API.")]
pub(crate) struct Scope {
    /// The telephony server.
    pub telsys: Telsys,
    /// The partition of the telephony server.
    pub partition: Partition,
    /// The device of the partition.
    pub device: Device,
}

/// Why a number or text is no part of a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScopeError {
    /// A telephony server is a positive number or -1.
    #[error("`{0}` is not a telephony server: it is a number from 0 to 4294967295, or -1 for all")]
    Telsys(i64),
    /// A partition is a positive number, -1 or (in rows) -3.
    #[error("`{0}` is not a partition: it is a number from 0 to 4294967295, or -1 for the whole telephony server")]
    Partition(i64),
    /// A device number is text that can be seen.
    #[error("`{}` is not a device number: it is text without control characters and not empty", .0.escape_debug())]
    Device(String),
    /// A scope in one word has numbers where the API has them.
    #[error("`{}` is not a scope: write TELSYS/PARTITION/DEVICE, such as 417/1/01234567120, with `all` for all", .0.escape_debug())]
    Word(String),
}

impl Telsys {
    /// Reads the number that the API uses.
    pub(crate) fn from_number(number: i64) -> Result<Self, ScopeError> {
        match (number, u32::try_from(number)) {
            (ALL, _) => Ok(Self::All),
            (_, Ok(id)) => Ok(Self::One(id)),
            _ => Err(ScopeError::Telsys(number)),
        }
    }

    /// Gives the number that the API uses.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::All => ALL,
            Self::One(id) => i64::from(id),
        }
    }
}

impl Partition {
    /// Reads the number that the API uses.
    pub(crate) fn from_number(number: i64) -> Result<Self, ScopeError> {
        match (number, u32::try_from(number)) {
            (ALL, _) => Ok(Self::All),
            (UNRESOLVED, _) => Ok(Self::Unresolved),
            (_, Ok(id)) => Ok(Self::One(id)),
            _ => Err(ScopeError::Partition(number)),
        }
    }

    /// Gives the number that the API uses.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::All => ALL,
            Self::Unresolved => UNRESOLVED,
            Self::One(id) => i64::from(id),
        }
    }
}

impl Device {
    /// Reads the text that the API uses.
    pub(crate) fn from_text(text: &str) -> Result<Self, ScopeError> {
        if text == ALL_DEVICES {
            return Ok(Self::All);
        }
        DeviceNumber::new(text).map(Self::One)
    }

    /// Gives the text that the API uses.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::All => ALL_DEVICES,
            Self::One(number) => number.as_str(),
        }
    }
}

impl DeviceNumber {
    /// Takes a device number as it is written, or says why it is none.
    pub(crate) fn new(text: &str) -> Result<Self, ScopeError> {
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            return Err(ScopeError::Device(text.to_owned()));
        }
        Ok(Self(text.into()))
    }

    /// Gives the number as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Scope {
    /// The filter of the List operation that shows every row.
    pub(crate) const EVERYTHING: Self = Self::whole(Telsys::All);

    /// Gives the scope of a whole telephony server.
    pub(crate) const fn whole(telsys: Telsys) -> Self {
        Self { telsys, partition: Partition::All, device: Device::All }
    }

    /// Tells whether the server could not resolve this scope for display, so that it identifies nothing.
    pub(crate) fn is_unresolved(&self) -> bool {
        self.partition == Partition::Unresolved
    }

    /// Says how narrow it is, for an order that begins with the most general: all servers, a server, a partition, a device.
    pub(crate) fn narrowness(&self) -> [bool; 3] {
        [self.telsys != Telsys::All, self.partition != Partition::All, self.device != Device::All]
    }

    /// Tells whether `other` lies inside this scope, read as a filter as the List operation reads its path.
    ///
    /// A row with an unresolved partition lies inside its telephony server, and in no partition.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        let telsys = self.telsys == Telsys::All || self.telsys == other.telsys;
        let partition = self.partition == Partition::All || self.partition == other.partition;
        let device = self.device == Device::All || self.device == other.device;
        telsys && partition && device
    }

    /// How many scopes contain another one at most.
    pub(crate) const WIDENINGS: usize = 8;

    /// Gives each scope that [contains](Self::contains) this one, itself among them.
    pub(crate) fn widened(&self) -> impl Iterator<Item = Self> {
        let telsys = [self.telsys, Telsys::All].into_iter();
        let places = telsys.flat_map(|telsys| [self.partition, Partition::All].map(|partition| (telsys, partition)));
        places.flat_map(|(telsys, partition)| {
            [self.device.clone(), Device::All].map(|device| Self { telsys, partition, device })
        })
    }
}

impl Scope {
    /// Tells whether anything can have to do with both: what is wider touches what is narrower, and a scope that is not
    /// shown may be any of its telephony server.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let is_any = |partition: Partition| matches!(partition, Partition::All | Partition::Unresolved);
        let telsys = self.telsys == other.telsys || [self.telsys, other.telsys].contains(&Telsys::All);
        let partition = self.partition == other.partition || is_any(self.partition) || is_any(other.partition);
        let hidden = self.is_unresolved() || other.is_unresolved();
        let device = self.device == other.device || hidden || self.device == Device::All || other.device == Device::All;
        telsys && partition && device
    }
}

impl fmt::Display for Scope {
    /// Writes `417/1/01234567120`, with `all` for -1 and `UnknownNoneOrAll`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { telsys, partition, device } = self;
        match telsys {
            Telsys::All => write!(f, "{ALL_WORD}/")?,
            Telsys::One(id) => write!(f, "{id}/")?,
        }
        match partition {
            Partition::All => write!(f, "{ALL_WORD}/")?,
            Partition::Unresolved => f.write_str("unresolved/")?,
            Partition::One(id) => write!(f, "{id}/")?,
        }
        match device {
            Device::All => f.write_str(ALL_WORD),
            Device::One(number) => write!(f, "{}", number.as_str().escape_debug()),
        }
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    /// Reads `417/1/01234567120` as it is written, with `all`, or the word of the API, for all; what is left out at the end
    /// is all.
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let number = |part: &str| match part {
            ALL_WORD => Ok(ALL),
            part => part.parse::<i64>().map_err(|_| ScopeError::Word(text.to_owned())),
        };
        let mut parts = text.splitn(3, '/');
        let telsys = Telsys::from_number(number(parts.next().unwrap_or_default())?)?;
        let partition = match number(parts.next().unwrap_or(ALL_WORD))? {
            UNRESOLVED => return Err(ScopeError::Partition(UNRESOLVED)),
            partition => Partition::from_number(partition)?,
        };
        let device = match parts.next() {
            None | Some(ALL_WORD) => Device::All,
            Some(device) => Device::from_text(device)?,
        };
        Ok(Self { telsys, partition, device })
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Scope")]
struct ScopeForm {
    telsys: i64,
    partition: i64,
    device: String,
}

impl From<Scope> for ScopeForm {
    fn from(scope: Scope) -> Self {
        let Scope { telsys, partition, device } = scope;
        Self { telsys: telsys.number(), partition: partition.number(), device: device.as_str().to_owned() }
    }
}

impl TryFrom<ScopeForm> for Scope {
    type Error = ScopeError;

    fn try_from(form: ScopeForm) -> Result<Self, ScopeError> {
        let ScopeForm { telsys, partition, device } = form;
        Ok(Self {
            telsys: Telsys::from_number(telsys)?,
            partition: Partition::from_number(partition)?,
            device: Device::from_text(&device)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(telsys: i64, partition: i64, device: &str) -> Scope {
        Scope {
            telsys: Telsys::from_number(telsys).expect("a telephony server"),
            partition: Partition::from_number(partition).expect("a partition"),
            device: Device::from_text(device).expect("a device"),
        }
    }

    #[test]
    fn a_scope_reads_as_three_parts() {
        assert_eq!(scope(417, 1, "+44").to_string(), "417/1/+44");
        assert_eq!(scope(417, -1, ALL_DEVICES).to_string(), "417/all/all");
        assert_eq!(scope(-1, -3, ALL_DEVICES).to_string(), "all/unresolved/all");
    }

    #[test]
    fn a_scope_is_read_as_it_is_written_and_what_is_left_out_is_all() {
        for scope in
            [scope(417, 1, "+44"), scope(417, -1, ALL_DEVICES), scope(-1, -1, ALL_DEVICES), scope(417, 1, "a/b")]
        {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        assert_eq!("417".parse(), Ok(scope(417, -1, ALL_DEVICES)));
        assert_eq!("417/1/UnknownNoneOrAll".parse(), Ok(scope(417, 1, ALL_DEVICES)));
        assert_eq!("-1/-1".parse(), Ok(Scope::EVERYTHING));
        for wrong in ["", "desk", "417/", "417/x", "417/1/", "417/-3", "417/unresolved/all"] {
            assert!(wrong.parse::<Scope>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wider_scope_contains_a_narrower_one_and_not_the_reverse() {
        let server = scope(417, -1, ALL_DEVICES);
        assert!(server.contains(&scope(417, 1, "0123")));
        assert!(server.contains(&scope(417, -3, ALL_DEVICES)));
        assert!(!scope(417, 1, ALL_DEVICES).contains(&server));
        assert!(!scope(417, 1, ALL_DEVICES).contains(&scope(417, -3, ALL_DEVICES)));
        assert!(!server.contains(&scope(418, 1, "0123")));
    }

    #[test]
    fn numbers_that_mean_nothing_are_refused() {
        assert_eq!(Telsys::from_number(-3), Err(ScopeError::Telsys(-3)));
        assert_eq!(Partition::from_number(-2), Err(ScopeError::Partition(-2)));
        assert!(Device::from_text("").is_err());
        assert!(Device::from_text("01\n2").is_err());
    }
}
