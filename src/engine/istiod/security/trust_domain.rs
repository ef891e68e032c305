//! Principals of policies under every name of the trust root.
//!
//! `pilot/pkg/security/trustdomain`.

/// A principal in a policy, once for each name of the trust root where it is written under one of them.
pub(super) fn under_all_names(principals: &[String], names: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    for principal in principals {
        match principal.split('/').collect::<Vec<_>>()[..] {
            [own, a, b, c, d] if own != "*" && (own == "cluster.local" || is_known(own, names)) => {
                let mut renamed: Vec<String> = Vec::new();
                for name in names {
                    let new = if ends_like(name, own) { principal.clone() } else { format!("{name}/{a}/{b}/{c}/{d}") };
                    if !renamed.contains(&new) {
                        renamed.push(new);
                    }
                }
                out.extend(renamed);
            }
            // No trust domain is asked for, or one that is not ours.
            _ => out.push(principal.clone()),
        }
    }
    out
}

fn is_known(own: &str, names: &[&str]) -> bool {
    names.iter().any(|&name| own == name || name == "*" || starts_like(own, name) || starts_like(name, own) || ends_like(own, name) || ends_like(name, own))
}

fn starts_like(text: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').is_some_and(|start| text.starts_with(start))
}

fn ends_like(text: &str, pattern: &str) -> bool {
    pattern.strip_prefix('*').is_some_and(|end| text.ends_with(end))
}
