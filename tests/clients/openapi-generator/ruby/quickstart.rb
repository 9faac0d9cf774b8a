$LOAD_PATH.unshift("#{__dir__}/freddy/lib")
require 'freddy'
require 'json'
require 'uri'

Freddy.configure do |config|
  base_url = URI(ENV.fetch('FREDDY_BASE_URL', 'https://api.aitronos.com'))
  config.scheme = base_url.scheme
  config.host = "#{base_url.host}:#{base_url.port}"
  config.api_key['X-API-Key'] = ENV.fetch('FREDDY_API_KEY')
end

begin
  # With no names, an empty `Authorization: Bearer` is sent beside the key.
  Freddy::PersonalConnectorsApi.new.disconnect_connector(ARGV[0], debug_auth_names: ['apiKeyAuth'])
  puts 'disconnected'
rescue Freddy::ApiError => failed
  begin
    # A field that the model does not know is in the hash.
    error = Freddy::ErrorEnvelope.build_from_hash(JSON.parse(failed.response_body)).error
    puts "#{error.code}: #{error.message} (#{error.trace_id})"
    if error.code == 'RATE_LIMIT_EXCEEDED'
      details = Freddy::RateLimitDetails.build_from_hash(error.details)
      puts "again in #{details.retry_after} s"
    end
  rescue JSON::ParserError, TypeError
    # Not from Freddy but from a proxy, or no answer at all.
    puts failed.code.to_i.zero? ? failed.message : "HTTP #{failed.code}"
  end
end
