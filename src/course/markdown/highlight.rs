//! Code in colours: a few classes, styled by the site for light and dark.

use std::{fmt::Write as _, sync::LazyLock};

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use crate::course::html::{SafeHtml, escape};

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// From what a grammar calls things to our classes; the innermost scope that is listed decides.
static CLASSES: LazyLock<Vec<(Scope, &'static str)>> = LazyLock::new(|| {
    [
        // The marks of a comment or a string belong to it, though grammars call them punctuation.
        ("punctuation.definition.comment", "c"),
        ("punctuation.definition.string", "s"),
        ("comment", "c"),
        ("entity.name.tag", "k"),
        ("meta.mapping.key", "k"),
        ("support.type.property-name", "k"),
        ("string.unquoted.plain", "s"),
        ("string", "s"),
        ("constant", "n"),
        ("keyword", "w"),
        ("storage", "w"),
        ("variable", "v"),
        ("punctuation", "p"),
    ]
    .into_iter()
    .filter_map(|(scope, class)| Some((Scope::new(scope).ok()?, class)))
    .collect()
});

/// A `<pre>` that can be scrolled by keyboard. Languages nobody knows stay plain.
pub(in crate::course) fn highlight(language: &str, code: &str) -> SafeHtml {
    let language = language.split_whitespace().next().unwrap_or("text");
    let body = match SYNTAXES.find_syntax_by_token(language) {
        Some(syntax) => coloured(syntax, code).unwrap_or_else(|| escape(code)),
        None => escape(code),
    };
    SafeHtml::trust(format!("<pre class=\"code\" tabindex=\"0\"><code class=\"language-{}\">{body}</code></pre>\n", escape(language)))
}

/// None where the grammar fails on the text; it is then shown without colours.
fn coloured(syntax: &SyntaxReference, code: &str) -> Option<String> {
    let mut state = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut out = Spans::default();
    for line in code.split_inclusive('\n') {
        let mut done = 0;
        for (at, operation) in state.parse_line(line, &SYNTAXES).ok()? {
            out.push(class(&stack), line.get(done..at)?);
            stack.apply(&operation).ok()?;
            done = at;
        }
        out.push(class(&stack), line.get(done..)?);
    }
    Some(out.finish())
}

fn class(stack: &ScopeStack) -> Option<&'static str> {
    stack.as_slice().iter().rev().find_map(|scope| CLASSES.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope)).map(|(_, class)| *class))
}

/// Joins neighbours of one class, and leaves blanks without any.
#[derive(Default)]
struct Spans {
    html: String,
    open: Option<&'static str>,
}

impl Spans {
    fn push(&mut self, class: Option<&'static str>, text: &str) {
        if text.is_empty() {
            return;
        }
        let class = if text.trim().is_empty() { None } else { class };
        if class != self.open {
            self.close();
            if let Some(name) = class {
                // Writing into a string cannot fail.
                let _ = write!(self.html, "<span class=\"{name}\">");
            }
            self.open = class;
        }
        self.html.push_str(&escape(text));
    }

    fn close(&mut self) {
        if self.open.take().is_some() {
            self.html.push_str("</span>");
        }
    }

    fn finish(mut self) -> String {
        self.close();
        self.html
    }
}

#[cfg(test)]
mod tests {
    use super::highlight;

    #[test]
    fn yaml_keys_values_and_comments_have_classes_and_markup_is_escaped() {
        let html = highlight("yaml", "host: reviews # <b>\nport: 9080\n").to_string();
        assert!(html.contains("<span class=\"k\">host</span>"), "{html}");
        assert!(html.contains("<span class=\"n\">9080</span>"), "{html}");
        assert!(html.contains("# &lt;b&gt;"), "{html}");
        assert!(!html.contains("<b>"), "{html}");
    }

    #[test]
    fn an_unknown_language_is_plain_text() {
        assert!(highlight("no-such-language", "a < b").as_str().contains("a &lt; b"));
    }
}
