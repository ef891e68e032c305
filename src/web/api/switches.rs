//! What is switched in a world, as the API takes it.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

use super::Problem;
use crate::engine::mesh::{SwitchError, Switches};

/// What is switched in the world before the configuration is applied to it; what is absent stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
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
    pub(super) fn read(&self) -> Result<Switches, SwitchError> {
        Switches::read(self.injection.iter().map(|(namespace, mode)| (namespace.as_str(), mode.as_str())), &self.mtls, &self.outbound)
    }
}

impl From<SwitchError> for Problem {
    fn from(error: SwitchError) -> Self {
        Self::of_field("switches", format!("{}: {error}", error.field))
    }
}
