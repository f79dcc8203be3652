//! What a person can do about a failed request: by its code, which the table of codes says, or else by its kind.

use super::error::{ApiError, ErrorKind, Operation};

impl ApiError {
    /// Says the next step for a person who has only this message at hand.
    pub(crate) fn help(&self) -> &'static str {
        // Who is not known to the server learns nothing from what it says besides.
        let code = self.code.filter(|_| self.kind != ErrorKind::NotAuthenticated);
        code.and_then(|code| code.help(self.operation)).unwrap_or_else(|| self.help_by_kind())
    }

    fn help_by_kind(&self) -> &'static str {
        match (self.kind, self.operation) {
            (ErrorKind::NotAuthenticated, Operation::Session) => {
                "check the user name, the password and whether the user may use the API; icsync tries a password once, so as not to lock the user out"
            }
            (ErrorKind::NotAuthenticated, _) => {
                "check the secret under `auth` of the target: the API key may be wrong or revoked, the session over, or the url another host's"
            }
            (ErrorKind::NotPermitted, _) => "ask for rights on this scope, or leave the scope out of `manage`",
            (ErrorKind::NotFound, Operation::Session | Operation::List | Operation::Add) => {
                "check the `url` of the target (scheme and host only) and that the telephony server exists"
            }
            (ErrorKind::NotFound, Operation::Info | Operation::Change | Operation::Delete) => {
                "somebody deleted the client since it was listed: plan again"
            }
            (ErrorKind::Exists, _) => {
                "plan again to bind the client that is there, or write its id as `id:` into the definition"
            }
            (ErrorKind::Refused, _) => {
                "read the server's words; `icsync explain CODE` tells more where there is a code"
            }
            (ErrorKind::Unreachable, _) if matches!(self.status, Some(429 | 503)) => {
                "the host answered and has no room now: wait and run it again, or ask for fewer at once with `requests.parallelism`"
            }
            (ErrorKind::Unreachable, _) if self.status.is_some() => {
                "the host answered, so it is reachable: what stands behind it has a fault; run it again in a while, and ask its operator if it stays"
            }
            (ErrorKind::Unreachable, _) => {
                "check that the host is up and reachable from here (name, port, proxy, certificate: `ca_file`), and run it again"
            }
            (ErrorKind::Malformed, _) => {
                "look at what answers at this `url`: a proxy or another service may stand in between; run it again with `-v`"
            }
            (ErrorKind::Unsettled, _) => {
                "run it again when nobody else changes clients, or manage a smaller part of the telephony server"
            }
            (ErrorKind::Deadline, _) => {
                "run it again later or with more time; what was done is done, and the next plan shows the rest"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ErrorCode, SaidBy};

    fn error(kind: ErrorKind, code: Option<u32>) -> ApiError {
        ApiError {
            operation: Operation::Add,
            object: "417/1/1234567120".to_owned(),
            kind,
            code: code.map(ErrorCode),
            status: None,
            retry_after: None,
            said_by: SaidBy::Anybody,
            message: "no".to_owned(),
        }
    }

    #[test]
    fn a_missing_device_is_named_and_plus_and_zeros_are_spoken_of() {
        let error = error(ErrorKind::Refused, Some(30004));
        assert!(error.to_string().contains("417/1/1234567120"), "{error}");
        assert!(error.help().contains("`+`") && error.help().contains("leading zeros"), "{}", error.help());
    }

    #[test]
    fn a_code_that_comes_with_a_refused_login_is_about_the_login() {
        let help = error(ErrorKind::NotAuthenticated, Some(30000)).help();
        assert_eq!(help, error(ErrorKind::NotAuthenticated, None).help());
    }

    #[test]
    fn who_answered_is_not_called_unreachable() {
        let answered = |status| ApiError { status: Some(status), ..error(ErrorKind::Unreachable, None) };
        let unreachable = error(ErrorKind::Unreachable, None).help();
        for (status, said) in [(429, "fewer at once"), (503, "fewer at once"), (502, "the host answered")] {
            let help = answered(status).help();
            assert!(help.contains(said) && help != unreachable, "{status}: {help}");
        }
        assert!(unreachable.contains("is up and reachable"), "{unreachable}");
    }

    #[test]
    fn every_code_has_help_of_its_own() {
        for code in ErrorCode::all() {
            assert_ne!(error(ErrorKind::Refused, Some(code.0)).help(), error(ErrorKind::Refused, None).help());
        }
    }
}
