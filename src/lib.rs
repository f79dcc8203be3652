//! icsync keeps the integrator clients of an Akixi CCS service (API v1) as YAML in git.
//!
//! Read everything first, decide everything in pure code, do only what was decided, report all of it.
//!
//! ```text
//! files ──manifest──▶ Desired ─┐                    ┌─apply──▶ Outcomes ─┐
//!                              ├─plan──▶ Plan ──────┤                    ├─report──▶ text · json · markdown · html · junit · sarif · github
//! API ──api, live──▶ Live ─────┘  └─drift           └─(saved, shown)─────┘
//!                      └─export──▶ files            git ──manifest──▶ Desired × 2 ──review──▶ report
//! ```
//!
//! | module | holds | may import |
//! |---|---|---|
//! | [`model`] | the nouns, one file per idea | – |
//! | [`diagnostic`] | what is said about bad input, and the registry behind `explain` | `model` |
//! | [`manifest`] | YAML ⇄ definitions with spans | `model`, `diagnostic` |
//! | [`api`] | traits `Reader` and `Writer`, and the HTTP client behind them | `model` |
//! | [`live`] | which lists and infos give the live side | `model`, `api` |
//! | [`plan`] | bind, own, diff, order, guard; pure | `model` |
//! | [`drift`], [`review`], [`export`] | the plan read as drift; two desired sides compared; live → definitions | `model`, `plan`, `manifest` |
//! | [`apply`] | the engine, one write, the journal, the way back | `model`, `api`, `live`, `plan` |
//! | `document` | everything machines read, one owned V1 struct each: written, loaded, described and rendered | `model`, `diagnostic`, `plan`, `drift`, `review`, `apply` |
//! | [`schema`] | the JSON Schemas of what people write and machines read | `document` |
//! | `report` | render a document, one file per format | `model`, `diagnostic`, `document`, `plan`, `export` |
//! | [`sandbox`] | the API as a server, with its own JSON structs | `model` |
//! | [`cli`] | arguments → steps → report → exit code | all |
//!
//! # Words
//!
//! * **definition**: what git says of one client. **desired**: all definitions together. **live**: what the server has.
//! * **boundary**: the scopes that are managed. A live client in it is **managed** when a definition finds it and
//!   **unmanaged** when none does; one beyond it is **outside**.
//! * **bind**: to find the live client of a definition. **plan**: the **steps** that make live equal desired.
//! * **action**: add, change, replace or delete. **precondition**: what must still be true when a step is written.
//! * **guard**: the pure function that weighs a plan against **limits** and protection.
//! * **apply**: to carry out a plan; each step has an **outcome**: applied, failed, skipped, stale or unknown.
//! * **journal**: the record of a **run**, on disk before each write. **drift**: live differs (drifted), git differs (pending), both (conflict).
//! * **prune**: to delete unmanaged clients. **unreadable**: a field that the server does not return.
//! * **estate**: what exists in the sandbox. **fault**: a failure it produces on demand. **dialect**: its answer to an open question of the API.

pub mod api;
pub mod apply;
pub mod cli;
pub mod diagnostic;
mod document;
pub mod drift;
pub mod export;
pub mod live;
pub mod manifest;
pub mod model;
pub mod plan;
mod report;
pub mod review;
pub mod sandbox;
pub mod schema;

#[cfg(test)]
mod fixture;
