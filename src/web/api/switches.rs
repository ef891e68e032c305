//! What is switched in a world, as the API takes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;
use crate::engine::mesh::{DefaultMtls, Membership, Outbound, SwitchError, Switches};

/// What is switched in the world before the configuration is applied to it; what is absent stays as it is.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WorldSwitches {
    /// How the pods of a namespace are in the mesh, by namespace: `sidecar`, `ambient` or `none`. At most 100 namespaces.
    injection: BTreeMap<String, String>,
    /// The mesh-wide default of mutual TLS: `PERMISSIVE`, `STRICT` or `DISABLE`.
    mtls: String,
    /// What becomes of calls to hosts that nobody registered: `ALLOW_ANY` or `REGISTRY_ONLY`.
    outbound: String,
}

impl WorldSwitches {
    pub(super) fn of(switches: &Switches) -> Self {
        let injection = switches.membership.iter().map(|(namespace, mode)| (namespace.clone(), word(Some(*mode), &Membership::WORDS)));
        Self { injection: injection.collect(), mtls: word(switches.mtls, &DefaultMtls::WORDS), outbound: word(switches.outbound, &Outbound::WORDS) }
    }

    pub(super) fn read(&self) -> Result<Switches, SwitchError> {
        Switches::read(self.injection.iter().map(|(namespace, mode)| (namespace.as_str(), mode.as_str())), &self.mtls, &self.outbound)
    }
}

fn word<T: Copy + PartialEq>(value: Option<T>, words: &[(&'static str, T)]) -> String {
    words.iter().find(|(_, known)| Some(*known) == value).map_or_else(String::new, |(word, _)| (*word).to_owned())
}

impl From<SwitchError> for Problem {
    fn from(error: SwitchError) -> Self {
        Self::of_field("switches", format!("{}: {error}", error.field))
    }
}
