//! Everything there is to say of the texts under test, with what `istioctl analyze` and our own hints say of the cluster.
//!
//! Apart from sending requests, which does not need it: every rule looks at the whole cluster.

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

use super::Scene;
use crate::engine::{
    analyze::{Question, Snapshot, analyze, rules},
    cluster::MeshNetworks,
    diagnostic::{Code, Diagnostic, Level, Stage, istio},
};

/// What `istioctl analyze` repeats of istiod's webhook.
const OF_THE_WEBHOOK: &[&Code] = &[&istio::IST0106, &istio::IST0130, &istio::IST0131, &istio::IST0133];

/// The rules that would say what a verdict has said.
static REPEATING: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let repeats = |code: &&'static Code| OF_THE_WEBHOOK.contains(code);
    rules::all().filter(|rule| rule.emits.iter().any(repeats)).map(|rule| rule.name).collect()
});

impl Scene {
    /// Everything there is to say of the texts, in their order, nothing twice. Hints are ours and left out on request.
    ///
    /// Objects that are refused are looked at too, as `istioctl analyze` does with files.
    pub fn findings_in_cluster(&self, hints: bool) -> Vec<Diagnostic> {
        let mut all: Vec<Diagnostic> = self.findings().into_iter().cloned().map(coded).collect();
        if self.files.iter().any(|file| !file.text().is_empty()) {
            let networks = MeshNetworks::default();
            let snapshot = Snapshot::new(self.cluster.written().iter().chain(self.refused.values()), &self.cluster.mesh_config, &networks);
            let findings = analyze(&snapshot, &Question { hints, without: REPEATING.clone(), ..Question::default() });
            all.extend(findings.into_iter().map(|finding| finding.diagnostic).filter(|diagnostic| self.is_under_test(&diagnostic.file)));
        }
        let place = |diagnostic: &Diagnostic| self.files.iter().position(|file| Arc::ptr_eq(file, &diagnostic.file));
        all.sort_by_cached_key(|diagnostic| (place(diagnostic), diagnostic.span.start(), Reverse(diagnostic.level)));
        all
    }
}

/// What istiod's webhook says stands in istioctl's list too, under codes of its own or a common one.
fn coded(diagnostic: Diagnostic) -> Diagnostic {
    let common = match (diagnostic.stage, diagnostic.level) {
        (Stage::Webhook, Level::Error) => Some(&istio::IST0106),
        (Stage::Webhook, Level::Warning) => Some(&istio::IST0133),
        _ => None,
    };
    Diagnostic { code: diagnostic.code.or(common), ..diagnostic }
}
