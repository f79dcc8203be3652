//! `diff -o json`.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::{FORMAT, PositionV1, write};
use crate::model::{ClientName, Location, Scope};
use crate::plan::ChangeV1;
use crate::report::ReviewHeading;
use crate::review::{ClientReview, Review, ReviewSummary, TermChange};

/// Writes a review.
pub fn review(out: &mut impl io::Write, heading: &ReviewHeading<'_>, review: &Review) -> io::Result<()> {
    let ReviewHeading { base, head } = *heading;
    let reach: BTreeMap<&Location, usize> = review.causes.iter().map(|cause| (&cause.at, cause.clients)).collect();
    let cause = |at: &Location| reach.get(&Location { column: 1, ..at.clone() }).copied().unwrap_or(1);
    let view = ReviewV1 {
        format_version: FORMAT,
        base,
        head,
        clients: review.clients.iter().map(|client| ClientReviewV1::new(client, cause(&client.cause))).collect(),
        causes: review.causes.iter().map(|cause| CauseV1::new(&cause.at, cause.clients)).collect(),
        configuration: review.rules.iter().map(term).collect(),
        summary: review.summary(),
    };
    write(out, &view)
}

#[derive(Serialize)]
struct ReviewV1<'a> {
    format_version: &'static str,
    base: &'a str,
    head: &'a str,
    clients: Vec<ClientReviewV1<'a>>,
    causes: Vec<CauseV1<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    configuration: Vec<ReviewChangeV1<'a>>,
    summary: ReviewSummary,
}

#[derive(Serialize)]
struct ClientReviewV1<'a> {
    client: &'a ClientName,
    change: &'static str,
    scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_client: Option<&'a ClientName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_scope: Option<&'a Scope>,
    source: PositionV1<'a>,
    cause: CauseV1<'a>,
    changes: Vec<ReviewChangeV1<'a>>,
}

#[derive(Serialize)]
struct CauseV1<'a> {
    #[serde(flatten)]
    source: PositionV1<'a>,
    clients: usize,
}

impl<'a> CauseV1<'a> {
    fn new(at: &'a Location, clients: usize) -> Self {
        Self { source: at.into(), clients }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum ReviewChangeV1<'a> {
    Content(ChangeV1<'a>),
    Term { field: &'a str, before: Option<&'a str>, after: Option<&'a str> },
}

fn term(one: &TermChange) -> ReviewChangeV1<'_> {
    let TermChange { term, change } = one;
    ReviewChangeV1::Term { field: term, before: change.before.as_deref(), after: change.after.as_deref() }
}

impl<'a> ClientReviewV1<'a> {
    fn new(review: &'a ClientReview, reach: usize) -> Self {
        let ClientReview { client, kind, scope, from_client, from_scope, at, cause, changes, terms, .. } = review;
        let content = changes.iter().map(|change| ReviewChangeV1::Content(ChangeV1::from(change)));
        Self {
            client,
            change: kind.name(),
            scope,
            from_client: from_client.as_ref(),
            from_scope: from_scope.as_ref(),
            source: at.into(),
            cause: CauseV1::new(cause, reach),
            changes: terms.iter().map(term).chain(content).collect(),
        }
    }
}
