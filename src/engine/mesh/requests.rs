//! A requests file: which proxies there are and what is sent through them, one proxy at a time.
//!
//! The terminal contract's low-level input (`--requests`); it says nothing of the cluster, which comes from manifests.

use serde::Deserialize;

use super::Suite;
use crate::engine::{cluster::MeshConfig, envoy::Call, istiod::Proxy, manifest::Manifest};

/// The one document of a requests file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Requests {
    /// What the file is for, in words.
    pub about: String,
    /// The world that its author had in mind; the manifests of the command line decide.
    pub world: String,
    /// Overrides of the mesh's settings.
    pub mesh_config: MeshConfig,
    /// Who asks the control plane for configuration.
    pub proxies: Vec<Proxy>,
    /// What is sent, in order.
    pub calls: Vec<Call>,
}

/// Why a requests file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestsError {
    /// The YAML is broken.
    #[error("line {line}: {message}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// There is not exactly one document.
    #[error("a requests file is one document with proxies and calls; this one has {found}")]
    Documents {
        /// How many there are.
        found: usize,
    },
    /// It is a file of another kind.
    #[error("the file holds whole requests, which only `meshwright send` follows; a file of calls has proxies and calls")]
    WholeRequests,
    /// A field holds something else than it should.
    #[error("{0}")]
    Field(String),
    /// A call names no proxy of the file.
    #[error("the call {call:?} goes through {proxy:?}, which is none of the file's proxies: {known}")]
    UnknownProxy {
        /// The call.
        call: String,
        /// The proxy it names.
        proxy: String,
        /// The proxies of the file.
        known: String,
    },
}

impl Requests {
    /// Reads the file's text.
    pub fn read(manifest: &Manifest) -> Result<Self, RequestsError> {
        if let Some(fault) = manifest.diagnostics.first() {
            return Err(RequestsError::Syntax { line: fault.position().line, message: fault.message.clone() });
        }
        let [document] = manifest.documents.as_slice() else {
            return Err(RequestsError::Documents { found: manifest.documents.len() });
        };
        if Suite::is_meant(manifest) {
            return Err(RequestsError::WholeRequests);
        }
        let requests: Self = serde_json::from_value(document.root.to_json()).map_err(|error| RequestsError::Field(error.to_string()))?;
        for call in &requests.calls {
            if !requests.proxies.iter().any(|proxy| proxy.id == call.proxy) {
                let known = requests.proxies.iter().map(|proxy| proxy.id.as_str()).collect::<Vec<_>>().join(", ");
                return Err(RequestsError::UnknownProxy { call: call.name.clone(), proxy: call.proxy.clone(), known });
            }
        }
        Ok(requests)
    }

    /// The proxy that a call goes through.
    pub fn proxy_of(&self, call: &Call) -> Option<&Proxy> {
        self.proxies.iter().find(|proxy| proxy.id == call.proxy)
    }
}
