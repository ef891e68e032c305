//! The value of a patch: a message of Envoy's API in JSON (`xds.BuildXDSObjectFromStruct`).
//!
//! istiod refuses what it cannot read as that message, warns of a field that the message does not have, and of extensions that are
//! named without their configuration.

mod catalogue;
mod decode;

use decode::Decoder;

use crate::engine::validate::webhook::part::{Context, Part};

/// Judges the value of a patch to what `apply_to` names.
pub(super) fn check(context: &mut Context<'_, '_>, apply_to: &str, value: &Part<'_>) {
    if !value.is_set() {
        return;
    }
    let Some(message) = catalogue::of_patch(apply_to) else {
        return context.refuse(value, format!("{apply_to} is nothing that a patch can apply to"));
    };
    let mut decoder = Decoder::default();
    if let Err(fault) = decoder.message(message, value) {
        return context.refuse_as(fault.gist, &fault.part, fault.message);
    }
    if let Some(surplus) = decoder.surplus {
        return context.warn_as(surplus.gist, &surplus.part, surplus.message);
    }
    let mut names = Vec::new();
    decode::without_config(message, value, &mut names);
    if !names.is_empty() {
        let shown: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        let shown = if shown.is_empty() { String::new() } else { format!(" ({})", shown.join(", ")) };
        let message = format!("Envoy no longer finds an extension by its name alone{shown}; add its typed_config with \"@type\"");
        context.warn_as(format!("by name {}", names.join(", ")), value, message);
    }
}
