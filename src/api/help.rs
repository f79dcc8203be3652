//! What a person can do about a failed request, apart from the error itself.

use super::code::{ErrorCode, Meaning};
use super::error::{ApiError, ErrorKind, Operation};

impl ApiError {
    /// Says the next step for a person who has only this message at hand.
    pub fn help(&self) -> String {
        match self.code.and_then(ErrorCode::meaning) {
            Some(meaning) => self.help_by_meaning(meaning),
            None => self.help_by_kind().to_owned(),
        }
    }

    fn help_by_meaning(&self, meaning: Meaning) -> String {
        match meaning {
            Meaning::NotEnoughPermissions => {
                "give the user of this key or login the Integrator Client privilege for this scope, or leave the scope out of `manage`"
            }
            Meaning::NoConfig | Meaning::NoId => {
                "the server says that a part of the request is missing, which icsync sends always: look for a proxy that strips requests, and report this"
            }
            Meaning::NotFound => {
                "somebody deleted the client since it was listed: plan again; an `id:` in git may be out of date, `icsync pin` renews it"
            }
            Meaning::DeviceNotFound => return self.help_for_device(),
            Meaning::ExistsForScope => {
                "another client has this exact scope already: plan again to bind it, or write its id as `id:` into the definition"
            }
            Meaning::ExistsForId => "another client has this id already: plan again, and remove a wrong `id:` from the definition",
            Meaning::NotResolved => {
                "the server cannot resolve the client's own scope, which happens when its device or partition was deleted: look at it in the CCS administration"
            }
            Meaning::MultiTelsys => {
                "the user may work on one telephony server only: name one under `scope.telsys`, or use a user with rights over several"
            }
            Meaning::MultiPartition => {
                "the user may work on one partition only: name it as `scope.partition`, or use a user with rights over the whole telephony server"
            }
            Meaning::GeneralAmbiguous => "run it again in a few minutes; if it stays, give the code to the administrator of the CCS host",
            Meaning::GeneralPermanent => "repeating does not help: give the code to the administrator of the CCS host",
            Meaning::GeneralTransient => "the database of the CCS host is away, for maintenance or a backup: run it again in a few minutes",
        }
        .to_owned()
    }

    /// Names the device and its server: a lost plus or leading zero is the usual cause.
    fn help_for_device(&self) -> String {
        format!(
            "no device of `{}` exists in its telephony server: compare the number with the telephony server digit by digit, with its `+` and leading zeros, and check `scope.telsys` and `scope.partition`",
            self.object
        )
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

    fn error(kind: ErrorKind, code: Option<u32>) -> ApiError {
        ApiError {
            operation: Operation::Add,
            object: "417/1/1234567120".to_owned(),
            kind,
            code: code.map(ErrorCode),
            status: None,
            retry_after: None,
            message: "no".to_owned(),
        }
    }

    #[test]
    fn a_missing_device_is_named_and_plus_and_zeros_are_spoken_of() {
        let help = error(ErrorKind::Refused, Some(30004)).help();
        assert!(help.contains("417/1/1234567120") && help.contains("`+`") && help.contains("leading zeros"), "{help}");
    }

    #[test]
    fn every_code_has_help_of_its_own_or_of_its_family() {
        for code in ErrorCode::all() {
            assert_ne!(error(ErrorKind::Refused, Some(code.0)).help(), error(ErrorKind::Refused, None).help());
        }
    }
}
