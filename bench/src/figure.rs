//! The figures that are measured, and how they are shown.

use crate::Outcome;
use serde_json::json;
use std::io::{Write, stdout};

/// One figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Its permanent name.
    pub name: &'static str,
    /// What was measured.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What the bare operation took in the same run, in the same unit.
    pub limit: Option<f64>,
    /// What it is to be at most.
    pub at_most: Option<f64>,
}

impl Figure {
    /// A figure without limit and target.
    pub fn new(name: &'static str, value: f64, unit: &'static str) -> Self {
        Self { name, value, unit, limit: None, at_most: None }
    }

    /// The same beside the bare operation.
    pub fn limit(self, limit: f64) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// The same with what it is to be at most.
    pub fn at_most(self, at_most: f64) -> Self {
        Self { at_most: Some(at_most), ..self }
    }

    fn row(&self) -> [String; 5] {
        let shown = |figure: Option<f64>| figure.map(write_number).unwrap_or_default();
        let verdict = match self.at_most {
            Some(at_most) if self.value > at_most => " (missed)",
            _ => "",
        };
        [
            self.name.to_owned(),
            write_number(self.value),
            self.unit.to_owned(),
            shown(self.limit),
            format!("{}{verdict}", shown(self.at_most)),
        ]
    }
}

/// The middle one of several measurements; 0 of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn write_number(number: f64) -> String {
    match number {
        whole if whole.fract() == 0.0 => format!("{whole:.0}"),
        large if large >= 100.0 => format!("{large:.0}"),
        some if some >= 1.0 => format!("{some:.2}"),
        small => format!("{small:.3}"),
    }
}

/// Prints figures: a table for people, or one object a line.
///
/// # Errors
/// Those of writing.
pub fn print(figures: &[Figure], json: bool) -> Outcome {
    let mut out = stdout().lock();
    if json {
        for Figure { name, value, unit, limit, .. } in figures {
            writeln!(out, "{}", json!({ "name": name, "value": value, "unit": unit, "limit": limit }))?;
        }
        return Ok(());
    }
    let head = ["figure", "ours", "unit", "bare", "at most"].map(str::to_owned);
    for [name, value, unit, limit, at_most] in std::iter::once(head).chain(figures.iter().map(Figure::row)) {
        writeln!(out, "{name:32} {value:>9} {unit:4} {limit:>9}  {at_most}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_and_a_missed_target_is_said() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        let kept = Figure::new("x", 1.0, "ms").limit(0.25).at_most(1.0);
        assert_eq!(kept.row(), ["x", "1", "ms", "0.250", "1"]);
        let missed = Figure::new("x", 1.5, "ms").at_most(1.0);
        assert_eq!(missed.row()[4], "1 (missed)");
    }
}
