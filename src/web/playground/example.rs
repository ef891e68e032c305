//! An example of the gallery in the playground: in which API, and with which of its requests.

use super::form::Form;
use crate::{
    course::{Course, Exhibit, Probe},
    engine::mesh::Token,
    web::urls,
};

/// What stands above the editor while an example is in it.
pub(super) struct ExampleView<'a> {
    pub exhibit: &'a Exhibit,
    /// Whether the editor holds the Gateway API twin.
    pub is_twin: bool,
    /// Of its requests the one that the form holds, from 1.
    number: usize,
}

/// A request of it to choose.
pub(super) struct ProbeView {
    pub words: String,
    pub url: String,
    pub is_current: bool,
}

/// What the address calls the twin.
pub(super) const GATEWAY: &str = "gateway";

impl<'a> ExampleView<'a> {
    /// The example behind `name`; none where there is none, or it has no such API or request.
    pub fn find(course: &'a Course, name: &str, api: Option<&str>, number: usize) -> Option<Self> {
        let exhibit = course.exhibit(name)?;
        let is_twin = match api {
            None | Some("" | "istio") => false,
            Some(GATEWAY) => exhibit.twin.is_some(),
            Some(_) => return None,
        };
        (is_twin || api != Some(GATEWAY)).then_some(())?;
        (1..=exhibit.probes.len()).contains(&number).then_some(Self { exhibit, is_twin, number })
    }

    /// The one that the form started from, `name/api/number`.
    pub fn of_form(course: &'a Course, name: &str) -> Option<Self> {
        let [name, api, number] = name.split('/').collect::<Vec<_>>()[..] else { return None };
        Self::find(course, name, Some(api), number.parse().ok()?)
    }

    /// As the form carries it.
    pub fn name(&self) -> String {
        format!("{}/{}/{}", self.exhibit.name, self.api(), self.number)
    }

    fn api(&self) -> &'static str {
        if self.is_twin { GATEWAY } else { "istio" }
    }

    /// The page's form with the example in it.
    pub fn form(&self) -> Form {
        let yaml = self.exhibit.twin.as_ref().filter(|_| self.is_twin).unwrap_or(&self.exhibit.yaml);
        let mut form = Form { world: self.exhibit.world.clone(), yaml: yaml.clone(), example: self.name(), ..Form::default() };
        let Some(probe) = self.exhibit.probes.get(self.number - 1) else { return form };
        form.ask(&probe.request);
        if let Some(load) = &probe.load {
            let number = |count: u32| if count > 1 { count.to_string() } else { String::new() };
            (form.repeat, form.concurrency) = (number(load.repeat), number(load.concurrency));
            (form.pause, form.upstream_status, form.upstream_delay) = (load.pause.clone(), load.status.clone(), load.delay.clone());
            form.panel = "timeline".into();
        }
        form
    }

    /// The same in Istio's own API, with the same request.
    pub fn istio_url(&self) -> String {
        urls::playground_example(&self.exhibit.name, false, self.number)
    }

    /// Its twin, with the same request.
    pub fn gateway_url(&self) -> String {
        urls::playground_example(&self.exhibit.name, true, self.number)
    }

    /// Its requests.
    pub fn probes(&self) -> Vec<ProbeView> {
        let view = |(at, probe): (usize, &Probe)| ProbeView {
            words: words(probe),
            url: urls::playground_example(&self.exhibit.name, self.is_twin, at + 1),
            is_current: at + 1 == self.number,
        };
        self.exhibit.probes.iter().enumerate().map(view).collect()
    }
}

/// Who calls what, in one line.
fn words(probe: &Probe) -> String {
    let request = &probe.request;
    let url = request.url.strip_prefix("http://").unwrap_or(&request.url);
    let from = request.from.strip_suffix(".default").unwrap_or(&request.from);
    let headers = request.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    let flaw = |token: &Token| match (token.is_expired, token.is_forged) {
        (true, _) => ", expired",
        (_, true) => ", forged",
        _ => "",
    };
    let token = request.token.iter().map(|token| format!("with a token of {}{}", token.subject, flaw(token)));
    let shown = request.certificate.iter().map(|shown| format!("with a certificate of {}{}", shown.identity, if shown.is_unknown { ", unknown" } else { "" }));
    std::iter::once(format!("{from}: {} {url}", request.method)).chain(headers).chain(token).chain(shown).collect::<Vec<_>>().join(", ")
}
