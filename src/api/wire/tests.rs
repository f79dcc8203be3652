//! What is read of answers: the vendor's samples, and every form that means the same.

use super::*;
use crate::model::{Entries, Json, Observed};

const LIST: &str = include_str!("../testdata/list.response.json");
const INFO: &str = include_str!("../testdata/info.response.json");

fn read(row: &str) -> Result<LiveClient, Unusable> {
    client(format!(r#"{{"Result":"Success","Data":{row}}}"#).as_bytes(), &Texts::default())
}

fn with(fields: &str) -> Result<LiveClient, Unusable> {
    read(&format!(r#"{{"ID":"a:b","TelSysID":417,"PartitionID":1,"DeviceNumber":"+44"{fields}}}"#))
}

fn client_of(row: ListRow) -> Option<LiveClient> {
    match row {
        ListRow::Client(client) => Some(*client),
        ListRow::Unread(_) => None,
    }
}

/// Reads a list of an odd row before a good one. Gives what is said of the odd one.
fn odd(row: &str) -> String {
    let good = r#"{"ID":"a:b","TelSysID":417,"PartitionID":1,"DeviceNumber":"1"}"#;
    let body = format!(r#"{{"Result":"Success","Data":{{"Total":2,"Items":[{row},{good}]}}}}"#);
    let page = list_page(body.as_bytes(), &Texts::default()).expect(row);
    match &page.rows[..] {
        [ListRow::Unread(odd), ListRow::Client(_)] => odd.to_string(),
        rows => panic!("{row}: {rows:?}"),
    }
}

fn keys(observed: &Observed<Nullable<Entries>>) -> Vec<String> {
    observed.known().expect("entries").iter().map(|(key, value)| format!("{key}={value:?}")).collect()
}

#[test]
fn the_vendors_samples_are_read() {
    let page = list_page(LIST.as_bytes(), &Texts::default()).expect("a page");
    assert_eq!((page.total, page.rows.len()), (15, 15));
    let clients: Vec<LiveClient> = page.rows.into_iter().filter_map(client_of).collect();
    assert_eq!(clients[0].scope.to_string(), "389/unresolved/all");
    assert_eq!(clients[14].title(), "Config Access Allowed");
    assert_eq!(clients[14].content.policies, Observed::Unread);
    let info = client(INFO.as_bytes(), &Texts::default()).expect("a client");
    assert_eq!(info.scope.to_string(), "426/1/+442046034983");
    assert_eq!(info.labels.device.as_deref(), Some("User04 A4MTTest"));
}

#[test]
fn numbers_are_read_from_every_form_that_means_one() {
    for telsys in ["417", "\"417\"", "417.0", "4.17e2"] {
        let row = format!(r#"{{"ID":"a","TelSysID":{telsys},"PartitionID":"-1","DeviceNumber":"UnknownNoneOrAll"}}"#);
        assert_eq!(read(&row).expect(telsys).scope.to_string(), "417/all/all");
    }
    for telsys in ["\"417 \"", "\"+417\"", "417.5", "null", "true", "[417]", "-2", "1e300", "\"\""] {
        let row = format!(r#"{{"ID":"a","TelSysID":{telsys},"PartitionID":1,"DeviceNumber":"x"}}"#);
        assert!(read(&row).is_err(), "{telsys}");
    }
}

#[test]
fn policies_and_settings_are_read_as_objects_and_as_text() {
    let object = with(r#","Policies":{"a":true,"n":1.10}"#).expect("a client");
    let text = with(r#","Policies":"{\"a\":true,\"n\":1.10}""#).expect("a client");
    assert_eq!(object.content.policies, text.content.policies);
    assert_eq!(keys(&object.content.policies), ["a=true", "n=11e-1"]);
    for empty in ["null", "{}", "\"{}\"", "\"\"", "\"null\""] {
        let client = with(&format!(r#","Settings":{empty}"#)).expect(empty);
        assert_eq!(client.content.settings, Observed::Known(Entries::new().into()), "{empty}");
    }
}

#[test]
fn what_is_no_object_is_unreadable_and_harms_nothing_else() {
    for odd in ["[1,2]", "5", "5.5e100", "true", "\"x\"", "\"[]\"", "\"7\"", "\"\\\"{}\\\"\""] {
        let client = with(&format!(r#","Policies":{odd},"Description":"d""#)).expect(odd);
        assert!(matches!(client.content.policies, Observed::Unreadable { .. }), "{odd}");
        assert_eq!(client.title(), "d");
    }
    assert!(matches!(with(r#","Description":[]"#).expect("a client").content.description, Observed::Unreadable { .. }));
}

#[test]
fn a_key_that_is_missing_is_not_an_empty_value() {
    let client = with(r#","Description":null"#).expect("a client");
    assert_eq!(client.content.description, Observed::Known(Nullable::default()));
    assert_eq!(client.content.cm_environment_id, Observed::Unread);
}

#[test]
fn numbers_keep_every_digit() {
    let client = with(r#","Settings":{"n":12345678901234567890123456789.5}"#).expect("a client");
    assert_eq!(keys(&client.content.settings), ["n=123456789012345678901234567895e-1"]);
}

#[test]
fn an_odd_row_spoils_no_other_and_says_what_can_be_read_of_it() {
    let row = |partition: &str, device: &str, rest: &str| {
        format!(r#"{{"ID":"x:1","TelSysID":426,"PartitionID":{partition},"DeviceNumber":{device}{rest}}}"#)
    };
    for device in ["null", "7", r#""""#, "[]"] {
        assert!(odd(&row("1", device, "")).starts_with("x:1 (telephony server 426): "), "{device}");
    }
    for partition in ["-2", "null", r#""x""#] {
        assert!(odd(&row(partition, r#""7""#, "")).starts_with("x:1 (telephony server 426): "), "{partition}");
    }
    let surrogate = odd(&row("1", r#""7""#, r#","Description":"\ud800""#));
    assert!(surrogate.starts_with("x:1 (426/1/7): "), "{surrogate}");
    for shape in ["17", "null", "[]", r#""x""#, "{}", r#"{"TelSysID":"-1x"}"#] {
        let said = odd(shape);
        assert!(said.starts_with("a row without a readable id (telephony server not known): "), "{said}");
    }
    let deep = odd(&row("1", r#""7""#, &format!(r#","Policies":{}1{}"#, r#"{"a":"#.repeat(1000), "}".repeat(1000))));
    assert!(deep.starts_with("x:1 (426/1/7): "), "{deep}");
    assert!(odd(r#"{"TelSysID":426,"PartitionID":1,"DeviceNumber":"7"}"#).contains("`ID` is missing"));
}

#[test]
fn who_and_when_are_read_as_text_and_as_numbers() {
    let fields = r#","UserIDCreatedBy":1,"UserIDUpdatedBy":"42","DateTimeCreated":null,"DateTimeUpdated":"now""#;
    let Labels { created_by, created_at, updated_by, updated_at, .. } = with(fields).expect("a client").labels;
    assert_eq!((created_by.as_deref(), created_at.as_deref()), (Some("1"), None));
    assert_eq!((updated_by.as_deref(), updated_at.as_deref()), (Some("42"), Some("now")));
}

#[test]
fn only_success_with_data_is_success() {
    let texts = Texts::default();
    for body in ["", "{}", "[]", r#"{"Result":"Success"}"#, r#"{"Result":"Failure","Data":{"Total":0,"Items":[]}}"#] {
        assert!(list_page(body.as_bytes(), &texts).is_err(), "{body}");
    }
    assert!(list_page(br#"{"Result":"Success","Data":{"Total":0,"Items":null,"Offset":0}}"#, &texts).is_ok());
    assert!(tells_success(br#"{"Result":"Success"}"#) && !tells_success(br#"{"Result":"Failure"}"#));
    assert!(!tells_success(b"") && !tells_success(b"{}"));
}

#[test]
fn values_are_counted_at_least() {
    for (body, least) in [("[]", 1), (r#"{"a":1,"b":[2,3]}"#, 4), (r#""[1\\u002c2\\u002C3]""#, 3), ("", 0), ("u", 0)] {
        assert_eq!(values(body.as_bytes()), least, "{body}");
    }
}

#[test]
fn what_has_another_shape_than_documented_is_refused() {
    let texts = Texts::default();
    let list = |data: &str| list_page(format!(r#"{{"Result":"Success","Data":{data}}}"#).as_bytes(), &texts);
    for (body, words) in [
        (r#"["Success",{"Total":0,"Items":[]}]"#, "a list is where an object has to be"),
        (r#"{"Result":"Success","Data":[0,[]]}"#, "`Data`: a list"),
        (r#"{"Result":"Success","Data":"{}"}"#, "`Data`: a text"),
        (r#"{"$serde_json::private::Number":"1"}"#, "`Result` is not"),
        (r#"{"Result":"Success","Result":"Failure","Data":{"Total":0,"Items":[]}}"#, "duplicate field `Result`"),
        (r#"{"Result":"Success","Data":{"Total":0},"Data":{"Total":1}}"#, "duplicate field `Data`"),
        (r#"{"Result":{"$serde_json::private::RawValue":"\"Success\""},"Data":{"Total":0}}"#, "`Result` is not"),
    ] {
        let said = list_page(body.as_bytes(), &texts).expect_err(body);
        assert!(said.contains(words), "{body}: {said}");
    }
    assert!(!tells_success(br#"["Success"]"#));
    for (data, words) in [
        (r#"{"Total":{"$serde_json::private::Number":"0"},"Items":[]}"#, "$serde_json"),
        (r#"{"Total":{"\u0024serde_json::private::Number":"0"},"Items":[]}"#, "$serde_json"),
        (r#"{"Total":0,"Items":[],"Extra":{"$serde_json::private::RawValue":"1"}}"#, "$serde_json"),
        (r#"{"Total":0,"Total":1,"Items":[]}"#, "duplicate field `Total`"),
        (r#"{"Total":"many","Items":[]}"#, "`Total` is missing or no number"),
        (r#"{"Total":0,"Items":{}}"#, "expected a sequence"),
        (r#"{"Total":0,"Items":"[]"}"#, "expected a sequence"),
    ] {
        let said = list(data).expect_err(data);
        assert!(said.contains(words), "{data}: {said}");
    }
    assert!(read(r#"["a:b",417,1,"+44"]"#).is_err() && read("null").is_err());
}

#[test]
fn marks_of_the_json_reader_are_no_values() {
    for mark in ["$serde_json::private::Number", "$serde_json::private::RawValue", "\\u0024serde_json::private::Number"]
    {
        for field in ["Settings", "Description", "Extra"] {
            let said = with(&format!(r#","{field}":{{"a":{{"{mark}":"5"}}}}"#)).expect_err(mark);
            assert!(said.contains("$serde_json::private"), "{said}");
        }
        let text = with(&format!(r#","Settings":"{{\"a\":{{\"{mark}\":\"5\"}}}}""#)).expect(mark);
        assert!(matches!(text.content.settings, Observed::Unreadable { .. }), "{mark}");
        let said = odd(&format!(r#"{{"ID":"x:1","TelSysID":{{"{mark}":"417"}},"PartitionID":1,"DeviceNumber":"7"}}"#));
        assert!(said.starts_with("x:1 (telephony server not known): it has a key"), "{said}");
    }
}

#[test]
fn a_key_that_stands_twice_makes_its_field_unreadable_or_its_row_odd() {
    for twice in
        [r#"{"a":1,"a":2}"#, r#"{"a":{"b":1,"b":1}}"#, r#"{"a":[{"b":1,"\u0062":1}]}"#, r#""{\"a\":1,\"a\":2}""#]
    {
        let client = with(&format!(r#","Policies":{twice},"Description":"d""#)).expect(twice);
        let Observed::Unreadable { reason } = &client.content.policies else { panic!("{twice}") };
        assert!(reason.contains("twice"), "{reason}");
    }
    let said = odd(r#"{"ID":"x:1","ID":"x:2","TelSysID":417,"PartitionID":1,"DeviceNumber":"7"}"#);
    assert!(said.contains("duplicate field `ID`"), "{said}");
}

#[test]
fn unknown_keys_and_hostile_depth_are_survived() {
    assert!(with(r#","DateTimeCreated":{"a":[1,{"b":2}]},"Extra":null"#).is_ok());
    let deep = format!(r#","Policies":{}{}"#, r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    assert!(with(&deep).is_err());
    let text = format!(r#","Policies":"{}""#, "[".repeat(100_000));
    assert!(matches!(with(&text).expect("a client").content.policies, Observed::Unreadable { .. }));
}

#[test]
fn a_payload_is_written_as_the_vendors_sample_is_and_null_where_nothing_is_set() {
    let mut whole = Payload { description: "testCXI Config".into(), ..Payload::default() };
    whole.policies.insert("core::x".into(), Json::from(true));
    let text = String::from_utf8(payload(&whole, UnsetForm::Null)).expect("text");
    assert_eq!(
        text,
        r#"{"Description":"testCXI Config","CMEnvironmentID":null,"Policies":{"core::x":true},"Settings":null}"#
    );
}

#[test]
fn what_is_read_at_once_is_what_is_read_in_parts() {
    let (good, texts) = (r#"{"ID":"a:b","TelSysID":417,"PartitionID":1,"DeviceNumber":"+44"}"#, Texts::default());
    let described =
        r#"{"ID":"a","TelSysID":"4","PartitionID":"1","DeviceNumber":"1","Policies":{"k":[{}]},"Odd":"\u0041"}"#;
    let row = |body: &[u8]| success_at_once::<WireRow<'_>>(body).map(|row| row.client(&texts, Detail::Read));
    let in_parts = |body: &[u8]| success_in_parts::<WireRow<'_>>(body).and_then(|row| row.client(&texts, Detail::Read));
    for data in [INFO, good, described] {
        let body =
            if data == INFO { data.to_owned() } else { format!(r#" {{"Data":{data} ,"x":[],"Result":"success"}} "#) };
        let (at_once, in_parts) = (row(body.as_bytes()), in_parts(body.as_bytes()));
        assert!(at_once.is_some(), "{body}");
        assert_eq!(at_once, Some(in_parts), "{body}");
    }
    for odd in [
        format!(r#"{{"Result":"Failure","Data":{good}}}"#),
        format!(r#"{{"Data":{good}}}"#),
        format!(r#"["Success",{good}]"#),
        format!(r#"{{"Result":"Success","Data":{good},"Data":{good}}}"#),
        format!(r#"{{"Result":"Success","Data":{good}}} more"#),
        r#"{"Result":"Success","Data":["a",417,1,"1"]}"#.to_owned(),
        r#"{"Result":"Success","Data":null}"#.to_owned(),
        r#"{"Result":"Success"}"#.to_owned(),
    ] {
        assert!(row(odd.as_bytes()).is_none(), "{odd}");
        assert!(in_parts(odd.as_bytes()).is_err(), "{odd}");
    }
    let not_text = [
        br#"{"Result":"Success","Data":{"ID":"a","TelSysID":4,"PartitionID":1,"DeviceNumber":"1","x":""#,
        &b"\xff\"}}"[..],
    ]
    .concat();
    assert!(row(&not_text).is_none() && in_parts(&not_text).is_err());
}
