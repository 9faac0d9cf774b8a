//! The release check: what changed since the newest published version, whom it breaks, and which version it needs.

use std::fs;
use std::io::Write;
use std::path::Path;

use clap::ValueEnum;
use freddy_openapi::compat::{self, Change, Class};
use freddy_openapi::contract;
use semver::Version;
use serde_json::{Value, json};

use crate::output_folder;

mod published;

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// How changes are shown.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// A line for each change
    Text,
    /// An object with `breaking` and `changes`
    Json,
    /// A table for each class
    Markdown,
}

/// Compares two documents. Returns whether the change breaks nobody.
pub(crate) fn diff(folder: Option<&Path>, old: &str, new: &str, format: Format, out: &mut impl Write) -> Result<bool> {
    let changes = compat::diff(&read(folder, old)?, &read(folder, new)?);
    let breaking = worst(&changes) == Some(Class::Breaking);
    match format {
        Format::Text => write!(out, "{}", as_text(&changes))?,
        Format::Json => writeln!(out, "{:#}", json!({ "breaking": breaking, "changes": changes }))?,
        Format::Markdown => show_as_markdown(&changes, out)?,
    }
    Ok(!breaking)
}

fn worst(changes: &[Change]) -> Option<Class> {
    changes.iter().map(|change| change.class).min()
}

fn as_text(changes: &[Change]) -> String {
    let mut lines: Vec<String> = changes.iter().map(Change::to_string).collect();
    lines.push(summary(changes));
    lines.join("\n") + "\n"
}

fn summary(changes: &[Change]) -> String {
    let count = |class| changes.iter().filter(|change| change.class == class).count();
    let [breaking, compatible, documentation] = [Class::Breaking, Class::Compatible, Class::Documentation].map(count);
    format!("changes: {breaking} breaking, {compatible} compatible, {documentation} of documentation")
}

