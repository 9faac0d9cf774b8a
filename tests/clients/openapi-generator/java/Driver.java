import com.aitronos.freddy.ApiClient;
import com.aitronos.freddy.ApiException;
import com.aitronos.freddy.api.PersonalConnectorsApi;
import com.aitronos.freddy.model.ErrorEnvelope;
import com.aitronos.freddy.model.RateLimitDetails;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sends what its standard input says, and writes what the generated client gave for it. */
public class Driver {
    private static Map<String, Object> call(String baseUrl, String scheme, String key, String connectorId)
            throws ApiException {
        var client = new ApiClient();
        client.updateBaseUri(baseUrl);
        client.setRequestInterceptor(request -> {
            if (scheme.equals("apiKeyAuth")) {
                request.header("X-API-Key", key);
            } else {
                request.header("Authorization", "Bearer " + key);
            }
        });
        var json = client.getObjectMapper();
        var result = new LinkedHashMap<String, Object>();
        try {
            var answer = new PersonalConnectorsApi(client).disconnectConnectorWithHttpInfo(connectorId);
            result.put("http_status", answer.getStatusCode());
            // A map whose keys are in the case that the server sent.
            answer.getHeaders().forEach((name, values) -> headers(result, name, values));
            return result;
        } catch (ApiException failed) {
            if (failed.getResponseHeaders() == null) throw failed;
            result.put("http_status", failed.getCode());
            failed.getResponseHeaders().map().forEach((name, values) -> headers(result, name, values));
            try {
                // The exception has the text; the generated model reads it.
                var envelope = json.readValue(failed.getResponseBody(), ErrorEnvelope.class);
                var error = envelope.getError();
                var fields = new LinkedHashMap<String, Object>();
                fields.put("code", error.getCode());
                fields.put("message", error.getMessage());
                fields.put("system_message", error.getSystemMessage());
                fields.put("type", error.getType());
                fields.put("status", error.getStatus());
                fields.put("details", error.getDetails());
                fields.put("trace_id", error.getTraceId());
                fields.put("timestamp", error.getTimestamp());
                fields.put("extra", error.getAdditionalProperties());
                var envelopeFields = new LinkedHashMap<String, Object>();
                envelopeFields.put("success", envelope.getSuccess());
                envelopeFields.put("error", fields);
                envelopeFields.put("extra", envelope.getAdditionalProperties());
                result.put("envelope", envelopeFields);
                if (error.getCode().equals("RATE_LIMIT_EXCEEDED")) {
                    var limit = json.convertValue(error.getDetails(), RateLimitDetails.class);
                    result.put("rate_limit", Map.of(
                            "retry_after", limit.getRetryAfter(),
                            "limit", limit.getLimit(),
                            "remaining", limit.getRemaining(),
                            "reset_at", limit.getResetAt()));
                }
            } catch (JsonProcessingException | RuntimeException notAnEnvelope) {
                result.put("undecoded", notAnEnvelope.toString());
            }
            return result;
        }
    }

    private static void headers(Map<String, Object> result, String name, List<String> values) {
        if (name.equalsIgnoreCase("X-Request-Id")) result.put("request_id", values.get(0));
        if (name.equalsIgnoreCase("Retry-After")) result.put("retry_after", values.get(0));
    }

    public static void main(String[] args) throws IOException {
        // The client's own would leave out what is null in `details`.
        var json = ApiClient.createDefaultObjectMapper().setDefaultPropertyInclusion(JsonInclude.Include.ALWAYS);
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            var fields = line.split("\t");
            Map<String, Object> result;
            try {
                result = call(fields[0], fields[1], fields[2], fields[3]);
            } catch (Exception thrown) {
                result = Map.of("exception", thrown.toString());
            }
            System.out.println(json.writeValueAsString(result));
        }
    }
}
