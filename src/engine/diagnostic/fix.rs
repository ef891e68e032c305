//! Replacements that mend a fault for certain, one or several at once.

use crate::engine::source::Span;

/// A text replacement that mends a fault for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What to replace.
    pub span: Span,
    /// With what.
    pub replacement: String,
}

/// Those that can be made at once, in the order of the text: of two that overlap the first one stays, and the same replacement counts
/// once. What is left out is found again in the text that comes of it.
pub fn together(fixes: impl IntoIterator<Item = Fix>) -> Vec<Fix> {
    let mut sorted: Vec<Fix> = fixes.into_iter().collect();
    sorted.sort_by(|a, b| (a.span, &a.replacement).cmp(&(b.span, &b.replacement)));
    let mut kept: Vec<Fix> = Vec::new();
    for fix in sorted {
        let end = kept.last().map(|last| last.span.end());
        // Two insertions at one place have no order.
        let is_insertion_at_end = end == Some(fix.span.start()) && fix.span.start() == fix.span.end();
        if end.is_none_or(|end| end <= fix.span.start()) && !is_insertion_at_end {
            kept.push(fix);
        }
    }
    kept
}

/// The text with replacements made that [`together`] lets through. One that does not fit the text is passed over.
pub fn mend(text: &str, fixes: impl IntoIterator<Item = Fix>) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut done = 0;
    for Fix { span, replacement } in together(fixes) {
        let (Some(before), Some(_)) = (text.get(done..span.start()), text.get(span.range())) else { continue };
        mended.push_str(before);
        mended.push_str(&replacement);
        done = span.end();
    }
    mended.push_str(text.get(done..).unwrap_or_default());
    mended
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(start: usize, end: usize, replacement: &str) -> Fix {
        Fix { span: Span::new(start, end), replacement: replacement.to_owned() }
    }

    #[test]
    fn several_are_made_from_front_to_back() {
        assert_eq!(mend("a: 1\nb: 2\n", [fix(8, 9, "two"), fix(3, 4, "one")]), "a: one\nb: two\n");
    }

    #[test]
    fn of_two_that_overlap_the_first_one_is_made() {
        assert_eq!(mend("abcdef", [fix(2, 4, "X"), fix(0, 3, "Y"), fix(0, 3, "Y")]), "Ydef");
        assert_eq!(mend("ab", [fix(1, 1, "y"), fix(1, 1, "x")]), "axb");
        assert_eq!(mend("abc", [fix(1, 2, "y"), fix(0, 1, "x"), fix(2, 2, "z")]), "xyc");
    }

    #[test]
    fn what_does_not_fit_the_text_is_passed_over() {
        assert_eq!(mend("é", [fix(1, 2, "x")]), "é");
        assert_eq!(mend("é", [fix(0, 9, "x")]), "é");
        assert_eq!(mend("", [fix(3, 1, "x")]), "");
    }
}
