//! Drift in the formats that tell its states.

use super::*;

fn drifted(format: Format) -> String {
    let live = |value: i32| [("core::x", json!(value))];
    let base = World::empty()
        .defined("conflict", "01", &live(1))
        .defined("drifted", "02", &live(1))
        .defined("lost", "03", &live(1))
        .defined("pending", "05", &live(1));
    let world = World::empty()
        .defined("conflict", "01", &live(2))
        .live("conflict", "01", &live(3))
        .defined("drifted", "02", &live(1))
        .live("drifted", "02", &live(2))
        .edit_live("02", |row| row.labels.updated_by = Some("42".into()))
        .defined("lost", "03", &live(1))
        .in_sync("same", "04", &[])
        .defined("pending", "05", &live(2))
        .live("pending", "05", &live(1))
        .in_sync("blind", "06", &[])
        .edit_live("06", |row| row.content.settings = Observed::Unreadable { reason: "left out".into() })
        .in_sync("refused", "07", &[])
        .edit_live("07", |row| {
            let kind = crate::model::RefusalKind::Other;
            row.detail = crate::model::Detail::Refused { reason: "30007".into(), help: "ask".into(), kind };
        })
        .live("foreign", "08", &[]);
    let drift = crate::drift::drift(&world.desired, Some(&base.desired), &world.live, &world.policy);
    let document = DriftV1::new(heading().target, Some("main~3"), &drift);
    let mut out = Vec::new();
    super::drift(format, &mut out, &document, STYLE).expect("a buffer");
    String::from_utf8(out).expect("text")
}

