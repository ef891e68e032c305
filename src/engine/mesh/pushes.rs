//! What istiod has pushed in a scene so far: a cluster that does not change tells a proxy but once, however many requests pass it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use crate::engine::{
    cluster::Cluster,
    istiod::{self, Proxy},
    xds::ProxyConfig,
    ztunnel,
};

/// Remembered by proxy. A copy begins anew, as its cluster may be changed.
#[derive(Debug, Default)]
pub(super) struct Pushes {
    known: Mutex<HashMap<(String, Part), Arc<ProxyConfig>>>,
    /// The same for every ztunnel.
    ztunnel: OnceLock<Arc<ztunnel::State>>,
}

/// How much of a proxy's configuration is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// What a sidecar needs for the way in.
    Inbound,
}

/// More are not held at once: in a large cluster one can take megabytes.
const MOST: usize = 64;

impl Pushes {
    /// What every ztunnel of `cluster` is told; nothing where nobody is in ambient mode.
    pub fn ztunnel(&self, cluster: &Cluster) -> Arc<ztunnel::State> {
        let state = || if cluster.ambient.is_on() { istiod::ztunnel_state(cluster) } else { ztunnel::State::default() };
        Arc::clone(self.ztunnel.get_or_init(|| Arc::new(state())))
    }

    /// What istiod pushes to a proxy of `cluster`, which must be the same in every call.
    pub fn get(&self, cluster: &Cluster, proxy: &Proxy, part: Part) -> Arc<ProxyConfig> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (proxy.id.clone(), part);
        if let Some(config) = known().get(&key) {
            return Arc::clone(config);
        }
        let config = Arc::new(match part {
            Part::Whole => istiod::push(cluster, proxy),
            Part::Inbound => istiod::push_inbound(cluster, proxy),
        });
        let mut known = known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, Arc::clone(&config));
        config
    }
}

impl Clone for Pushes {
    fn clone(&self) -> Self {
        Self::default()
    }
}
