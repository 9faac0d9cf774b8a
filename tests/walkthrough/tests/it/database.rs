//! The company's database: a job is kept as the JSON that is sent of it, beside the columns that are searched.

use std::path::Path;

use freddy_types::{Integer, Page, WholeSecond, Wire, read_json};
use freddy_walkthrough::code::JobRunningDetails;
use freddy_walkthrough::create_job::IdempotencyKey;
use freddy_walkthrough::job::{Job, JobCreate, JobId, JobPatch, JobState};
use freddy_walkthrough::list_jobs::ListJobs;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{query, query_as, query_scalar};

pub(crate) type Result<T> = std::result::Result<T, sqlx::Error>;

/// The table of jobs. There is one connection, so what one call does is done before the next one begins.
#[derive(Clone)]
pub(crate) struct Jobs(SqlitePool);

/// What became of a job that was to be cancelled.
pub(crate) enum Cancelled {
    WillNotRun,
    Running(JobRunningDetails),
    NotThere,
}

impl Jobs {
    pub(crate) async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        let table = "CREATE TABLE jobs (
            number INTEGER PRIMARY KEY,
            owner TEXT NOT NULL,
            idempotency_key TEXT NOT NULL,
            request TEXT NOT NULL,
            state TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            progress INTEGER,
            job TEXT NOT NULL,
            UNIQUE (owner, idempotency_key)
        ) STRICT";
        query(table).execute(&pool).await?;
        Ok(Self(pool))
    }

    /// The job that the request with this key has made, now or before; none where that was another request.
    pub(crate) async fn create(
        &self,
        owner: &str,
        key: &IdempotencyKey,
        new: &JobCreate,
        now: jiff::Timestamp,
    ) -> Result<Option<Job>> {
        let mut transaction = self.0.begin_with("BEGIN IMMEDIATE").await?;
        let request = json(new);
        let found: Option<(String, String)> =
            query_as("SELECT request, job FROM jobs WHERE owner = ? AND idempotency_key = ?")
                .bind(owner)
                .bind(key.as_str())
                .fetch_optional(&mut *transaction)
                .await?;
        if let Some((first, job)) = found {
            return if first == request { stored(&job).map(Some) } else { Ok(None) };
        }
        let number: i64 =
            query_scalar("SELECT coalesce(max(number), 0) + 1 FROM jobs").fetch_one(&mut *transaction).await?;
        let new = new.clone();
        let job = Job {
            id: id_of(number)?,
            name: new.name,
            state: JobState::Queued,
            priority: new.priority.unwrap_or(Integer::literal::<5>()),
            schedule: new.schedule,
            labels: new.labels.unwrap_or_default(),
            owner: new.owner,
            ended_at: None,
            note: new.note,
            bytes_processed: Integer::literal::<0>(),
            created_at: now.into(),
        };
        let row = "INSERT INTO jobs (number, owner, idempotency_key, request, state, created_at, job) \
                   VALUES (?, ?, ?, ?, ?, ?, ?)";
        query(row)
            .bind(number)
            .bind(owner)
            .bind(key.as_str())
            .bind(request)
            .bind(job.state.as_str())
            .bind(job.created_at.instant().as_second())
            .bind(json(&job))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some(job))
    }

    /// A page of a list. None where the cursor is not one that a page before it had.
    pub(crate) async fn list(&self, owner: &str, request: &ListJobs) -> Result<Option<Page<Job>>> {
        let Some(after) = request.cursor.as_ref().map_or(Some(0), |cursor| number_of(cursor.as_str())) else {
            return Ok(None);
        };
        let limit = request.limit.get();
        let page = "SELECT number, job FROM jobs \
                    WHERE owner = ?1 AND number > ?2 AND created_at > coalesce(?3, created_at - 1) \
                    AND (?4 = '[]' OR state IN (SELECT value FROM json_each(?4))) \
                    ORDER BY number LIMIT ?5";
        let mut rows: Vec<(i64, String)> = query_as(page)
            .bind(owner)
            .bind(after)
            // Jobs are made at whole seconds: later than a fraction of one is later than that second.
            .bind(request.created_after.as_ref().map(|time| time.instant().as_second()))
            .bind(json(&request.state))
            .bind(limit + 1)
            .fetch_all(&self.0)
            .await?;
        let has_more = rows.len() as i64 > limit;
        rows.truncate(rows.len() - usize::from(has_more));
        let last = rows.last().filter(|_| has_more).map(|(number, _)| *number);
        Ok(Some(Page {
            items: rows.iter().map(|(_, job)| stored(job)).collect::<Result<_>>()?,
            next_cursor: last.map(|number| format!("job_{number}").parse()).transpose().map_err(undecodable)?,
        }))
    }

    pub(crate) async fn get(&self, owner: &str, id: &JobId) -> Result<Option<Job>> {
        let job: Option<String> = query_scalar("SELECT job FROM jobs WHERE owner = ? AND number = ?")
            .bind(owner)
            .bind(number_of(id.as_str()))
            .fetch_optional(&self.0)
            .await?;
        job.map(|job| stored(&job)).transpose()
    }

    pub(crate) async fn update(&self, owner: &str, id: &JobId, patch: JobPatch) -> Result<Option<Job>> {
        let Some(job) = self.get(owner, id).await? else { return Ok(None) };
        let job = Job {
            name: patch.name.unwrap_or(job.name),
            priority: patch.priority.unwrap_or(job.priority),
            note: patch.note.apply(job.note),
            ..job
        };
        self.put(&job).await?;
        Ok(Some(job))
    }

    pub(crate) async fn cancel(&self, owner: &str, id: &JobId, now: jiff::Timestamp) -> Result<Cancelled> {
        let Some(job) = self.get(owner, id).await? else { return Ok(Cancelled::NotThere) };
        match job.state {
            JobState::Queued => {
                self.put(&Job { state: JobState::Done, ended_at: Some(now.into()), ..job }).await?;
                Ok(Cancelled::WillNotRun)
            }
            JobState::Running => {
                let (started_at, progress): (i64, i64) =
                    query_as("SELECT started_at, progress FROM jobs WHERE number = ?")
                        .bind(number_of(id.as_str()))
                        .fetch_one(&self.0)
                        .await?;
                let started_at = jiff::Timestamp::from_second(started_at).map_err(undecodable)?;
                Ok(Cancelled::Running(JobRunningDetails {
                    started_at: WholeSecond::from(started_at),
                    progress: Integer::saturating(progress),
                }))
            }
            _ => Ok(Cancelled::WillNotRun),
        }
    }

    /// What the company's machines do, and no request: a job begins.
    pub(crate) async fn start(&self, owner: &str, id: &JobId, at: jiff::Timestamp, progress: i64) -> Result<()> {
        let job = self.get(owner, id).await?.ok_or(sqlx::Error::RowNotFound)?;
        self.put(&Job { state: JobState::Running, ..job }).await?;
        query("UPDATE jobs SET started_at = ?, progress = ? WHERE number = ?")
            .bind(at.as_second())
            .bind(progress)
            .bind(number_of(id.as_str()))
            .execute(&self.0)
            .await?;
        Ok(())
    }

    async fn put(&self, job: &Job) -> Result<()> {
        query("UPDATE jobs SET state = ?, job = ? WHERE number = ?")
            .bind(job.state.as_str())
            .bind(json(job))
            .bind(number_of(job.id.as_str()))
            .execute(&self.0)
            .await?;
        Ok(())
    }
}

fn id_of(number: i64) -> Result<JobId> {
    format!("job_{number}").parse().map_err(undecodable)
}

/// The number in an identifier or a cursor, if it is one of ours.
fn number_of(id: &str) -> Option<i64> {
    id.strip_prefix("job_")?.parse().ok()
}

fn json(value: &impl Wire) -> String {
    serde_json::to_string(value).unwrap()
}

/// What is stored is read as strictly as what comes in: it is going to be sent.
fn stored(job: &str) -> Result<Job> {
    read_json(job.as_bytes()).map_err(undecodable)
}

fn undecodable(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(error.into())
}
