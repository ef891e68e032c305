//! The panel with the virtual clock.

use super::form::Form;
use crate::{
    engine::envoy::{Event, span_text},
    web::simulation::{LoadReport, MomentReport},
};

/// More moments than this are not listed.
const MOST_LISTED: usize = 300;

pub(super) struct TimelinePanelView {
    pub is_open: bool,
    pub repeat: String,
    pub concurrency: String,
    pub pause: String,
    pub status: String,
    pub delay: String,
    /// The field that cannot be used, and why.
    pub fault: Option<(&'static str, String)>,
    pub run: Option<RunView>,
}

pub(super) struct RunView {
    pub proxy: String,
    pub tally: String,
    pub svg: String,
    pub moments: Vec<MomentView>,
    pub more: usize,
}

pub(super) struct MomentView {
    pub at: String,
    pub number: usize,
    pub mark: &'static str,
    pub class: &'static str,
    pub words: String,
}

impl TimelinePanelView {
    pub fn of(load: Result<Option<LoadReport>, (&'static str, String)>, form: &Form) -> Self {
        let (run, fault) = match load {
            Ok(run) => (run.map(RunView::of), None),
            Err(fault) => (None, Some(fault)),
        };
        Self {
            is_open: form.panel == "timeline"
                || !form.fail.is_empty()
                || !form.slow.is_empty()
                || fault.is_some()
                || run.as_ref().is_some_and(|run| run.moments.len() > 4),
            repeat: form.repeat.clone(),
            concurrency: form.concurrency.clone(),
            pause: form.pause.clone(),
            status: form.upstream_status.clone(),
            delay: form.upstream_delay.clone(),
            fault,
            run,
        }
    }

    pub fn fault_of(&self, field: &str) -> Option<&str> {
        self.fault.as_ref().filter(|(name, _)| *name == field).map(|(_, message)| message.as_str())
    }
}

impl RunView {
    fn of(report: LoadReport) -> Self {
        let all = report.moments.len() + report.omitted;
        let moments: Vec<MomentView> = report.moments.iter().take(MOST_LISTED).map(MomentView::of).collect();
        Self { proxy: report.proxy, tally: report.tally, svg: report.svg, more: all - moments.len(), moments }
    }
}

impl MomentView {
    #[allow(clippy::cast_possible_truncation, reason = "whole nanoseconds that came from an integer")]
    fn of(moment: &MomentReport) -> Self {
        let (mark, class) = match moment.event {
            Event::Failed | Event::TimedOut | Event::Overflowed => ("✕", "moment moment-bad"),
            Event::Ejected | Event::Spared | Event::Retried | Event::Queued => ("▲", "moment moment-warn"),
            Event::Ended => ("■", "moment moment-end"),
            Event::Begun | Event::Sent | Event::Answered => ("·", "moment"),
        };
        Self { at: span_text((moment.at_ms * 1e6).round() as i128), number: moment.run + 1, mark, class, words: moment.words.clone() }
    }
}
