//! A comparison of two revisions in every format.

use super::*;

fn reviewed(format: Format) -> String {
    let base = fleet(World::empty(), 5).defined("gone", "01", &[("core::x", json!(1))]);
    let mut head = fleet(World::empty(), 5).defined("new", "02", &[("core::x", json!(1))]);
    for one in head.desired.clients.values_mut().filter(|one| one.name.as_str().starts_with("sunshine")) {
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
    clients: {"cause":{"clients":5,"file":"profiles/base.yaml","line":4},"change":"changed","changes":[{"after":false,"before":true,"field":"settings","inherited":true,"key":"interface::showMissedCallPreview","source":{"file":"profiles/base.yaml","line":4}}],"client":"sunshine-desk-102","scope":{"device":"01234567102","partition":1,"telsys":417},"source":{"file":"clients/desks.yaml","line":9}}
    clients: {"cause":{"clients":5,"file":"profiles/base.yaml","line":4},"change":"changed","changes":[{"before":{},"field":"settings"},{"before":true,"field":"settings","inherited":true,"key":"interface::showMissedCallPreview","source":{"file":"profiles/base.yaml","line":4}}],"client":"sunshine-desk-103","scope":{"device":"01234567103","partition":1,"telsys":417},"source":{"file":"clients/desks.yaml","line":9}}
    clients: {"cause":{"clients":5,"file":"profiles/base.yaml","line":4},"change":"changed","changes":[{"after":false,"before":true,"field":"settings","inherited":true,"key":"interface::showMissedCallPreview","source":{"file":"profiles/base.yaml","line":4}}],"client":"sunshine-desk-104","scope":{"device":"01234567104","partition":1,"telsys":417},"source":{"file":"clients/desks.yaml","line":9}}
    clients: {"cause":{"clients":5,"file":"profiles/base.yaml","line":4},"change":"changed","changes":[{"after":false,"before":true,"field":"settings","inherited":true,"key":"interface::showMissedCallPreview","source":{"file":"profiles/base.yaml","line":4}}],"client":"sunshine-desk-105","scope":{"device":"01234567105","partition":1,"telsys":417},"source":{"file":"clients/desks.yaml","line":9}}
    clients: {"cause":{"clients":5,"file":"profiles/base.yaml","line":4},"change":"changed","changes":[{"after":false,"before":true,"field":"settings","inherited":true,"key":"interface::showMissedCallPreview","source":{"file":"profiles/base.yaml","line":4}}],"client":"sunshine-desk-106","scope":{"device":"01234567106","partition":1,"telsys":417},"source":{"file":"clients/desks.yaml","line":9}}
    clients: {"cause":{"clients":1,"file":"clients/gone.yaml","line":2},"change":"removed","changes":[{"before":"gone","field":"description","source":{"file":"clients/gone.yaml","line":2}},{"before":1,"field":"settings","key":"core::x","source":{"file":"clients/gone.yaml","line":2}}],"client":"gone","scope":{"device":"01","partition":1,"telsys":417},"source":{"file":"clients/gone.yaml","line":2}}
    clients: {"cause":{"clients":1,"file":"clients/new.yaml","line":2},"change":"added","changes":[{"after":"new","field":"description","source":{"file":"clients/new.yaml","line":2}},{"after":1,"field":"settings","key":"core::x","source":{"file":"clients/new.yaml","line":2}}],"client":"new","scope":{"device":"02","partition":1,"telsys":417},"source":{"file":"clients/new.yaml","line":2}}
    format_version: "1.0"
    head: "working tree"
    summary: {"added":1,"changed":5,"moved":0,"removed":1,"renamed":0,"unchanged":0}
    "#);
}
