//! Scopes, wherever they stand.

use super::form::{Form, Key, Mapping, Named, Rule};
use super::mapping::{Keys, Written, mapping, shared};
use super::named::{DEVICE, ID};
use crate::diagnostic::Span;
use crate::manifest::yaml::MapEntry;

/// The largest number that the API gives.
const MOST: i64 = 4_294_967_295;

const TELSYS: Form = Form::Named(&Named {
    name: "Telsys",
    doc: "The number of a telephony server; -1 is all of them.",
    form: Form::number(-1, MOST),
    example: Some("417"),
});

/// A partition, all, or the one that stands for a scope that is not shown.
const ANY_PARTITION: Form = Form::Number { least: -3, most: MOST, except: Some(-2) };

mapping! {
    /// What the client applies to: a telephony server, a partition of it, or one device.
    Scope as ScopeKeys {
        telsys: Key::required(TELSYS),
        /// A partition. Left out: the whole telephony server (-1). -3 stands for a row that hides its scope, with an `id` only.
        partition: Key::optional(ANY_PARTITION),
        /// A device number, in quotes: without them a `+` or a leading zero would be lost. Left out: every device.
        device: Key::optional(DEVICE).example("01234567120"),
    }
}

mapping! {
    /// Where the devices of the fleet are.
    FleetScope as FleetScopeKeys {
        telsys: Key::required(TELSYS),
        /// A partition. Left out: the whole telephony server (-1).
        partition: Key::optional(Form::number(-1, MOST)),
        device: Key::refused(),
    }
}

mapping! {
    /// A part of the estate.
    Filter as FilterKeys {
        telsys: Key::required(TELSYS),
        /// A partition. Left out: the whole telephony server.
        partition: Key::optional(Form::number(-1, MOST)),
        /// A device number, in quotes. Left out: every device.
        device: Key::optional(DEVICE),
    }
}

mapping! {
    /// Clients that are never changed or deleted: a scope, of which parts that are left out may be anything, or an id.
    Protection as ProtectionKeys(Rule::OneOf(&[(&["telsys"], &["id"]), (&["id"], &["telsys", "partition", "device"])])) {
        telsys: Key::optional(TELSYS),
        /// A partition; -1 is the whole telephony server, -3 a row that hides its scope.
        partition: Key::optional(ANY_PARTITION),
        /// A device number, in quotes; `UnknownNoneOrAll` is a client for every device.
        device: Key::optional(DEVICE),
        /// An id of the server.
        id: Key::optional(ID),
    }
}

mapping! {
    /// Times of the week at which nothing is changed: neither what lies in its scope nor what covers it.
    Window as WindowKeys {
        /// The number of a telephony server. Left out: all of them.
        telsys: Key::optional(TELSYS),
        /// A partition. Left out: the whole telephony server.
        partition: Key::optional(Form::number(-1, MOST)),
        /// A device number, in quotes. Left out: every device.
        device: Key::optional(DEVICE),
        /// Days, times, or both, by the clock on the wall; times over midnight belong to the day on which they begin.
        deny: Key::required(Form::Text).example("Mon-Fri 08:00-18:00"),
        /// The time zone, by its name in the IANA database.
        zone: Key::required(Form::Text).example("Europe/London"),
    }
}

shared! {
    /// The keys that make up a scope.
    AnyScopeKeys { telsys, partition, device } in ScopeKeys, FleetScopeKeys, FilterKeys, ProtectionKeys, WindowKeys
}
