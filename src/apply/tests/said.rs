//! What is said of a step that is not applied.

use super::*;

fn answered(said_by: SaidBy, retry_after: Option<Duration>) -> ApiError {
    ApiError { code: None, said_by, retry_after, ..server::not_found(Operation::Change) }
}

fn said(cause: Cause) -> (String, String) {
    let problem = Problem::from(cause);
    (problem.message(), problem.help())
}

#[test]
fn only_what_is_no_answer_of_the_api_may_be_one_of_a_proxy() {
    let (message, _) = said(Cause::TurnedAway(answered(SaidBy::Anybody, None)));
    assert!(
        message.starts_with("the answer has no code of the API, so it may be that of a proxy; reading"),
        "{message}"
    );
    let (message, _) = said(Cause::TurnedAway(answered(SaidBy::Api, None)));
    assert!(message.starts_with("the server says no, and not with a code") && !message.contains("proxy"), "{message}");
}

#[test]
fn a_write_that_is_in_doubt_says_how_long_the_server_asks_to_wait() {
    let error = || answered(SaidBy::Anybody, Some(Duration::from_mins(10)));
    for cause in [Cause::Lost(error()), Cause::TurnedAway(error())] {
        let (message, _) = said(cause);
        assert!(message.ends_with("; it asks to wait 600 s before the next try"), "{message}");
    }
}

#[test]
fn a_help_never_says_twice_to_apply_again() {
    let (id, run) = (client_id(A), "r1".to_owned());
    for inner in [Cause::NotFreed { step: 2, scope: scope(417, 1) }, Cause::Ended, Cause::NotListed] {
        let half =
            Cause::HalfReplaced { id: id.clone(), run: run.clone(), carried: vec![], cause: Box::new(inner.clone()) };
        for cause in [half, Cause::Braked(Box::new(inner))] {
            let (_, help) = said(cause);
            assert_eq!(help.matches("run `icsync apply` again").count(), 1, "{help}");
        }
    }
    let inner = Box::new(Cause::NotFreed { step: 2, scope: scope(417, 1) });
    let (_, help) = said(Cause::HalfReplaced { id, run, carried: vec![], cause: inner });
    let way =
        "see what became of step 2, then run `icsync apply` again, or bring the old client back: `icsync rollback r1";
    assert!(help.starts_with(way), "{help}");
}
