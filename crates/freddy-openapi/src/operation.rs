//! An endpoint with its type erased: the data that the documents are made from.

use freddy_types::{
    AuthScheme, Endpoint, ErrorCode, Method, PathParameter, PathParameterDocs, PathParameters, PathTemplate,
    SuccessResponse, Tag,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// The schemas of a tuple of path parameters, in their order.
pub trait ParameterSchemas: PathParameters {
    /// One function for each parameter.
    const SCHEMAS: &'static [fn(&mut SchemaGenerator) -> Schema];
}

macro_rules! parameter_schemas {
    ($( ($($P:ident)*) )+) => {$(
        impl<$($P: PathParameter + JsonSchema),*> ParameterSchemas for ($($P,)*) {
            const SCHEMAS: &'static [fn(&mut SchemaGenerator) -> Schema] = &[$(SchemaGenerator::subschema_for::<$P>),*];
        }
    )+};
}

parameter_schemas! {
    ()
    (A)
    (A B)
    (A B C)
}

pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) docs: PathParameterDocs,
    pub(crate) schema: fn(&mut SchemaGenerator) -> Schema,
}

pub(crate) struct Operation {
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
    pub(crate) parameters: Vec<Parameter>,
}

impl Operation {
    pub(crate) fn of<E: Endpoint<PathParameters: ParameterSchemas>>() -> Self {
        let docs = E::PathParameters::DOCS.iter().zip(E::PathParameters::SCHEMAS);
        let parameters = E::PATH
            .parameter_names()
            .zip(docs)
            .map(|(name, (docs, schema))| Parameter { name, docs: *docs, schema: *schema })
            .collect();
        Self {
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
        }
    }

    /// The URL with the example of each parameter.
    pub(crate) fn example_url(&self) -> String {
        self.parameters
            .iter()
            .fold(self.url(), |url, parameter| url.replace(&format!("{{{}}}", parameter.name), parameter.docs.example))
    }

    /// The URL with the parameters in braces.
    pub(crate) fn url(&self) -> String {
        format!("{}{}", freddy_types::BASE_URL, self.path)
    }

    /// The documented error statuses, each with the codes that have it, in the order of the codes.
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
