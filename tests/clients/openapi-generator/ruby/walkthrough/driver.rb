# Does with the walk-through API what its standard input says, and writes what the generated client gave for it.

$LOAD_PATH.unshift("#{__dir__}/../jobs/lib")
require 'jobs'
require 'json'
require 'uri'

def instant(time)
  time&.iso8601(9)
end

def fields_of(job)
  {
    id: job.id,
    name: job.name,
    state: job.state,
    priority: job.priority,
    schedule: {
      kind: job.schedule.kind,
      at: instant(job.schedule.at),
      minutes: job.schedule.minutes,
      jitter: job.schedule.jitter,
    },
    labels: job.labels,
    owner: { name: job.owner.name, team: job.owner.team },
    ended_at: instant(job.ended_at),
    note: job.note,
    bytes_processed: job.bytes_processed,
    created_at: instant(job.created_at),
  }
end

def page_of(page)
  { items: page.items.map { |job| fields_of(job) }, has_more: page.has_more, next_cursor: page.next_cursor }
end

def job_of(job, status, headers)
  result = { http_status: status, location: headers['Location'], job: fields_of(job) }
  if job.schedule.kind == 'every'
    every = Jobs::JobScheduleEvery.build_from_hash(job.schedule.to_hash)
    result[:variant] = { kind: every.kind, minutes: every.minutes, jitter: every.jitter }
  end
  result
end

# The exception has the text; the generated model reads it.
def error_of(failed)
  error = Jobs::ErrorEnvelope.build_from_hash(JSON.parse(failed.response_body)).error
  result = { http_status: failed.code, error: { code: error.code, status: error.status, details: error.details } }
  if error.code == 'JOB_RUNNING'
    running = Jobs::JobRunningDetails.build_from_hash(error.details)
    result[:running] = {
      started_at: instant(running.started_at),
      progress: running.progress,
      retry_after: failed.response_headers['Retry-After'],
    }
  end
  result
end

def list(api, cursor)
  pages = []
  loop do
    # A Time would be sent as Ruby prints it.
    query = { state: %w[queued running], created_after: '2025-11-13T10:30:00Z', limit: 2, **KEY }
    query[:cursor] = cursor if cursor
    page, status = api.list_jobs_with_http_info(query)
    pages << page_of(page)
    return { http_status: status, pages: pages } unless page.has_more

    cursor = page.next_cursor
  end
end

KEY = { debug_auth_names: ['apiKeyAuth'] }.freeze

def perform(base_url, action, argument)
  config = Jobs::Configuration.new
  uri = URI(base_url)
  config.scheme = uri.scheme
  config.host = "#{uri.host}:#{uri.port}"
  config.api_key['X-API-Key'] = 'key'
  config.params_encoding = :multi # or a list is sent as `state[0]` and `state[1]`
  api = Jobs::JobsApi.new(Jobs::ApiClient.new(config))
  case action
  when 'list'
    list(api, argument.empty? ? nil : argument)
  when 'create'
    body = Jobs::JobCreate.new(
      name: 'Nightly report',
      schedule: Jobs::JobSchedule.new(kind: 'every', minutes: 15),
      labels: { 'tier' => 'gold' },
      owner: Jobs::JobOwner.new(name: 'Ada')
    )
    job_of(*api.create_job_with_http_info(argument, body, { **KEY }))
  when 'cancel'
    { http_status: api.cancel_job_with_http_info(argument, { **KEY })[1] }
  when 'patch absent'
    job_of(*api.update_job_with_http_info(argument, Jobs::JobPatch.new(priority: 7), { **KEY }))
  when 'patch null'
    job_of(*api.update_job_with_http_info(argument, Jobs::JobPatch.new(note: nil), { **KEY }))
  when 'patch value'
    job_of(*api.update_job_with_http_info(argument, Jobs::JobPatch.new(note: 'Slow on Tuesdays'), { **KEY }))
  else
    job_of(*api.get_job_with_http_info(argument, { **KEY }))
  end
rescue Jobs::ApiError => failed
  raise if failed.response_headers.nil?

  error_of(failed)
end

$stdout.sync = true
$stdin.each_line(chomp: true) do |line|
  result =
    begin
      perform(*line.split("\t", -1))
    rescue StandardError => e
      { exception: "#{e.class}: #{e.message}" }
    end
  puts JSON.generate(result)
end
