//! The page as it is opened: an example, a block of a chapter, an example of a rule, or the first example, with its answer.

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use super::{
    example::ExampleView,
    form::Form,
    page::{self, Opened},
    rule,
};
use crate::{
    course::Course,
    web::{AppState, Error, page::Visitor},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Start {
    example: Option<String>,
    api: Option<String>,
    request: Option<usize>,
    block: Option<String>,
    rule: Option<String>,
    world: Option<String>,
}

pub(super) async fn show(State(state): State<AppState>, visitor: Visitor, Query(start): Query<Start>) -> Result<Response, Error> {
    let opened = open(&state, &start)?;
    page::respond(&state, visitor, opened).await
}

fn open(state: &AppState, start: &Start) -> Result<Opened, Error> {
    let asked_for = Opened::asked_for;
    let mut opened = match start {
        Start { block: Some(block), .. } => asked_for(block_form(&state.course, block).ok_or(Error::NotFound)?),
        Start { rule: Some(name), .. } => {
            let (_, example) = rule::find(&state.course, name).ok_or(Error::NotFound)?;
            asked_for(rule::form(name, example))
        }
        Start { example: Some(name), api, request, .. } => {
            let example = ExampleView::find(&state.course, name, api.as_deref(), request.unwrap_or(1)).ok_or(Error::NotFound)?;
            asked_for(example.form())
        }
        Start { world: Some(world), .. } => asked_for(world_form(&state.course, world)),
        // Nothing in particular: a draft may take its place.
        _ => {
            let first = state.course.gallery.first().and_then(|first| ExampleView::find(&state.course, &first.name, None, 1));
            let form = first.map(|example| Form { example: String::new(), ..example.form() }).unwrap_or_default();
            Opened { is_asked_for: false, ..Opened::asked_for(form) }
        }
    };
    if let Some(world) = &start.world {
        opened.form.world.clone_from(world);
    }
    Ok(opened)
}

/// A world without configuration, with the request that it opens with.
fn world_form(course: &Course, world: &str) -> Form {
    let mut form = Form { world: world.to_owned(), ..Form::default() };
    if let Some(note) = course.world_note(world) {
        let (method, url) = note.request.split_once(' ').unwrap_or(("GET", &note.request));
        (form.from, form.method, form.url) = (note.from.clone(), method.to_owned(), url.to_owned());
    }
    form
}

/// The block `<chapter>/<n>` of the course, with its request.
fn block_form(course: &Course, block: &str) -> Option<Form> {
    let (slug, number) = block.split_once('/')?;
    let trial = &course.chapter(slug)?.block(number.parse().ok()?)?.trial;
    let mut form = Form { world: trial.world.clone(), yaml: trial.yaml.clone(), ..Form::for_trying() };
    if let Some(request) = &trial.request {
        form.ask(request);
    }
    Some(form)
}
