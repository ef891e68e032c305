//! A cluster: the objects that were accepted, indexed the way the control plane looks them up.

mod mesh_config;

pub use mesh_config::*;

use super::resource::Resource;

/// Accepted objects and the mesh's own settings.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    /// In the order of the input.
    pub resources: Vec<Resource>,
    /// `MeshConfig` overrides, as written under `mesh:` of istio's ConfigMap.
    pub mesh_config: MeshConfig,
}
