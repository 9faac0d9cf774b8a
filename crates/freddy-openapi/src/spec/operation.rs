//! An endpoint as data, without its type, for generating the documents.

use freddy_conformance::vectors::request::{self, RequestCase};
use freddy_types::shape::Shape;
use freddy_types::{
    AuthScheme, Endpoint, ErrorCode, Method, Parameter, ParameterPlace, ParameterPresence, PathTemplate,
    SuccessResponse, Tag,
};
use serde_json::Value;

pub(crate) struct Operation {
    pub(crate) base_url: &'static str,
    pub(crate) method: Method,
    pub(crate) path: PathTemplate,
    pub(crate) operation_id: &'static str,
    pub(crate) tag: Tag,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    pub(crate) returns: &'static str,
    pub(crate) success_message: &'static str,
    pub(crate) success_status: u16,
    pub(crate) success_heading: &'static str,
    pub(crate) errors: &'static [ErrorCode],
    pub(crate) auth: &'static [AuthScheme],
    /// The rows of path, query and headers.
    pub(crate) parameters: Vec<Parameter>,
    /// The row of the body, if there is one.
    pub(crate) body: Option<Parameter>,
    pub(crate) success_body: Option<Shape>,
    /// The headers of the success, beside those of every response.
    pub(crate) success_headers: Vec<Parameter>,
    /// What a client has to make of values, as cases.
    pub(crate) request_cases: Vec<RequestCase>,
}

impl Operation {
    pub(crate) fn of<E: Endpoint>(base_url: &'static str) -> Self {
        let is_body = |row: &Parameter| row.place == ParameterPlace::Body;
        let (bodies, parameters): (Vec<_>, Vec<_>) = E::parameters().into_iter().partition(is_body);
        Self {
            base_url,
            method: E::METHOD,
            path: E::PATH,
            operation_id: E::OPERATION_ID,
            tag: E::TAG,
            summary: E::SUMMARY,
            description: E::DESCRIPTION,
            returns: E::RETURNS,
            success_message: E::SUCCESS_MESSAGE,
            success_status: E::Response::STATUS,
            success_heading: E::Response::HEADING,
            errors: E::ERRORS,
            auth: E::AUTH,
            parameters,
            body: bodies.into_iter().next(),
            success_body: E::Response::body().map(|body| body.shape()),
            success_headers: E::Response::headers(),
            request_cases: request::cases::<E>(),
        }
    }

    /// The URL with an example of each required parameter.
    pub(crate) fn example_url(&self) -> String {
        let mut url = self.url();
        for row in self.rows(ParameterPlace::Path) {
            url = url.replace(&format!("{{{}}}", row.name), &example_text(row));
        }
        let required = self.rows(ParameterPlace::Query).filter(|row| row.presence == ParameterPresence::Required);
        for (index, row) in required.enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            url = format!("{url}{separator}{}={}", row.name, example_text(row));
        }
        url
    }

    /// The rows of parameters in one place.
    pub(crate) fn rows(&self, place: ParameterPlace) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |row| row.place == place)
    }

    /// The names and examples of the required headers, and of the idempotency key, which makes a retry safe.
    pub(crate) fn example_headers(&self) -> Vec<(&'static str, String)> {
        let rows = self.rows(ParameterPlace::Header);
        let shown = rows.filter(|row| {
            row.presence == ParameterPresence::Required || row.name == freddy_types::headers::IDEMPOTENCY_KEY
        });
        shown.map(|row| (row.name, example_text(row))).collect()
    }

    /// An example of the body.
    pub(crate) fn example_body(&self) -> Option<Value> {
        self.body.as_ref().map(|row| row.shape().example())
    }

    /// The URL with the parameters in braces.
    pub(crate) fn url(&self) -> String {
        format!("{}{}", self.base_url, self.path)
    }

    /// The documented error statuses with their codes, in the order of the codes.
    pub(crate) fn errors_by_status(&self) -> Vec<(u16, Vec<ErrorCode>)> {
        let mut by_status: Vec<(u16, Vec<ErrorCode>)> = Vec::new();
        for code in self.errors {
            match by_status.iter_mut().find(|(status, _)| *status == code.status()) {
                Some((_, codes)) => codes.push(*code),
                None => by_status.push((code.status(), vec![*code])),
            }
        }
        by_status
    }
}

/// The example of a row as text.
fn example_text(row: &Parameter) -> String {
    match row.shape().example() {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
