//! Jobs: what they are, how one is made, and how one is changed.

use std::collections::BTreeMap;

use freddy_types::{Integer, Tag, Text, Timestamp, WholeSecond, identifier, object, string_enum, union};

/// The group of the endpoints of this crate.
pub const TAG: Tag = Tag { name: "Jobs", description: "Work that is done once, or again and again." };

/// The name of a job.
pub type Name = Text<1, 80>;

/// What somebody has to say of a job.
pub type Note = Text<1, 500>;

/// How much a job matters.
pub type Priority = Integer<0, 9>;

identifier! {
    /// The identifier of a job.
    pub struct JobId: "job ID" {
        prefix: "job_",
        characters: "0-9A-Za-z", "an ASCII letter or digit",
        max: 32,
        example: "job_1",
    }
}

string_enum! {
    /// What a job is doing.
    pub enum JobState: "a job state" {
        /// It waits for its turn.
        Queued = "queued",
        /// It is at work.
        Running = "running",
        /// It has ended.
        Done = "done",
    }
}

object! {
    /// At one time.
    pub struct RunOnce, received as ReceivedRunOnce {
        /// When.
        pub required at: Timestamp,
    }
}

object! {
    /// Again and again.
    pub struct RunEvery, received as ReceivedRunEvery {
        /// Minutes from one run to the next.
        pub required minutes: Integer<1, 10080> = 15,
        /// The seconds by which a run may be late, so that not all jobs begin at once.
        pub optional jitter: Integer<0, 600> = 30,
    }
}

union! {
    /// When a job runs.
    pub enum JobSchedule, received as ReceivedJobSchedule, tag "kind" {
        /// At one time.
        Once(RunOnce) = "once",
        /// Again and again.
        Every(RunEvery) = "every",
    }
}

object! {
    /// Who answers for a job.
    pub struct JobOwner, received as ReceivedJobOwner {
        /// The name of a person.
        pub required name: Text<1, 80> = "Ada",
        /// The team.
        pub optional team: Text<1, 80> = "Billing",
    }
}

object! {
    /// A job.
    pub struct Job, received as ReceivedJob {
        /// The identifier.
        pub required id: JobId,
        /// The name.
        pub required name: Name = "Nightly report",
        /// What it is doing.
        pub required state: JobState,
        /// How much it matters: of the jobs that wait, the one with the highest number begins.
        pub required priority: Priority = 5,
        /// When it runs.
        pub required schedule: JobSchedule,
        /// Names and values that mean something to the owner.
        pub required labels: BTreeMap<String, String> = { "tier": "gold" },
        /// Who answers for it.
        pub required owner: JobOwner,
        /// When it ended, `null` before that.
        pub nullable ended_at: WholeSecond,
        /// What somebody had to say of it.
        pub optional note: Note = "Slow on Mondays",
        /// The bytes that it has read and written.
        pub required bytes_processed: Integer<0, { i64::MAX }> = 9007199254740993_i64,
        /// When it was made.
        pub required created_at: WholeSecond,
    }
}

object! {
    /// A job that is to be made.
    pub struct JobCreate {
        /// The name.
        pub required name: Name = "Nightly report",
        /// How much it matters, 5 where it is left out.
        pub optional priority: Priority = 5,
        /// When it runs.
        pub required schedule: JobSchedule,
        /// Names and values that mean something to the owner.
        pub optional labels: BTreeMap<String, String> = { "tier": "gold" },
        /// Who answers for it.
        pub required owner: JobOwner,
        /// What there is to say of it.
        pub optional note: Note = "Slow on Mondays",
    }
}

object! {
    /// What is to be changed of a job. What is left out stays as it is.
    #[derive(Default)]
    pub struct JobPatch {
        /// The name.
        pub optional name: Name = "Weekly report",
        /// How much it matters.
        pub optional priority: Priority = 7,
        /// What there is to say of it; `null` takes the note away.
        pub patchable note: Note = "Slow on Tuesdays",
    }
}