#[test]
fn all_seven_states_of_drift_are_told() {
    assert_snapshot!(drifted(Format::Text), @r#"
    icsync drift · prod (https://ccs.example.com) · since main~3

     ! conflict   417/1/01   conflict       clients/conflict.yaml:2
       settings
         ~ core::x   base: 1 · git: 2 · live: 3
     ∅ lost       417/1/03   missing        clients/lost.yaml:2
       git: present · live: missing
       description        lost
       settings
           core::x   1
     ~ drifted    417/1/02   drifted        clients/drifted.yaml:2
       last changed by 42
       settings
         ~ core::x   git: 1 · live: 2
     ~ pending    417/1/05   pending        clients/pending.yaml:2
       settings
         ~ core::x   git: 2 · live: 1

     ! refused    417/1/07   blocked        clients/refused.yaml:2
       30007
       help: ask
     ? blind      417/1/06   not compared   clients/blind.yaml:2
       not compared: the server does not show `settings`

    1 unmanaged (in the boundary, not in git): 417/1/08 "foreign"
    Drift: 1 drifted, 1 pending, 1 in conflict, 1 missing · 1 in sync, 1 unmanaged, 0 outside the boundary, 1 blocked, 1 not compared

    Next:
      icsync apply --target prod   # makes live what git says
      icsync drift --accept --all --target prod --since 'main~3'   # or writes what is live into the definitions
      icsync export --target prod   # writes definitions of what git does not define
    "#);
    assert_snapshot!(compact(&drifted(Format::Json)), @r#"
    clients: {"changes":[],"client":"blind","id":"id-of-06","not_compared":["settings"],"scope":{"device":"06","partition":1,"telsys":417},"source":{"file":"clients/blind.yaml","line":2},"state":"not_compared"}
    clients: {"action":"change","changes":[{"after":2,"base":1,"before":3,"field":"settings","key":"core::x","source":{"file":"clients/conflict.yaml","line":2},"state":"conflict"}],"client":"conflict","id":"id-of-01","scope":{"device":"01","partition":1,"telsys":417},"source":{"file":"clients/conflict.yaml","line":2},"state":"conflict"}
    clients: {"action":"change","changes":[{"after":1,"before":2,"field":"settings","key":"core::x","source":{"file":"clients/drifted.yaml","line":2},"state":"drifted"}],"client":"drifted","id":"id-of-02","scope":{"device":"02","partition":1,"telsys":417},"source":{"file":"clients/drifted.yaml","line":2},"state":"drifted","updated_by":"42"}
    clients: {"action":"add","changes":[{"after":"lost","field":"description","source":{"file":"clients/lost.yaml","line":2},"state":"missing"},{"after":1,"field":"settings","key":"core::x","source":{"file":"clients/lost.yaml","line":2},"state":"missing"}],"client":"lost","id":null,"scope":{"device":"03","partition":1,"telsys":417},"source":{"file":"clients/lost.yaml","line":2},"state":"missing"}
    clients: {"action":"change","changes":[{"after":2,"before":1,"field":"settings","key":"core::x","source":{"file":"clients/pending.yaml","line":2},"state":"pending"}],"client":"pending","id":"id-of-05","scope":{"device":"05","partition":1,"telsys":417},"source":{"file":"clients/pending.yaml","line":2},"state":"pending"}
    clients: {"changes":[],"client":"refused","help":"ask","id":"id-of-07","reason":"30007","scope":{"device":"07","partition":1,"telsys":417},"source":{"file":"clients/refused.yaml","line":2},"state":"blocked"}
    clients: {"changes":[],"client":"same","id":"id-of-04","scope":{"device":"04","partition":1,"telsys":417},"source":{"file":"clients/same.yaml","line":2},"state":"in_sync"}
    format_version: "1.0"
    since: "main~3"
    summary: {"blocked":1,"conflict":1,"drifted":1,"in_sync":1,"missing":1,"not_compared":1,"outside":0,"pending":1,"unmanaged":1}
    target: {"name":"prod","url":"https://ccs.example.com"}
    unmanaged: {"description":"foreign","id":"id-of-08","scope":{"device":"08","partition":1,"telsys":417}}
    "#);
    assert_snapshot!(drifted(Format::Junit), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="icsync" tests="8" skipped="0" failures="7" errors="0">
        <testsuite name="icsync drift prod" tests="8" skipped="0" errors="0" failures="7">
            <properties>
                <property name="summary" value="Drift: 1 drifted, 1 pending, 1 in conflict, 1 missing · 1 in sync, 1 unmanaged, 0 outside the boundary, 1 blocked, 1 not compared"/>
            </properties>
            <testcase name="conflict" classname="417/1/01" file="clients/conflict.yaml" line="2">
                <failure message="~ settings.core::x: base: 1 · git: 2 · live: 3   (clients/conflict.yaml:2)" type="conflict">~ settings.core::x: base: 1 · git: 2 · live: 3   (clients/conflict.yaml:2)</failure>
            </testcase>
            <testcase name="lost" classname="417/1/03" file="clients/lost.yaml" line="2">
                <failure message="git: present · live: missing" type="missing">git: present · live: missing
      description: lost   (clients/lost.yaml:2)
      settings.core::x: 1   (clients/lost.yaml:2)</failure>
            </testcase>
            <testcase name="drifted" classname="417/1/02" file="clients/drifted.yaml" line="2">
                <failure message="last changed by 42" type="drifted">last changed by 42
    ~ settings.core::x: git: 1 · live: 2   (clients/drifted.yaml:2)</failure>
            </testcase>
            <testcase name="pending" classname="417/1/05" file="clients/pending.yaml" line="2">
                <failure message="~ settings.core::x: git: 2 · live: 1   (clients/pending.yaml:2)" type="pending">~ settings.core::x: git: 2 · live: 1   (clients/pending.yaml:2)</failure>
            </testcase>
            <testcase name="refused" classname="417/1/07" file="clients/refused.yaml" line="2">
                <failure message="30007" type="blocked">30007
    help: ask</failure>
            </testcase>
            <testcase name="blind" classname="417/1/06" file="clients/blind.yaml" line="2">
                <failure message="not compared: the server does not show `settings`" type="not compared">not compared: the server does not show `settings`</failure>
            </testcase>
            <testcase name="same" classname="417/1/04" file="clients/same.yaml" line="2"/>
            <testcase name="417/1/08 &quot;foreign&quot;" classname="unmanaged">
                <failure message="unmanaged: in the boundary, not in git" type="unmanaged"/>
            </testcase>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn drift_of_a_part_says_so_and_so_does_what_can_be_typed_next() {
    let world = World::empty().defined("one", "01", &[("a", json!(1))]).live("one", "01", &[("a", json!(2))]);
    let drift = crate::drift::drift(&world.desired, None, &world.live, &world.policy);
    let options = OptionsV1 {
        select: vec!["name=o*".to_owned()],
        exclude: vec!["profile=x".to_owned()],
        shard: Some("0/2".to_owned()),
        ..OptionsV1::default()
    };
    let document = DriftV1::new(heading().target, None, &drift).of_part(&options);
    let mut out = Vec::new();
    super::drift(Format::Text, &mut out, &document, STYLE).expect("a buffer");
    let text = String::from_utf8(out).expect("text");
    assert!(text.contains(" · only name=o* · without profile=x · shard 0/2"), "{text}");
    for command in ["icsync apply", "icsync drift --accept --all"] {
        let words = format!("{command} --target prod --select 'name=o*' --exclude profile=x --shard 0/2");
        assert!(text.contains(&words), "{text}");
    }
    let json = serde_json::to_value(&document).expect("a document");
    assert_eq!((&json["select"], &json["shard"]), (&json!(["name=o*"]), &json!("0/2")));
}

#[test]
fn an_annotation_of_many_names_each_unmanaged_client() {
    let devices: Vec<String> = (10..22).map(|number| number.to_string()).collect();
    let world = devices.iter().fold(World::empty(), |world, device| world.live("foreign", device, &[]));
    let drift = crate::drift::drift(&world.desired, None, &world.live, &world.policy);
    let document = DriftV1::new(heading().target, None, &drift);
    let mut out = Vec::new();
    super::drift(Format::Github, &mut out, &document, STYLE).expect("a buffer");
    let text = String::from_utf8(out).expect("text");
    let last = text.lines().last().expect("an annotation");
    assert!(last.starts_with("::warning title=icsync drift%3A 3 more::"), "{text}");
    for device in &devices[9..] {
        assert!(last.contains(&format!("drift: unmanaged: 417/1/{device} ")), "{text}");
    }
}
