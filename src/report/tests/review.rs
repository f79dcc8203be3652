//! A comparison of two revisions in every format.

use std::sync::Arc;

use super::*;
use crate::model::{Boundary, Policy, Prune};

fn reviewed(format: Format) -> String {
    let base = fleet(World::empty(), 5).defined("gone", "01", &[("core::x", json!(1))]);
    let mut head = fleet(World::empty(), 5).defined("new", "02", &[("core::x", json!(1))]);
    for one in
        head.desired.clients.values_mut().map(Arc::make_mut).filter(|one| one.name.as_str().starts_with("sunshine"))
    {
        let place = fixture::at("profiles/base.yaml", 4);
        one.spec.settings = Some(fixture::declared(&[("interface::showMissedCallPreview", json!(false))], &place));
    }
    let head = head.edit("sunshine-desk-103", |one| one.spec.settings = None);
    let review = crate::review::review(&base.desired, &head.desired, &crate::fixture::sensitive(&[]), None);
    let mut out = Vec::new();
    let document = ReviewV1::new("main", "working tree", &review);
    super::review(format, &mut out, &document, STYLE).expect("a buffer");
    String::from_utf8(out).expect("text")
}

#[test]
fn a_review_names_causes_and_reach() {
    assert_snapshot!(reviewed(Format::Text), @r"
    icsync diff · main → working tree

     ~ sunshine-desk-102   417/1/01234567102   changed   clients/desks.yaml:9
       settings
         ~ interface::showMissedCallPreview   true → false   (profiles/base.yaml:4)
     = the same change on 3 more clients: sunshine-desk-104, sunshine-desk-105, sunshine-desk-106
     ~ sunshine-desk-103   417/1/01234567103   changed   clients/desks.yaml:9
       settings           {} → (not managed)
         - interface::showMissedCallPreview   true   (profiles/base.yaml:4)
     - gone                417/1/01            removed   clients/gone.yaml:2
       description        gone
       settings
         - core::x   1
     + new                 417/1/02            added     clients/new.yaml:2
       description        new
       settings
         + core::x   1

    5 clients through profiles/base.yaml:4
    Diff: 1 added, 5 changed, 1 removed · 0 unchanged
    ");
    assert_snapshot!(reviewed(Format::Markdown), @r"
    <!-- icsync: diff -->
    ### icsync diff · working tree

    **Diff: 1 added, 5 changed, 1 removed · 0 unchanged**

    > [!CAUTION]
    > **1 removed definition**
    >
    > - `-` `gone` `417/1/01` `clients/gone.yaml:2`

    5 clients through `profiles/base.yaml:4`

    main → working tree

    | customer | changed | removed | added |
    | :-- | --: | --: | --: |
    | telephony server 417 | 5 | 1 | 1 |

    <details><summary>&#126; changed: sunshine-desk-102 (417/1/01234567102) and 3 more clients · clients/desks.yaml&#58;9</summary>

    ```diff
    ! settings.interface::showMissedCallPreview: true → false   (profiles/base.yaml:4)
    # the same on 3 more: sunshine-desk-104, sunshine-desk-105, sunshine-desk-106
    ```

    </details>

    <details><summary>&#126; changed: sunshine-desk-103 (417/1/01234567103) · clients/desks.yaml&#58;9</summary>

    ```diff
    - settings: {} → (not managed)
    - settings.interface::showMissedCallPreview: true   (profiles/base.yaml:4)
    ```

    </details>

    <details><summary>+ added: new (417/1/02) · clients/new.yaml&#58;2</summary>

    ```diff
    + description: new   (clients/new.yaml:2)
    + settings.core::x: 1   (clients/new.yaml:2)
    ```

    </details>

    <details><summary>- removed: gone (417/1/01) · clients/gone.yaml&#58;2</summary>

    ```diff
    - description: gone   (clients/gone.yaml:2)
    - settings.core::x: 1   (clients/gone.yaml:2)
    ```

    </details>
    ");
    assert_snapshot!(compact(&reviewed(Format::Json)), @r#"
    base: "main"
    causes: {"clients":5,"file":"profiles/base.yaml","line":4}
    causes: {"clients":1,"file":"clients/gone.yaml","line":2}
    causes: {"clients":1,"file":"clients/new.yaml","line":2}
    clients: {"cause":{"clients":5,"file":"profiles/base.yaml","line":4},"change":"changed","changes":[{"after":false,"before":true,"field":"settings","inherited":true,"key":"interface::showMissedCallPreview","source":{"file":"profiles/base.yaml","line":4}}],"client":"sunshine-desk-102","pinnable":false,"scope":{"device":"01234567102","partition":1,"telsys":417},"source":{"file":"clients/desks.yaml","line":9}}
    clients: {"cause":{"clients":5,"file":"profiles/base.yaml","line":4},"change":"changed","changes":[{"before":{},"field":"settings"},{"before":true,"field":"settings","inherited":true,"key":"interface::showMissedCallPreview","source":{"file":"profiles/base.yaml","line":4}}],"client":"sunshine-desk-103","pinnable":false,"scope":{"device":"01234567103","partition":1,"telsys":417},"source":{"file":"clients/desks.yaml","line":9}}
    clients: {"cause":{"clients":5,"file":"profiles/base.yaml","line":4},"change":"changed","changes":[{"after":false,"before":true,"field":"settings","inherited":true,"key":"interface::showMissedCallPreview","source":{"file":"profiles/base.yaml","line":4}}],"client":"sunshine-desk-104","pinnable":false,"scope":{"device":"01234567104","partition":1,"telsys":417},"source":{"file":"clients/desks.yaml","line":9}}
    clients: {"cause":{"clients":5,"file":"profiles/base.yaml","line":4},"change":"changed","changes":[{"after":false,"before":true,"field":"settings","inherited":true,"key":"interface::showMissedCallPreview","source":{"file":"profiles/base.yaml","line":4}}],"client":"sunshine-desk-105","pinnable":false,"scope":{"device":"01234567105","partition":1,"telsys":417},"source":{"file":"clients/desks.yaml","line":9}}
    clients: {"cause":{"clients":5,"file":"profiles/base.yaml","line":4},"change":"changed","changes":[{"after":false,"before":true,"field":"settings","inherited":true,"key":"interface::showMissedCallPreview","source":{"file":"profiles/base.yaml","line":4}}],"client":"sunshine-desk-106","pinnable":false,"scope":{"device":"01234567106","partition":1,"telsys":417},"source":{"file":"clients/desks.yaml","line":9}}
    clients: {"cause":{"clients":1,"file":"clients/gone.yaml","line":2},"change":"removed","changes":[{"before":"gone","field":"description","source":{"file":"clients/gone.yaml","line":2}},{"before":1,"field":"settings","key":"core::x","source":{"file":"clients/gone.yaml","line":2}}],"client":"gone","scope":{"device":"01","partition":1,"telsys":417},"source":{"file":"clients/gone.yaml","line":2}}
    clients: {"cause":{"clients":1,"file":"clients/new.yaml","line":2},"change":"added","changes":[{"after":"new","field":"description","source":{"file":"clients/new.yaml","line":2}},{"after":1,"field":"settings","key":"core::x","source":{"file":"clients/new.yaml","line":2}}],"client":"new","scope":{"device":"02","partition":1,"telsys":417},"source":{"file":"clients/new.yaml","line":2}}
    format_version: "1.0"
    head: "working tree"
    summary: {"added":1,"changed":5,"configuration":0,"moved":0,"removed":1,"renamed":0,"unchanged":0}
    "#);
}

/// Compares two trees, as text.
fn compared(base: &World, head: &World) -> String {
    let sensitive = crate::fixture::sensitive(&[]);
    let review = crate::review::review(&base.desired, &head.desired, &sensitive, None);
    let boundary = Boundary::managed(&[fixture::scope(417, -1, crate::model::ALL_DEVICES)]);
    let policy = Policy { boundary, prune: Prune::Report, ..head.policy.clone() };
    let review = review.with_consequences([&base.desired, &head.desired], Some(&policy));
    let mut out = Vec::new();
    super::review(Format::Text, &mut out, &ReviewV1::new("main", "working tree", &review), STYLE).expect("a buffer");
    String::from_utf8(out).expect("text")
}

fn pin(device: &str) -> crate::model::Declared<crate::model::ClientId> {
    crate::model::Declared { value: fixture::id(device), at: fixture::at("clients/pinned.yaml", 3) }
}

#[test]
fn a_rename_of_many_reads_as_one() {
    let base = fleet(World::empty(), 6);
    let mut head = World::empty();
    for (name, mut one) in base.desired.clients.clone() {
        Arc::make_mut(&mut one).name = fixture::client(&name.as_str().replace("sunshine", "berlin"));
        head.desired.clients.insert(one.name.clone(), one);
    }
    assert_snapshot!(compared(&base, &head), @r"
    icsync diff · main → working tree

     ~ berlin-desk-102   417/1/01234567102   renamed   clients/desks.yaml:9
       was `sunshine-desk-102`
     = the same change on 5 more clients: sunshine-desk-103 → berlin-desk-103 … sunshine-desk-107 → berlin-desk-107   (--full lists them)

    6 clients through clients/desks.yaml:9
    Diff: 0 added, 0 changed, 0 removed, 6 renamed · 0 unchanged
    ");
}

#[test]
fn pins_that_go_away_are_one_change_of_many_clients() {
    let mut base = World::empty();
    let mut head = World::empty();
    for number in ["01", "02", "03"] {
        base = base
            .defined(&format!("desk-{number}"), number, &[])
            .edit(&format!("desk-{number}"), |one| one.id = Some(pin(number).into()));
        head = head.defined(&format!("desk-{number}"), number, &[]);
    }
    assert_snapshot!(compared(&base, &head), @"
    icsync diff · main → working tree

     ~ desk-01   417/1/01   changed   clients/desk-01.yaml:2
       id                 id-of-01 → (none)
     = the same change on 2 more clients, each loses a pin of its own: desk-02, desk-03

    Diff: 0 added, 3 changed, 0 removed · 0 unchanged
    ");
}

#[test]
fn a_move_says_what_a_plan_makes_of_it_pinned_or_not() {
    let base = World::empty()
        .defined("moved", "01", &[("core::x", json!(1))])
        .defined("pinned", "02", &[("core::x", json!(2))])
        .edit("pinned", |one| one.id = Some(pin("02").into()))
        .defined("old-desk", "03", &[("core::x", json!(3))])
        .edit("old-desk", |one| one.spec.description = None)
        .defined("old-pinned", "04", &[("core::x", json!(4))])
        .edit("old-pinned", |one| {
            one.id = Some(pin("04").into());
            one.spec.description = None;
        });
    let head = World::empty()
        .defined("moved", "11", &[("core::x", json!(1))])
        .defined("pinned", "12", &[("core::x", json!(2))])
        .edit("pinned", |one| one.id = Some(pin("02").into()))
        .defined("new-desk", "13", &[("core::x", json!(3))])
        .edit("new-desk", |one| one.spec.description = None)
        .defined("new-pinned", "14", &[("core::x", json!(4))])
        .edit("new-pinned", |one| one.spec.description = None);
    assert_snapshot!(compared(&base, &head), @r#"
    icsync diff · main → working tree

     ± moved        417/1/01 → …/11   moved     clients/moved.yaml:2
       moves from 417/1/01 to 417/1/11
       the next apply adds a client here, if there is none, and the one where it was stays, unmanaged
       to make it one move, pin it before its scope changes: `icsync pin`
     + new-desk     417/1/13          added     clients/new-desk.yaml:2
       looks like a move of `old-desk` (417/1/03)
       to make it one, pin it in the definition: `icsync plan --prune` shows the `id:` to write
       settings
         + core::x   3
     + new-pinned   417/1/14          added     clients/new-pinned.yaml:2
       looks like a move of `old-pinned` (417/1/04)
       to make it one, pin it in the definition: id: "id-of-04"
       settings
         + core::x   4
     - old-desk     417/1/03          removed   clients/old-desk.yaml:2
       removed from git: the client stays, unmanaged
       settings
         - core::x   3
     - old-pinned   417/1/04          removed   clients/old-pinned.yaml:2
       removed from git: the client stays, unmanaged
       settings
         - core::x   4
     ± pinned       417/1/02 → …/12   moved     clients/pinned.yaml:2
       moves from 417/1/02 to 417/1/12
       the next apply deletes the client where it was and adds it here

    Diff: 2 added, 0 changed, 2 removed, 2 moved · 0 unchanged
    "#);
}

#[test]
fn nobody_guesses_which_of_several_moved() {
    let desk = |world: World, name: &str, device: &str| {
        world.defined(name, device, &[("core::x", json!(1))]).edit(name, |one| one.spec.description = None)
    };
    let base = desk(desk(World::empty(), "old-1", "01"), "old-2", "02");
    let head = desk(desk(World::empty(), "new-1", "11"), "new-2", "12");
    assert_snapshot!(compared(&base, &head), @r"
    icsync diff · main → working tree

     + new-1   417/1/11   added     clients/new-1.yaml:2
       has the content of 2 definitions removed here, as 1 more add has: it may be a move, nobody can tell of which
         `old-1` (417/1/01)
         `old-2` (417/1/02)
       to make it a move, pin the one that is meant in the definition
       settings
         + core::x   1
     = the same change on 1 more client: new-2
     - old-1   417/1/01   removed   clients/old-1.yaml:2
       removed from git: the client stays, unmanaged
       settings
         - core::x   1
     - old-2   417/1/02   removed   clients/old-2.yaml:2
       removed from git: the client stays, unmanaged

    Diff: 2 added, 0 changed, 2 removed · 0 unchanged
    ");
}
