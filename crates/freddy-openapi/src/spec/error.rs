//! Why a set of endpoints cannot be published.

use std::fmt;

/// A set of endpoints, or the schema of one of their types, cannot be published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpecError {
    /// Two endpoints have the same operation ID.
    DuplicateOperationId(&'static str),
    /// Two different codes have the same name.
    DuplicateCode(&'static str),
    /// Two codes would have the same name as components, so one would overwrite the other.
    DuplicateResponseName {
        /// The codes.
        codes: [&'static str; 2],
        /// The name that both would have.
        name: String,
    },
    /// Two endpoints have the same method and path.
    DuplicateRoute {
        /// The method.
        method: &'static str,
        /// The path.
        path: &'static str,
    },
    /// Two types have the same schema name, so one would overwrite the other.
    DuplicateSchemaName(String),
    /// A component has a name that generated clients have for something of their own.
    NameTaken {
        /// The name.
        name: String,
        /// The languages of these clients.
        languages: Vec<&'static str>,
    },
    /// A component is called `New` and the name of another one, which in Go is the name of that one's constructor.
    NameOfConstructor(String),
    /// A component has the name that generated clients give to the type of a field, and is not that type.
    NameOfField {
        /// The component.
        component: String,
        /// The component that has the field.
        object: String,
        /// The field.
        field: String,
    },
    /// A schema uses a keyword that OpenAPI 3.0 does not have, so the 3.0 document cannot say the same.
    NotInOpenApi30 {
        /// Where, as a JSON pointer into the 3.1 document.
        pointer: String,
        /// The keyword.
        keyword: String,
    },
    /// The document could not be written as YAML.
    Yaml(String),
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateOperationId(id) => write!(f, "two endpoints have the operation ID `{id}`"),
            Self::DuplicateCode(code) => write!(f, "two codes have the name `{code}`"),
            Self::DuplicateResponseName { codes: [one, other], name } => {
                write!(f, "the codes `{one}` and `{other}` both have the component name `{name}`")
            }
            Self::DuplicateRoute { method, path } => write!(f, "two endpoints have the route `{method} {path}`"),
            Self::DuplicateSchemaName(name) => write!(f, "two types have the schema name `{name}`"),
            Self::NameTaken { name, languages } => write!(
                f,
                "rename the schema `{name}`: generated clients have something else of this name in {}",
                languages.join(", ")
            ),
            Self::NameOfConstructor(name) => {
                let made = name.trim_start_matches("New");
                write!(
                    f,
                    "rename the schema `{name}`, for instance to `{made}Create`: in generated Go the constructor of \
                     `{made}` is called `{name}`"
                )
            }
            Self::NameOfField { component, object, field } => write!(
                f,
                "the schema name `{component}` is that of the type of `{field}` of `{object}` in generated clients"
            ),
            Self::NotInOpenApi30 { pointer, keyword } => {
                write!(f, "OpenAPI 3.0 cannot express `{keyword}` at {pointer}")
            }
            Self::Yaml(reason) => write!(f, "cannot write YAML: {reason}"),
        }
    }
}

impl std::error::Error for SpecError {}
