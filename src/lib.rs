//! icsync keeps the integrator clients of an Akixi CCS service (API v1) as YAML in git.
//!
//! Read everything first, decide everything in pure code, do only what was decided, report all of it.
//!
//! ```text
//! files ──manifest──▶ Desired ─┐                    ┌─apply──▶ Outcomes ─┐
//!                              ├─plan──▶ Plan ──────┤                    ├─report──▶ text · json · markdown · html · junit · sarif · github · gitlab
//! API ──api, live──▶ Live ─────┘  └─drift           └─(saved, shown)─────┘
//!                      └─export──▶ files            git ──manifest──▶ Desired × 2 ──review──▶ report
//! ```
//!
//! | module | holds | may import |
//! |---|---|---|
//! | `model` | the nouns, one file per idea | – |
//! | `text` | the one place that makes text safe and fitting to show | – |
//! | `web` | what a page cannot choose of a request, for servers on loopback | – |
//! | `diagnostic` | what is said about bad input, and the registry behind `explain` | `model`, `text` |
//! | `catalogue` | which keys there are, which are probably misspelt, what people say of them; pure | `model`, `text`, `diagnostic` |
//! | `git` | what asks the `git` program: revisions, trees, objects | `text` |
//! | `emitter` | YAML as it is written: quotes, blocks, width | `model`, `text` |
//! | `redact` | which values are sensitive, and what stands in their place | `model` |
//! | `manifest` | YAML ⇄ definitions with spans; one table of keys | `model`, `text`, `diagnostic`, `catalogue`, `emitter`, `git`, `redact` |
//! | `api` | traits `Reader` and `Writer`, and the HTTP client behind them | `model`, `text` |
//! | `live` | `fetch`: which lists and infos give the live side | `model`, `api` |
//! | `plan` | bind, own, diff, order, guard, withhold, waves, roll back; pure | `model`, `text`, `redact` |
//! | `drift`, `review`, `export` | the plan read as drift, and taken back; two desired sides compared; live → definitions | `model`, `text`, `diagnostic`, `emitter`, `redact`, `plan`, `manifest` |
//! | `apply` | the engine, one write, the journal | `model`, `redact`, `api`, `live`, `plan` |
//! | `document` | everything machines read, one owned V1 struct each: written, loaded, described and rendered | `model`, `text`, `diagnostic`, `catalogue`, `redact`, `plan`, `drift`, `review`, `apply` |
//! | `schema` | the JSON Schemas of what people write and machines read | `model`, `catalogue`, `manifest`, `document`, `sandbox` |
//! | `report` | render a document, one file per format | `model`, `text`, `diagnostic`, `emitter`, `redact`, `document`, `plan` |
//! | `watch` | a process that compares for ever: when, what it measures, shows and tells | `model`, `text`, `git`, `redact`, `api`, `plan`, `drift`, `apply`, `document`, `report`, `web` |
//! | `sandbox` | the API as a server, with its own JSON structs | `model`, `diagnostic`, `manifest`, `web` |
//! | `manual` | the pages of `icsync help TOPIC`, for a terminal and as manual pages | – |
//! | `cli` | arguments → steps → report → exit code | all |
//!
//! # Words
//!
//! * **definition**: what git says of one client. **desired**: all definitions together. **live**: what the server has.
//! * **boundary**: the scopes that are managed. A live client in it is **managed** when a definition finds it and
//!   **unmanaged** when none does; one beyond it is **outside**.
//! * **bind**: to find the live client of a definition. **plan**: the **steps** that make live equal desired.
//! * **action**: add, change, replace or delete. **precondition**: what must still be true when a step is written.
//! * **guard**: the pure function that weighs a plan against **limits** and protection.
//! * **apply**: to carry out a plan; each step has an **outcome**: applied, failed, skipped, withheld, stale or unknown.
//! * **withheld**: left undone on purpose: not approved, or a **window** is closed. **wave**: the steps that are done before the next are begun.
//! * **journal**: the record of a **run**, on disk before each write. **drift**: live differs (drifted), git differs (pending), both (conflict).
//! * **prune**: to delete unmanaged clients. **unreadable**: a field that the server does not return.
//! * **estate**: what exists in the sandbox. **fault**: a failure it produces on demand. **dialect**: its answer to an open question of the API.

mod api;
mod apply;
mod catalogue;
pub mod cli;
mod diagnostic;
mod document;
mod drift;
mod emitter;
mod export;
mod git;
mod live;
mod manifest;
mod manual;
mod model;
mod plan;
mod redact;
mod report;
mod review;
pub mod sandbox;
mod schema;
mod text;
mod watch;
mod web;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
