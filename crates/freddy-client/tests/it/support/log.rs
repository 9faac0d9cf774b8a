//! Everything that is traced, down to the last field.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// What one event says of an attempt.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Event {
    pub(crate) level: String,
    pub(crate) span: String,
    pub(crate) message: String,
    pub(crate) attempt: u64,
    pub(crate) status: Option<u64>,
    pub(crate) request_id: Option<String>,
    pub(crate) wait_ms: Option<u64>,
    pub(crate) error: Option<String>,
}

/// The events of the client, and the text of everything that anyone traced in this thread.
#[derive(Clone)]
pub(crate) struct Log {
    events: Arc<Mutex<Vec<Event>>>,
    text: Arc<Mutex<String>>,
    waits: mpsc::UnboundedSender<u64>,
}

impl Log {
    /// Starts to listen, at every level. The receiver gets the milliseconds of each wait as it begins.
    pub(crate) fn start() -> (Self, mpsc::UnboundedReceiver<u64>, DefaultGuard) {
        let (waits, receiver) = mpsc::unbounded_channel();
        let log = Self { events: Arc::default(), text: Arc::default(), waits };
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(log.clone()));
        (log, receiver, guard)
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    pub(crate) fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    /// A line to search for `name=value`.
    fn write_line(&self, what: &str, fields: &Fields) {
        let fields: String = fields.0.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        writeln!(self.text.lock().unwrap(), "{what}{fields}").unwrap();
    }

    fn write(&self, what: &str, fields: &dyn Debug) {
        writeln!(self.text.lock().unwrap(), "{what} {fields:?}").unwrap();
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.write("span", attributes);
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        self.write_line(&format!("opened {}", attributes.metadata().name()), &fields);
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        self.write("record", values);
        if context.metadata(id).unwrap().target().starts_with("freddy_client") {
            let mut fields = Fields::default();
            values.record(&mut fields);
            self.write_line("recorded", &fields);
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        self.write("event", event);
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.write("fields", &fields.0);
        if !event.metadata().target().starts_with("freddy_client") {
            return;
        }
        let span = context.event_span(event).unwrap();
        let span_fields = span.extensions().get::<Fields>().unwrap().clone();
        let number = |name| fields.get(name).map(|text| text.parse().unwrap());
        let event = Event {
            level: event.metadata().level().to_string(),
            span: format!(
                "{} {} {} {}",
                span.name(),
                span_fields.get("operation").unwrap(),
                span_fields.get("method").unwrap(),
                span_fields.get("path").unwrap()
            ),
            message: fields.get("message").unwrap().to_owned(),
            attempt: number("attempt").unwrap(),
            status: number("status"),
            request_id: fields.get("request_id").map(str::to_owned),
            wait_ms: number("wait_ms"),
            error: fields.get("error").map(str::to_owned),
        };
        assert!(event.level != Level::ERROR.to_string(), "an error is the caller's to report");
        if let Some(wait) = event.wait_ms {
            self.waits.send(wait).unwrap();
        }
        self.events.lock().unwrap().push(event);
    }
}

#[derive(Clone, Debug, Default)]
struct Fields(Vec<(&'static str, String)>);

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| *found == name).map(|(_, value)| &**value)
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.to_owned()));
    }
}
