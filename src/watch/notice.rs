//! What a webhook is sent: JSON of our own, or what Slack and Teams take.

use std::str::FromStr;

use serde_json::{Value, json};

use super::alert::Alert;
use super::board::WatchFacts;
use crate::text::visible;

/// Slack shows so many characters of a message.
const LONGEST_TEXT: usize = 3_000;

/// The form of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoticeForm {
    /// Everything that the history keeps of the round, for programs.
    Json,
    /// An incoming webhook of Slack, or of what takes the same.
    Slack,
    /// A workflow of Microsoft Teams: a message with an adaptive card.
    Teams,
}

impl NoticeForm {
    const ALL: [Self; 3] = [Self::Json, Self::Slack, Self::Teams];

    /// Gives the word of the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Slack => "slack",
            Self::Teams => "teams",
        }
    }

    /// Writes a notice.
    pub(crate) fn write(self, alert: &Alert, facts: &WatchFacts) -> Value {
        let target = facts.target.as_ref().map_or("icsync", |(name, _)| name);
        let title = format!("icsync · {}: {}", visible(target), visible(&alert.headline()));
        let details: Vec<String> = alert.details().iter().map(|line| visible(line).into_owned()).collect();
        match self {
            Self::Json => json!({
                "format_version": "1.0",
                "target": facts.target.as_ref().map(|(name, url)| json!({ "name": name, "url": url })),
                "before": alert.before.map(super::RoundOutcome::name),
                "outcome": alert.round.outcome.name(),
                "headline": alert.headline(),
                "details": details,
                "round": alert.round,
            }),
            Self::Slack => {
                let lines = std::iter::once(format!("*{}*", for_slack(&title)));
                let lines = lines.chain(details.iter().map(|line| for_slack(line)));
                json!({ "text": cut(&lines.collect::<Vec<_>>().join("\n")) })
            }
            Self::Teams => json!({
                "type": "message",
                "attachments": [{
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "content": {
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard",
                        "version": "1.4",
                        "body": std::iter::once(block(&title, "bolder")).chain(details.iter().map(|line| block(line, "default"))).collect::<Vec<_>>(),
                    },
                }],
            }),
        }
    }
}

impl FromStr for NoticeForm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = Self::ALL.into_iter().find(|form| form.name() == text);
        form.ok_or_else(|| format!("`{}` is not one of {}", text.escape_debug(), Self::ALL.map(Self::name).join(", ")))
    }
}

/// Slack reads three signs as its own (<https://docs.slack.dev/messaging/formatting-message-text>); a star or a backtick
/// in a message can at worst make it bold.
fn for_slack(line: &str) -> String {
    line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Cards read a part of Markdown, in which a link could be hidden.
fn block(line: &str, weight: &str) -> Value {
    let text: String =
        line.chars().flat_map(|one| ["[]()*_\\#".contains(one).then_some('\\'), Some(one)]).flatten().collect();
    json!({ "type": "TextBlock", "text": cut(&text), "wrap": true, "weight": weight })
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::alert::alert;
    use super::super::round::{RoundOutcome, WatchRound};
    use super::*;

    fn notice(form: NoticeForm) -> Value {
        let message = Some("the plan would delete 5 <!channel> [x](http://evil)".to_owned());
        let round = WatchRound {
            outcome: RoundOutcome::Refused,
            message,
            differing: [(417, 5)].into(),
            ..WatchRound::begin(Timestamp::UNIX_EPOCH, "timer")
        };
        let facts = WatchFacts { target: Some(("prod".to_owned(), "https://ccs".to_owned())), ..WatchFacts::default() };
        form.write(&alert(None, &round).expect("news"), &facts)
    }

    #[test]
    fn each_receiver_gets_its_form_and_nobody_is_addressed_by_what_a_server_says() {
        let json = notice(NoticeForm::Json);
        assert_eq!((&json["outcome"], &json["round"]["differing"]["417"]), (&json!("refused"), &json!(5)));
        assert_eq!(
            notice(NoticeForm::Slack)["text"],
            "*icsync · prod: refused: the plan would delete 5 &lt;!channel&gt; [x](http://evil)*\nby telephony server: 417: 5"
        );
        let teams = notice(NoticeForm::Teams);
        let body = &teams["attachments"][0]["content"]["body"];
        assert_eq!(
            body[0]["text"],
            "icsync · prod: refused: the plan would delete 5 <!channel> \\[x\\]\\(http://evil\\)"
        );
        assert_eq!(body[1]["text"], "by telephony server: 417: 5");
    }
}
