//! One object: what it says it is, and the stages that judge it.

use super::{
    Extent, names, operator,
    report::{Report, first_of},
    schema::{METADATA, Walk, has_spec_field, schema_of},
};
use crate::engine::{
    diagnostic::{Diagnostic, Level, Stage, closest},
    manifest::{Document, Entry, Node, Value},
    resource::{Kind, KindLookup, group_and_version},
};

/// What an object calls itself.
pub(super) struct Identity<'a> {
    pub kind: &'a str,
    pub namespace: &'a str,
    pub name: &'a str,
}

/// An object under judgement, a document or an item of a `List` in one.
pub(super) struct Judgement<'a> {
    identity: Identity<'a>,
    /// None where it is of no kind that more could be said of.
    kind: Option<Kind>,
    report: Report<'a>,
}

impl<'a> Judgement<'a> {
    /// What an object goes through after its first stage, in this order.
    pub const STAGES: [fn(&mut Self); 3] = [Self::metadata, Self::structure, Self::webhook];

    /// The first stage: is it an object with a name, of a kind that there is?
    pub fn new(document: &'a Document, object: &'a Node, extent: Extent) -> Self {
        let metadata = object.get("metadata");
        let of_metadata = |key: &str| text_of(metadata.and_then(|metadata| metadata.get(key)));
        let (api_version, kind) = (text_of(object.get("apiVersion")), text_of(object.get("kind")));
        let identity = Identity { kind, namespace: of_metadata("namespace"), name: of_metadata("name") };
        let mut new = Self { identity, kind: None, report: Report::new(document, object, extent) };
        let report = &mut new.report;
        if !matches!(object.value, Value::Map(_)) {
            let message = format!("a Kubernetes object is a mapping with apiVersion, kind and metadata, not {}", object.kind_name());
            report.say(Stage::Yaml, Level::Error, "", object.span, message);
            return new;
        }
        if let Some(advice) = fragment(object) {
            let span = report.locate("");
            report.say(Stage::Kind, Level::Error, "", span, advice);
            return new;
        }
        new.kind = served(report, api_version, kind);
        if new.identity.namespace.is_empty() && new.kind.is_none_or(Kind::is_namespaced) && !kind.is_empty() {
            new.identity.namespace = "default";
        }
        // What no cluster takes needs no name; istioctl reads the file without one.
        if extent == Extent::Whole && !operator::is_operator(object) {
            naming(report, metadata);
        }
        new
    }

    /// What the API server asks of any object's metadata.
    fn metadata(&mut self) {
        let Some(kind) = self.kind else { return };
        let report = &mut self.report;
        let Some(Entry { value: metadata, key_span, .. }) = report.object.entry("metadata").filter(|entry| matches!(entry.value.value, Value::Map(_))) else {
            return;
        };
        own_name(report, kind, text_of(metadata.get("name")));
        Walk::object(*METADATA, report, (metadata, *key_span), "metadata", &[]);
        if !kind.is_namespaced() && metadata.get("namespace").is_some() {
            // kubectl drops the namespace of a cluster-wide object without a word.
            let span = report.locate("metadata.namespace");
            report.say(Stage::Schema, Level::Info, "metadata.namespace", span, format!("a {kind} lives in no namespace; this has no effect"));
        }
    }

    /// The schema of the kind, or of the one file that is no object.
    fn structure(&mut self) {
        if self.kind.is_none() && operator::is_operator(self.report.object) {
            operator::judge(&mut self.report);
        } else if let Some(schema) = self.kind.and_then(schema_of) {
            let object = self.report.object;
            Walk::object(schema, &mut self.report, (object, first_of(object)), "", &["apiVersion", "kind", "metadata"]);
        }
    }

    /// istiod, which sees no part of an object for the whole.
    fn webhook(&mut self) {
        if let Some(kind) = self.kind.filter(|kind| kind.is_custom() && self.report.extent == Extent::Whole) {
            super::webhook::judge(&mut self.report, kind, &self.identity);
        }
    }

    /// What kind it is of, where more can be said of it.
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// Whether all of the object is there, and nothing was found.
    pub fn is_sound(&self) -> bool {
        self.report.extent == Extent::Whole && self.report.diagnostics.is_empty()
    }

    /// What the object calls itself, and all that was found.
    pub fn into_parts(self) -> (Identity<'a>, Vec<Diagnostic>) {
        (self.identity, self.report.into_diagnostics())
    }
}

fn text_of(node: Option<&Node>) -> &str {
    node.and_then(Node::as_str).unwrap_or_default()
}

/// What to do with a piece of a spec that was cut out of its object, as articles show them.
fn fragment(object: &Node) -> Option<String> {
    let Value::Map(entries) = &object.value else { return None };
    if object.entry("apiVersion").is_some() {
        return None;
    }
    let is_whole = |kind: &&Kind| !entries.is_empty() && entries.iter().all(|entry| has_spec_field(**kind, &entry.key));
    let kinds: Vec<String> =
        [Kind::VirtualService, Kind::DestinationRule, Kind::Gateway, Kind::ServiceEntry].iter().filter(is_whole).map(|kind| format!("{kind}")).collect();
    let first = kinds.first()?;
    let others = if kinds.len() > 1 { format!(" (or of a {})", kinds[1..].join(" or a ")) } else { String::new() };
    Some(format!(
        "this looks like a part of a {first}'s spec{others}: put it under spec: of an object with apiVersion: networking.istio.io/v1, kind: {first} and metadata.name"
    ))
}

