//! Reads the notation of the tables.
//!
//! ```text
//! # A comment.
//! HTTPRetry                             an object type, up to the next empty line
//!   attempts int                        a field and its type
//!   hosts    [string len=1..253] required
//!   one-of   port derivePort            at most one of these fields
//!   check    prefix-replacement         a condition on the whole object, by its name in `checks`
//! ```
//! Types: `string`, `duration`, `lax-duration`, `base64`, `enum(A B)`, `int`, `uint32`, `int64`, `int-enum(301 302)`, `port`, `number`, `bool`,
//! `int-or-string`, `quantity`, `any`, `any-object`, `empty-object`, `[T]`, `{T}` (a map from text to T), or the name of an object type. Behind a type: `len=A..B`, `range=A..B`,
//! `pattern=NAME`, `check=NAME`, `nullable`, `defaulted` (the API server fills it in, also for null), `key=FIELD,…`, `set`, `required`.

use std::{collections::BTreeMap, sync::Arc};

use memchr::{memchr, memmem};

use super::{Field, Object, Schema, Shape, Type, checks, lazy::Lazy, pattern};

/// Where each object type stands in its schema.
pub(super) type Names = BTreeMap<&'static str, usize>;

/// What can be read from a text in this notation.
pub(super) trait Notation: Sized {
    /// An error names the line or the words.
    fn read(text: &'static str, names: &Arc<Names>) -> Result<Self, String>;
}

/// Takes tables that may refer to each other's types for their types. An error names the line.
pub(super) fn parse(tables: &[&'static str]) -> Result<Schema, String> {
    let mut types = Vec::new();
    for table in tables {
        split(table, &mut types)?;
    }
    let mut names = Names::new();
    for (at, (name, _)) in types.iter().enumerate() {
        names.entry(name).or_insert(at);
    }
    let names = Arc::new(names);
    Ok(Schema { objects: types.into_iter().map(|(_, text)| Lazy::new(text, &names)).collect(), names: Arc::clone(&names), is_native: false })
}

/// The object types of a table, each with its name and its text. An empty line ends a type.
fn split(table: &'static str, types: &mut Vec<(&'static str, &'static str)>) -> Result<(), String> {
    let ends = memmem::find_iter(table.as_bytes(), "\n\n").chain([table.len()]);
    let mut from = 0;
    for end in ends {
        let text = table.get(from..end).unwrap_or_default();
        from = end + 2;
        match significant(text).next() {
            Some(line) if line.starts_with(' ') => return Err(format!("no object type before {line:?}")),
            Some(name) => types.push((name, text)),
            None => {}
        }
    }
    Ok(())
}

/// The lines of a text that are neither empty nor comments.
fn significant(text: &'static str) -> impl Iterator<Item = &'static str> {
    lines(text).filter(|line| !line.starts_with('#') && !line.trim_ascii().is_empty())
}

/// The lines of a text.
fn lines(text: &'static str) -> Lines {
    Lines { rest: text }
}

struct Lines {
    rest: &'static str,
}

impl Iterator for Lines {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr(b'\n', self.rest.as_bytes()).unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        Some(line)
    }
}

impl Notation for Object {
    fn read(text: &'static str, names: &Arc<Names>) -> Result<Self, String> {
        let mut lines = significant(text);
        let mut object = Self { name: lines.next().unwrap_or_default(), fields: Vec::new(), required: Vec::new(), exclusive: Vec::new(), checks: Vec::new() };
        for line in lines.map(str::trim_ascii) {
            let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
            match name {
                "one-of" => object.exclusive.push(rest.split_ascii_whitespace().collect()),
                "check" => object.checks.push(checks::find(rest).ok_or_else(|| format!("no check {rest}"))?),
                _ => {
                    let (value, is_required) = rest.strip_suffix(" required").map_or((rest, false), |rest| (rest, true));
                    if is_required {
                        object.required.push(object.fields.len());
                    }
                    object.fields.push(Field { name, value: Lazy::new(value, names) });
                }
            }
        }
        Ok(object)
    }
}

impl Notation for Type {
    fn read(text: &'static str, names: &Arc<Names>) -> Result<Self, String> {
        let words = words(text);
        let mut rest = words.as_slice();
        let value = value(&mut rest, names).ok_or_else(|| format!("not a type: {text:?}"))?;
        if rest.is_empty() { Ok(value) } else { Err(format!("unread words: {text:?}")) }
    }
}

/// Words and brackets.
fn words(line: &'static str) -> Vec<&'static str> {
    let is_bracket = |byte: &u8| matches!(byte, b'[' | b']' | b'{' | b'}' | b'(' | b')');
    let mut out = Vec::with_capacity(8);
    let mut rest = line.trim_ascii_start();
    while let Some(first) = rest.as_bytes().first() {
        let is_end = |byte: &u8| *byte == b' ' || is_bracket(byte);
        let end = if is_bracket(first) { 1 } else { rest.bytes().position(|byte| is_end(&byte)).unwrap_or(rest.len()) };
        let (word, tail) = rest.split_at(end);
        out.push(word);
        rest = tail.trim_ascii_start();
    }
    out
}

fn value(words: &mut &[&'static str], names: &Names) -> Option<Type> {
    let [first, tail @ ..] = words else { return None };
    *words = tail;
    let mut range = None;
    let shape = match *first {
        "[" => Shape::List(inner(words, "]", names)?),
        "{" => Shape::Map(inner(words, "}", names)?),
        "enum" => Shape::Enum(choices(words)?.into_iter().map(|word| if word == "\"\"" { "" } else { word }).collect()),
        "int-enum" => Shape::IntEnum(choices(words)?.into_iter().map(str::parse).collect::<Result<_, _>>().ok()?),
        "string" => Shape::String,
        "duration" => Shape::Duration,
        "lax-duration" => Shape::LaxDuration,
        "base64" => Shape::Base64,
        "number" => Shape::Number,
        "int-or-string" => Shape::IntOrString,
        "quantity" => Shape::Quantity,
        "bool" => Shape::Bool,
        "any" => Shape::Any,
        "any-object" => Shape::AnyObject,
        "empty-object" => Shape::EmptyObject,
        whole @ ("int" | "uint32" | "int64" | "port") => {
            range = Some(match whole {
                "int" => (i64::from(i32::MIN), i64::from(i32::MAX)),
                "uint32" => (0, i64::from(u32::MAX)),
                "port" => (1, 65_535),
                _ => (i64::MIN, i64::MAX),
            });
            Shape::Int
        }
        name => Shape::Object(*names.get(name)?),
    };
    let mut conditions = Vec::new();
    let mut out = Type { shape, length: None, range, pattern: None, checks: Box::default(), is_nullable: false, keys: Box::default(), is_set: false };
    while let [word, tail @ ..] = words {
        match word.split_once('=') {
            Some(("len", bounds)) => out.length = Some(within(bounds, (0, u32::MAX))?),
            Some(("range", bounds)) => out.range = Some(within(bounds, out.range.unwrap_or((i64::MIN, i64::MAX)))?),
            Some(("pattern", name)) => out.pattern = Some(pattern::find(name)?),
            Some(("check", name)) => conditions.push(checks::find(name)?),
            Some(("key", fields)) => out.keys = fields.split(',').collect(),
            None if *word == "nullable" || *word == "defaulted" => out.is_nullable = true,
            None if *word == "set" => out.is_set = true,
            _ => break,
        }
        *words = tail;
    }
    out.checks = conditions.into();
    Some(out)
}

fn inner(words: &mut &[&'static str], close: &str, names: &Names) -> Option<Box<Type>> {
    let inner = value(words, names)?;
    let [first, tail @ ..] = words else { return None };
    *words = tail;
    (*first == close).then(|| Box::new(inner))
}

fn choices(words: &mut &[&'static str]) -> Option<Vec<&'static str>> {
    let ["(", tail @ ..] = words else { return None };
    let end = tail.iter().position(|word| *word == ")")?;
    *words = &tail[end + 1..];
    Some(tail[..end].to_vec())
}

/// `A..B`, each side optional.
fn within<T: std::str::FromStr>(bounds: &str, widest: (T, T)) -> Option<(T, T)> {
    let (low, high) = bounds.split_once("..")?;
    let side = |text: &str, otherwise: T| if text.is_empty() { Some(otherwise) } else { text.parse().ok() };
    Some((side(low, widest.0)?, side(high, widest.1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read() {
        let schema = parse(&["# x\n\nA\n  b  B required\n  c [{string len=1..} set] len=..3\n  one-of b c\n\nB\n  n int range=0.. nullable\n"]).unwrap();
        assert_eq!(schema.objects.len(), 2);
        assert_eq!(schema.objects[0].required, [0]);
        assert_eq!(schema.objects[0].fields[1].value.length, Some((0, 3)));
        assert_eq!(schema.objects[0].exclusive, [["b", "c"]]);
        assert_eq!(schema.objects[1].fields[0].value.range, Some((0, i64::from(i32::MAX))));
    }

    #[test]
    fn a_table_with_a_slip_is_refused() {
        for table in [
            "A\n  b C\n",
            "A\n  b string len=x..\n",
            "A\n  b string requird\n",
            "  b string\n",
            "A\n  b [string\n",
            "A\n  check nothing\n",
            "A\n  b string\n\n  c string\n",
            "A\n  b string\nB\n",
        ] {
            assert!(read(table).is_err(), "{table:?}");
        }
        assert_eq!(read("\n# x\nA\n  b string\n# x\n  c A required\n\n\nB\n").map(|objects| objects.len()), Ok(2));
    }

    /// What [`parse`] does, without waiting.
    fn read(table: &'static str) -> Result<Vec<Object>, String> {
        let objects: Vec<Object> = parse(&[table])?.objects.iter().map(Lazy::check).collect::<Result<_, _>>()?;
        objects.iter().flat_map(|object| &object.fields).try_for_each(|field| field.value.check().map(drop))?;
        Ok(objects)
    }
}
