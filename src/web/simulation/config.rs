//! What a proxy is told, as plain data: istioctl's tables, every row with the places behind it, and the JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Place;
use crate::engine::{
    mesh::{ConfigKind, PodError, ProxyConfigFilter, Pushed, Row, Scene, Table},
    xds::Origin,
};

/// So many rows of a table are told, and so many bytes of JSON; a filter brings the rest.
const MOST_ROWS: usize = 1000;
const MOST_BYTES: usize = 4 << 20;

/// Whose configuration is wanted, and which part of it.
#[derive(Debug, Clone)]
pub struct ConfigQuestion {
    /// `pod.namespace`
    pub pod: String,
    /// The parts.
    pub kinds: Vec<ConfigKind>,
    /// Of these what the filter keeps.
    pub filter: ProxyConfigFilter,
}

/// What istiod pushes to a proxy.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProxyConfigReport {
    /// `pod.namespace`
    pub proxy: String,
    /// The tables of `istioctl proxy-config`, in the order of its `all`.
    pub tables: Vec<TableReport>,
    /// What Envoy does not take of the listeners, a sentence for each; a proxy that has just started goes without them.
    pub refused: Vec<String>,
    /// The same in Envoy's own form (protobuf's JSON mapping): `listeners`, `routes`, `clusters`, `endpoints`. None where it is longer
    /// than 4 MiB: ask for one kind, or set a filter.
    #[schema(value_type = Option<Object>)]
    pub config: Option<serde_json::Value>,
}

/// A table of istioctl's.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TableReport {
    /// `listener`, `route`, `cluster` or `endpoint`.
    #[schema(value_type = String)]
    pub kind: ConfigKind,
    /// Its head.
    #[schema(value_type = Vec<String>)]
    pub columns: &'static [&'static str],
    /// Its rows in istioctl's order, at most 1,000.
    pub rows: Vec<RowReport>,
    /// How many more there are.
    pub omitted: usize,
}

/// A row of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RowReport {
    /// The name, in `config`, of what it is a row of.
    pub resource: String,
    /// As many as there are columns.
    pub cells: Vec<String>,
    /// What made istiod write it, the most exact first; empty for what follows from Istio's defaults.
    pub sources: Vec<Source>,
}

/// A field of a resource.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Source {
    /// For example `VirtualService/default/reviews`.
    pub resource: String,
    /// For example `spec.http[0]`; empty for the whole resource.
    pub path: String,
    /// Where that stands in the text that was sent; none for what the world brings along.
    pub place: Option<Place>,
}

impl ProxyConfigReport {
    pub(super) fn of(scene: &Scene, question: &ConfigQuestion) -> Result<Self, PodError> {
        let pushed = scene.proxy_config(&question.pod, "default")?;
        let config = pushed.filtered(&question.kinds, &question.filter);
        // Text first: a value in memory is many times as large.
        let config = serde_json::to_string(&config).ok().filter(|text| text.len() <= MOST_BYTES).and_then(|text| serde_json::from_str(&text).ok());
        let kinds = ConfigKind::ALL.into_iter().filter(|kind| question.kinds.contains(kind));
        let tables = kinds.map(|kind| TableReport::of(scene, &pushed.table(kind, &question.filter))).collect();
        Ok(Self { refused: pushed.refused(&question.kinds, &question.filter), proxy: pushed.proxy, tables, config })
    }
}

impl TableReport {
    pub(super) fn of(scene: &Scene, table: &Table) -> Self {
        let mut places = Sources::new(scene);
        let rows: Vec<RowReport> = table.rows.iter().take(MOST_ROWS).map(|row| places.report(row)).collect();
        Self { kind: table.kind, columns: table.columns, omitted: table.rows.len() - rows.len(), rows }
    }
}

/// The JSON of one kind, for people; none where it is too long to be read.
pub(super) fn json_of(pushed: &Pushed<'_>, kind: ConfigKind, filter: &ProxyConfigFilter) -> Option<String> {
    let config = pushed.filtered(&[kind], filter);
    let text = match kind {
        ConfigKind::Listener => serde_json::to_string_pretty(&config.listeners),
        ConfigKind::Route => serde_json::to_string_pretty(&config.routes),
        ConfigKind::Cluster => serde_json::to_string_pretty(&config.clusters),
        ConfigKind::Endpoint => serde_json::to_string_pretty(&config.endpoints),
    };
    text.ok().filter(|text| text.len() <= MOST_BYTES / 8)
}

/// Looks places up once for each origin.
pub(super) struct Sources<'a> {
    scene: &'a Scene,
    known: BTreeMap<&'a Origin, Option<Place>>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(scene: &'a Scene) -> Self {
        Self { scene, known: BTreeMap::new() }
    }

    fn report(&mut self, row: &'a Row) -> RowReport {
        let sources = row.origins.iter().map(|origin| self.source(origin)).collect();
        RowReport { resource: row.resource.clone(), cells: row.cells.clone(), sources }
    }

    pub(super) fn source(&mut self, origin: &'a Origin) -> Source {
        let scene = self.scene;
        let find = || scene.locate(origin).and_then(|(file, span)| scene.is_under_test(&file).then(|| Place::of(&file, span)));
        let place = *self.known.entry(origin).or_insert_with(find);
        Source { resource: origin.resource.to_string(), path: origin.path.to_string(), place }
    }
}
