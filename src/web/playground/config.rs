//! The panel with what a proxy is told.

use super::{form::Form, view};
use crate::{
    engine::mesh::ConfigKind,
    web::simulation::{ConfigPanel, RowReport, Source},
};

pub(super) struct ConfigPanelView {
    pub is_open: bool,
    pub proxies: Vec<Choice>,
    pub kinds: Vec<Choice>,
    pub search: String,
    pub is_json: bool,
    pub caption: String,
    pub columns: &'static [&'static str],
    pub rows: Vec<RowView>,
    /// How many of the rows the search keeps.
    pub found: usize,
    pub omitted: usize,
    /// What Envoy refuses of it.
    pub refused: Vec<String>,
    /// The JSON, or why there is none.
    pub json: Option<String>,
}

/// An entry of a list to choose from.
pub(super) struct Choice {
    pub value: String,
    pub label: String,
    pub is_chosen: bool,
}

pub(super) struct RowView {
    pub cells: Vec<String>,
    pub is_hidden: bool,
    pub sources: Vec<SourceView>,
}

pub(super) struct SourceView {
    /// In full.
    pub origin: String,
    /// The kind and name of what the world brings along.
    pub name: String,
    /// 0 where it does not stand in the text.
    pub line: usize,
    pub place: String,
}

impl ConfigPanelView {
    pub fn of(panel: ConfigPanel, form: &Form) -> Self {
        let wanted = form.config_search.trim().to_lowercase();
        let rows: Vec<RowView> = panel.table.rows.into_iter().map(|row| RowView::of(row, &wanted)).collect();
        let choice = |kind: ConfigKind| Choice { value: kind.word().into(), label: view::capitalized(kind.word()) + "s", is_chosen: kind == panel.table.kind };
        Self {
            is_open: form.panel == "config",
            caption: format!("istioctl proxy-config {} {}", panel.table.kind.word(), panel.proxy),
            proxies: panel
                .proxies
                .into_iter()
                .map(|(proxy, role)| Choice { is_chosen: proxy == panel.proxy, label: format!("{proxy} ({role})"), value: proxy })
                .collect(),
            kinds: [ConfigKind::Listener, ConfigKind::Route, ConfigKind::Cluster, ConfigKind::Endpoint].map(choice).into(),
            search: form.config_search.clone(),
            is_json: form.config_json,
            columns: panel.table.columns,
            found: rows.iter().filter(|row| !row.is_hidden).count(),
            rows,
            omitted: panel.table.omitted,
            refused: panel.refused,
            json: panel
                .json
                .map(|json| json.unwrap_or_else(|| "This is too long to be shown here; the API and the terminal give it whole, and filtered.".to_owned())),
        }
    }
}

impl RowView {
    fn of(row: RowReport, wanted: &str) -> Self {
        let is_hidden = !wanted.is_empty() && !row.cells.join(" ").to_lowercase().contains(wanted);
        Self { cells: row.cells, is_hidden, sources: row.sources.into_iter().map(SourceView::of).collect() }
    }
}

impl SourceView {
    pub(super) fn of(source: Source) -> Self {
        let mut parts = source.resource.split('/');
        let (kind, name) = (parts.next().unwrap_or_default(), parts.next_back().unwrap_or_default());
        Self {
            origin: format!("{} {}", source.resource, source.path).trim_end().to_owned(),
            name: format!("{kind} {name}"),
            line: source.place.map_or(0, |place| place.line),
            place: source.place.as_ref().map(view::range).unwrap_or_default(),
        }
    }
}
