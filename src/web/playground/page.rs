//! The page around form and answer.

use askama::Template;
use axum::response::Response;

use super::{
    access::AccessPanelView,
    change::{ChangesView, Previous},
    config::ConfigPanelView,
    example::ExampleView,
    expect::ExpectedView,
    finding::{self, FindingView},
    form::{FieldFault, Form},
    gallery,
    replay::{ReplayPanelView, Replayed},
    rule::RuleView,
    send::with_status,
    snapshot::SnapshotNote,
    timeline::TimelinePanelView,
    view::{self, AnswerView},
    world::WorldPanelView,
};
use crate::{
    course::WorldNote,
    engine::mesh::{Caller, Switches},
    web::{
        AppState, Error,
        page::{Chrome, Section, Visitor, render},
        simulation::{DEFAULT_WORLD, LineVerdict, Question, Setup},
    },
};

/// What a page starts from.
pub(super) struct Opened {
    pub form: Form,
    /// Whether the visitor asked for just this; if not, a draft may take its place.
    pub is_asked_for: bool,
    /// Whether the visitor sent it.
    pub is_sent: bool,
    /// What the real Envoy did, where it was asked.
    pub replayed: Option<Replayed>,
    /// What there is to say of a snapshot.
    pub note: Option<SnapshotNote>,
}

impl Opened {
    /// A form that the visitor asked for.
    pub fn asked_for(form: Form) -> Self {
        Self { form, is_asked_for: true, is_sent: false, replayed: None, note: None }
    }
}

/// A text of more lines is not listed with its numbers.
const MOST_LINES: usize = 1000;

#[derive(Template)]
#[template(path = "playground/show.html")]
struct PlaygroundPage<'a> {
    chrome: Chrome,
    form: &'a Form,
    results: Results,
    worlds: &'a [WorldNote],
    groups: Vec<gallery::OfDomain<'a>>,
    example: Option<ExampleView<'a>>,
    rule: Option<RuleView>,
    is_asked_for: bool,
    note: Option<SnapshotNote>,
    snapshot_days: u32,
    lines: Vec<&'a str>,
    /// What the next run is compared with.
    previous: String,
}

/// What changes when something is sent.
#[derive(Template)]
#[template(path = "playground/_results.html")]
struct ResultsFragment {
    results: Results,
}

pub(super) struct Results {
    pub fault: Option<FieldFault>,
    /// Who is chosen to send.
    pub from: String,
    pub callers: Vec<Caller>,
    findings: Vec<FindingView>,
    omitted: usize,
    hides_hints: bool,
    documents: usize,
    pub answer: Option<AnswerView>,
    expected: Option<ExpectedView>,
    changes: Option<ChangesView>,
    notices: Vec<view::Notice>,
    config: Option<ConfigPanelView>,
    timeline: Option<TimelinePanelView>,
    world: WorldPanelView,
    access: AccessPanelView,
    replay: ReplayPanelView,
}

impl Results {
    pub fn knows_caller(&self) -> bool {
        self.callers.iter().any(|caller| caller.id == self.from)
    }

    /// Whether everything that was typed can be used.
    pub fn is_usable(&self) -> bool {
        self.fault.is_none() && self.world.fault.is_none() && self.access.fault.is_none() && self.timeline.as_ref().is_none_or(|panel| panel.fault.is_none())
    }

    /// Writes lines for what came; they hold.
    fn take(&mut self, form: &mut Form) {
        let Some(expected) = &mut self.expected else { return };
        form.expect.clone_from(&expected.taken);
        let held = |line: &str| LineVerdict { line: line.to_owned(), holds: true, came: String::new() };
        *expected = ExpectedView::of(form.expect.lines().map(held).collect(), &form.expect.lines().map(str::to_owned).collect::<Vec<_>>());
    }

    fn hints(&self) -> usize {
        self.findings.iter().filter(|finding| finding.is_hint).count()
    }

    /// Whether there are several certain cures that can be made at once.
    fn has_cures(&self) -> bool {
        self.findings.iter().filter(|finding| finding.fix.as_ref().is_some_and(|fix| fix.is_together)).count() > 1
    }

    pub fn fault_of(&self, field: &str) -> Option<&str> {
        self.fault.as_ref().filter(|fault| fault.field == field).map(|fault| fault.message.as_str())
    }
}

