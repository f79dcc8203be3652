//! Ids of the vendor's shape, the same ones for the same seed.

use sha2::{Digest, Sha256};

use crate::model::ClientId;

/// Makes the id with this number. Ids are spread by a hash, so that their text order is not the order of creation.
pub(super) fn client_id(seed: u64, number: u64) -> ClientId {
    let bytes = spread("client", seed, number);
    let word = |start: usize| u64::from_be_bytes(std::array::from_fn(|index| bytes[start + index]));
    let first = word(0);
    let second = i32::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]);
    // The third part of every sample is a time of 2025 in milliseconds, in 11 digits.
    let third = 0x197_0000_0000 + (word(12) & 0xff_ffff_ffff) / 8;
    let fourth = i16::from_be_bytes([bytes[20], bytes[21]]);
    let sign = |negative: bool| if negative { "-" } else { "" };
    let text = format!(
        "{first:016x}:{}{:x}:{third:x}:{}{:x}",
        sign(second < 0),
        second.unsigned_abs(),
        sign(fourth < 0),
        fourth.unsigned_abs()
    );
    ClientId::from_server(&text).expect("an id made of four numbers is not empty")
}

/// Tells whether the chance with this number comes true, for a probability from 0 to 1.
pub(super) fn chance(seed: u64, number: u64, probability: f64) -> bool {
    let bytes = spread("chance", seed, number);
    let drawn = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    f64::from(drawn) < probability * (f64::from(u32::MAX) + 1.0)
}

fn spread(what: &str, seed: u64, number: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(what);
    hash.update(seed.to_be_bytes());
    hash.update(number.to_be_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_vendors_shape_and_do_not_sort_by_creation() {
        let ids: Vec<ClientId> = (0..2000).map(|number| client_id(1, number)).collect();
        assert!(ids.iter().all(|id| ClientId::from_person(id.as_str()).is_some()));
        assert!(!ids.is_sorted());
        assert_ne!(client_id(1, 0), client_id(2, 0));
    }

    #[test]
    fn chances_keep_to_their_probability() {
        let hits = |probability| (0..1000).filter(|&number| chance(7, number, probability)).count();
        assert_eq!((hits(0.0), hits(1.0)), (0, 1000));
        assert!((200..300).contains(&hits(0.25)));
    }
}
