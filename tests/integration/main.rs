//! Drives the real binary against the sandbox over real HTTP.

#![expect(clippy::disallowed_methods, reason = "tests write and read the files and the environment of the binary")]

mod apply;
mod architecture;
mod export;
mod readme;
mod review;
mod safety;
mod world;
