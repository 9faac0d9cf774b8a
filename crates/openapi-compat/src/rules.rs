//! The rules, each with an ID that never changes.

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

rules! {
    // The document as a whole
    UNKNOWN "unknown": "Something changed that no rule knows.", "Take it back, or accept it with a reason.";

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
    EXTENSION_UNKNOWN "extension-unknown": "An extension changed that nobody is known to read.", "If a program reads it, name it in the settings.";
    KEYWORD_UNKNOWN "keyword-unknown": "A keyword changed whose meaning is not known, or that cannot be followed.", "Say it with keywords that this comparison reads.";
    SCHEMA_UNDECIDED "schema-undecided": "Two schemas differ, and it cannot be proved that the change is compatible.", "Make the change in smaller steps, or say it more simply.";
    SCHEMA_DOCUMENTATION "schema-documentation": "Words of a schema changed, or it says the same in another form.", "Nothing needs to be done.";

    // Types of generated code
    TYPE_RENAMED "type-renamed": "A type has another name in generated code, or none.", "Keep the component, and refer to it.";
    TYPE_NAMED "type-named": "A type that stood inline has a name now.", "Leave it inline.";
    TITLE_CHANGED "title-changed": "The title of an inline schema names a type in generated code, and changes.", "Keep the title.";
}
