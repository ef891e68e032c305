//! `meshwright proxy-config`: what istiod pushes to a proxy, as `istioctl proxy-config` shows it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};

use super::input;
use crate::engine::{
    cluster::MeshConfig,
    istiod,
    manifest::Manifest,
    mesh::{ConfigKind, ProxyConfigFilter as Filter, Pushed, Requests, Scene, Table},
    xds::ProxyConfig,
};

/// Arguments of `proxy-config`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to print
    #[arg(value_enum)]
    kind: Kind,
    /// The pod, or deploy/NAME for the first one of a Deployment
    #[arg(value_name = "POD[.NAMESPACE]", required_unless_present = "requests")]
    pod: Option<String>,
    /// Files, folders, or - for standard input
    #[arg(short, long = "filename", value_name = "FILES", required = true)]
    files: Vec<PathBuf>,
    /// The namespace of a pod that is named without one
    #[arg(short, long, value_name = "NAMESPACE", default_value = "default")]
    namespace: String,
    /// Every proxy of a requests file, instead of a pod
    #[arg(long, value_name = "FILE", conflicts_with = "pod")]
    requests: Option<PathBuf>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t = Output::Short)]
    output: Output,
    #[command(flatten)]
    filter: FilterArgs,
}

/// istioctl's filters; each kind looks at its own.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Filters")]
struct FilterArgs {
    /// Clusters with this in their service's name
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    fqdn: String,
    /// Listeners, clusters and endpoints of this port
    #[arg(long, value_name = "PORT")]
    port: Option<u32>,
    /// Clusters of this direction: inbound or outbound
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    direction: String,
    /// Clusters with this in their subset
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    subset: String,
    /// Listeners and endpoints at this address
    #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
    address: String,
    /// Listeners of this type: HTTP, TCP or HTTP+TCP
    #[arg(long, value_name = "TYPE", default_value = "", hide_default_value = true)]
    r#type: String,
    /// The route configuration of this name
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    name: String,
    /// Endpoints of the cluster of this name
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    cluster: String,
    /// Endpoints of this status, for example healthy
    #[arg(long, value_name = "STATUS", default_value = "", hide_default_value = true)]
    status: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    #[value(aliases = ["listeners", "l"])]
    Listener,
    #[value(aliases = ["routes", "r"])]
    Route,
    #[value(aliases = ["clusters", "c"])]
    Cluster,
    #[value(aliases = ["endpoints", "ep"])]
    Endpoint,
    #[value(alias = "a")]
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
    if let Some(path) = &args.requests {
        of_requests(args, &inputs, path)?;
    } else {
        let scene = Scene::of(&inputs, MeshConfig::default());
        super::send::tell_refused(&scene);
        let pod = args.pod.as_deref().unwrap_or_default();
        of_pod(args, &scene.proxy_config(pod, &args.namespace)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn of_pod(args: &Args, pushed: &Pushed<'_>) -> Result<()> {
    tell_refused(args, pushed);
    match args.output {
        Output::Short => print_tables(args, pushed),
        Output::Json => {
            let config = pushed.filtered(args.kind.parts(), &args.filter.filter());
            match args.kind {
                Kind::Listener => input::print_json(&config.listeners),
                Kind::Route => input::print_json(&config.routes),
                Kind::Cluster => input::print_json(&config.clusters),
                Kind::Endpoint => input::print_json(&config.endpoints),
                Kind::All => input::print_json(&config),
            }
        }
    }
}

fn of_requests(args: &Args, inputs: &[Manifest], path: &Path) -> Result<()> {
    let requests = read_requests(path)?;
    let scene = Scene::of(inputs, requests.mesh_config);
    super::send::tell_refused(&scene);
    let pushed: BTreeMap<&str, Pushed<'_>> =
        requests.proxies.iter().map(|proxy| (proxy.id.as_str(), Pushed::new(&scene.cluster, &proxy.id, istiod::push(&scene.cluster, proxy)))).collect();
    for pushed in pushed.values() {
        tell_refused(args, pushed);
    }
    match args.output {
        Output::Json => {
            let filter = args.filter.filter();
            let configs: BTreeMap<&str, ProxyConfig> = pushed.iter().map(|(id, pushed)| (*id, pushed.filtered(args.kind.parts(), &filter))).collect();
            input::print_json(&configs)
        }
        Output::Short => pushed.iter().try_for_each(|(id, pushed)| {
            input::print_line(&format!("# {id}"))?;
            print_tables(args, pushed)
        }),
    }
}

/// istioctl asks Envoy, which does not have what it has refused; here it is printed, and said.
fn tell_refused(args: &Args, pushed: &Pushed<'_>) {
    for refused in pushed.refused(args.kind.parts(), &args.filter.filter()) {
        input::complain(&format!("{}: {refused}", pushed.proxy));
    }
}

/// Reads a requests file.
pub(super) fn read_requests(path: &Path) -> Result<Requests> {
    Requests::read(&manifest_of(path)?).with_context(|| format!("cannot use {}", path.display()))
}

/// The text of a requests file.
pub(super) fn manifest_of(path: &Path) -> Result<Manifest> {
    let mut inputs = input::read_manifests(&[path.to_owned()])?;
    match inputs.pop() {
        Some(only) if inputs.is_empty() => Ok(only),
        _ => bail!("{} is not one file of requests", path.display()),
    }
}

impl Kind {
    fn parts(self) -> &'static [ConfigKind] {
        match self {
            Self::Listener => &[ConfigKind::Listener],
            Self::Route => &[ConfigKind::Route],
            Self::Cluster => &[ConfigKind::Cluster],
            Self::Endpoint => &[ConfigKind::Endpoint],
            Self::All => &ConfigKind::ALL,
        }
    }
}

impl FilterArgs {
    fn filter(&self) -> Filter {
        let Self { fqdn, port, direction, subset, address, r#type, name, cluster, status } = self;
        Filter {
            fqdn: fqdn.clone(),
            port: *port,
            direction: direction.clone(),
            subset: subset.clone(),
            address: address.clone(),
            r#type: r#type.clone(),
            name: name.clone(),
            cluster: cluster.clone(),
            status: status.clone(),
        }
    }
}

fn print_tables(args: &Args, pushed: &Pushed<'_>) -> Result<()> {
    let filter = args.filter.filter();
    let tables = match args.kind {
        Kind::All => pushed.all(&filter),
        one => one.parts().iter().map(|kind| pushed.table(*kind, &filter)).collect(),
    };
    for (at, table) in tables.iter().enumerate() {
        if at > 0 {
            input::print_line("")?;
        }
        print_table(table)?;
    }
    Ok(())
}

/// Prints rows in columns as wide as their widest entry. istioctl leaves one blank behind those of listeners, five behind others.
fn print_table(table: &Table) -> Result<()> {
    let gap = if table.kind == ConfigKind::Listener { 1 } else { 5 };
    let head: Vec<String> = table.columns.iter().map(|&word| word.to_owned()).collect();
    let lines = || std::iter::once(&head).chain(table.rows.iter().map(|row| &row.cells));
    let width = |at: usize| lines().filter_map(|cells| cells.get(at)).map(|cell| cell.chars().count()).max().unwrap_or_default() + gap;
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    for cells in lines() {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        input::print_line(padded.concat().trim_end())?;
    }
    Ok(())
}
