//! What the playground shows beside the answer, each only where it is asked for.

use super::{AccessQuestion, AccessReport, LineVerdict, LoadReport, TableReport, config};
use crate::engine::mesh::{ConfigKind, HopRole, Journey, Load, LoadError, ProxyConfigFilter, Request, RequestError, Scene};

/// What is wanted beside the answer.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// What a proxy of the path is told.
    pub config: Option<ConfigView>,
    /// Several requests on a virtual clock.
    pub load: Option<Load>,
    /// Who may call whom.
    pub access: Option<AccessQuestion>,
    /// Lines of expectation.
    pub expect: String,
}

/// A look at what one proxy is told.
#[derive(Debug, Clone)]
pub struct ConfigView {
    /// `pod.namespace`; where it is none of the path's proxies, the first of these.
    pub proxy: String,
    /// Which table.
    pub kind: ConfigKind,
    /// Whether the JSON behind it is wanted instead.
    pub as_json: bool,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Panels {
    /// None where the request passed no proxy.
    pub config: Option<ConfigPanel>,
    /// None where it was not wanted; nothing in it where no proxy sends the request to a backend.
    pub load: Option<Result<Option<LoadReport>, LoadError>>,
    /// None where it was not wanted.
    pub access: Option<Result<AccessReport, RequestError>>,
    /// The lines of expectation.
    pub judged: Vec<LineVerdict>,
    /// Lines that would hold.
    pub taken: Vec<String>,
}

/// One proxy's configuration, among those of the path.
#[derive(Debug, Clone)]
pub struct ConfigPanel {
    /// The proxies on the way, each once, with what they are there.
    pub proxies: Vec<(String, HopRole)>,
    /// Whose it is.
    pub proxy: String,
    /// The table.
    pub table: TableReport,
    /// What Envoy refuses of it.
    pub refused: Vec<String>,
    /// The JSON, where that was wanted; then none where it is too long.
    pub json: Option<Option<String>>,
}

/// Everybody's request to everything, each with the same method and path.
pub(super) fn access(scene: &Scene, asked: &AccessQuestion) -> Result<AccessReport, RequestError> {
    let path = if asked.path.is_empty() { "/" } else { &asked.path };
    if !path.starts_with('/') {
        return Err(RequestError::BadUrl { given: path.chars().take(120).collect(), reason: "a path begins with a slash".into() });
    }
    let request = Request { method: asked.method.clone(), ..Request::default() };
    Ok(AccessReport::of(scene, &scene.access(&request, path)?))
}

impl Panels {
    pub(super) fn of(scene: &Scene, journey: &Journey, wanted: &Wanted) -> Self {
        let run = wanted.load.as_ref().map(|load| scene.load(journey, load));
        // One request to backends that answer at once is the journey itself.
        let is_load = wanted.load.as_ref().is_some_and(|load| !load.is_plain());
        let counts = run.as_ref().and_then(|run| run.as_ref().ok()?.as_ref()).filter(|_| is_load);
        Self {
            config: wanted.config.as_ref().and_then(|view| ConfigPanel::of(scene, journey, view)),
            access: None,
            judged: scene.judge(journey, counts, wanted.expect.lines()).into_iter().map(LineVerdict::from).collect(),
            taken: scene.expectations_of(journey, counts),
            load: run.map(|run| run.map(|run| run.as_ref().map(LoadReport::of))),
        }
    }
}

impl ConfigPanel {
    fn of(scene: &Scene, journey: &Journey, view: &ConfigView) -> Option<Self> {
        let mut proxies: Vec<(String, HopRole)> = Vec::new();
        for hop in journey.hops.iter().filter(|hop| hop.role.is_envoy()) {
            if !proxies.iter().any(|(known, _)| *known == hop.proxy) {
                proxies.push((hop.proxy.clone(), hop.role));
            }
        }
        let proxy = proxies.iter().map(|(proxy, _)| proxy).find(|proxy| **proxy == view.proxy).or(proxies.first().map(|(proxy, _)| proxy))?.clone();
        let pushed = scene.proxy_config(&proxy, "default").ok()?;
        let all = ProxyConfigFilter::default();
        let table = TableReport::of(scene, &pushed.table(view.kind, &all));
        let json = view.as_json.then(|| config::json_of(&pushed, view.kind, &all));
        let refused = pushed.refused(&[view.kind], &all);
        Some(Self { proxies, proxy, table, refused, json })
    }
}
