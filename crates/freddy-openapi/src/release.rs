//! The release check: what changed since the newest published version, whom it breaks, and which version it needs.

use std::io::Write;
use std::path::Path;

use freddy_openapi::contract;
use openapi_compat::report::{Bump, Format};
use openapi_compat::{Document, Report, Settings, Source};
use semver::Version;
use serde_json::Value;

use crate::output_folder;

mod published;

use published::Published;

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Compares two documents. Returns whether the change breaks nobody.
pub(crate) fn diff(folder: Option<&Path>, old: &str, new: &str, format: Format, out: &mut impl Write) -> Result<bool> {
    let report = compare(&read(folder, old)?, &read(folder, new)?)?;
    write!(out, "{}", report.show(format, false))?;
    Ok(!report.breaking)
}

/// What our clients read that no other API's do.
const SETTINGS: &str = "extensions: [x-details-by-code]";

fn compare(old: &Document, new: &Document) -> Result<Report> {
    Ok(Report::with_settings(old, new, &Settings::parse(SETTINGS)?, openapi_compat::report::today())?)
}

/// A document by the version that it was published as, or else as [`Source::named`] says.
fn read(folder: Option<&Path>, name: &str) -> Result<Document> {
    if let (false, Ok(version)) = (Path::new(name).exists(), name.parse::<Version>()) {
        let folder =
            folder.ok_or("there is no `openapi` folder here or above to find a version in: name it with --dir")?;
        let (all, _) = published::read_all(folder)?;
        let found = all.into_iter().find(|published| published.version == version);
        let found = found.ok_or_else(|| format!("{version} is not published in {}", folder.display()))?;
        return Ok(Document::read(&Source::File(found.path))?);
    }
    Ok(Document::read(&Source::named(name))?)
}

/// What changed since a version was published.
fn changes_since(published: &Published, document: &Value) -> Result<Report> {
    compare(&Document::read(&Source::File(published.path.clone()))?, &Document::new(document.clone())?)
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
    let changes = changes_since(newest, &document)?;
    let least = changes.version_bump.max(Bump::Patch).least_version(&newest.version);
    let shown = || changes.show(Format::Text, false);
    Ok((asked < least).then(|| format!("these changes from {} need {least} at least\n{}", newest.version, shown())))
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
    let changes = changes_since(newest, &document)?;
    let published = newest.path.display();
    let breaks = changes.breaking && declared.major <= newest.version.major;
    if changes.findings.is_empty() {
        writeln!(out, "the types match what is published as {}", newest.version)?;
    } else {
        writeln!(out, "the types compared with {published}:")?;
        write!(out, "{}", changes.show(Format::Text, false))?;
    }
    if breaks {
        let next = Bump::Major.least_version(&newest.version);
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
