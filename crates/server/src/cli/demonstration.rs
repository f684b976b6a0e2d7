//! `clocher demo`.
//!
//! The example itself is in `crate::demo`.

use super::arguments::Demo;
use crate::demo::{self, DemoOptions};
use crate::failure::Outcome;
use crate::language::Language;

pub(super) async fn run(demo: Demo, language: Language) -> Outcome {
    demo::run(DemoOptions { listen: demo.listen, data: demo.data, language }).await
}