/// The whole page.
pub(super) async fn respond(state: &AppState, visitor: Visitor, opened: Opened) -> Result<Response, Error> {
    let Opened { mut form, is_asked_for, is_sent, replayed, note } = opened;
    if form.world.is_empty() {
        form.world = DEFAULT_WORLD.into();
    }
    let mut results = results(state, &form).await?;
    results.replay = ReplayPanelView::of(&state.replays, replayed);
    if form.take {
        results.take(&mut form);
    }
    let is_usable = !is_sent || results.is_usable();
    let lines: Vec<&str> = form.yaml.lines().collect();
    let page = PlaygroundPage {
        chrome: Chrome::new("Playground", Section::Playground, visitor),
        form: &form,
        results,
        worlds: &state.course.world_notes,
        groups: gallery::groups(&state.course, |_, _, _| true),
        example: ExampleView::of_form(&state.course, &form.example),
        rule: RuleView::of(&state.course, &form.rule),
        is_asked_for,
        note,
        snapshot_days: state.config.snapshot_days,
        previous: Previous::of(&form).text(),
        lines: if lines.len() <= MOST_LINES { lines } else { Vec::new() },
    };
    Ok(with_status(render(&page)?, is_usable))
}

/// Answer and findings only.
pub(super) async fn respond_with_results(state: &AppState, form: &Form) -> Result<Response, Error> {
    let results = results(state, form).await?;
    let is_usable = results.is_usable();
    Ok(with_status(render(&ResultsFragment { results })?, is_usable))
}

pub(super) async fn results(state: &AppState, form: &Form) -> Result<Results, Error> {
    let (request, mut fault) = match form.request() {
        _ if form.asks_nothing() => (None, None),
        Ok(request) => (Some(request), None),
        Err(fault) => (None, Some(fault)),
    };
    let (switches, mut world_fault) = match form.switches() {
        Ok(switches) => (switches, None),
        Err(error) => (Switches::default(), Some(error.to_string())),
    };
    let previous = Previous::of_same_request(form);
    let is_as_before = previous.as_ref().is_some_and(|previous| *previous == Previous::of(form));
    let before = previous.filter(|_| !is_as_before).and_then(|previous| previous.setup());
    let setup = Setup { world: form.world.clone(), switches, text: form.yaml.clone() };
    let mut question = Question { setup, request, wanted: form.wanted(), before };
    let reply = if let Some(reply) = state.simulator.ask(question.clone()).await? {
        reply
    } else {
        fault = Some(FieldFault { field: "world", message: format!("there is no world {:?}; choose one of the list", form.world) });
        question.setup.world = String::new();
        question.request = None;
        state.simulator.ask(question).await?.ok_or_else(|| Error::Internal(anyhow::anyhow!("the default world is missing")))?
    };
    world_fault = world_fault.or_else(|| reply.switches.as_ref().err().map(ToString::to_string));
    let journey = match reply.journey {
        Some(Ok(journey)) => Some(journey),
        Some(Err(error)) => {
            fault = Some(error.into());
            None
        }
        None => None,
    };
    let load = match (form.load(), reply.panels.load) {
        (Err(fault), _) => Err(fault),
        (Ok(_), Some(Err(error))) => Err((error.field, error.message)),
        (Ok(_), Some(Ok(run))) => Ok(run),
        (Ok(_), None) => Ok(None),
    };
    Ok(Results {
        fault,
        from: form.full_from(),
        world: WorldPanelView::of(state.course.world_note(&form.world), &reply.memberships, &reply.callers, world_fault, form),
        callers: reply.callers,
        notices: view::notices(&reply.report, form.yaml.trim().is_empty()),
        documents: reply.report.verdicts.len(),
        omitted: reply.report.omitted,
        findings: finding::views(&reply.report.findings, &form.yaml),
        hides_hints: form.hide_hints,
        access: AccessPanelView::of(reply.panels.access.map(|access| access.map_err(|error| error.to_string())), form),
        timeline: journey.is_some().then(|| TimelinePanelView::of(load, form)),
        expected: journey.is_some().then(|| ExpectedView::of(reply.panels.judged, &reply.panels.taken)),
        changes: journey.as_ref().and_then(|_| if is_as_before { Some(ChangesView::nothing()) } else { reply.changes.map(ChangesView::of) }),
        answer: journey.map(AnswerView::of),
        replay: ReplayPanelView::of(&state.replays, None),
        config: reply.panels.config.map(|panel| ConfigPanelView::of(panel, form)),
    })
}
