# Sends what its standard input says, and writes what the generated client gave for it.

$LOAD_PATH.unshift("#{__dir__}/freddy/lib")
require 'freddy'
require 'json'
require 'uri'

def instant(time)
  time&.iso8601(9)
end

def call(base_url, scheme, key, connector_id)
  config = Freddy::Configuration.new
  uri = URI(base_url)
  config.scheme = uri.scheme
  config.host = "#{uri.host}:#{uri.port}"
  if scheme == 'apiKeyAuth'
    config.api_key['X-API-Key'] = key
  else
    config.access_token = key
  end
  api = Freddy::PersonalConnectorsApi.new(Freddy::ApiClient.new(config))
  _, status, headers = api.disconnect_connector_with_http_info(connector_id, debug_auth_names: [scheme])
  { http_status: status, request_id: headers['X-Request-Id'], retry_after: headers['Retry-After'] }
rescue Freddy::ApiError => failed
  raise if failed.response_headers.nil?

  result = {
    http_status: failed.code,
    request_id: failed.response_headers['X-Request-Id'],
    retry_after: failed.response_headers['Retry-After'],
  }
  # The exception has the text; the generated model reads it.
  begin
    envelope = Freddy::ErrorEnvelope.build_from_hash(JSON.parse(failed.response_body))
  rescue StandardError => e
    return result.merge(undecoded: e.message)
  end
  error = envelope&.error
  return result if error.nil?

  result[:envelope] = {
    success: envelope.success,
    error: {
      code: error.code,
      message: error.message,
      system_message: error.system_message,
      type: error.type,
      status: error.status,
      details: error.details,
      trace_id: error.trace_id,
      timestamp: instant(error.timestamp),
    },
  }
  limit = begin
    Freddy::RateLimitDetails.build_from_hash(error.details)
  rescue StandardError
    nil
  end
  if error.code == 'RATE_LIMIT_EXCEEDED' && limit
    result[:rate_limit] = {
      retry_after: limit.retry_after,
      limit: limit.limit,
      remaining: limit.remaining,
      reset_at: instant(limit.reset_at),
    }
  end
  result
end

$stdout.sync = true
$stdin.each_line(chomp: true) do |line|
  result =
    begin
      call(*line.split("\t"))
    rescue StandardError => e
      # The models of an answer raise the same.
      refused = e.is_a?(ArgumentError) && e.message.include?('connector_id')
      refused ? { refused: e.message } : { exception: "#{e.class}: #{e.message}" }
    end
  begin
    puts JSON.generate(result, allow_nan: true)
  rescue JSON::GeneratorError
    # Something in it is not UTF-8.
    puts JSON.generate(result.slice(:http_status))
  end
end