/// Is there such a kind in that version?
fn served(report: &mut Report<'_>, api_version: &str, kind: &str) -> Option<Kind> {
    let mut is_whole = true;
    for (key, example) in [("apiVersion", "networking.istio.io/v1"), ("kind", "VirtualService")] {
        let value = report.object.get(key);
        let message = match value.map(|value| &value.value) {
            Some(Value::String(text)) if !text.is_empty() => continue,
            None | Some(Value::Null | Value::String(_)) => format!("{key} must be set, for example to {example}"),
            Some(_) => format!("{key} must be text, for example {example}"),
        };
        is_whole = false;
        if report.extent == Extent::Salvaged {
            continue;
        }
        let span = report.locate(key);
        report.say(Stage::Kind, Level::Error, key, span, message);
    }
    if !is_whole {
        return None;
    }
    let (group, version) = group_and_version(api_version);
    let (path, message) = match Kind::lookup(api_version, kind) {
        KindLookup::Known(known) => return Some(known),
        KindLookup::WrongVersion(known) => {
            let served =
                known.versions().iter().map(|version| if group.is_empty() { (*version).to_owned() } else { format!("{group}/{version}") }).collect::<Vec<_>>();
            ("apiVersion", format!("{kind} is not served as {version:?}; use {}", served.join(" or ")))
        }
        KindLookup::UnknownInGroup if OUTSIDE.contains(&(group, version, kind)) => {
            let span = report.locate("kind");
            report.say(Stage::Kind, Level::Info, "kind", span, format!("{kind} ({api_version}) is passed over: this mesh does not model it"));
            return None;
        }
        KindLookup::UnknownInGroup => ("kind", unknown_in(group, kind)),
        KindLookup::Foreign if group.ends_with(".istio.io") || group == "istio.io" => ("apiVersion", unknown_group(group, kind)),
        KindLookup::Foreign => {
            let span = report.locate("kind");
            report.say(Stage::Kind, Level::Info, "kind", span, format!("{kind} ({api_version}) is outside the mesh and passed over"));
            return None;
        }
    };
    let span = report.locate(path);
    report.say(Stage::Kind, Level::Error, path, span, message);
    None
}

/// Kinds of a known group that clusters have too, and that are not modelled here.
const OUTSIDE: &[(&str, &str, &str)] = &[("gateway.networking.k8s.io", "v1alpha3", "BackendTLSPolicy"), ("gateway.networking.k8s.io", "v1alpha2", "UDPRoute")];

fn unknown_in(group: &str, kind: &str) -> String {
    let here = || Kind::ALL.iter().filter(|known| known.group() == group);
    if let Some(other) = Kind::ALL.iter().find(|known| known.name() == kind && known.is_custom()) {
        return format!("there is no {kind} in {group}; it belongs to {}/{}", other.group(), other.versions()[0]);
    }
    match closest(kind, here().map(|known| known.name())) {
        Some(near) => format!("there is no {kind} in {group}; did you mean {near}?"),
        None => format!("there is no {kind} in {group}; it has {}", here().map(|known| known.name()).collect::<Vec<_>>().join(", ")),
    }
}

fn unknown_group(group: &str, kind: &str) -> String {
    if group == "install.istio.io" {
        return format!("{kind} is no object of the cluster since the in-cluster operator is gone; give the file to istioctl install -f");
    }
    match Kind::ALL.iter().find(|known| known.name() == kind && known.is_custom()) {
        Some(other) => format!("Istio 1.26 has no API {group}; {kind} belongs to {}/{}", other.group(), other.versions()[0]),
        None => format!(
            "Istio 1.26 has no API {group}, and no {kind} in another; old configurations must be rewritten for networking.istio.io and security.istio.io"
        ),
    }
}

/// What kubectl and the API server ask of any object's metadata.
fn naming(report: &mut Report<'_>, metadata: Option<&Node>) {
    if let Some(metadata) = metadata
        && !matches!(metadata.value, Value::Map(_) | Value::Null)
    {
        let span = report.locate("metadata");
        return report.say(
            Stage::Schema,
            Level::Error,
            "metadata",
            span,
            format!("is {}, but a mapping with name and namespace is wanted", metadata.kind_name()),
        );
    }
    let name = metadata.and_then(|metadata| metadata.get("name"));
    let is_missing = name.is_none_or(|name| name.is_null() || name.as_str() == Some(""));
    let is_generated = metadata.and_then(|metadata| metadata.get("generateName")).is_some();
    if is_missing && !is_foreign(report) {
        let span = report.locate("metadata.name");
        let message = if is_generated { "kubectl apply needs a name; generateName works with kubectl create only" } else { "an object needs a name" };
        report.say(Stage::Kind, Level::Error, "metadata.name", span, message);
    }
}

/// Kinds outside the mesh are not judged.
fn is_foreign(report: &Report<'_>) -> bool {
    report.diagnostics.iter().any(|d| d.stage == Stage::Kind && d.level == Level::Info)
}

/// The names that a few kinds of Kubernetes ask for, which are narrower than those of all others.
fn own_name(report: &mut Report<'_>, kind: Kind, name: &str) {
    let (is_fine, form) = match kind {
        Kind::Service => (names::is_service_name(name), "lower-case letters, digits and -, at most 63, with a letter at its start"),
        Kind::Namespace | Kind::StatefulSet => (names::is_lower_label(name), "lower-case letters, digits and -, at most 63"),
        _ => return,
    };
    // What is no name of any object has been said already.
    if !is_fine && names::is_subdomain(name) {
        let span = report.locate("metadata.name");
        report.say(
            Stage::Schema,
            Level::Error,
            "metadata.name",
            span,
            format!("{name:?} is not the name of a {kind}; use {form}, and a letter or digit at both ends"),
        );
    }
}
