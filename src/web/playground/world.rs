//! The panel of the world: who is there, and what is switched in it.

use super::{config::Choice, form::Form};
use crate::{
    course::WorldNote,
    engine::mesh::{Caller, DefaultMtls, MOST_NAMESPACES, Membership, OUTSIDE, Outbound},
};

pub(super) struct WorldPanelView {
    pub is_open: bool,
    /// Who is there.
    pub about: String,
    /// Each namespace with the ways in which its pods can be in the mesh.
    pub namespaces: Vec<(String, Vec<Choice>)>,
    /// How many more namespaces there are.
    pub omitted: usize,
    pub mtls: Vec<Choice>,
    pub outbound: Vec<Choice>,
    /// Workloads that can fail, and those that can be slow.
    pub failing: Vec<Choice>,
    pub slow: Vec<Choice>,
    pub fail_status: String,
    pub slow_delay: String,
    /// Whether sidecars and ambient mode are both there.
    pub is_mixed: bool,
    /// How many switches are set.
    pub count: usize,
    /// The switch that cannot be used, and why.
    pub fault: Option<String>,
}

impl WorldPanelView {
    pub fn of(note: Option<&WorldNote>, memberships: &[(String, Option<Membership>)], callers: &[Caller], fault: Option<String>, form: &Form) -> Self {
        let namespaces = memberships.iter().take(MOST_NAMESPACES).map(|(name, _)| {
            let given = form.injection.get(name).map(String::as_str).unwrap_or_default();
            (name.clone(), choices("unchanged", Membership::WORDS.iter().map(|(word, _)| *word), given))
        });
        let pods = |given: &str| {
            let of_pod = |caller: &Caller| Choice { value: caller.id.clone(), label: caller.id.clone(), is_chosen: caller.id == given };
            let mut all = vec![Choice { value: String::new(), label: "nobody".into(), is_chosen: given.is_empty() }];
            all.extend(callers.iter().filter(|caller| caller.id != OUTSIDE).map(of_pod));
            if !all.iter().any(|choice| choice.is_chosen) {
                all.push(Choice { value: given.to_owned(), label: format!("{given} (not in this cluster)"), is_chosen: true });
            }
            all
        };
        let set = [&form.mtls, &form.outbound, &form.fail, &form.slow].iter().filter(|text| !text.is_empty()).count();
        let count = set + form.injection.values().filter(|mode| !mode.is_empty()).count();
        Self {
            is_open: form.panel == "world" || fault.is_some(),
            about: note.map(|note| note.about.clone()).unwrap_or_default(),
            namespaces: namespaces.collect(),
            omitted: memberships.len().saturating_sub(MOST_NAMESPACES),
            mtls: choices("unchanged (PERMISSIVE)", DefaultMtls::WORDS.iter().map(|(word, _)| *word), &form.mtls),
            outbound: choices("unchanged (ALLOW_ANY)", Outbound::WORDS.iter().map(|(word, _)| *word), &form.outbound),
            failing: pods(&form.fail),
            slow: pods(&form.slow),
            fail_status: form.fail_status.clone(),
            slow_delay: form.slow_delay.clone(),
            is_mixed: [Membership::Sidecar, Membership::Ambient].iter().all(|mode| memberships.iter().any(|(_, known)| known == &Some(*mode))),
            count,
            fault,
        }
    }
}

/// A list whose first entry switches nothing. What is none of it is not chosen; its fault is told elsewhere.
fn choices(unset: &str, words: impl Iterator<Item = &'static str>, given: &str) -> Vec<Choice> {
    let of_word = |word: &str| Choice { value: word.to_owned(), label: word.to_owned(), is_chosen: word.eq_ignore_ascii_case(given) };
    let first = Choice { value: String::new(), label: unset.to_owned(), is_chosen: given.is_empty() };
    std::iter::once(first).chain(words.map(of_word)).collect()
}
