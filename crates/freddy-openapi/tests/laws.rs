//! Endpoints of every shape hold the laws, and every planted fault breaks one.

use freddy_openapi::laws::{hold, hold_wire};
use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::shape::{Shape, TextShape};
use freddy_types::{
    __private, Created, Cursor, Endpoint, ErrorCode, Integer, Json, Page, Patch, RateLimitDetails, Tag, Text,
    Timestamp, WholeSecond, Wire, endpoint, identifier, object, string_enum, union,
};
use std::collections::BTreeMap;

identifier! {
    /// The identifier of a job.
    pub struct JobId: "job ID" {
        prefix: "job_",
        characters: "0-9A-Za-z", "an ASCII letter or digit",
        max: 16,
        example: "job_1",
    }
}

identifier! {
    /// A key that makes it safe to send a request again.
    pub struct Key: "key" {
        prefix: "",
        characters: "!-~", "a visible ASCII character",
        max: 64,
        example: "key-1",
    }
}

string_enum! {
    /// What a job is doing.
    pub enum State: "a state" {
        /// It waits.
        Queued = "queued",
        /// It is at work.
        Running = "running",
    }
}

object! {
    /// At one time.
    pub struct Once, received as ReceivedOnce {
        /// When.
        pub required at: Timestamp,
    }
}

object! {
    /// Again and again.
    pub struct Every, received as ReceivedEvery {
        /// Minutes in between.
        pub required minutes: Integer<1, 1440>,
    }
}

union! {
    /// When a job runs.
    pub enum Schedule, received as ReceivedSchedule, tag "kind" {
        /// At one time.
        Once(Once) = "once",
        /// Again and again.
        Every(Every) = "every",
    }
}

object! {
    /// Whose job it is.
    pub struct Team, received as ReceivedTeam {
        /// Its name.
        pub required name: Text<1, 20>,
    }
}

object! {
    /// A job, with every kind of field.
    pub struct Job, received as ReceivedJob {
        /// Its identifier.
        pub required id: JobId,
        /// What it is doing.
        pub required state: State,
        /// When it runs.
        pub required schedule: Schedule,
        /// Whose it is.
        pub optional team: Team,
        /// Whose it was.
        pub nullable last_team: Team,
        /// When it ended.
        pub nullable ended_at: Timestamp,
        /// What it became of it.
        pub nullable outcome: State,
        /// When it was made.
        pub required created_at: WholeSecond,
        /// What it read.
        pub required bytes: Integer<0, { i64::MAX }> as "bytes_read",
        /// Whatever is to be said of it.
        pub required labels: BTreeMap<String, Text<0, 8>>,
        /// The steps of it.
        pub required steps: Vec<State>,
        /// Whether it is on.
        pub required on: bool,
    }
}

object! {
    /// What is to change.
    pub struct JobPatch {
        /// The note.
        pub patchable note: Text<1, 20>,
        /// When it runs.
        pub optional schedule: Schedule,
    }
}

const TAG: Tag = Tag { name: "Jobs", description: "Jobs." };

macro_rules! endpoints {
    ($(
        $Name:ident { $($rows:tt)* }
        $Method:ident $path:literal => $Response:ty, $id:literal $(, cursor: $cursor:ident of $Item:ty)?;
    )+) => {$(
        endpoint! {
            /// One of the laws' endpoints.
            pub struct $Name { $($rows)* }
            method: $Method,
            path: $path,
            response: $Response,
            operation_id: $id,
            tag: TAG,
            summary: "Summary",
            description: "Description.",
            returns: "Returns.",
            success_message: "Done",
            errors: [ErrorCode::ValidationError, ErrorCode::RateLimitExceeded],
            $(cursor: $cursor of $Item,)?
        }
    )+};
}

endpoints! {
    ListJobs {
        /// Only in these states.
        pub repeated query states: State as "state",
        /// Only younger ones.
        pub optional query since: Timestamp,
        /// At most so many.
        pub defaulted query limit: Integer<1, 100> = Integer::literal::<20>(),
        /// Whether ended ones are listed.
        pub required query ended: bool,
        /// Where the page begins.
        pub optional query cursor: Cursor,
    }
    Get "/v1/jobs" => Page<Job>, "listJobs", cursor: cursor of Job;

    CreateJob {
        /// Makes it safe to send it again.
        pub required header key: Key as "Idempotency-Key",
        /// The job.
        pub required body job: Job,
    }
    Post "/v1/jobs" => Created<Job>, "createJob";

    UpdateStep {
        /// The job.
        pub required path job_id: JobId,
        /// The step.
        pub required path step: Integer<0, 99>,
        /// What is to change.
        pub required body patch: JobPatch,
    }
    Patch "/v1/jobs/{job_id}/steps/{step}" => Json<Job>, "updateStep";
}

