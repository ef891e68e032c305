//! The panel with who may call whom.

use super::{config::SourceView, form::Form};
use crate::{
    engine::mesh::{AccessVerdict, Transport},
    web::simulation::{AccessCellReport, AccessReport},
};

pub(super) struct AccessPanelView {
    pub is_open: bool,
    pub method: String,
    pub path: String,
    pub fault: Option<String>,
    pub matrix: Option<MatrixView>,
}

pub(super) struct MatrixView {
    pub services: Vec<String>,
    pub rows: Vec<(String, Vec<CellView>)>,
    /// What is left out, in words.
    pub omitted: String,
}

pub(super) struct CellView {
    pub class: &'static str,
    pub mark: &'static str,
    pub word: &'static str,
    pub transport: &'static str,
    pub title: String,
    pub sources: Vec<SourceView>,
}

impl AccessPanelView {
    pub fn of(access: Option<Result<AccessReport, String>>, form: &Form) -> Self {
        let (matrix, fault) = match access {
            None => (None, None),
            Some(Ok(report)) => (Some(MatrixView::of(report)), None),
            Some(Err(message)) => (None, Some(message)),
        };
        Self { is_open: form.panel == "security", method: form.access_method.clone(), path: form.access_path.clone(), fault, matrix }
    }
}

impl MatrixView {
    fn of(report: AccessReport) -> Self {
        let omitted = match (report.callers_omitted, report.services_omitted) {
            (0, 0) => String::new(),
            (callers, services) => format!("Left out here: callers {callers}, services {services}."),
        };
        let rows = report.rows.into_iter().map(|row| (row.caller, row.cells.into_iter().map(CellView::of).collect())).collect();
        Self { services: report.services, rows, omitted }
    }
}

impl CellView {
    fn of(cell: AccessCellReport) -> Self {
        let (class, mark, word) = match cell.verdict {
            AccessVerdict::Allowed => ("cell-good", "✓", "allowed"),
            AccessVerdict::Denied => ("cell-bad", "✕", "denied"),
            AccessVerdict::Mixed => ("cell-mixed", "▲", "partly"),
            AccessVerdict::Failed => ("cell-failed", "–", "no answer"),
        };
        let transport = match cell.transport {
            Transport::Mtls => "mTLS",
            Transport::Tls => "TLS",
            Transport::Plaintext => "plain",
        };
        let title = if cell.reason.is_empty() { cell.answer } else { format!("{}: {}", cell.answer, cell.reason) };
        Self { class, mark, word, transport, title, sources: cell.sources.into_iter().map(SourceView::of).collect() }
    }
}
