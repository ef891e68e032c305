//! The traffic graph of a journey, as SVG: caller → proxy → route → subsets → endpoints, a band for each hop.
//!
//! Pure drawing: text in, text out. Colours and fonts are the style sheet's, so that the picture is legible in the dark too.

mod draw;
mod label;
mod layout;

pub(super) use draw::escape;

use std::collections::BTreeMap;

use crate::engine::mesh::Journey;

/// Draws a journey. `pods` names the addresses of endpoints, where they have a name.
pub fn svg(journey: &Journey, pods: &BTreeMap<String, String>) -> String {
    draw::svg(&layout::picture(journey, pods), &label::describe(journey))
}

#[cfg(test)]
mod tests;
