import com.aitronos.freddy.ApiClient;
import com.aitronos.freddy.ApiException;
import com.aitronos.freddy.api.PersonalConnectorsApi;
import com.aitronos.freddy.model.ErrorEnvelope;
import com.aitronos.freddy.model.RateLimitDetails;
import com.fasterxml.jackson.core.JsonProcessingException;

public class Quickstart {
    public static void main(String[] args) {
        var client = new ApiClient();
        client.updateBaseUri(System.getenv().getOrDefault("FREDDY_BASE_URL", "https://api.aitronos.com"));
        client.setRequestInterceptor(request -> request.header("X-API-Key", System.getenv("FREDDY_API_KEY")));
        var json = client.getObjectMapper();

        try {
            new PersonalConnectorsApi(client).disconnectConnector(args[0]);
            System.out.println("disconnected");
        } catch (ApiException failed) {
            if (failed.getResponseBody() == null) {
                System.out.println(failed); // no answer
                return;
            }
            try {
                var error = json.readValue(failed.getResponseBody(), ErrorEnvelope.class).getError();
                System.out.printf("%s: %s (%s)%n", error.getCode(), error.getMessage(), error.getTraceId());
                if (error.getCode().equals("RATE_LIMIT_EXCEEDED")) {
                    var details = json.convertValue(error.getDetails(), RateLimitDetails.class);
                    System.out.printf("again in %d s%n", details.getRetryAfter());
                }
            } catch (JsonProcessingException noEnvelope) {
                // Not from Freddy but from a proxy.
                System.out.println("HTTP " + failed.getCode());
            }
        }
    }
}
