//! WasmPlugin (`ValidateWasmPlugin`).

use std::collections::BTreeSet;

use crate::engine::validate::{
    go_url,
    webhook::{
        part::{Context, Part},
        selector::check_targets,
    },
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
    judge_environment(context, &spec.get("vmConfig").get("env"));
    judge_ports(context, &spec.get("match"));
}

/// Here, as with the ports, istiod stops at the first fault.
fn judge_environment(context: &mut Context<'_, '_>, variables: &Part<'_>) {
    let mut names = BTreeSet::new();
    let before = context.refusals;
    for variable in variables.items() {
        if context.is_counting() && context.refusals > before {
            return;
        }
        let (name, value) = (variable.get("name"), variable.get("value"));
        if name.text().is_empty() || name.text().len() > 256 {
            context.refuse(&name, "a variable needs a name of at most 256 characters");
        } else if !names.insert(name.text()) {
            context.refuse(&name, format!("the variable {:?} is set already", name.text()));
        } else if variable.get("valueFrom").text() == "HOST" && !value.text().is_empty() {
            context.refuse(&value, "a value can only be given when valueFrom is INLINE");
        }
    }
}

fn judge_ports(context: &mut Context<'_, '_>, selectors: &Part<'_>) {
    let before = context.refusals;
    for selector in selectors.items() {
        for port in selector.get("ports").items() {
            let number = port.get("number");
            if context.is_counting() && context.refusals > before {
                return;
            }
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
    // What is no URL by itself is taken for one without its scheme.
    let whole = if go_url::parse_request_uri(text).is_ok() { text.to_owned() } else { format!("http://{text}") };
    match go_url::parse_request_uri(&whole).and_then(|_| go_url::parse_reference(&whole)) {
        Ok(scheme) if matches!(scheme.as_str(), "" | "file" | "http" | "https" | "oci") => {}
        Ok(scheme) => context.refuse(url, format!("a module cannot be fetched by {scheme}; use oci://, https://, http:// or file://")),
        Err(reason) => context.refuse(url, format!("{text:?} is not a URL: {reason}")),
    }
}
