//! `--fix`: puts certain cures into the files, or shows what it would change.

use std::{collections::BTreeMap, fs, io::Write, path::Path, sync::Arc};

use anyhow::{Context, Result, bail, ensure};
use similar::TextDiff;

use crate::{
    cli::input::{self, Input},
    engine::{
        diagnostic::{self, Diagnostic, Fix},
        source::SourceFile,
    },
};

/// What is asked of cures.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(in crate::cli) struct FixArgs {
    /// Mend what has a certain cure in the files themselves, then judge them again
    #[arg(long)]
    fix: bool,
    /// With --fix: print the changes as a diff and change nothing
    #[arg(long, requires = "fix")]
    dry_run: bool,
}

impl FixArgs {
    /// Whether the mended text is the answer: standard input goes to standard output, and findings would stand in its way.
    pub(in crate::cli) fn is_filter(self, inputs: &[Input]) -> bool {
        self.fix && !self.dry_run && matches!(inputs, [input] if input.file.name() == "-")
    }
}

/// Does what is asked. Gives the inputs as they read now, where they were changed.
pub(in crate::cli) fn mend<'a>(args: FixArgs, inputs: &[Input], diagnostics: impl Iterator<Item = &'a Diagnostic>) -> Result<Option<Vec<Input>>> {
    if !args.fix {
        return Ok(None);
    }
    let is_filter = args.is_filter(inputs);
    ensure!(
        is_filter || args.dry_run || inputs.iter().all(|input| input.file.name() != "-"),
        "--fix takes standard input alone, for its text goes to standard output"
    );
    let mended = plan(diagnostics);
    for text in &mended {
        if args.dry_run {
            let name = text.file.name();
            input::print_line(TextDiff::from_lines(text.file.text(), &text.text).unified_diff().header(name, name).to_string().trim_end())?;
        } else if !is_filter {
            write(text)?;
        }
    }
    if is_filter {
        let text = mended.first().map_or(inputs[0].file.text(), |text| &text.text);
        input::print_line(text.strip_suffix('\n').unwrap_or(text))?;
    }
    let (cures, files) = (mended.iter().map(|text| text.cures).sum::<usize>(), mended.len());
    let count = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
    let did = if args.dry_run { "could be put right" } else { "put right" };
    input::complain(&format!("{} {did} in {}", count(cures, "fault"), count(files, "file")));
    if args.dry_run || cures == 0 {
        return Ok(None);
    }
    let reread = |input: &Input| {
        mended.iter().find(|text| Arc::ptr_eq(&text.file, &input.file)).map_or_else(|| input.clone(), |text| Input::new(input.file.name(), &text.text))
    };
    Ok(Some(inputs.iter().map(reread).collect()))
}

/// A file and how it reads with its cures.
struct Mended {
    file: Arc<SourceFile>,
    text: String,
    cures: usize,
}

/// The cures of each file that go together.
fn plan<'a>(diagnostics: impl Iterator<Item = &'a Diagnostic>) -> Vec<Mended> {
    let mut by_file: BTreeMap<String, (Arc<SourceFile>, Vec<Fix>)> = BTreeMap::new();
    for (diagnostic, fix) in diagnostics.filter_map(|diagnostic| diagnostic.fix.clone().map(|fix| (diagnostic, fix))) {
        by_file.entry(diagnostic.file.name().to_owned()).or_insert_with(|| (Arc::clone(&diagnostic.file), Vec::new())).1.push(fix);
    }
    let plan = |(file, fixes): (Arc<SourceFile>, Vec<Fix>)| {
        let fixes = diagnostic::together(fixes);
        let cures = fixes.len();
        Mended { text: diagnostic::mend(file.text(), fixes), file, cures }
    };
    by_file.into_values().map(plan).collect()
}

/// Writes a file beside the old one and puts it in its place, so that a crash leaves either of them whole.
fn write(text: &Mended) -> Result<()> {
    let name = text.file.name();
    let place = || format!("cannot change {name}");
    // A link stays a link: what it leads to is changed.
    let path = fs::canonicalize(Path::new(name)).with_context(place)?;
    if fs::read(&path).with_context(place)? != text.file.text().as_bytes() {
        bail!("{name} has changed since it was read; nothing was written, run the command again");
    }
    let mut beside = path.clone().into_os_string();
    beside.push(format!(".meshwright-{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside).with_context(place)?;
    let written = file
        .write_all(text.text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::set_permissions(&beside, fs::metadata(&path)?.permissions()))
        .and_then(|()| fs::rename(&beside, &path));
    if let Err(error) = written {
        // The first error is the one to tell.
        drop(fs::remove_file(&beside));
        return Err(error).with_context(place);
    }
    Ok(())
}
