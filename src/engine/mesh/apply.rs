//! `kubectl apply` of several manifests, one after another: what is refused is not in the cluster.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::operator::Operator;
use crate::engine::{
    diagnostic::Diagnostic,
    manifest::{Document, Manifest},
    resource::{Resource, ResourceId, load},
    validate::{Verdict, operator::is_operator, validate},
};

/// What became of the manifests.
#[derive(Debug, Clone, Default)]
pub struct Applied {
    /// The objects that were accepted. One that is applied twice stands where it stood first, as it was written last.
    pub resources: Vec<Resource>,
    /// The objects that were refused, though they can be read, and were not applied again afterwards.
    pub refused: BTreeMap<ResourceId, Resource>,
    /// IstioOperators, which are refused as objects and tell how the mesh is installed.
    pub operators: Vec<Operator>,
    /// A verdict a document, for each manifest.
    pub verdicts: Vec<Vec<Verdict>>,
    /// What else there is to say: objects that cannot be decoded.
    pub diagnostics: Vec<Diagnostic>,
}

/// Applies manifests in order.
pub fn apply<'a>(manifests: impl IntoIterator<Item = &'a Manifest>) -> Applied {
    let mut applied = Applied::default();
    let mut places: HashMap<ResourceId, usize> = HashMap::new();
    for manifest in manifests {
        let verdicts = validate(manifest);
        // A document's verdict is known by where it starts.
        let refused: HashSet<(&str, usize)> = verdicts.iter().filter(|v| !v.is_accepted()).map(|v| (v.file.name(), v.start)).collect();
        for document in manifest.documents.iter().filter(|document| is_operator(&document.root)) {
            let verdict = verdicts.iter().find(|verdict| verdict.start == document.root.span.start());
            applied.operators.extend(verdict.map(|verdict| Operator::new(document, verdict)));
        }
        let loaded = load(&manifest.documents);
        for resource in loaded.resources {
            let (file, id) = (&resource.document.file, resource.id());
            if refused.contains(&(file.name(), resource.span_of("").start())) {
                applied.refused.insert(id, resource);
                continue;
            }
            applied.refused.remove(&id);
            if let Some(&at) = places.get(&id) {
                applied.resources[at] = resource;
            } else {
                places.insert(id, applied.resources.len());
                applied.resources.push(resource);
            }
        }
        // Whatever keeps a refused document from being decoded has been said by its verdict, at the place itself.
        let is_news = |diagnostic: &Diagnostic| {
            let holds = |document: &&Arc<Document>| document.root.span.start() <= diagnostic.span.start() && diagnostic.span.end() <= document.root.span.end();
            !manifest.documents.iter().find(holds).is_some_and(|document| refused.contains(&(document.file.name(), document.root.span.start())))
        };
        applied.diagnostics.extend(loaded.diagnostics.into_iter().filter(is_news));
        applied.verdicts.push(verdicts);
    }
    applied
}
