//! Drives the real binary against the sandbox over real HTTP.

mod architecture;
