//! The examples to start from, `content/examples/`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::form::Form;
use crate::course::Files;

/// A configuration with a request that shows its point.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Example {
    /// What the address calls it.
    pub name: String,
    /// What the list calls it.
    pub title: String,
    /// Under which heading.
    pub group: String,
    from: String,
    request: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(skip)]
    yaml: String,
    /// What must come out; a test sends them all.
    #[cfg_attr(not(test), expect(dead_code, reason = "the promise is for the test"))]
    outcome: String,
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "the promise is for the test"))]
    refused: bool,
}

static ALL: LazyLock<Vec<Example>> = LazyLock::new(|| load(&Files::embedded()).expect("a test reads the examples that the binary carries"));

/// All of them, in the order of the list.
pub(super) fn all() -> &'static [Example] {
    &ALL
}

/// One, by its name.
pub(super) fn find(name: &str) -> Option<&'static Example> {
    ALL.iter().find(|example| example.name == name)
}

fn load(files: &Files) -> anyhow::Result<Vec<Example>> {
    let text = |path: &str| files.text(path).map(str::to_owned).ok_or_else(|| anyhow::anyhow!("{path} is missing"));
    let mut examples: Vec<Example> = serde_yaml::from_str(&text("examples/index.yaml")?)?;
    for example in &mut examples {
        example.yaml = text(&format!("examples/{}.yaml", example.name))?;
    }
    Ok(examples)
}

impl Example {
    /// The page's form with the example in it.
    pub fn form(&self) -> Form {
        let (method, url) = self.request.split_once(' ').unwrap_or(("GET", &self.request));
        Form {
            yaml: self.yaml.clone(),
            from: self.from.clone(),
            method: method.to_owned(),
            url: url.to_owned(),
            headers: self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n"),
            ..Form::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::simulation::{Question, Simulator};

    #[test]
    fn every_file_of_the_folder_is_in_the_list() {
        let files = Files::embedded();
        let listed: Vec<_> = load(&files).unwrap().into_iter().map(|example| format!("examples/{}.yaml", example.name)).collect();
        for (path, _) in files.in_folder("examples").filter(|(path, _)| !path.ends_with("/index.yaml")) {
            assert!(listed.iter().any(|listed| listed == path), "{path} is not in index.yaml");
        }
    }

    #[tokio::test]
    async fn every_example_does_what_it_promises() {
        let simulator = Simulator::new(&Files::embedded());
        let mut wrong = Vec::new();
        for example in all() {
            let form = example.form();
            let question = Question { text: form.yaml.clone(), request: Some(form.request().unwrap()), ..Question::default() };
            let reply = simulator.ask(question).await.unwrap().unwrap();
            let journey = reply.journey.unwrap().unwrap();
            if (reply.report.accepted, journey.answer.as_str()) != (!example.refused, example.outcome.as_str()) {
                wrong.push(format!("{}: wanted {:?}, got {:?}, findings {:?}", example.name, example.outcome, journey.answer, reply.report.findings));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