#[test]
fn the_contract_holds_the_laws() {
    hold::<DisconnectConnector>();
    hold_wire::<RateLimitDetails>();
}

#[test]
fn a_list_with_filters_holds_the_laws() {
    hold::<ListJobs>();
}

#[test]
fn a_creation_holds_the_laws() {
    hold::<CreateJob>();
}

#[test]
fn a_patch_with_two_path_parameters_holds_the_laws() {
    hold::<UpdateStep>();
}

#[test]
fn a_patch_tells_absent_null_and_value_apart() {
    let read = |json: &str| freddy_types::read_json::<JobPatch>(json.as_bytes()).map(|patch| patch.note);
    assert_eq!(read("{}"), Ok(Patch::Absent));
    assert_eq!(read(r#"{"note":null}"#), Ok(Patch::Null));
    assert_eq!(read(r#"{"note":"n"}"#), Ok(Patch::Value("n".parse().unwrap())));
}

/// A string with its own wire type, in which a fault can be planted.
macro_rules! planted {
    ($Planted:ident, shape: $shape:expr, max: $max:literal, written: $written:expr) => {
        #[derive(Clone, Debug, PartialEq)]
        struct $Planted(String);

        impl serde::Serialize for $Planted {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let written: fn(&str) -> String = $written;
                serializer.serialize_str(&written(&self.0))
            }
        }

        impl<'de> serde::Deserialize<'de> for $Planted {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                if text.chars().count() <= $max { Ok(Self(text)) } else { Err(serde::de::Error::custom("too long")) }
            }
        }

        impl Wire for $Planted {
            type Received = Self;

            fn shape() -> Shape {
                $shape
            }

            fn read(tree: &__private::Tree, at: &__private::At<'_>, faults: &mut freddy_types::Faults) -> Option<Self> {
                Text::<0, $max>::read(tree, at, faults).map(|text| Self(text.into()))
            }
        }
    };
}

fn text(max_chars: Option<usize>) -> Shape {
    let mut text = TextShape::any("text");
    text.max_chars = max_chars;
    Shape::Text(text)
}

planted!(AsItShouldBe, shape: text(Some(8)), max: 8, written: str::to_owned);
planted!(ForgottenBound, shape: text(None), max: 8, written: str::to_owned);
planted!(TighterBound, shape: text(Some(7)), max: 8, written: str::to_owned);
planted!(OtherText, shape: text(Some(8)), max: 8, written: str::to_uppercase);

#[test]
fn a_type_without_a_planted_fault_holds_the_laws() {
    hold_wire::<AsItShouldBe>();
}

#[test]
#[should_panic(expected = "what the strict schema accepts is read strictly")]
fn a_schema_that_forgets_a_bound_is_found() {
    hold_wire::<ForgottenBound>();
}

#[test]
// Which of the two laws comes upon a text of that length first is left to chance.
#[should_panic(expected = "schema and reader agree")]
fn a_schema_with_a_bound_of_its_own_is_found() {
    hold_wire::<TighterBound>();
}

#[test]
#[should_panic(expected = "as the sender writes it")]
fn an_encoder_that_writes_something_else_is_found() {
    hold_wire::<OtherText>();
}

/// A request whose encoder writes another name than its decoder reads.
#[derive(Clone, Debug, PartialEq)]
struct Renamed(ListJobs);

impl Endpoint for Renamed {
    const METHOD: freddy_types::Method = ListJobs::METHOD;
    const PATH: freddy_types::PathTemplate = ListJobs::PATH;
    const OPERATION_ID: &'static str = "renamed";
    const TAG: Tag = TAG;
    const SUMMARY: &'static str = "Summary";
    const DESCRIPTION: &'static str = "Description.";
    const RETURNS: &'static str = "Returns.";
    const SUCCESS_MESSAGE: &'static str = "Done";
    const ERRORS: &'static [ErrorCode] = &[];

    type Response = Page<Job>;

    fn parameters() -> Vec<freddy_types::Parameter> {
        ListJobs::parameters()
    }

    fn encode(&self) -> freddy_types::EncodedRequest {
        let mut encoded = self.0.encode();
        encoded.query = encoded.query.replace("limit=", "size=");
        encoded
    }

    fn decode(request: &freddy_types::IncomingRequest<'_>) -> Result<Self, freddy_types::InvalidRequest> {
        ListJobs::decode(request).map(Self)
    }
}

#[test]
#[should_panic(expected = "a request that is encoded is decoded as the same")]
fn an_encoder_that_renames_a_query_parameter_is_found() {
    hold::<Renamed>();
}
