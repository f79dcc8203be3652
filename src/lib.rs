//! icsync
