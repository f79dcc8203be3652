//! Device numbers in the configuration: what names no device protects none.

use super::*;

const HEAD: &str = "kind: IntegratorClient\nname: a\nscope: { telsys: 417, partition: 1, device: \"01\" }\n";

fn found(entry: &str) -> Vec<Diagnostic> {
    Tree::of(HEAD).with(CONFIG_FILE, format!("{CONFIG}{entry}\n")).found()
}

#[test]
fn a_device_in_the_configuration_is_one_that_a_definition_may_name() {
    for device in ["01\\u200b01", "０１", "unknownnoneorall", "2026-01-01", "=0101", "..", "a b", "4.42046E+11"] {
        for (before, after) in [
            ("protect: [{ telsys: 417, partition: 1, device: ", " }]"),
            ("manage: [{ telsys: 417, partition: 1, device: ", " }, { telsys: 417 }]"),
            ("windows: [{ telsys: 417, partition: 1, device: ", ", deny: Sat, zone: Europe/London }]"),
        ] {
            let found = found(&format!("{before}\"{device}\"{after}"));
            let codes: Vec<_> = found.iter().map(|one| (one.code, one.is_error(), one.help.is_some())).collect();
            assert_eq!(codes, [(Code::BadScope, true, true)], "{before}{device}: {found:?}");
        }
    }
    assert_eq!(found("protect: [{ telsys: 417, device: UnknownNoneOrAll }, { telsys: 417, device: \"*55#\" }]"), []);
}

#[test]
fn a_device_that_looks_like_a_pattern_is_told_to_be_none() {
    for device in ["010?", "*", "01*", "?", "*a", "*#"] {
        for (before, after) in [
            ("protect: [{ telsys: 417, partition: 1, device: ", " }]"),
            ("windows: [{ telsys: 417, partition: 1, device: ", ", deny: Sat, zone: Europe/London }]"),
        ] {
            let found = found(&format!("{before}\"{device}\"{after}"));
            let [one] = &found[..] else { panic!("{device}: {found:?}") };
            assert!(one.code == Code::DevicePattern && !one.is_error(), "{one:?}");
            assert!(one.message.contains("no pattern") && one.help.is_some(), "{one:?}");
        }
    }
    let defined = Tree::of(&HEAD.replace("\"01\"", "\"01?\"")).found();
    assert_eq!(defined.iter().map(|one| one.code).collect::<Vec<_>>(), [Code::DevicePattern]);
}
