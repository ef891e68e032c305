//! What can be wrong with a text, before words are found for it.

use crate::engine::source::Span;

/// A fault that leaves a tree.
#[derive(Debug)]
pub(in super::super) enum Slip {
    /// A key stands twice in a mapping.
    Duplicate {
        key: String,
        first: Span,
        second: Span,
        /// The second value, where it repeats the first.
        repeated: Option<Span>,
    },
    /// A key that is a list, a mapping or nothing.
    Key(Span, &'static str),
    /// What `<<` takes no keys from.
    Merge(Span, &'static str),
    /// A number that JSON cannot write.
    NotFinite(Span),
    /// A tag that the value does not fit to.
    Tag(Span, String),
}

/// Why a piece is not read to its end.
#[derive(Debug)]
pub(in super::super) enum Stop {
    /// It is no YAML from here on.
    Syntax(usize, Trouble),
    /// A bound of this reader.
    Bound(Box<(Span, String)>),
}

/// Ways to be no YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Trouble {
    /// A tab where the indentation is told by spaces.
    Tab,
    /// A character that starts nothing: `@`, a backtick, `%`, or `|` and `>` within brackets.
    Start(char),
    /// `%YAML` or another line for the reader.
    Directive,
    /// `&` or `*` without a name.
    Name,
    /// `*` with a name that no anchor has before.
    UnknownAnchor,
    /// An alias within the value that it stands for.
    Cycle,
    /// A tag that cannot be read, or whose prefix nobody declared.
    BadTag,
    /// `: ` where no key can be.
    Colon,
    /// A key without its colon.
    NoColon,
    /// `- ` behind something else on a line.
    Dash,
    /// Something at a column where nothing can stand.
    Misplaced,
    /// Text behind a closing quote.
    BehindQuote,
    /// A quote that is not closed.
    OpenQuote,
    /// A backslash and a character that mean nothing.
    Escape,
    /// A bracket that is not closed.
    OpenBracket(char),
    /// A bracket that closes another kind.
    WrongBracket { open: char, close: char },
    /// A bracket that closes nothing.
    StrayBracket,
    /// Two items within brackets without a comma between.
    NoComma(char),
    /// Nothing where a value is needed, within brackets.
    Nothing,
    /// Something behind `|` or `>` that does not belong there.
    Header,
}