fn show_as_markdown(changes: &[Change], out: &mut impl Write) -> Result<()> {
    for (class, heading) in
        [(Class::Breaking, "Breaking"), (Class::Compatible, "Compatible"), (Class::Documentation, "Documentation")]
    {
        let mut of_class = changes.iter().filter(|change| change.class == class).peekable();
        if of_class.peek().is_none() {
            continue;
        }
        writeln!(out, "## {heading}\n\n| Direction | Where | What |\n| --- | --- | --- |")?;
        for change in of_class {
            let cell = |text: &str| text.replace('|', "\\|");
            writeln!(out, "| {} | `{}` | {} |", change.direction, cell(&change.pointer), cell(&change.message))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{}", summary(changes))?;
    Ok(())
}

/// A document by its file, or by the version that it was published as.
fn read(folder: Option<&Path>, name: &str) -> Result<Value> {
    let path = Path::new(name);
    if let (false, Ok(version)) = (path.exists(), name.parse::<Version>()) {
        let folder =
            folder.ok_or("there is no `openapi` folder here or above to find a version in: name it with --dir")?;
        let (all, _) = published::read_all(folder)?;
        let found = all.into_iter().find(|published| published.version == version);
        return Ok(found.ok_or_else(|| format!("{version} is not published in {}", folder.display()))?.document);
    }
    let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    let document: Value = if is_yaml {
        serde_saphyr::from_str(&text).map_err(|error| format!("{name} is not YAML: {error}"))?
    } else {
        serde_json::from_str(&text).map_err(|error| format!("{name} is not JSON: {error}"))?
    };
    match document.get("openapi").and_then(Value::as_str) {
        Some(version) if version.starts_with("3.1.") => Ok(document),
        _ => Err(format!("{name} is not an OpenAPI 3.1 document: its field `openapi` is not 3.1.x").into()),
    }
}

/// Publishes the document of the types as a version.
pub(crate) fn release(folder: &Path, version: &str, out: &mut impl Write) -> Result<bool> {
    match refusal(folder, version)? {
        Some(why) => {
            writeln!(out, "{version} is not published: {why}")?;
            Ok(false)
        }
        None => {
            let path = published::add(folder, &version.parse()?, format!("{:#}\n", contract().document()?))?;
            writeln!(out, "{}: published", path.display())?;
            Ok(true)
        }
    }
}

/// The version that the types declare.
#[expect(clippy::expect_used, reason = "the document of a spec has the version of its `Info`")]
fn declared_version(document: &Value) -> &str {
    published::declared_version(document).expect("a document has a version")
}

/// Why the document of the types cannot be published as this version, if it cannot.
fn refusal(folder: &Path, version: &str) -> Result<Option<String>> {
    let document = contract().document()?;
    let asked = match version.parse::<Version>() {
        Ok(asked) if asked.pre.is_empty() && asked.build.is_empty() => asked,
        _ => return Ok(Some("it is not MAJOR.MINOR.PATCH".to_owned())),
    };
    let declared = declared_version(&document);
    if declared != version {
        return Ok(Some(format!(
            "the types declare {declared}; set the version of `contract()` in spec.rs, and write openapi/"
        )));
    }
    if output_folder::compare(folder, &contract().artifacts()?)?.iter().any(|(_, change)| change.is_some()) {
        let folder = folder.display();
        return Ok(Some(format!("{folder} does not match the types; to write it: cargo run -p freddy-openapi")));
    }
    let (all, tampered) = published::read_all(folder)?;
    if let Some(tampered) = tampered.first() {
        return Ok(Some(tampered.to_string()));
    }
    let Some(newest) = all.last() else { return Ok(None) };
    if asked <= newest.version {
        return Ok(Some(format!("it is not newer than {}, which is already published", newest.version)));
    }
    let changes = compat::diff(&newest.document, &document);
    let least = least_version(&newest.version, worst(&changes));
    Ok((asked < least)
        .then(|| format!("these changes from {} need {least} at least\n{}", newest.version, as_text(&changes))))
}

/// The smallest version after `published` that may contain such a change.
fn least_version(published: &Version, worst: Option<Class>) -> Version {
    let Version { major, minor, patch, .. } = *published;
    match worst {
        Some(Class::Breaking) => Version::new(major + 1, 0, 0),
        Some(Class::Compatible) => Version::new(major, minor + 1, 0),
        Some(Class::Documentation) | None => Version::new(major, minor, patch + 1),
    }
}

/// Whether the published files are unedited, and the types break none of them without a new major version. Compatible
/// changes need no new version before they are released.
pub(crate) fn check(folder: &Path, out: &mut impl Write) -> Result<bool> {
    let (all, tampered) = published::read_all(folder)?;
    for tampered in &tampered {
        writeln!(out, "{tampered}")?;
    }
    let Some(newest) = all.last() else {
        writeln!(out, "no version is published: nothing to compare with")?;
        return Ok(tampered.is_empty());
    };
    let document = contract().document()?;
    let declared: Version = declared_version(&document).parse()?;
    let changes = compat::diff(&newest.document, &document);
    let published = newest.path.display();
    let breaks = worst(&changes) == Some(Class::Breaking) && declared.major <= newest.version.major;
    if changes.is_empty() {
        writeln!(out, "the types match what is published as {}", newest.version)?;
    } else {
        writeln!(out, "the types compared with {published}:")?;
        write!(out, "{}", as_text(&changes))?;
    }
    if breaks {
        let next = least_version(&newest.version, Some(Class::Breaking));
        writeln!(
            out,
            "\nA client of {} would break. Take the change back, or declare {next} in `contract()` in spec.rs",
            newest.version
        )?;
    }
    if declared < newest.version {
        writeln!(out, "the types declare {declared}, but {} is already published", newest.version)?;
    }
    Ok(tampered.is_empty() && !breaks && declared >= newest.version)
}

#[cfg(test)]
mod tests {
    use super::{Class, Version, least_version};

    #[test]
    fn a_change_asks_for_the_part_of_the_version_that_its_class_names() {
        let published = Version::new(1, 2, 3);
        assert_eq!(least_version(&published, Some(Class::Breaking)), Version::new(2, 0, 0));
        assert_eq!(least_version(&published, Some(Class::Compatible)), Version::new(1, 3, 0));
        assert_eq!(least_version(&published, Some(Class::Documentation)), Version::new(1, 2, 4));
        assert_eq!(least_version(&published, None), Version::new(1, 2, 4));
    }
}
