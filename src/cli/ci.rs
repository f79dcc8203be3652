//! Where a run of CI is, as its host says in variables: for links in comments.

use super::variables::HeardVariable;
use crate::report::{ChangeStage, Hosted};

/// The longest address that is linked to.
const LONGEST: usize = 500;

/// A run of CI, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CiRun {
    page: Option<String>,
    stage: ChangeStage,
}

impl CiRun {
    /// Reads what the host says.
    pub(super) fn heard() -> Self {
        Self::of(|name| HeardVariable::runs().find(|one| one.name() == name).and_then(HeardVariable::text))
    }

    /// Puts together what variables say.
    fn of(read: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| read(name).filter(|text| !text.is_empty());
        let github = || {
            let (server, repository) = (text("GITHUB_SERVER_URL")?, text("GITHUB_REPOSITORY")?);
            Some(format!("{server}/{repository}/actions/runs/{}", text("GITHUB_RUN_ID")?))
        };
        let page = github().or_else(|| text("CI_JOB_URL")).filter(|page| is_address(page));
        let pull = text("GITHUB_EVENT_NAME").is_some_and(|event| event.starts_with("pull_request"));
        let proposed = pull || text("CI_MERGE_REQUEST_IID").is_some();
        Self { page, stage: if proposed { ChangeStage::Proposed } else { ChangeStage::AtHand } }
    }

    /// Lends it to a report.
    pub(super) fn hosted(&self) -> Hosted<'_> {
        Hosted { page: self.page.as_deref(), stage: self.stage }
    }
}

/// Tells whether text is an address and nothing else: it stands in a link.
fn is_address(text: &str) -> bool {
    let plain = |one: char| one.is_ascii_alphanumeric() || "-._~/:%?=&#+".contains(one);
    let web = text.starts_with("https://") || text.starts_with("http://");
    web && text.len() <= LONGEST && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(variables: &[(&str, &str)]) -> CiRun {
        CiRun::of(|name| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_page_of_a_run_is_that_of_github_or_of_the_job() {
        let github = [
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "sunshine/phones"),
            ("GITHUB_RUN_ID", "42"),
            ("GITHUB_EVENT_NAME", "pull_request"),
        ];
        let page = Some("https://github.com/sunshine/phones/actions/runs/42");
        assert_eq!(heard(&github).hosted(), Hosted { page, stage: ChangeStage::Proposed });
        let page = Some("https://gitlab.example/a/b/-/jobs/7");
        assert_eq!(
            heard(&[("CI_JOB_URL", "https://gitlab.example/a/b/-/jobs/7")]).hosted(),
            Hosted { page, ..Hosted::NOWHERE }
        );
        assert_eq!(heard(&[]).hosted(), Hosted::NOWHERE);
        assert_eq!(heard(&[("CI_MERGE_REQUEST_IID", "3")]).hosted().stage, ChangeStage::Proposed);
    }

    #[test]
    fn what_is_no_address_is_no_link() {
        for nasty in ["javascript:alert(1)", "https://x> <b>", "https://x/) @everyone", "https://x\n# y", ""] {
            assert_eq!(heard(&[("CI_JOB_URL", nasty)]).hosted().page, None, "{nasty}");
        }
    }
}
