//! Regular expressions in fields (`validateStringRegexp`), which istiod asks Go about on behalf of Envoy's RE2.

use super::part::{Context, Part};
use crate::engine::re2;

/// Judges the pattern of a field.
pub(super) fn check(context: &mut Context<'_, '_>, field: &str, part: &Part<'_>, pattern: &str) {
    if pattern.len() > 1024 {
        context.refuse_as(
            format!("large regex in {field}"),
            part,
            format!("a regular expression of {} bytes is too large; at most 1024 are allowed", pattern.len()),
        );
    } else if let Err(fault) = re2::translate(pattern) {
        context.refuse_as(format!("regex in {field}: {pattern}"), part, format!("{pattern:?} is not a regular expression of RE2: {fault}"));
    }
}
