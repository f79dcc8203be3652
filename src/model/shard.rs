//! A part of the telephony servers, for estates that several processes share.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use super::Telsys;

/// One of several parts that are together exactly the whole. A telephony server stays in its part whatever others come
/// and go; only another number of parts moves it. What applies to all servers is one of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    /// From 0 on, as `JOB_COMPLETION_INDEX` of Kubernetes counts.
    index: u32,
    count: u32,
}

/// More parts than this help nobody.
const MOST: u32 = 1024;

impl Shard {
    /// Tells whether a telephony server is in this part.
    pub(crate) fn owns(self, telsys: Telsys) -> bool {
        let digest = Sha256::digest(format!("telsys {}", telsys.number()));
        let sum = digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        sum % u64::from(self.count) == u64::from(self.index)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("write I/N, such as 0/4: N is at most {MOST}, and I is from 0 to N-1");
        let (index, count) = text.split_once('/').ok_or_else(wrong)?;
        let number =
            |digits: &str| digits.bytes().all(|one| one.is_ascii_digit()).then(|| digits.parse().ok()).flatten();
        let (index, count): (u32, u32) = number(index).zip(number(count)).ok_or_else(wrong)?;
        if index < count && count <= MOST { Ok(Self { index, count }) } else { Err(wrong()) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_shard_is_one_of_a_number() {
        for good in ["0/1", "15/16", "1023/1024"] {
            assert_eq!(good.parse::<Shard>().expect(good).to_string(), good);
        }
        for bad in ["", "1", "1/1", "16/16", "0/0", "-1/2", "+0/2", "0/1025", "a/b", "0/2/3", "1/99999999999"] {
            assert!(bad.parse::<Shard>().is_err(), "{bad}");
        }
    }

    #[test]
    fn where_a_server_is_never_changes() {
        let of = |telsys| (0..16).find(|index| Shard { index: *index, count: 16 }.owns(telsys));
        let places = [Telsys::All, Telsys::One(0), Telsys::One(417), Telsys::One(426), Telsys::One(u32::MAX)].map(of);
        assert_eq!(places, [Some(11), Some(1), Some(1), Some(12), Some(8)]);
    }

    proptest! {
        #[test]
        fn every_server_is_in_exactly_one_shard(number in any::<u32>(), count in 1..=MOST) {
            let owners = (0..count).filter(|index| Shard { index: *index, count }.owns(Telsys::One(number))).count();
            prop_assert_eq!(owners, 1);
        }
    }
}
