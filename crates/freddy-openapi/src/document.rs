//! What is generated from a [`Spec`](crate::Spec): the documents, their schemas, and the page that people read.

mod example;
pub(crate) mod names;
pub(crate) mod openapi_3_0;
pub(crate) mod openapi_3_1;
mod readers;
pub(crate) mod reference;
mod samples;
pub(crate) mod schemas;
