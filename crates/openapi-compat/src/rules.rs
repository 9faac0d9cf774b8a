//! The rules, each with an ID that never changes.

use std::fmt;

use serde::{Serialize, Serializer};

/// A rule of the comparison.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Its ID, which never changes, such as `operation-removed`.
    pub id: &'static str,
    /// What it finds, in a sentence.
    pub finds: &'static str,
    /// What to do instead of a change that breaks somebody.
    pub advice: &'static str,
}

impl Serialize for Rule {
    /// As its ID.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}

macro_rules! rules {
    ($($name:ident $id:literal: $finds:literal, $advice:literal;)*) => {
        $(pub(crate) static $name: Rule = Rule { id: $id, finds: $finds, advice: $advice };)*

        /// Every rule, in the order of the documentation.
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

/// The rule with an ID.
///
/// # Errors
/// If there is none. Names the rule with the nearest ID, if one is near.
pub fn find(id: &str) -> Result<&'static Rule, UnknownRule> {
    ALL.iter().copied().find(|rule| rule.id == id).ok_or_else(|| {
        let likeness = |rule: &&&Rule| strsim::jaro_winkler(rule.id, id);
        let nearest = ALL.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
        UnknownRule { id: id.to_owned(), nearest: nearest.filter(|rule| likeness(rule) > 0.8).map(|rule| rule.id) }
    })
}

/// That no rule has an ID.
#[derive(Debug)]
pub struct UnknownRule {
    id: String,
    nearest: Option<&'static str>,
}

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no rule {:?}", self.id)?;
        match self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => f.write_str("; `openapi-compat rules` lists all"),
        }
    }
}

impl std::error::Error for UnknownRule {}

