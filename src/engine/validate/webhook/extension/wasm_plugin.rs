//! WasmPlugin (`ValidateWasmPlugin`).

use std::collections::BTreeSet;

use crate::engine::validate::webhook::{
    part::{Context, Part},
    selector::check_targets,
};

/// Judges the object.
pub(in super::super) fn judge(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    check_targets(context, spec);
    judge_url(context, &spec.get("url"));
    let sha = spec.get("sha256");
    if !sha.text().is_empty() && (sha.text().len() != 64 || !sha.text().bytes().all(|b| matches!(b, b'a'..=b'f' | b'0'..=b'9'))) {
        context.refuse(&sha, "must be 64 hexadecimal digits in lower case");
    }
    for (key, most) in [("imagePullSecret", 253), ("pluginName", 256)] {
        if spec.get(key).text().len() > most {
            context.refuse(&spec.get(key), format!("is longer than {most} characters"));
        }
    }
    let mut names = BTreeSet::new();
    for variable in spec.get("vmConfig").get("env").items() {
        let (name, value) = (variable.get("name"), variable.get("value"));
        if name.text().is_empty() || name.text().len() > 256 {
            context.refuse(&name, "a variable needs a name of at most 256 characters");
        } else if !names.insert(name.text()) {
            context.refuse(&name, format!("the variable {:?} is set already", name.text()));
        }
        if variable.get("valueFrom").text() == "HOST" && !value.text().is_empty() {
            context.refuse(&value, "a value can only be given when valueFrom is INLINE");
        }
    }
    for selector in spec.get("match").items() {
        for port in selector.get("ports").items() {
            let number = port.get("number");
            if !(1..=65_535).contains(&number.whole()) {
                context.refuse(&number, format!("{} is not a port; ports are 1 to 65535", number.whole()));
            }
        }
    }
}

fn judge_url(context: &mut Context<'_, '_>, url: &Part<'_>) {
    let text = url.text();
    if text.is_empty() {
        return context.refuse(url, "the url of the module is missing, for example oci://registry.example.com/plugin:v1");
    }
    if let Some((scheme, _)) = text.split_once("://")
        && !matches!(scheme.to_ascii_lowercase().as_str(), "" | "file" | "http" | "https" | "oci")
    {
        context.refuse(url, format!("a module cannot be fetched by {scheme}; use oci://, https://, http:// or file://"));
    }
}
