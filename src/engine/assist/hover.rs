//! What stands at a place means: the field's type and words, and what a name stands for in this cluster.

use super::{
    docs, names,
    site::{Site, Subject},
    sketch::{Spot, Step},
    top,
};
use crate::engine::{
    cluster::Cluster,
    resource::{Kind, Resource, Spec},
    source::Span,
};

/// What there is to say of a place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hover {
    /// What it is said of, in bytes of the text.
    pub span: Span,
    /// The way to the field, such as `spec.http[0].retries.attempts`.
    pub path: String,
    /// What may stand there, in words.
    pub r#type: String,
    /// What the field is for; empty where nothing is said of it.
    pub doc: String,
    /// What holds where the field is absent; empty where nothing is said of it.
    pub default: String,
    /// Whether the object needs the field.
    pub is_required: bool,
    /// The values that may be chosen, each with its meaning, which may be empty.
    pub choices: Vec<(String, String)>,
    /// What the value stands for here.
    pub notes: Vec<String>,
}

/// What there is to say of a spot, in places of its document.
pub(super) fn at(cluster: &Cluster, subject: &Subject<'_>, spot: &Spot) -> Option<Hover> {
    let span = spot.word();
    let text = subject.sketch.slice(span).trim_matches(['"', '\'']);
    if text.is_empty() {
        return None;
    }
    match spot {
        Spot::Key { parent, .. } => {
            let mut path = subject.sketch.path(*parent);
            path.push(Step::Key(text.to_owned()));
            if let ([_], Some((detail, words))) = (path.as_slice(), top::of_field(text)) {
                return Some(Hover { span, path: text.to_owned(), r#type: detail.to_owned(), doc: words.to_owned(), ..Hover::default() });
            }
            Some(of_site(subject, &path, span, &subject.site(&path)?))
        }
        Spot::Value { path, owner, .. } => match path.as_slice() {
            [Step::Key(key)] if key == "kind" => of_kind(subject, span),
            path => {
                let site = subject.site(path)?;
                let notes = notes(cluster, subject, &site, *owner, text);
                Some(Hover { notes, ..of_site(subject, path, span, &site) })
            }
        },
    }
}

fn of_kind(subject: &Subject<'_>, span: Span) -> Option<Hover> {
    let kind = subject.kind?;
    let served: Vec<String> = top::api_versions(kind).collect();
    let doc = docs::of_kind(kind).to_owned();
    Some(Hover { span, path: "kind".into(), r#type: kind.name().to_owned(), doc, notes: vec![format!("served as {}", served.join(", "))], ..Hover::default() })
}

fn of_site(subject: &Subject<'_>, path: &[Step], span: Span, site: &Site) -> Hover {
    let (object, field) = site.owner.unwrap_or_default();
    let doc = docs::of_field(subject.kind, object, field);
    let mut inner = site.outline;
    while let Some(item) = inner.item() {
        inner = item;
    }
    let meaning = |choice: String| {
        let words = docs::of_value(subject.kind, object, field, &choice).to_owned();
        (choice, words)
    };
    Hover {
        span,
        path: written(path),
        r#type: site.outline.words(),
        doc: doc.words.to_owned(),
        default: doc.default.to_owned(),
        is_required: site.is_required,
        choices: inner.choices().into_iter().map(meaning).collect(),
        notes: Vec::new(),
    }
}

fn written(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            Step::Index(at) => out += &["[", &at.to_string(), "]"].concat(),
            Step::Key(name) if name.contains(['.', '/']) => out += &["[", name, "]"].concat(),
            Step::Key(name) if out.is_empty() => out += name,
            Step::Key(name) => out += &[".", name].concat(),
        }
    }
    out
}

/// What a name stands for.
fn notes(cluster: &Cluster, subject: &Subject<'_>, site: &Site, owner: Option<usize>, text: &str) -> Vec<String> {
    let home = subject.namespace;
    let beside = |key: &str| owner.and_then(|owner| subject.sketch.value(subject.sketch.items[owner].parent, key));
    match site.owner {
        Some(("Destination" | "DestinationRuleSpec", "host") | ("VirtualServiceSpec", "hosts")) => {
            let found = names::services(cluster, text, home);
            if found.is_empty() {
                vec![format!("no service of this cluster is called {text}")]
            } else {
                found.into_iter().map(|service| names::described(cluster, service)).collect()
            }
        }
        Some(("Destination", "subset")) => {
            let Some(host) = beside("host") else { return Vec::new() };
            vec![names::subset_of(cluster, host, home, text).unwrap_or_else(|| format!("no DestinationRule of this cluster has a subset {text} for {host}"))]
        }
        Some((_, "gateways")) if text == "mesh" => vec!["all sidecars".into()],
        Some((_, "gateways")) => vec![gateway(cluster, text, home)],
        _ => Vec::new(),
    }
}

fn gateway(cluster: &Cluster, text: &str, home: &str) -> String {
    let (namespace, name) = text.split_once('/').unwrap_or((home, text));
    let is_meant = |resource: &&Resource| resource.kind == Kind::Gateway && resource.metadata.name == name && resource.metadata.namespace == namespace;
    match cluster.resources.iter().find(is_meant).map(|resource| &resource.spec) {
        Some(Spec::Gateway(gateway)) => {
            let servers = gateway.servers.iter().filter_map(|server| {
                let port = server.port.as_ref()?;
                Some(format!("{} {} for {}", port.protocol, port.number, server.hosts.join(", ")))
            });
            let servers: Vec<String> = servers.collect();
            format!("Gateway {name} in {namespace}: {}", servers.join("; "))
        }
        _ => format!("no Gateway of this cluster is called {name} in {namespace}"),
    }
}
