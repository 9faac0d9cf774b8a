import com.aitronos.jobs.ApiClient;
import com.aitronos.jobs.ApiException;
import com.aitronos.jobs.ApiResponse;
import com.aitronos.jobs.api.JobsApi;
import com.aitronos.jobs.model.ErrorEnvelope;
import com.aitronos.jobs.model.Job;
import com.aitronos.jobs.model.JobCreate;
import com.aitronos.jobs.model.JobOwner;
import com.aitronos.jobs.model.JobPage;
import com.aitronos.jobs.model.JobPatch;
import com.aitronos.jobs.model.JobRunningDetails;
import com.aitronos.jobs.model.JobSchedule;
import com.aitronos.jobs.model.JobScheduleEvery;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Does with the walk-through API what its standard input says, and writes what the generated client gave for it. */
public class Walkthrough {
    private static Map<String, Object> fields(Map<String, Object> unknown, Object... namesAndValues) {
        var fields = new LinkedHashMap<String, Object>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        if (unknown != null) fields.putAll(unknown);
        return fields;
    }

    private static Map<String, Object> fieldsOf(Job job) {
        JobSchedule schedule = job.getSchedule();
        JobOwner owner = job.getOwner();
        return fields(
                job.getAdditionalProperties(),
                "id", job.getId(),
                "name", job.getName(),
                "state", job.getState(),
                "priority", job.getPriority(),
                "schedule", fields(
                        schedule.getAdditionalProperties(),
                        "kind", schedule.getKind(),
                        "at", schedule.getAt(),
                        "minutes", schedule.getMinutes(),
                        "jitter", schedule.getJitter()),
                "labels", job.getLabels(),
                "owner", fields(owner.getAdditionalProperties(), "name", owner.getName(), "team", owner.getTeam()),
                "ended_at", job.getEndedAt(),
                "note", job.getNote(),
                "bytes_processed", job.getBytesProcessed(),
                "created_at", job.getCreatedAt());
    }

    private static Map<String, Object> pageOf(JobPage page) {
        return fields(
                page.getAdditionalProperties(),
                "items", page.getItems().stream().map(Walkthrough::fieldsOf).toList(),
                "has_more", page.getHasMore(),
                "next_cursor", page.getNextCursor());
    }

    private static Map<String, Object> jobOf(ApiResponse<Job> answer, ObjectMapper json) {
        var schedule = answer.getData().getSchedule();
        Map<String, Object> variant = null;
        if (schedule.getKind().equals("every")) {
            var every = json.convertValue(schedule, JobScheduleEvery.class);
            variant = fields(null, "kind", every.getKind(), "minutes", every.getMinutes(), "jitter", every.getJitter());
        }
        return fields(
                null,
                "http_status", answer.getStatusCode(),
                "location", answer.getHeaders().getOrDefault("location", List.of("")).get(0),
                "job", fieldsOf(answer.getData()),
                "variant", variant);
    }

    private static Map<String, Object> errorOf(ApiException failed, ObjectMapper json) throws Exception {
        if (failed.getResponseHeaders() == null) throw failed;
        // The exception has the text; the generated model reads it.
        var error = json.readValue(failed.getResponseBody(), ErrorEnvelope.class).getError();
        Map<String, Object> typed = null;
        if (error.getCode().equals("JOB_RUNNING")) {
            var running = json.convertValue(error.getDetails(), JobRunningDetails.class);
            typed = fields(
                    null,
                    "started_at", running.getStartedAt(),
                    "progress", running.getProgress(),
                    "retry_after", failed.getResponseHeaders().firstValue("Retry-After").orElse(null));
        }
        return fields(
                null,
                "http_status", failed.getCode(),
                "error", fields(
                        null, "code", error.getCode(), "status", error.getStatus(), "details", error.getDetails()),
                "running", typed);
    }

    private static Map<String, Object> list(JobsApi api, String from) throws ApiException {
        var pages = new ArrayList<Object>();
        for (var cursor = from.isEmpty() ? null : from; ; ) {
            var answer = api.listJobsWithHttpInfo(
                    List.of("queued", "running"), OffsetDateTime.parse("2025-11-13T10:30:00Z"), 2, cursor);
            pages.add(pageOf(answer.getData()));
            cursor = answer.getData().getNextCursor();
            if (!answer.getData().getHasMore()) {
                return fields(null, "http_status", answer.getStatusCode(), "pages", pages);
            }
        }
    }

    private static Map<String, Object> perform(String baseUrl, String action, String argument) throws Exception {
        var client = new ApiClient();
        client.updateBaseUri(baseUrl);
        client.setRequestInterceptor(request -> request.header("X-API-Key", "key"));
        var json = client.getObjectMapper();
        var api = new JobsApi(client);
        try {
            switch (action) {
                case "list":
                    return list(api, argument);
                case "create":
                    var body = new JobCreate()
                            .name("Nightly report")
                            .schedule(new JobSchedule().kind("every").minutes(15))
                            .labels(Map.of("tier", "gold"))
                            .owner(new JobOwner().name("Ada"));
                    return jobOf(api.createJobWithHttpInfo(argument, body), json);
                case "patch absent":
                    return jobOf(api.updateJobWithHttpInfo(argument, new JobPatch().priority(7)), json);
                case "patch null":
                    return jobOf(api.updateJobWithHttpInfo(argument, new JobPatch().note(null)), json);
                case "patch value":
                    var patch = new JobPatch().note("Slow on Tuesdays");
                    return jobOf(api.updateJobWithHttpInfo(argument, patch), json);
                case "cancel":
                    return fields(null, "http_status", api.cancelJobWithHttpInfo(argument).getStatusCode());
                default:
                    return jobOf(api.getJobWithHttpInfo(argument), json);
            }
        } catch (ApiException failed) {
            return errorOf(failed, json);
        }
    }

    public static void main(String[] args) throws Exception {
        // The client's own would leave out what is null.
        var json = ApiClient.createDefaultObjectMapper().setDefaultPropertyInclusion(JsonInclude.Include.ALWAYS);
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            var fields = line.split("\t", -1);
            Map<String, Object> result;
            try {
                result = perform(fields[0], fields[1], fields[2]);
            } catch (Exception thrown) {
                result = Map.of("exception", thrown.toString());
            }
            System.out.println(json.writeValueAsString(result));
        }
    }
}
