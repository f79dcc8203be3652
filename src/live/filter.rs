//! Which lists a boundary needs: as few rows beyond it as the List operation's path allows.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Boundary, Device, Partition, Scope, Telsys};

/// Gives the filters whose lists together show every row of the boundary, at most one for each telephony server.
///
/// A path with a partition does not show rows that the server could not resolve (partition -3), and none with a device
/// shows the rows of its partition: each filter is as wide as the widest part of the boundary in its server.
pub(super) fn filters(boundary: &Boundary) -> Vec<Scope> {
    let mut by_telsys: BTreeMap<Telsys, BTreeSet<&Scope>> = BTreeMap::new();
    for scope in boundary.scopes() {
        by_telsys.entry(scope.telsys).or_default().insert(scope);
    }
    if by_telsys.contains_key(&Telsys::All) {
        return vec![Scope::EVERYTHING];
    }
    by_telsys.into_iter().map(|(telsys, scopes)| hull(telsys, &scopes)).collect()
}

/// Gives the narrowest filter that contains all of a server's scopes.
fn hull(telsys: Telsys, scopes: &BTreeSet<&Scope>) -> Scope {
    let partitions: BTreeSet<Partition> = scopes.iter().map(|scope| scope.partition).collect();
    let mut partitions = partitions.into_iter();
    let (Some(partition @ Partition::One(_)), None) = (partitions.next(), partitions.next()) else {
        return Scope::whole(telsys);
    };
    let devices: BTreeSet<&Device> = scopes.iter().map(|scope| &scope.device).collect();
    let mut devices = devices.into_iter();
    let device = match (devices.next(), devices.next()) {
        (Some(device), None) => device.clone(),
        _ => Device::All,
    };
    Scope { telsys, partition, device }
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

    fn lists(scopes: &[(i64, i64, &str)]) -> String {
        let scopes: Vec<Scope> =
            scopes.iter().map(|(telsys, partition, device)| scope(*telsys, *partition, device)).collect();
        filters(&Boundary::managed(&scopes)).iter().map(Scope::to_string).collect::<Vec<_>>().join(" ")
    }

    const ALL: &str = "UnknownNoneOrAll";

    #[test]
    fn each_server_is_listed_once_and_as_narrowly_as_its_scopes_allow() {
        assert_eq!(lists(&[]), "");
        assert_eq!(lists(&[(417, 1, "0123")]), "417/1/0123");
        assert_eq!(lists(&[(417, 1, "0123"), (417, 1, "0124")]), "417/1/all");
        assert_eq!(lists(&[(417, 1, "0123"), (417, 1, ALL)]), "417/1/all");
        assert_eq!(lists(&[(417, 1, "0123"), (417, 2, "0124")]), "417/all/all");
        assert_eq!(lists(&[(417, -1, ALL), (417, 1, "0124")]), "417/all/all");
        assert_eq!(lists(&[(417, -1, "0123")]), "417/all/all");
        assert_eq!(lists(&[(426, 1, ALL), (417, -1, ALL)]), "417/all/all 426/1/all");
    }

    #[test]
    fn unresolved_scopes_are_only_in_the_list_of_their_server() {
        assert_eq!(lists(&[(417, -3, ALL)]), "417/all/all");
    }

    #[test]
    fn everything_is_one_list() {
        assert_eq!(lists(&[(-1, -1, ALL), (417, 1, "0123")]), "all/all/all");
        assert_eq!(lists(&[(-1, 1, "0123")]), "all/all/all");
    }
}
