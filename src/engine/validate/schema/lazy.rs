//! What a table says, read when it is first asked for: a start must not wait for what nobody writes.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use super::notation::{Names, Notation};

/// Something in the notation of the tables, and what it says as soon as somebody has asked.
#[derive(Debug)]
pub(super) struct Lazy<T> {
    text: &'static str,
    names: Arc<Names>,
    read: OnceLock<Box<T>>,
}

impl<T: Notation> Lazy<T> {
    pub(super) fn new(text: &'static str, names: &Arc<Names>) -> Self {
        Self { text, names: Arc::clone(names), read: OnceLock::new() }
    }

    /// Reads it without keeping it. An error says what is wrong with the text.
    #[cfg(test)]
    pub(super) fn check(&self) -> Result<T, String> {
        T::read(self.text, &self.names)
    }
}

impl<T: Notation> Deref for Lazy<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.read.get_or_init(|| Box::new(T::read(self.text, &self.names).expect("a test reads the tables from end to end")))
    }
}
