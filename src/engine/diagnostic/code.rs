//! What a coded finding is an instance of.

use std::fmt;

use super::Level;

/// An entry of the catalogue: one kind of finding, under a code that is never used for another.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `IST` and four digits for what `istioctl analyze` says, `MW` and four digits for our own hints.
    pub id: &'static str,
    /// Its name; Istio's own where the code is Istio's.
    pub name: &'static str,
    /// How much each finding of it weighs.
    pub level: Level,
    /// What it says, in a line.
    pub summary: &'static str,
    /// What comes of leaving it as it is.
    pub why: &'static str,
}

impl Code {
    /// Whether it is one of ours, which `istioctl` does not know.
    pub fn is_hint(&self) -> bool {
        self.id.starts_with("MW")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// The words of one finding: the arguments of a catalogue entry, which `Display` puts into a sentence.
pub trait Message: fmt::Display {
    /// The entry it belongs to.
    const CODE: &'static Code;
}

/// Declares catalogue entries, in the order of their codes: a static by the code, a struct by the name whose fields are the
/// arguments, and `ALL`.
macro_rules! catalog {
    ($($id:ident $name:ident { $($field:ident: $ty:ty),* $(,)? } = $level:ident, $summary:literal, $why:literal, $template:literal;)*) => {
        $(
            #[doc = $summary]
            pub static $id: $crate::engine::diagnostic::Code = $crate::engine::diagnostic::Code {
                id: stringify!($id),
                name: stringify!($name),
                level: $crate::engine::diagnostic::Level::$level,
                summary: $summary,
                why: $why,
            };

            #[doc = concat!(stringify!($id), ": ", $summary)]
            #[allow(missing_docs, reason = "the fields are the words that the sentence wants")]
            #[derive(Debug, Clone)]
            pub struct $name { $(pub $field: $ty),* }

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    let Self { $($field),* } = self;
                    write!(f, $template)
                }
            }

            impl $crate::engine::diagnostic::Message for $name {
                const CODE: &'static $crate::engine::diagnostic::Code = &$id;
            }
        )*

        /// Every entry, in the order of the codes.
        pub static ALL: &[&$crate::engine::diagnostic::Code] = &[$(&$id),*];
    };
}
pub(super) use catalog;
