//! What a proxy is told, as the tables of `istioctl proxy-config`: columns, order and words are those of istioctl 1.26
//! (`istioctl/pkg/writer/envoy/`), and every row says which fields of which resources it comes from.
//!
//! What does not come from istiod, such as the bootstrap's own listeners 15021 and 15090, is not there.

mod clusters;
mod endpoints;
mod filter;
mod listeners;
mod origins;
mod pod;
mod routes;

pub use filter::Filter;
pub use pod::PodError;
pub(super) use pod::proxy_of;

use serde::Serialize;

use crate::engine::{
    cluster::Cluster,
    envoy::refusal,
    xds::{Listener, Metadata, Origin, ProxyConfig},
};

/// One of the four services of xDS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfigKind {
    /// Where connections are taken.
    Listener,
    /// What is done with requests.
    Route,
    /// Where requests can be sent.
    Cluster,
    /// Who answers there.
    Endpoint,
}

impl ConfigKind {
    /// In the order of `istioctl proxy-config all`.
    pub const ALL: [Self; 4] = [Self::Cluster, Self::Listener, Self::Route, Self::Endpoint];

    /// As istioctl's command is called.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Listener => "listener",
            Self::Route => "route",
            Self::Cluster => "cluster",
            Self::Endpoint => "endpoint",
        }
    }
}

/// A table of istioctl's.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What it lists.
    pub kind: ConfigKind,
    /// Its head.
    pub columns: &'static [&'static str],
    /// Its rows, sorted as istioctl does.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// The listener, route configuration, cluster or load assignment that it is a row of, by its name in the JSON.
    pub resource: String,
    /// As many as there are columns.
    pub cells: Vec<String>,
    /// The fields that made istiod write it, the most exact first; none for what follows from Istio's defaults.
    pub origins: Vec<Origin>,
}

/// What istiod pushes to one proxy of a cluster, ready to be shown.
#[derive(Debug, Clone)]
pub struct Pushed<'a> {
    /// `pod.namespace`, or the id in a requests file.
    pub proxy: String,
    /// All of it.
    pub config: ProxyConfig,
    cluster: &'a Cluster,
}

impl<'a> Pushed<'a> {
    /// `proxy` names it for people.
    pub fn new(cluster: &'a Cluster, proxy: &str, config: ProxyConfig) -> Self {
        Self { proxy: proxy.to_owned(), config, cluster }
    }

    /// The table of `istioctl proxy-config <kind>`.
    pub fn table(&self, kind: ConfigKind, filter: &Filter) -> Table {
        let config = &self.config;
        let (columns, mut rows): (&[&str], _) = match kind {
            ConfigKind::Listener => (&["ADDRESSES", "PORT", "MATCH", "DESTINATION"], listeners::rows(config, filter)),
            ConfigKind::Route => (&["NAME", "VHOST NAME", "DOMAINS", "MATCH", "VIRTUAL SERVICE"], routes::rows(config, filter)),
            ConfigKind::Cluster => (&["SERVICE FQDN", "PORT", "SUBSET", "DIRECTION", "TYPE", "DESTINATION RULE"], clusters::rows(config, filter)),
            ConfigKind::Endpoint => (&["ENDPOINT", "STATUS", "OUTLIER CHECK", "CLUSTER"], endpoints::rows(config, filter)),
        };
        origins::complete(self.cluster, kind, &mut rows);
        Table { kind, columns, rows }
    }

    /// The tables of `istioctl proxy-config all`: each row begins with the kind and name of what it is a row of, and endpoints are
    /// those of EDS with their locality.
    pub fn all(&self, filter: &Filter) -> Vec<Table> {
        let table = |kind| match kind {
            ConfigKind::Endpoint => Table { kind, columns: &["NAME", "STATUS", "LOCALITY", "CLUSTER"], rows: endpoints::rows_of_eds(&self.config, filter) },
            _ => named(self.table(kind, filter)),
        };
        ConfigKind::ALL.map(table).into()
    }

    /// What Envoy does not take of the listeners that the filter keeps, a sentence for each; what istiod pushes is told all the same.
    pub fn refused(&self, kinds: &[ConfigKind], filter: &Filter) -> Vec<String> {
        let listeners = filter.listeners(&self.config.listeners).filter(|_| kinds.contains(&ConfigKind::Listener));
        let told = |listener: &Listener| Some(format!("Envoy refuses the listener {}: {}.", listener.name, refusal(listener)?.reason));
        listeners.filter_map(told).collect()
    }

    /// What is left of the configuration: the parts that are wanted, filtered, sorted as istioctl sorts them.
    pub fn filtered(&self, kinds: &[ConfigKind], filter: &Filter) -> ProxyConfig {
        let (config, wants) = (&self.config, |kind| kinds.contains(&kind));
        ProxyConfig {
            listeners: if wants(ConfigKind::Listener) { filter.listeners(&config.listeners).cloned().collect() } else { Vec::new() },
            routes: if wants(ConfigKind::Route) { routes::sorted(&config.routes, filter).into_iter().cloned().collect() } else { Vec::new() },
            clusters: if wants(ConfigKind::Cluster) { clusters::sorted(&config.clusters, filter).into_iter().cloned().collect() } else { Vec::new() },
            endpoints: if wants(ConfigKind::Endpoint) { endpoints::sorted(&config.endpoints, filter) } else { Vec::new() },
            secrets: None,
        }
    }
}

/// The same table with names in front.
fn named(mut table: Table) -> Table {
    let prefix = table.kind.word();
    for row in &mut table.rows {
        let name = format!("{prefix}/{}", row.resource);
        match table.kind {
            ConfigKind::Route => row.cells[0] = name,
            ConfigKind::Cluster if !row.resource.contains('|') => {
                // As istioctl does it: a name that says nothing of a service is changed before it is printed as one.
                row.cells[0].clone_from(&name);
                row.cells.insert(0, name);
            }
            _ => row.cells.insert(0, name),
        }
    }
    table.columns = match table.kind {
        ConfigKind::Listener => &["NAME", "ADDRESSES", "PORT", "MATCH", "DESTINATION"],
        ConfigKind::Cluster => &["NAME", "SERVICE FQDN", "PORT", "SUBSET", "DIRECTION", "TYPE", "DESTINATION RULE"],
        ConfigKind::Route | ConfigKind::Endpoint => table.columns,
    };
    table
}

/// The resource that istiod notes in the metadata, as `name.namespace`.
fn noted(metadata: Option<&Metadata>) -> String {
    let note = metadata.and_then(|metadata| metadata.filter_metadata.get("istio")?.get("config")?.as_str());
    let Some(path) = note else { return String::new() };
    let Some(rest) = path.strip_prefix("/apis/networking.istio.io/") else { return "<unknown>".to_owned() };
    match rest.split('/').collect::<Vec<_>>()[..] {
        [_version, _namespaces, namespace, _kind, name] => format!("{name}.{namespace}"),
        _ => String::new(),
    }
}
