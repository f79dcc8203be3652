//! `icsync.yaml`.

use super::form::{Form, Items, Key, Mapping, Rule};
use super::mapping::{Keys, Written, mapping, shared};
use super::named::{
    DAY, DURATION, EXCEPTED, FIELD_PATTERN, LOCALE, PARALLELISM, PRUNE, REASON, STRICTNESS, URL, VARIABLE,
};
use super::scope::{FilterKeys, ProtectionKeys, WindowKeys};
use crate::diagnostic::Span;
use crate::manifest::yaml::MapEntry;
use crate::model::{Parallelism, Pause};

const FILTERS: Form = Form::List(&Form::Mapping(FilterKeys::MAPPING), Items::AtLeastOne);
const GLOBS: Form = Form::List(&Form::Text, Items::AtLeastOne);
const WINDOWS: Form = Form::List(&Form::Mapping(WindowKeys::MAPPING), Items::Any);
const WAVE: Form = Form::Either(&[Form::number(1, 4_294_967_295), Form::Matching("^(rest|(100|[1-9][0-9]?)%)$")]);
const ASK: Form = Form::Constant(Pause::ASK);
const VARS: Form = Form::Map(&Form::Text, Items::Any);

mapping! {
    /// The configuration of a repository: the servers, what is managed there, and how much a plan may do.
    Config as ConfigKeys: CONFIG_KIND {
        /// Globs of the files of definitions, relative to this file; those that begin with `!` leave files out. A file beside
        /// definitions that looks like one and that no glob reads is a mistake; with `prune: delete`, and in a run with
        /// `--prune`, a file anywhere that defines clients is too. Left out: `clients/**/*.{yaml,yml}`.
        definitions: Key::optional(GLOBS).example(r#"["clients/**/*.{yaml,yml}", "!clients/drafts/**"]"#),
        /// The target that is meant without `--target` and `ICSYNC_TARGET`.
        default_target: Key::optional(Form::Text),
        /// The servers by name.
        targets: Key::required(Form::Map(&Form::Mapping(TargetKeys::MAPPING), Items::AtLeastOne)),
        /// Values for `${var.NAME}` in definitions. A target may say otherwise.
        vars: Key::optional(VARS),
        /// The boundary: live clients outside it are never read in detail or touched. Left out: exactly the scopes that the
        /// definitions name, and then nothing can be pruned.
        manage: Key::optional(FILTERS).example(r#"[{ "telsys": 417 }, { "telsys": 426, "partition": 1 }]"#),
        /// What happens to live clients in the boundary that git does not define. Left out: `report`.
        prune: Key::optional(PRUNE),
        /// How much one plan may delete and change; more is refused.
        limits: Key::optional(Form::Mapping(LimitsKeys::MAPPING)),
        /// In which waves a plan is applied.
        rollout: Key::optional(Form::Mapping(RolloutKeys::MAPPING)),
        /// When nothing is changed, and where: steps that a closed window is about are withheld.
        windows: Key::optional(WINDOWS).example(r#"[{ "telsys": 417, "deny": "Mon-Fri 08:00-18:00", "zone": "Europe/London" }]"#),
        /// Clients that are never changed or deleted, whatever the definitions say.
        protect: Key::optional(Form::List(&Form::Mapping(ProtectionKeys::MAPPING), Items::Any)),
        /// Differences that are known and left alone up to a day: `plan` and `apply` keep what is live, `drift` shows them as
        /// excepted.
        exceptions: Key::optional(Form::List(&Form::Mapping(ExceptionKeys::MAPPING), Items::Any)),
        /// Fields and keys whose values are never shown, saved or logged.
        sensitive: Key::optional(Form::List(&FIELD_PATTERN, Items::Any))
            .example(r#"["settings.crm::password", "policies.secret::*"]"#),
        /// What a policy or setting is that does not fit keys.yaml, where there is one. Left out: `warn`.
        keys: Key::optional(STRICTNESS),
        /// How requests are made.
        requests: Key::optional(Form::Mapping(RequestsKeys::MAPPING)),
    }
}

mapping! {
    /// A server: either `sandbox`, or `url` and `auth`.
    Target as TargetKeys(Rule::OneOf(&[(&["sandbox"], &["url", "auth", "ca_file"]), (&["url", "auth"], &["sandbox"])])) {
        /// The embedded server on a loopback port, for the run.
        sandbox: Key::optional(Form::Mapping(SandboxKeys::MAPPING)),
        /// Scheme and host of a server; `/CCS/API/v1` is added. `http://` is for loopback addresses only.
        url: Key::optional(URL).example("https://ccs.example.com"),
        /// Certificates to trust besides those of the platform (PEM).
        ca_file: Key::optional(Form::Path),
        /// How to log in: exactly one of the ways.
        auth: Key::optional(Form::Mapping(AuthKeys::MAPPING)),
        /// Values for `${var.NAME}`, over those at the top.
        vars: Key::optional(VARS),
        /// The boundary at this target, instead of the one at the top.
        manage: Key::optional(FILTERS),
        /// What happens to unmanaged clients at this target.
        prune: Key::optional(PRUNE),
        /// Limits at this target, over those at the top.
        limits: Key::optional(Form::Mapping(LimitsKeys::MAPPING)),
        /// In which waves a plan is applied at this target; what it leaves out is as at the top.
        rollout: Key::optional(Form::Mapping(RolloutKeys::MAPPING)),
        /// The windows at this target, instead of those at the top.
        windows: Key::optional(WINDOWS),
        /// Globs of the files of definitions for this target, instead of those at the top.
        definitions: Key::optional(GLOBS),
    }
}

shared! {
    /// The keys that a target may say otherwise.
    RuleKeys { definitions, manage, prune, limits, rollout, windows } in ConfigKeys, TargetKeys
}

mapping! {
    /// The embedded server.
    Sandbox as SandboxKeys {
        /// The file of its store.
        data: Key::required(Form::Path).example(".icsync/sandbox.db"),
        /// What exists in a new store.
        estate: Key::required(Form::Path).example("estate.yaml"),
        /// Its answers to open questions of the API, by name.
        dialect: Key::optional(Form::Map(&Form::Anything, Items::Any)),
        /// The file of the failures it produces.
        faults: Key::optional(Form::Path),
    }
}

mapping! {
    /// How to log in.
    Auth as AuthKeys(Rule::OneOf(&[(&["api_key"], &[]), (&["login"], &[]), (&["session"], &[])])) {
        /// The key for the header `x-api-key`.
        api_key: Key::optional(Form::Mapping(SecretKeys::MAPPING)),
        /// A session that user name and password open.
        login: Key::optional(Form::Mapping(LoginKeys::MAPPING)),
        /// A session that somebody else opened: the value of `JSESSIONID`.
        session: Key::optional(Form::Mapping(SecretKeys::MAPPING)),
        /// The client's own certificate, where a connection takes one; it comes besides the others.
        certificate: Key::optional(Form::Mapping(CertificateKeys::MAPPING)),
    }
}

mapping! {
    /// User name and password.
    Login as LoginKeys {
        /// Where the user name is.
        username: Key::required(Form::Mapping(SecretKeys::MAPPING)),
        /// Where the password is.
        password: Key::required(Form::Mapping(SecretKeys::MAPPING)),
        /// The language of the session. Left out: `en_GB`.
        locale: Key::optional(LOCALE),
    }
}

mapping! {
    /// Where the client's certificate is, with its chain, in PEM form. The key is there too, or in a place of its own.
    Certificate as CertificateKeys(Rule::OneOf(&[(&["env"], &[]), (&["file"], &[])])) {
        /// The name of an environment variable.
        env: Key::optional(VARIABLE).example("CCS_CERTIFICATE"),
        /// A file.
        file: Key::optional(Form::Path).example("client.pem"),
        /// Where the key is, without a passphrase. Left out: with the certificate.
        key: Key::optional(Form::Mapping(SecretKeys::MAPPING)),
    }
}

mapping! {
    /// Where a secret is: in an environment variable or in a file, never in this one.
    Secret as SecretKeys(Rule::One) {
        /// The name of an environment variable.
        env: Key::optional(VARIABLE).example("CCS_API_KEY"),
        /// A file; its last line break is no part of the secret.
        file: Key::optional(Form::Path),
    }
}

mapping! {
    /// How much one plan may do.
    Limits as LimitsKeys {
        /// For deletes and replaces together. Left out: 10 and 20 %.
        delete: Key::optional(Form::Mapping(LimitKeys::MAPPING)),
        /// For changes. Left out: no limit.
        change: Key::optional(Form::Mapping(LimitKeys::MAPPING)),
        /// For pinned clients that are gone and would be added anew, from 3 on. Left out: 10 and 20 % of the pinned clients.
        vanished: Key::optional(Form::Mapping(LimitKeys::MAPPING)),
    }
}

mapping! {
    /// The most that is allowed.
    Limit as LimitKeys {
        /// How many clients.
        count: Key::optional(Form::number(0, 4_294_967_295)),
        /// Which share of the clients in the boundary; of the pinned ones for `vanished`.
        percent: Key::optional(Form::number(0, 100)),
    }
}

mapping! {
    /// What is left alone for a while. All four keys are needed: nothing is left alone for ever, or for no reason.
    Exception as ExceptionKeys {
        /// The name of a client, or an expression as of `--select`.
        client: Key::required(EXCEPTED).example("profile=reception"),
        /// The fields and keys.
        fields: Key::required(Form::List(&FIELD_PATTERN, Items::AtLeastOne)).example(r#"["settings.interface::*"]"#),
        /// The last day, in UTC. After it `plan`, `apply`, `drift` and `watch` call the exception a mistake.
        until: Key::required(DAY).example("2027-01-31"),
        /// Why, for whoever meets it on that day.
        reason: Key::required(REASON).example("trial of the new panel"),
    }
}

mapping! {
    /// In which waves a plan is applied, and what has to be well before the next one.
    Rollout as RolloutKeys {
        /// How many steps each wave takes: a number, a share of the plan, or `rest`. What is left after the last is one more.
        /// Left out: everything goes at once.
        waves: Key::optional(Form::List(&WAVE, Items::AtLeastOne)).example(r#"[1, "10%", "rest"]"#),
        /// What comes between two waves: so much time, or `ask`, for which a terminal is needed. Left out: nothing.
        pause: Key::optional(Form::Either(&[DURATION, ASK])),
        /// So many steps that failed, became stale or stayed unknown, and no further wave begins. Left out: 1.
        stop_after: Key::optional(Form::number(1, 4_294_967_295)),
    }
}

mapping! {
    /// How requests are made.
    Requests as RequestsKeys {
        /// How many are in flight at most, or `auto`: as many as the server answers without becoming slower, from 8 up to 64.
        /// Left out: `auto`.
        parallelism: Key::optional(Form::Either(&[Form::number(1, Parallelism::MOST as i64), PARALLELISM])),
        /// How many rows are asked for at once. Left out: 100.
        page_size: Key::optional(Form::number(1, 100_000)),
        /// How long one request may take. Left out: `30s`.
        timeout: Key::optional(DURATION),
        /// How long the whole run may take. Left out: for ever.
        deadline: Key::optional(DURATION),
        /// How often one request is repeated. Left out: 4.
        retries: Key::optional(Form::number(0, 100)),
        /// How many bytes one answer may have; a longer one is not read. Left out: 67108864, which is 64 MiB.
        max_body: Key::optional(Form::number(1024, 1_073_741_824)),
        /// Whether what was written is read back and compared. Left out: true.
        verify: Key::optional(Form::Truth),
        /// How long a write is looked for that does not show at once. Left out: `2s`.
        settle: Key::optional(DURATION),
    }
}
