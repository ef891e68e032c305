//! The mesh's settings as `istioctl install` would write them from IstioOperators, where no ConfigMap holds any.
//!
//! Follows `MergeInputs` in `operator/pkg/render/manifest.go` (files one over the other, `values.meshConfig` over `meshConfig`) and the
//! charts' `zzz_profile.yaml`, which puts beneath what a profile sets of itself (`manifests/helm-profiles`).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::settings::is_unread;
use crate::engine::{
    cluster::MeshConfig,
    diagnostic::{Diagnostic, Level, Stage},
    manifest::{Document, Node},
    source::Span,
    validate::{
        Verdict,
        operator::{at, mesh_settings},
    },
};

/// The file that `istioctl install` reads, which is never in the cluster itself.
#[derive(Debug, Clone)]
pub struct Operator {
    document: Arc<Document>,
    /// Whether istioctl would install it.
    is_taken: bool,
}

/// Where the mesh's settings stand, the weaker ones first.
const PLACES: [&str; 2] = ["spec.meshConfig", "spec.values.meshConfig"];

impl Operator {
    pub(super) fn new(document: &Arc<Document>, verdict: &Verdict) -> Self {
        // That no cluster takes it is no fault of the file.
        let is_taken = !verdict.diagnostics.iter().any(|d| d.level == Level::Error && d.stage != Stage::Kind);
        Self { document: Arc::clone(document), is_taken }
    }

    fn at(&self, path: &str) -> Option<&Node> {
        at(&self.document.root, path)
    }

    fn note(&self, path: &str, span: Span, message: String) -> Diagnostic {
        let file = Arc::clone(&self.document.file);
        Diagnostic { stage: Stage::Simulation, level: Level::Info, code: None, message, path: path.to_owned(), file, span, fix: None }
    }

    fn note_at(&self, path: &str, message: String) -> Diagnostic {
        self.note(path, self.document.span_of(if path.is_empty() { "kind" } else { path }), message)
    }

    /// That its settings have no effect, for a reason that follows; of a file that writes none, that of its profile have none.
    fn idle(&self, why: &str) -> Vec<Diagnostic> {
        let mut places: Vec<&str> = PLACES.into_iter().filter(|path| self.at(path).is_some_and(|settings| !settings.entries().is_empty())).collect();
        if places.is_empty() {
            places.push("");
        }
        places.into_iter().map(|path| self.note_at(path, format!("has no effect: {why}"))).collect()
    }

    /// That the file counts though no cluster takes it, and what of it does not.
    fn told(&self) -> Vec<Diagnostic> {
        const READ: &str = "refused as an object, and read as istioctl install reads it: the mesh has the settings of this file";
        let mut notes = vec![self.note_at("", READ.to_owned())];
        for path in PLACES {
            let settings = self.at(path).and_then(mesh_settings);
            for entry in settings.as_ref().map(Node::entries).unwrap_or_default().iter().filter(|entry| is_unread(&entry.key)) {
                let path = format!("{path}.{}", entry.key);
                notes.push(self.note(&path, entry.key_span, format!("read, not simulated yet: {} of MeshConfig", entry.key)));
            }
        }
        let is_other = |key: &str| !matches!(key, "meshConfig" | "profile");
        let has_values = self.at("spec.values").is_some_and(|values| values.entries().iter().any(|entry| is_other(&entry.key)));
        let others = [("spec.components", self.at("spec.components").is_some()), ("spec.values", has_values)];
        for (path, _) in others.into_iter().filter(|(_, is_there)| *is_there) {
            notes.push(self.note_at(path, format!("read, not simulated: {path} of an IstioOperator; what is installed is what the text has of it")));
        }
        notes
    }
}

/// The settings that come of the files, where they install a control plane, and what is to be said of them.
pub(super) fn installed(operators: &[Operator]) -> (Option<MeshConfig>, Vec<Diagnostic>) {
    const REFUSED: &str = "istioctl install refuses this file for its errors";
    let mut notes: Vec<Diagnostic> = operators.iter().filter(|operator| !operator.is_taken).flat_map(|operator| operator.idle(REFUSED)).collect();
    let taken: Vec<&Operator> = operators.iter().filter(|operator| operator.is_taken).collect();
    let Some(last) = taken.last() else { return (None, notes) };
    let (mut spec, mut own) = (Value::Object(Map::new()), [Value::Null, Value::Null]);
    for operator in &taken {
        if let Some(written) = operator.at("spec") {
            merge(&mut spec, written.to_json());
        }
        for (path, own) in PLACES.into_iter().zip(&mut own) {
            if let Some(settings) = operator.at(path).and_then(mesh_settings) {
                merge(own, settings.to_json());
            }
        }
    }
    let text = |path: &str| spec.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let has_pilot = spec.pointer("/components/pilot/enabled").and_then(Value::as_bool).unwrap_or(text("/profile") != "empty");
    if !has_pilot {
        notes.extend(taken.iter().flat_map(|operator| operator.idle("these files install no istiod")));
        return (None, notes);
    }
    let mut settings = of_profile(if text("/values/profile").is_empty() { text("/profile") } else { text("/values/profile") });
    for own in own {
        merge(&mut settings, own);
    }
    // `mesh` in `templates/configmap.yaml` of the chart istio-discovery.
    let home = text("/values/global/istioNamespace");
    if !home.is_empty() && settings.get("rootNamespace").is_none() {
        merge(&mut settings, serde_json::json!({ "rootNamespace": home }));
    }
    notes.extend(taken.iter().flat_map(|operator| operator.told()));
    match serde_json::from_value(settings) {
        Ok(settings) => (Some(settings), notes),
        Err(reason) => {
            notes.push(last.note_at(PLACES[0], format!("cannot be read, so the mesh has Istio's defaults: {reason}")));
            (None, notes)
        }
    }
}

/// The notes on files whose settings a ConfigMap outdoes.
pub(super) fn outdone(operators: &[Operator]) -> Vec<Diagnostic> {
    const WHY: &str = "the ConfigMap istio in istio-system holds the mesh's settings";
    operators.iter().flat_map(|operator| operator.idle(WHY)).collect()
}

/// `MergeFrom` in `operator/pkg/values/map.go`: mappings key by key, everything else, lists too, as a whole.
fn merge(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                merge(below.entry(key).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (below, above) => *below = above,
    }
}

/// What a profile sets in MeshConfig.
fn of_profile(name: &str) -> Value {
    let service = |name: &str, port: u16| serde_json::json!({ "service": name, "port": port });
    let collector = || service("opentelemetry-collector.observability.svc.cluster.local", 4317);
    match name {
        "demo" => serde_json::json!({
            "accessLogFile": "/dev/stdout",
            "extensionProviders": [
                { "name": "otel", "envoyOtelAls": collector() },
                { "name": "skywalking", "skywalking": service("tracing.istio-system.svc.cluster.local", 11800) },
                { "name": "otel-tracing", "opentelemetry": collector() },
                { "name": "jaeger", "opentelemetry": service("jaeger-collector.istio-system.svc.cluster.local", 4317) },
            ],
        }),
        "ambient" | "openshift-ambient" => serde_json::json!({ "defaultConfig": { "proxyMetadata": { "ISTIO_META_ENABLE_HBONE": "true" } } }),
        "preview" => serde_json::json!({ "defaultConfig": { "proxyMetadata": { "ISTIO_META_DNS_CAPTURE": "true" } } }),
        _ => Value::Object(Map::new()),
    }
}
