//! The engine, as pages and the JSON API ask it: off the threads that serve, a few questions at a time, answered in plain data.
//!
//! Knows worlds and requests, no page.

mod access;
mod assist;
mod change;
mod config;
mod expect;
mod finding;
pub mod graph;
mod limit;
mod load;
mod panel;
mod rehearsal;
mod report;
mod run;
mod step;
mod timeline;

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::Semaphore;

pub use access::{AccessCellReport, AccessQuestion, AccessReport, AccessRow};
pub use assist::{AssistQuestion, ChoiceReport, CompletionReport, FormatReport, HoverReport, OptionReport};
pub use change::{DiffReport, FieldDiff, HopDiff, PartDiff, ProxyDiff, ResourceDiff};
pub use config::{ConfigQuestion, ProxyConfigReport, RowReport, Source, TableReport};
pub use expect::{CaseVerdict, ExpectQuestion, ExpectReport, LineVerdict, MOST_CASES};
pub use finding::{Finding, Fix, Place};
pub use limit::limit;
pub use load::{EjectionReport, LoadReport, MomentReport};
pub use panel::{ConfigPanel, ConfigView, Panels, Wanted};
pub use rehearsal::{Rehearsal, RehearsedHop, Unsendable};
pub use report::{CheckReport, CheckedFile, Part, Report, VerdictReport};
pub use step::{HopReport, JourneyReport, StepReport, role_word};

use super::Error;
use crate::{
    course::Files,
    engine::{
        manifest::{self, Manifest},
        mesh::{Caller, Membership, PodError, Request, RequestError, Scene, SwitchError, Switches},
        source::SourceFile,
    },
};

/// The world that is taken where none is named.
pub const DEFAULT_WORLD: &str = "bookinfo";

/// Worlds to try things in, and the right to use the processor for it.
#[derive(Debug)]
pub struct Simulator {
    worlds: BTreeMap<String, World>,
    slots: Arc<Semaphore>,
}

#[derive(Debug)]
struct World {
    file: Arc<SourceFile>,
    manifest: Arc<Manifest>,
}

/// Texts to judge.
#[derive(Debug, Clone)]
pub struct Check {
    /// The world they are judged in; they alone are the cluster where it is absent.
    pub world: Option<String>,
    /// What is switched in it.
    pub switches: Switches,
    /// Name and text of each; no two have the same name.
    pub files: Vec<(String, String)>,
    /// Whether our own hints are wanted.
    pub hints: bool,
}

/// Configuration applied to a world.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setup {
    /// The world's name; empty for the default one.
    pub world: String,
    /// What is switched in it.
    pub switches: Switches,
    /// The configuration.
    pub text: String,
}

impl Setup {
    /// It, applied to the world of its name.
    fn scene(&self, world: &Manifest) -> Result<Scene, SwitchError> {
        Scene::switched(Some(world), &self.switches, vec![SourceFile::new(INPUT, &self.text)])
    }
}

/// An answer, in the order of what may be wrong: the portal has its hands full, there is no such world, it cannot be switched so, the
/// question has no answer.
pub type Answered<Report, Fault> = Result<Option<Result<Result<Report, Fault>, SwitchError>>, Error>;

/// Configuration applied to a world, and a request sent there.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The configuration.
    pub setup: Setup,
    /// Who calls what; none to look at the configuration only.
    pub request: Option<Request>,
    /// What is to be shown beside the answer.
    pub wanted: Wanted,
    /// An earlier configuration to compare with.
    pub before: Option<Setup>,
}

/// What there is to say of a question.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Of the configuration.
    pub report: Report,
    /// Whether the switches can be used; if not, nothing is switched and nothing sent.
    pub switches: Result<(), SwitchError>,
    /// The namespaces whose pods can be taken in and out of the mesh, and how they are in it.
    pub memberships: Vec<(String, Option<Membership>)>,
    /// Who could send a request.
    pub callers: Vec<Caller>,
    /// Of the request, where one was asked.
    pub journey: Option<Result<JourneyReport, RequestError>>,
    /// What was wanted beside it.
    pub panels: Panels,
    /// What is otherwise than in the earlier configuration, where there is one that can be used.
    pub changes: Option<DiffReport>,
}

