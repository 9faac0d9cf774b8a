//! The server with the endpoints of this crate, as the company runs it.

use freddy_client::Client;
use freddy_server::key::NewKey;
use freddy_server::store::{Caller, Store};
use freddy_server::{App, Context, Documents, Endpoints, Settings, serve};
use freddy_types::{ApiError, Created, Failure, Faults, Integer, Json, Location, NoContent, Page, WithHeaders};
use freddy_walkthrough::cancel_job::CancelJob;
use freddy_walkthrough::code::JOB_RUNNING;
use freddy_walkthrough::create_job::CreateJob;
use freddy_walkthrough::get_job::{GetJob, JobHeaders};
use freddy_walkthrough::job::{Job, JobState};
use freddy_walkthrough::list_jobs::ListJobs;
use freddy_walkthrough::update_job::UpdateJob;

use crate::database::{Cancelled, Jobs};
use crate::spec::spec;

/// Whose key the client of a [`Server`] has.
pub(crate) const CALLER: &str = "alice";

/// A server with an empty database. It ends with the runtime of the test.
pub(crate) struct Server {
    pub(crate) jobs: Jobs,
    pub(crate) client: Client,
    pub(crate) base_url: String,
    pub(crate) api_key: String,
    _folder: tempfile::TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(Settings::default()).await
    }

    pub(crate) async fn start_with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}", folder.path().join("keys.db").display())).await.unwrap();
        let key = NewKey::generate().unwrap();
        store.add_key(CALLER, key.hash(), 0).await.unwrap();
        let jobs = Jobs::open(&folder.path().join("jobs.db")).await.unwrap();

        let (app, _writer) = App::new(store, settings.clone()).await.unwrap();
        let service = app.with_documents(documents()).service_with(|endpoints| mount(endpoints, &jobs));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { serve(listener, service, &settings, std::future::pending()).await });

        let api_key = key.reveal().to_owned();
        let client = Client::builder().base_url(&*base_url).api_key(&*api_key).build().unwrap();
        Self { jobs, client, base_url, api_key, _folder: folder }
    }
}

/// What the server shows of this API.
pub(crate) fn documents() -> Documents {
    let artifacts = spec().artifacts().unwrap();
    let text = |path| artifacts.iter().find(|file| file.path() == path).unwrap().text().to_owned().into();
    Documents { json: text("freddy.json"), yaml: text("freddy.yaml"), page: text("index.html") }
}

fn mount(endpoints: Endpoints, jobs: &Jobs) -> Endpoints {
    endpoints
        .mount(with(jobs, list_jobs))
        .mount(with(jobs, create_job))
        .mount(with(jobs, get_job))
        .mount(with(jobs, update_job))
        .mount(with(jobs, cancel_job))
}

/// The function that answers an endpoint, with the database at hand.
fn with<E, F, A>(jobs: &Jobs, answer: A) -> impl Fn(Context, Caller, E) -> F + Clone + use<E, F, A>
where
    A: Fn(Jobs, Context, Caller, E) -> F + Clone,
{
    let jobs = jobs.clone();
    move |context, caller, request| answer(jobs.clone(), context, caller, request)
}

async fn list_jobs(jobs: Jobs, context: Context, caller: Caller, request: ListJobs) -> Result<Page<Job>, ApiError> {
    let page = jobs.list(&caller.owner, &request).await.map_err(|error| failed(&context, &error))?;
    page.ok_or_else(|| context.invalid(&Faults::one("query.cursor", "is not one of this list")))
}

async fn create_job(
    jobs: Jobs,
    context: Context,
    caller: Caller,
    request: CreateJob,
) -> Result<Created<Job>, ApiError> {
    let job = jobs.create(&caller.owner, &request.idempotency_key, &request.job, context.now()).await;
    let Some(body) = job.map_err(|error| failed(&context, &error))? else {
        return Err(context.invalid(&Faults::one("header Idempotency-Key", "came with another body before")));
    };
    Ok(Created { location: Location::of(&GetJob { job_id: body.id.clone() }), body })
}

async fn get_job(
    jobs: Jobs,
    context: Context,
    caller: Caller,
    request: GetJob,
) -> Result<WithHeaders<Json<Job>, JobHeaders>, ApiError> {
    let job = jobs.get(&caller.owner, &request.job_id).await.map_err(|error| failed(&context, &error))?;
    let job = job.ok_or_else(|| context.error(Failure::NotFound))?;
    let ask_again_after = (job.state != JobState::Done).then_some(Integer::literal::<5>());
    Ok(WithHeaders { response: Json(job), headers: JobHeaders { ask_again_after } })
}

async fn update_job(jobs: Jobs, context: Context, caller: Caller, request: UpdateJob) -> Result<Json<Job>, ApiError> {
    let job = jobs.update(&caller.owner, &request.job_id, request.patch).await;
    job.map_err(|error| failed(&context, &error))?.map(Json).ok_or_else(|| context.error(Failure::NotFound))
}

async fn cancel_job(jobs: Jobs, context: Context, caller: Caller, request: CancelJob) -> Result<NoContent, ApiError> {
    let cancelled = jobs.cancel(&caller.owner, &request.job_id, context.now()).await;
    match cancelled.map_err(|error| failed(&context, &error))? {
        Cancelled::WillNotRun => Ok(NoContent),
        Cancelled::Running(details) => Err(context.error(JOB_RUNNING.failure(details))),
        Cancelled::NotThere => Err(context.error(Failure::NotFound)),
    }
}

/// The cause is for the log, and a test has none but this.
fn failed(context: &Context, error: &sqlx::Error) -> ApiError {
    eprintln!("{error}");
    context.error(Failure::InternalServerError)
}
