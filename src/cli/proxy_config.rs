//! `meshwright proxy-config`: what istiod pushes to a proxy, as `istioctl proxy-config` shows it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};

use super::input;
use crate::engine::{
    cluster::{Cluster, MeshConfig},
    istiod::{self, Proxy},
    mesh::{self, Requests},
    xds::ProxyConfig,
};

/// Arguments of `proxy-config`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to print
    #[arg(value_enum)]
    kind: Kind,
    /// The pod, as POD or POD.NAMESPACE
    #[arg(value_name = "POD[.NAMESPACE]", required_unless_present = "requests")]
    pod: Option<String>,
    /// Files, folders, or - for standard input
    #[arg(short, long = "filename", value_name = "FILES", required = true)]
    files: Vec<PathBuf>,
    /// Every proxy of a requests file, instead of a pod
    #[arg(long, value_name = "FILE", conflicts_with = "pod")]
    requests: Option<PathBuf>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t = Output::Short)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    #[value(alias = "listeners")]
    Listener,
    #[value(alias = "routes")]
    Route,
    #[value(alias = "clusters")]
    Cluster,
    #[value(alias = "endpoints")]
    Endpoint,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    Short,
    Json,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let inputs = input::read_manifests(&args.files)?;
    let applied = mesh::apply(&inputs);
    if let Some(path) = &args.requests {
        let requests = read_requests(path)?;
        let cluster = Cluster::new(applied.resources, requests.mesh_config);
        let configs: BTreeMap<&str, ProxyConfig> =
            requests.proxies.iter().map(|proxy| (proxy.id.as_str(), only(args.kind, istiod::push(&cluster, proxy)))).collect();
        match args.output {
            Output::Json => input::print_json(&configs)?,
            Output::Short => {
                for (id, config) in configs {
                    input::print_line(&format!("# {id}"))?;
                    print_short(args.kind, &config)?;
                }
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let cluster = Cluster::new(applied.resources, MeshConfig::default());
    let proxy = find_proxy(&cluster, args.pod.as_deref().unwrap_or_default())?;
    let config = only(args.kind, istiod::push(&cluster, &proxy));
    match (args.output, args.kind) {
        (Output::Short, kind) => print_short(kind, &config)?,
        (Output::Json, Kind::Listener) => input::print_json(&config.listeners)?,
        (Output::Json, Kind::Route) => input::print_json(&config.routes)?,
        (Output::Json, Kind::Cluster) => input::print_json(&config.clusters)?,
        (Output::Json, Kind::Endpoint) => input::print_json(&config.endpoints)?,
        (Output::Json, Kind::All) => input::print_json(&config)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a requests file.
pub(super) fn read_requests(path: &Path) -> Result<Requests> {
    let inputs = input::read_manifests(&[path.to_owned()])?;
    let [only] = inputs.as_slice() else { bail!("{} is not one file of requests", path.display()) };
    Requests::read(only).with_context(|| format!("cannot use {}", path.display()))
}

/// The proxy of a pod, named as on the command line.
fn find_proxy(cluster: &Cluster, pod: &str) -> Result<Proxy> {
    let (name, namespace) = pod.rsplit_once('.').unwrap_or((pod, "default"));
    match cluster.workloads.pod(namespace, name) {
        Some(workload) if workload.has_proxy => Ok(Proxy::of_workload(workload)),
        Some(_) => bail!("the pod {name} in {namespace} has no istio-proxy container, so istiod pushes nothing to it"),
        None => {
            let known: Vec<String> = cluster.workloads.iter().filter(|w| w.has_proxy).take(10).map(|w| format!("{}.{}", w.name, w.namespace)).collect();
            bail!("there is no pod {name} in the namespace {namespace}; pods with a proxy are {}", known.join(", "))
        }
    }
}

/// Leaves out what was not asked for.
fn only(kind: Kind, config: ProxyConfig) -> ProxyConfig {
    let none = ProxyConfig::default;
    match kind {
        Kind::All => config,
        Kind::Listener => ProxyConfig { listeners: config.listeners, ..none() },
        Kind::Route => ProxyConfig { routes: config.routes, ..none() },
        Kind::Cluster => ProxyConfig { clusters: config.clusters, ..none() },
        Kind::Endpoint => ProxyConfig { endpoints: config.endpoints, ..none() },
    }
}

fn print_short(kind: Kind, config: &ProxyConfig) -> Result<()> {
    let wants = |one| kind == one || kind == Kind::All;
    if wants(Kind::Listener) {
        table(&["LISTENER", "CHAIN", "MATCH", "DESTINATION"], listener_rows(config))?;
    }
    if wants(Kind::Route) {
        table(&["ROUTES", "VIRTUAL HOST", "DOMAINS", "MATCH", "DESTINATION"], route_rows(config))?;
    }
    if wants(Kind::Cluster) {
        let rows = config.clusters.iter().map(|cluster| {
            let parts: Vec<&str> = cluster.name.split('|').collect();
            let part = |at: usize| parts.get(at).map_or("-", |part| if part.is_empty() { "-" } else { part }).to_owned();
            let host = if parts.len() == 4 { part(3) } else { cluster.name.clone() };
            let side = if parts.len() == 4 { part(0) } else { "-".into() };
            vec![host, part(1), part(2), side, cluster.r#type.clone()]
        });
        table(&["SERVICE", "PORT", "SUBSET", "DIRECTION", "TYPE"], rows.collect())?;
    }
    if wants(Kind::Endpoint) {
        let rows = config.endpoints.iter().flat_map(|assignment| {
            let endpoints = assignment.endpoints.iter().flat_map(|group| &group.lb_endpoints).filter_map(|endpoint| endpoint.socket_address());
            endpoints.map(|at| vec![format!("{}:{}", at.address, at.port_value), assignment.cluster_name.clone()])
        });
        table(&["ENDPOINT", "CLUSTER"], rows.collect())?;
    }
    Ok(())
}

fn listener_rows(config: &ProxyConfig) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for listener in &config.listeners {
        for chain in listener.filter_chains.iter().chain(&listener.default_filter_chain) {
            let matching = chain.filter_chain_match.clone().unwrap_or_default();
            let mut words = Vec::new();
            words.extend(matching.destination_port.map(|port| format!("port {port}")));
            words.extend(matching.prefix_ranges.iter().map(|range| format!("{}/{}", range.address_prefix, range.prefix_len.unwrap_or_default())));
            words.extend((!matching.server_names.is_empty()).then(|| format!("SNI {}", matching.server_names.join(","))));
            words.extend(Some(matching.transport_protocol.clone()).filter(|protocol| !protocol.is_empty()));
            words.extend((!matching.application_protocols.is_empty()).then(|| matching.application_protocols.join(",")));
            let all = if words.is_empty() { "ALL".into() } else { words.join("; ") };
            rows.push(vec![listener.name.clone(), if chain.name.is_empty() { "-".into() } else { chain.name.clone() }, all, chain.destination()]);
        }
    }
    rows
}

fn route_rows(config: &ProxyConfig) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for routes in &config.routes {
        for host in &routes.virtual_hosts {
            let domains = match host.domains.as_slice() {
                [first, rest @ ..] if !rest.is_empty() => format!("{first} + {} more", rest.len()),
                domains => domains.join(","),
            };
            rows.extend(
                host.routes.iter().map(|route| vec![routes.name.clone(), host.name.clone(), domains.clone(), route.r#match.path_text(), route.destination()]),
            );
        }
    }
    rows
}

/// Prints rows in columns as wide as their widest entry.
fn table(head: &[&str], rows: Vec<Vec<String>>) -> Result<()> {
    let head: Vec<String> = head.iter().map(|&word| word.to_owned()).collect();
    let width = |at: usize| rows.iter().chain([&head]).filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    for row in [&head].into_iter().chain(&rows) {
        let line: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        input::print_line(line.join("  ").trim_end())?;
    }
    Ok(())
}
