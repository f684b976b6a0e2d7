//! `clocher serve`: every instance of the data folder, until the system asks to stop.
//!
//! Serving itself is in `crate::process`, and the folder in `crate::admission`.

use super::arguments::Serve;
use super::print::{Printer, complain};
use crate::admission::Admission;
use crate::configuration::{Environment, ProcessSettings, Source, Value};
use crate::data::Data;
use crate::descriptors;
use crate::failure::{Failure, Outcome};
use crate::process::{Process, ProcessOptions};
use crate::signals::Signals;
use clocher_app::SystemClock;
use serde_json::json;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

/// How often the data folder is looked at.
const LOOK: Duration = Duration::from_secs(2);

pub(super) fn run(serve: &Serve, printer: Printer) -> Outcome {
    let data = Data::at(serve.folder.data.clone());
    let environment = Environment::read()?;
    let mut others = environment.process;
    others.extend(serve.listen.iter().map(|text| Value {
        key: "server.listen".to_owned(),
        text: text.clone(),
        source: Source::Flag("--listen"),
    }));
    let settings = ProcessSettings::read(data.path(), &others)?;
    super::log_to_stderr(&settings.log);
    descriptors::raise_limit();
    super::block_on(serve_until_asked(data, environment.instance, settings, printer))
}

async fn serve_until_asked(
    data: Data,
    others: Vec<Value>,
    settings: ProcessSettings,
    printer: Printer,
) -> Outcome {
    let mut signals = Signals::listen().map_err(internal)?;
    let failed =
        |error| Failure::failed("listen-failed").with("address", settings.listen).with("error", error);
    let listener: TcpListener = TcpListener::bind(settings.listen).map_err(failed)?;
    data.prepare()?;
    let mut options = ProcessOptions::default();
    options.federation.siblings = settings.siblings;
    options.threads = settings.workers.unwrap_or(options.threads);
    let mut process = Process::new(options)?;
    let overrides = !others.is_empty();
    let mut admission = Admission::new(data.clone(), others, Arc::new(SystemClock));
    let look = admission.look()?;
    let refused = look.refused.len();
    for (_, failure) in &look.refused {
        complain(&failure.text(printer.language));
    }
    let domains: Vec<String> = look.admitted.iter().map(|(app, _)| app.site().domain().to_owned()).collect();
    if domains.is_empty() && refused > 0 {
        return Err(Failure::failed("serve-nothing"));
    }
    if overrides && domains.len() + refused > 1 {
        printer.note("configuration-not-overridden", &[]);
    }
    if domains.is_empty() {
        printer.note("serve-empty", &[("folder", data.path().display().to_string())]);
    }
    look.begin(&mut process);
    let running = process.serve(listener).map_err(internal)?;
    let address = format!("http://{}", running.address());
    printer.data(|| json!({ "address": address, "instances": domains }), |_| address.clone());
    loop {
        tokio::select! {
            () = signals.wait() => break,
            () = tokio::time::sleep(LOOK) => {}
        }
        match admission.look() {
            Ok(look) => {
                for (domain, failure) in &look.refused {
                    tracing::error!(instance = domain, "{}", failure.text(printer.language));
                }
                look.apply(&running);
            }
            Err(failure) => tracing::error!("{}", failure.text(printer.language)),
        }
    }
    // Asked twice, it ends at once.
    tokio::select! {
        _ = running.stop() => {}
        () = signals.wait() => {}
    }
    Ok(())
}

fn internal(error: std::io::Error) -> Failure {
    Failure::failed("internal-failed").with("error", error)
}