impl Simulator {
    /// Reads the worlds of `content/worlds/`, one a file.
    pub fn new(files: &Files) -> Self {
        let world = |(path, text): (&str, &str)| {
            let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".yaml").to_owned();
            let file = SourceFile::new(path, text);
            (name, World { manifest: Arc::new(manifest::read(&file)), file })
        };
        Self { worlds: files.in_folder("worlds").map(world).collect(), slots: Arc::new(Semaphore::new(run::slots())) }
    }

    /// The names of all worlds.
    pub fn worlds(&self) -> impl Iterator<Item = &str> {
        self.worlds.keys().map(String::as_str)
    }

    /// Answers a question. None where there is no such world.
    pub async fn ask(&self, question: Question) -> Result<Option<Reply>, Error> {
        let Some(world) = self.world(&question.setup.world) else { return Ok(None) };
        let before = question.before.as_ref().and_then(|before| self.world(&before.world));
        self.run(move || answer(&world, before.as_deref(), &question)).await.map(Some)
    }

    /// Says what a proxy is told. None where there is no such world.
    pub async fn proxy_config(&self, setup: Setup, question: ConfigQuestion) -> Answered<ProxyConfigReport, PodError> {
        let Some(world) = self.world(&setup.world) else { return Ok(None) };
        self.run(move || Ok(ProxyConfigReport::of(&setup.scene(&world)?, &question))).await.map(Some)
    }

    /// Lets every workload call every Service. None where there is no such world.
    pub async fn access(&self, setup: Setup, question: AccessQuestion) -> Answered<AccessReport, RequestError> {
        let Some(world) = self.world(&setup.world) else { return Ok(None) };
        self.run(move || Ok(panel::access(&setup.scene(&world)?, &question))).await.map(Some)
    }

    /// Judges texts of different names, by themselves and as one cluster. None where there is no such world.
    pub async fn check(&self, check: Check) -> Result<Option<Result<CheckReport, SwitchError>>, Error> {
        let world = match &check.world {
            None => None,
            Some(name) => match self.world(name) {
                None => return Ok(None),
                found => found,
            },
        };
        let judge = move || {
            let files = check.files.iter().map(|(name, text)| SourceFile::new(name, text)).collect();
            Scene::switched(world.as_deref(), &check.switches, files).map(|scene| CheckReport::of(&scene, check.hints))
        };
        self.run(judge).await.map(Some)
    }

    /// The text of a world. None where there is no such world.
    pub fn world_text(&self, name: &str) -> Option<&str> {
        self.worlds.get(name).map(|world| world.file.text())
    }

    fn world(&self, name: &str) -> Option<Arc<Manifest>> {
        self.worlds.get(if name.is_empty() { DEFAULT_WORLD } else { name }).map(|world| Arc::clone(&world.manifest))
    }
}

/// The name by which messages call the text.
const INPUT: &str = "input.yaml";

fn answer(world: &Manifest, earlier: Option<&Manifest>, question: &Question) -> Reply {
    let (scene, switches) = match question.setup.scene(world) {
        Ok(scene) => (scene, Ok(())),
        Err(error) => (Scene::in_world(Some(world), vec![SourceFile::new(INPUT, &question.setup.text)]), Err(error)),
    };
    let sent = question.request.as_ref().filter(|_| switches.is_ok()).map(|request| scene.send(request));
    let changes = match (earlier, &question.before, &question.request, &sent) {
        (Some(earlier), Some(before), Some(request), Some(now)) => {
            before.scene(earlier).ok().map(|old| DiffReport::of((&old, &old.send(request)), (&scene, now)))
        }
        _ => None,
    };
    let panels = match &sent {
        Some(Ok(journey)) => Panels::of(&scene, journey, &question.wanted),
        _ => Panels::default(),
    };
    let access = question.wanted.access.as_ref().map(|asked| panel::access(&scene, asked));
    let panels = Panels { access, ..panels };
    let journey = sent.map(|sent| sent.map(|journey| JourneyReport::of(&scene, journey)));
    Reply { report: Report::of(&scene), switches, memberships: scene.memberships(), callers: scene.callers(), journey, panels, changes }
}
