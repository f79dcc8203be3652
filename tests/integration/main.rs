//! Drives the real binary against the sandbox over real HTTP.

mod apply;
mod architecture;
mod export;
mod safety;
mod world;
