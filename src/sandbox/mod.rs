//! The API as a server: an estate in a durable store, behind the five operations over real HTTP.