rules! {
    // The document as a whole
    UNKNOWN "unknown": "Something changed that no rule knows.", "Take it back, or accept it with a reason.";
    UNREADABLE "unreadable": "Something cannot be read as OpenAPI, or refers to what is not in the document.", "Correct it, in the old document too if it is wrong there.";
    REPHRASED "rephrased": "Something is written in another way and says the same.", "Nothing needs to be done.";
    REFERENCE_CHANGED "reference-changed": "A reference to something that is not a schema leads to another place.", "Nothing: what it leads to is compared.";

    // The document
    OPENAPI_VERSION_CHANGED "openapi-version-changed": "The document is of another version of OpenAPI.", "Publish a document of the old version as well.";
    OPENAPI_PATCH_CHANGED "openapi-patch-changed": "The document is of another patch version of OpenAPI.", "Nothing needs to be done.";
    DIALECT_CHANGED "json-schema-dialect-changed": "The schemas are of another dialect.", "Name the dialect in the schemas that need it.";
    INFO_CHANGED "info-changed": "The title, version, licence or contact changed.", "Nothing needs to be done.";
    DESCRIPTION_CHANGED "description-changed": "A description or summary changed.", "Nothing needs to be done.";
    EXAMPLES_CHANGED "examples-changed": "Examples changed.", "Nothing needs to be done.";
    EXTERNAL_DOCS_CHANGED "external-docs-changed": "A link to further documentation changed.", "Nothing needs to be done.";
    TAGS_CHANGED "tags-changed": "Tags changed, and the first one of each operation did not.", "Nothing needs to be done.";
    EXTENSION_CHANGED "extension-changed": "An extension changed that no program is known to read.", "If a program reads it, name it in the settings.";
    SUNSET_CHANGED "sunset-changed": "The day on which something ends is announced, changed or taken back.", "Nothing needs to be done.";
    DEPRECATED "deprecated": "Something is deprecated.", "Nothing needs to be done.";
    DEPRECATION_WITHDRAWN "deprecation-withdrawn": "Something is no longer deprecated.", "Nothing needs to be done.";

    // Paths, webhooks and operations
    OPERATION_ADDED "operation-added": "An operation is new.", "Nothing needs to be done.";
    OPERATION_REMOVED "operation-removed": "An operation is gone.", "Deprecate it first, and announce its end with `x-sunset`.";
    DEPRECATED_OPERATION_REMOVED "deprecated-operation-removed": "An operation is gone that was deprecated.", "Announce its end with `x-sunset` and wait for the day, or allow this in the settings.";
    OPERATION_REMOVED_BEFORE_SUNSET "operation-removed-before-sunset": "An operation is gone before the day that its `x-sunset` announced.", "Keep it until that day.";
    OPERATION_REMOVED_AFTER_SUNSET "operation-removed-after-sunset": "An operation is gone after the day that its `x-sunset` announced.", "Nothing needs to be done.";
    PATH_TAKEN_OVER "path-taken-over": "A new path takes requests that another path got.", "Choose a path that no template of the old document matches.";
    PATH_AMBIGUOUS "path-ambiguous": "A new path differs from another one only in the names of its parameters.", "Describe each operation once.";
    PATH_PARAMETERS_RENAMED "path-parameters-renamed": "The parameters in a path have other names.", "Keep the names.";
    WEBHOOK_ADDED "webhook-added": "A webhook is new.", "Nothing needs to be done.";
    WEBHOOK_REMOVED "webhook-removed": "A webhook is gone.", "Deprecate it first, and announce its end with `x-sunset`.";
    CALLBACK_ADDED "callback-added": "A callback is new.", "Nothing needs to be done.";
    CALLBACK_REMOVED "callback-removed": "A callback is gone.", "Keep it, or offer the new one beside it.";
    OPERATION_ID_ADDED "operation-id-added": "An operation gets its first ID.", "Leave it out until the next major version, or choose the name that your generators made up.";
    OPERATION_ID_CHANGED "operation-id-changed": "An operation has another ID.", "Keep the ID.";
    OPERATION_ID_REMOVED "operation-id-removed": "An operation no longer has an ID.", "Keep the ID.";
    FIRST_TAG_ADDED "first-tag-added": "An operation gets its first tag.", "Leave it out until the next major version.";
    FIRST_TAG_CHANGED "first-tag-changed": "The first tag of an operation is another one.", "Keep the first tag, and add others after it.";
    FIRST_TAG_REMOVED "first-tag-removed": "An operation no longer has a tag.", "Keep the tag.";

    // Parameters and headers
    PARAMETER_ADDED "parameter-added": "An optional parameter is new.", "Nothing needs to be done.";
    REQUIRED_PARAMETER_ADDED "required-parameter-added": "A required parameter is new.", "Make it optional, with a default on the server.";
    PARAMETER_REMOVED "parameter-removed": "A parameter is gone.", "Keep it, and deprecate it.";
    DEPRECATED_PARAMETER_REMOVED "deprecated-parameter-removed": "A parameter is gone that was deprecated.", "Keep it until the next major version, or allow this in the settings.";
    PARAMETER_REQUIRED "parameter-required": "A parameter is required now.", "Leave it optional, with a default on the server.";
    PARAMETER_OPTIONAL "parameter-optional": "A parameter is no longer required.", "Keep it required.";
    PARAMETER_ORDER_CHANGED "parameter-order-changed": "The parameters of an operation are in another order.", "Keep the order, and append what is new.";
    PARAMETER_INSERTED "parameter-inserted": "A new parameter stands before others.", "Append it.";
    PARAMETER_STYLE_CHANGED "parameter-style-changed": "A value is serialised in another way.", "Add a second parameter.";
    PARAMETER_RESERVED_CHANGED "parameter-reserved-changed": "Reserved characters may or may not be sent as they are.", "Accept both on the server, and leave the document as it was.";
    PARAMETER_EMPTY_ALLOWED "parameter-empty-allowed": "A parameter may be sent without a value.", "Leave it out.";
    PARAMETER_EMPTY_FORBIDDEN "parameter-empty-forbidden": "A parameter may no longer be sent without a value.", "Go on accepting it without one.";
    PARAMETER_FORM_CHANGED "parameter-form-changed": "The value of a parameter has a media type, or no longer has one.", "Add a second parameter.";
    HEADER_ADDED "header-added": "A header is new.", "Nothing needs to be done.";
    HEADER_REMOVED "header-removed": "A header is gone.", "Go on sending it.";
    HEADER_REQUIRED "header-required": "A header is always there from now on.", "Leave it optional.";
    HEADER_OPTIONAL "header-optional": "A header may be missing.", "Go on sending it, and keep it required.";

    // Bodies and media types
    BODY_ADDED "body-added": "An optional body is new.", "Make it part of a new operation.";
    REQUIRED_BODY_ADDED "required-body-added": "A required body is new.", "Make it optional.";
    BODY_REMOVED "body-removed": "A body is gone.", "Go on accepting it.";
    BODY_REQUIRED "body-required": "A body is required now.", "Leave it optional.";
    BODY_OPTIONAL "body-optional": "A body is no longer required.", "Keep it required.";
    MEDIA_TYPE_ADDED "media-type-added": "A media type is new.", "Nothing needs to be done.";
    MEDIA_TYPE_REMOVED "media-type-removed": "A media type is gone.", "Keep it beside the others.";
    MEDIA_TYPE_TAKES_OVER "media-type-takes-over": "A media type is described of its own that a wider one covered.", "Nothing: the two are compared.";
    MEDIA_TYPE_COVERED "media-type-covered": "A media type is no longer described of its own, and a wider one covers it.", "Nothing: the two are compared.";
    ENCODING_CHANGED "encoding-changed": "A part of a body is encoded in another way.", "Add a second media type.";
    ENCODING_TYPE_ADDED "encoding-type-added": "A part of a body may have another media type.", "Keep the media types of the part.";
    ENCODING_TYPE_REMOVED "encoding-type-removed": "A part of a body may no longer have a media type.", "Keep the media types of the part.";

    // Responses
    STATUS_ADDED "status-added": "A status is new.", "Describe it as `default` or as a range first, or keep to the statuses that clients know.";
    ERROR_STATUS_ADDED "error-status-added": "A status of an error is new.", "Nothing needs to be done.";
    DEFAULT_RESPONSE_ADDED "default-response-added": "`default` is described.", "Nothing needs to be done.";
    STATUS_TAKES_OVER "status-takes-over": "A status is described of its own that `default` or a range covered.", "Let it say what the covering response says.";
    STATUS_REMOVED "status-removed": "A status is gone.", "Keep it, or describe `default` with the same content.";
    STATUS_COVERED "status-covered": "A status is no longer described of its own, and `default` or a range covers it.", "Keep it, or let the covering response say the same.";
    LINK_ADDED "link-added": "A link is new.", "Nothing needs to be done.";
    LINK_REMOVED "link-removed": "A link is gone.", "Keep it.";
    LINK_CHANGED "link-changed": "A link leads to another operation, or with other parameters.", "Add a second link.";

    // Security
    SECURITY_ADDED "security-added": "What needed no authentication needs one.", "Start with a new operation, or keep `{}` as an alternative.";
    SECURITY_ALTERNATIVE_ADDED "security-alternative-added": "Another way to authenticate is enough.", "Nothing needs to be done.";
    SECURITY_ALTERNATIVE_REMOVED "security-alternative-removed": "A way to authenticate is no longer enough.", "Keep it beside the new one.";
    SECURITY_SCOPES_ADDED "security-scopes-added": "More scopes are needed.", "Keep the old scopes as an alternative.";
    SECURITY_SCOPES_REMOVED "security-scopes-removed": "Fewer scopes are needed.", "Nothing needs to be done.";
    SECURITY_SCHEME_CHANGED "security-scheme-changed": "A way to authenticate works in another way.", "Add a second scheme.";
    OAUTH_FLOW_ADDED "oauth-flow-added": "An OAuth flow is new.", "Nothing needs to be done.";
    OAUTH_FLOW_REMOVED "oauth-flow-removed": "An OAuth flow is gone.", "Keep it beside the others.";
    OAUTH_URL_CHANGED "oauth-url-changed": "A URL of an authorisation server changed.", "Redirect from the old URL, and keep it in the document.";
    OAUTH_REFRESH_URL_ADDED "oauth-refresh-url-added": "A URL for refreshing tokens is new.", "Nothing needs to be done.";
    OAUTH_SCOPE_ADDED "oauth-scope-added": "A scope is offered.", "Nothing needs to be done.";
    OAUTH_SCOPE_REMOVED "oauth-scope-removed": "A scope is no longer offered.", "Go on granting it.";

    // Servers
    FIRST_SERVER_CHANGED "first-server-changed": "The first server is another one.", "Keep the first server, and append others.";
    SERVER_ADDED "server-added": "A server is new.", "Nothing needs to be done.";
    SERVER_REMOVED "server-removed": "A server is gone.", "Keep it.";
    SERVER_VARIABLE_CHANGED "server-variable-changed": "A variable of a server came or went.", "Keep the URL and its variables, and append another server.";
    SERVER_VARIABLE_DEFAULT_CHANGED "server-variable-default-changed": "The default of a variable of a server changed.", "Keep the default.";
    SERVER_VARIABLE_WIDENED "server-variable-widened": "A variable of a server may have another value.", "Nothing needs to be done.";
    SERVER_VARIABLE_NARROWED "server-variable-narrowed": "A variable of a server may no longer have a value.", "Keep the value.";

    // Components
    SCHEMA_COMPONENT_ADDED "schema-component-added": "A schema is new among the components.", "Nothing needs to be done.";
    SCHEMA_COMPONENT_REMOVED "schema-component-removed": "A schema is gone from the components.", "Keep it under its name.";
    COMPONENT_ADDED "component-added": "A component that is not a schema is new.", "Nothing needs to be done.";
    COMPONENT_REMOVED "component-removed": "A component that is not a schema is gone.", "Keep it under its name.";

    // Schemas
    TYPE_CHANGED "type-changed": "A value has other types, and neither list contains the other.", "Add a field of the new type beside the old one.";
    TYPE_NARROWED "type-narrowed": "A value may have fewer types.", "Keep the types that clients send, or add a field beside this one.";
    TYPE_WIDENED "type-widened": "A value may have more types.", "Send values of the new type in a field of their own.";
    ENUM_NARROWED "enum-narrowed": "A value is no longer one of those that are listed.", "Go on accepting it, and deprecate it.";
    ENUM_WIDENED "enum-widened": "A value is added to those that are listed.", "Send it only to clients that ask for it, or declare the set as open before.";
    BOUND_NARROWED "bound-narrowed": "A bound of numbers, lengths or counts allows less.", "Keep the bound, or add a field beside this one.";
    BOUND_WIDENED "bound-widened": "A bound of numbers, lengths or counts allows more.", "Keep what is sent within the old bound.";
    BOUND_CHANGED "bound-changed": "A bound allows something else.", "Keep the bound, or add a field beside this one.";
    FORMAT_NARROWED "format-narrowed": "A value has to be of a format that it did not need before.", "Add a field of that format beside this one.";
    FORMAT_WIDENED "format-widened": "A value is no longer promised to be of a format.", "Keep sending values of the format.";
    FORMAT_CHANGED "format-changed": "A value is of another format.", "Add a field of the new format beside this one.";
    PATTERN_NARROWED "pattern-narrowed": "A pattern matches fewer texts.", "Go on accepting the texts that it matched.";
    PATTERN_WIDENED "pattern-widened": "A pattern matches more texts.", "Send only texts that the old pattern matches.";
    PATTERN_CHANGED "pattern-changed": "A pattern matches other texts, or it cannot be decided which.", "Keep the pattern, or add a field beside this one.";
    CONTAINS_NARROWED "contains-narrowed": "A list has to contain more than before.", "Go on accepting lists without it.";
    CONTAINS_WIDENED "contains-widened": "A list need not contain what it did.", "Go on sending it.";
    CONTAINS_CHANGED "contains-changed": "A list has to contain something else.", "Add a field beside this one.";
    FIELD_ADDED "field-added": "A field is described that was not before.", "Make it optional in requests; open the object first where it is closed.";
    FIELD_REMOVED "field-removed": "A field is no longer described.", "Keep it, and deprecate it.";
    FIELD_REQUIRED "field-required": "A field is required that was not before.", "Keep it optional in requests, and assume a value where it is absent.";
    FIELD_OPTIONAL "field-optional": "A field is no longer required.", "Go on sending it.";
    FIELD_DIRECTION_CHANGED "field-direction-changed": "`readOnly` or `writeOnly` of a field changes.", "Add a field beside this one.";
    FIELD_NAMES_NARROWED "field-names-narrowed": "Fewer names of fields are allowed.", "Go on accepting the names.";
    FIELD_NAMES_WIDENED "field-names-widened": "More names of fields are allowed.", "Send only names that were allowed.";
    FIELD_NAMES_CHANGED "field-names-changed": "Other names of fields are allowed.", "Go on accepting the old names.";
    OTHER_FIELDS_NARROWED "other-fields-narrowed": "Fields that are not described may be less than before, or may not be there.", "Go on ignoring fields that you do not know.";
    OTHER_FIELDS_WIDENED "other-fields-widened": "Fields that are not described may be more than before.", "Send no other fields.";
    OTHER_FIELDS_CHANGED "other-fields-changed": "Fields that are not described may be something else.", "Describe the new fields beside the old ones.";
    OPENNESS_SAID "openness-said": "`additionalProperties: true` is written out.", "Nothing needs to be done.";
    OPENNESS_UNSAID "openness-unsaid": "`additionalProperties: true` is no longer written out.", "Leave it: some generated clients refuse unknown fields without it.";
    VARIANT_ADDED "variant-added": "An alternative is new.", "Send it only to clients that ask for it.";
    VARIANT_REMOVED "variant-removed": "An alternative is gone.", "Go on accepting it, and deprecate it.";
    EXCLUSION_NARROWED "exclusion-narrowed": "`not`, `oneOf` or `if` exclude more.", "Go on accepting what is excluded now.";
    EXCLUSION_WIDENED "exclusion-widened": "`not`, `oneOf` or `if` exclude less.", "Do not send what was excluded.";
    EXCLUSION_CHANGED "exclusion-changed": "`not`, `oneOf` or `if` exclude something else.", "Say it with alternatives that do not overlap.";
    DISCRIMINATOR_CHANGED "discriminator-changed": "What tells alternatives apart is another field, or a value of it leads elsewhere.", "Add a value for the new alternative, and keep the old ones.";
    DISCRIMINATOR_GAINED "discriminator-gained": "A discriminator has a value more.", "Nothing needs to be done.";
    DEFAULT_CHANGED "default-changed": "The value of an absent field changes.", "Add a field with the new default beside this one.";
    XML_CHANGED "xml-changed": "The form of a value in XML changes.", "Keep the form.";
    EXTENSION_GAINED "extension-gained": "An extension that programs read has an entry more.", "Nothing needs to be done.";
    EXTENSION_LOST "extension-lost": "An extension that programs read lost or changed an entry.", "Keep the entry.";
    KEYWORD_UNKNOWN "keyword-unknown": "A keyword changed whose meaning is not known, or that cannot be followed.", "Say it with keywords that this comparison reads.";
    SCHEMA_UNDECIDED "schema-undecided": "Two schemas differ, and it cannot be proved that the change is compatible.", "Make the change in smaller steps, or say it more simply.";
    SCHEMA_DOCUMENTATION "schema-documentation": "Words of a schema changed, or it says the same in another form.", "Nothing needs to be done.";

    // Types of generated code
    TYPE_RENAMED "type-renamed": "A type has another name in generated code, or none.", "Keep the component, and refer to it.";
    TYPE_NAMED "type-named": "A type that stood inline has a name now.", "Leave it inline.";
    TITLE_CHANGED "title-changed": "The title of an inline schema names a type in generated code, and changes.", "Keep the title.";
}
