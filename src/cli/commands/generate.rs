//! `archwright generate`

mod numbers;
mod progress;
mod summary;

use std::path::{Path, PathBuf};

use crate::cli::args::{Format, Generate};
use crate::cli::judge::{Judged, judge_file};
use crate::cli::output::Output;
use crate::cli::{Failure, Status, report};
use crate::diagnostic::{Diagnostic, Level};
use crate::generate;
use crate::model::Model;
use crate::source::Sources;
use crate::workspace::{self, Conflict, Folder, Planned, Reconciled};
use numbers::Numbers;
use progress::Progress;

/// Judges a drawing and writes its workspace, or shows what would be written.
///
/// # Errors
/// Files that cannot be read or written, and workspaces of newer generators.
pub fn run(arguments: &Generate, output: &mut Output) -> Result<Status, Failure> {
    let mut sources = Sources::default();
    let Some(judged) = judge_file(&arguments.file, &mut sources, output)? else {
        return Ok(Status::Failed);
    };
    let (Some(model), false) = (&judged.model, judged.has_errors()) else {
        return refuse(&judged.diagnostics, judged.files.len(), &sources, output);
    };
    let mut plan = match generate::plan(model) {
        Ok(plan) => plan,
        Err(generate::Failure::Refused(diagnostics)) => {
            return refuse(&diagnostics, judged.files.len(), &sources, output);
        }
        Err(failure) => return Err(failure.into()),
    };
    let target = target(arguments, model);
    let mut folder = Folder::open(&target)?;
    let numbers = Numbers::of(&arguments.file, &judged, &sources);
    if !arguments.force
        && let Some(lost) = numbers.lost(&folder, &target)?
    {
        output.say(&lost);
        return Ok(Status::Findings);
    }
    plan.extend(numbers.copy());
    let reconciled = reconcile(&folder, plan, arguments.force)?;
    if reconciled.conflicts().next().is_some() {
        show_conflicts(&reconciled, &folder, output)?;
        return Ok(Status::Findings);
    }
    if arguments.check {
        return check(&reconciled, &numbers, &folder, output);
    }
    if arguments.dry_run {
        output.print_foreign(&summary::list(&reconciled));
        output.print(&(summary::counts(&reconciled, &target, true) + "\n"));
        return Ok(Status::Clean);
    }
    generate::check(&reconciled)?;
    // The numbers first: one that was given out and then lost would be given out again.
    numbers.write()?;
    Progress::apply(&reconciled, &mut folder, output)?;
    output.print_foreign(&summary::notes(&reconciled));
    output.print(&(summary::counts(&reconciled, &target, false) + "\n"));
    output.print(&summary::next(&reconciled, &target, model));
    tell_of_warnings(&judged, &arguments.file, output);
    Ok(Status::Clean)
}

fn refuse(
    diagnostics: &[Diagnostic],
    files: usize,
    sources: &Sources,
    output: &mut Output,
) -> Result<Status, Failure> {
    report::findings(diagnostics, sources, files, Format::Human, output)?;
    output.say("error: nothing was generated, because of the errors above\n");
    Ok(Status::Findings)
}

fn target(arguments: &Generate, model: &Model) -> PathBuf {
    match &arguments.output {
        Some(folder) => folder.clone(),
        None => Path::new(".").join(&model.system.name),
    }
}

fn reconcile(folder: &Folder, plan: Vec<Planned>, force: bool) -> Result<Reconciled, Failure> {
    let lock = folder.lock()?;
    let planned = plan.iter().map(|it| it.path.as_str());
    let known = lock.iter().flat_map(|it| it.paths());
    let view = folder.view(planned.chain(known))?;
    let options = workspace::Options { force };
    Ok(workspace::reconcile(plan, lock, &view, options)?)
}

/// Shows all that is not as it should be, as a patch.
fn check(
    reconciled: &Reconciled,
    numbers: &Numbers,
    folder: &Folder,
    output: &mut Output,
) -> Result<Status, Failure> {
    if reconciled.is_current() && numbers.is_current() {
        output.say("the workspace is what the drawing says\n");
        return Ok(Status::Clean);
    }
    if !numbers.is_current() {
        let before = numbers.before.as_deref().map(str::as_bytes);
        let name = numbers.path.display().to_string();
        let diff = workspace::unified(&name, before, Some(numbers.after.as_bytes()));
        output.print_foreign(&diff);
    }
    for action in reconciled.actions.iter().filter(|it| it.kind.is_change()) {
        let before = folder.read(&action.path)?;
        let diff = workspace::unified(&action.path, before.as_deref(), action.after.as_deref());
        output.print_foreign(&diff);
    }
    output.say("the workspace is not what the drawing says: run `archwright generate`\n");
    Ok(Status::Findings)
}

/// Shows what stands in the way, as patches from what is there to what would be written.
fn show_conflicts(
    reconciled: &Reconciled,
    folder: &Folder,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut text = String::new();
    for (action, conflict) in reconciled.conflicts() {
        text.push_str(&format!("error: `{}` {}\n", action.path, conflict.reason()));
        if conflict.has_content() {
            let before = folder.read(&action.path)?;
            let diff = workspace::unified(&action.path, before.as_deref(), action.after.as_deref());
            text.push_str(&diff);
        }
        text.push('\n');
    }
    output.print_foreign(&text);
    let is_edited = reconciled.conflicts().any(|(_, it)| it == Conflict::Edited);
    let advice = match is_edited {
        true => "move what you changed into files of your own",
        false => "choose another folder with `-o`",
    };
    output.say(&format!(
        "error: nothing was written\n\
         help: {advice}, or take `--force`: it replaces these files and keeps yours beside them as `.orig`\n"
    ));
    Ok(())
}

fn tell_of_warnings(judged: &Judged, drawing: &Path, output: &mut Output) {
    let is_warning = |it: &&Diagnostic| it.level == Level::Warning;
    let count = judged.diagnostics.iter().filter(is_warning).count();
    if count > 0 {
        output.say(&format!(
            "the drawing has {count} warning{}: see `archwright lint {}`\n",
            if count == 1 { "" } else { "s" },
            drawing.display(),
        ));
    }
}
