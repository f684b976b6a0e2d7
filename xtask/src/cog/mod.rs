//! Makes the data file of `clocher-cog` from the npm package `@etalab/decoupage-administratif`.
//!
//! Downloads nothing. The same package always gives the same bytes.

mod check;
mod source;
mod write;

use std::fs;
use std::path::Path;

use source::Source;

/// Problems shown before the rest is only counted.
const SHOWN: usize = 20;

/// The file made, in the workspace.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/cog/data/cog-2026.bin");

/// Reads the package in `directory`, checks it, and writes the file.
///
/// # Errors
/// A message for people: a file that cannot be read, every incoherence of the data, or what does not fit in
/// the form of the file. Nothing is written then.
pub fn make(directory: &Path) -> Result<(), String> {
    let source = Source::read(directory)?;
    let problems = check::problems(&source);
    if !problems.is_empty() {
        let shown: Vec<_> = problems.iter().take(SHOWN).map(String::as_str).collect();
        let more = problems.len().saturating_sub(SHOWN);
        return Err(format!("The package does not hold together:\n  {}\n({more} more)", shown.join("\n  ")));
    }
    let bytes = write::bytes(&source)?;
    fs::write(FILE, &bytes).map_err(|error| format!("{FILE}: {error}"))?;
    println!(
        "{} communes, {} EPCI, {} arrondissements, {} départements, {} régions, {} retired codes: {} bytes.",
        source.communes.len(),
        source.epcis.len(),
        source.arrondissements.len(),
        source.departements.len(),
        source.regions.len(),
        source.retired.len(),
        bytes.len(),
    );
    Ok(())
}
