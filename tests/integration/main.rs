//! Drives the real binary against the sandbox over real HTTP.

#![expect(clippy::format_push_string, reason = "building YAML piece by piece reads best like that")]
#![expect(clippy::print_stdout, reason = "a test says which case it is at")]
#![expect(clippy::disallowed_methods, reason = "tests write and read the files and the environment of the binary")]

mod accepted;
mod apply;
mod approved;
mod architecture;
mod bounded;
mod command_lines;
mod completions;
mod configured;
mod covering;
mod dialects;
mod disk;
mod doubt;
mod edit;
mod excepted;
mod export;
mod formats;
mod help;
mod init;
mod keys;
mod late;
mod laws;
mod limited;
mod log;
mod manual;
mod oddities;
mod output;
mod past;
mod readme;
mod review;
mod rollout;
mod safety;
mod schemas;
mod secrets;
mod sessions;
mod source;
mod streams;
mod targets;
mod unset;
mod warnings;
mod watch;
mod world;
