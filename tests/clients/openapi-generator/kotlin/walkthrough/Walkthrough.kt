import com.aitronos.jobs.apis.JobsApi
import com.aitronos.jobs.infrastructure.ApiClient
import com.aitronos.jobs.infrastructure.ApiResponse
import com.aitronos.jobs.infrastructure.ClientError
import com.aitronos.jobs.infrastructure.Serializer
import com.aitronos.jobs.infrastructure.Success
import com.aitronos.jobs.models.ErrorEnvelope
import com.aitronos.jobs.models.Job
import com.aitronos.jobs.models.JobCreate
import com.aitronos.jobs.models.JobOwner
import com.aitronos.jobs.models.JobPage
import com.aitronos.jobs.models.JobPatch
import com.aitronos.jobs.models.JobRunningDetails
import com.aitronos.jobs.models.JobSchedule
import com.aitronos.jobs.models.JobScheduleEvery
import com.fasterxml.jackson.databind.SerializationFeature
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule
import com.fasterxml.jackson.module.kotlin.jacksonObjectMapper
import com.fasterxml.jackson.module.kotlin.readValue
import java.time.OffsetDateTime

/** Does with the walk-through API what its standard input says, and writes what the generated client gave for it. */
object Walkthrough {
    private val json = Serializer.jacksonObjectMapper
    private val output =
        jacksonObjectMapper().registerModule(JavaTimeModule()).disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)

    // Each model is a map of the fields that it has no property for.
    private fun fieldsOf(job: Job): Map<String, Any?> =
        mapOf(
            "id" to job.id,
            "name" to job.name,
            "state" to job.state,
            "priority" to job.priority,
            "schedule" to
                mapOf(
                    "kind" to job.schedule.kind,
                    "at" to job.schedule.at,
                    "minutes" to job.schedule.minutes,
                    "jitter" to job.schedule.jitter,
                ) + job.schedule,
            "labels" to job.labels,
            "owner" to mapOf("name" to job.owner.name, "team" to job.owner.team) + job.owner,
            "ended_at" to job.endedAt,
            "note" to job.note,
            "bytes_processed" to job.bytesProcessed,
            "created_at" to job.createdAt,
        ) + job

    private fun pageOf(page: JobPage): Map<String, Any?> =
        mapOf(
            "items" to page.items.map(::fieldsOf),
            "has_more" to page.hasMore,
            "next_cursor" to page.nextCursor,
        ) + page

    private fun jobOf(answer: ApiResponse<Job?>): Map<String, Any?> {
        val job = (answer as? Success)?.data ?: return errorOf(answer)
        val result =
            mapOf(
                "http_status" to answer.statusCode,
                "location" to answer.headers["location"]?.first(),
                "job" to fieldsOf(job),
            )
        if (job.schedule.kind != "every") return result
        val schedule = with(job.schedule) { mapOf("kind" to kind, "minutes" to minutes, "jitter" to jitter) }
        val every = json.convertValue(schedule, JobScheduleEvery::class.java)
        val variant = mapOf("kind" to every.kind, "minutes" to every.minutes, "jitter" to every.jitter)
        return result + ("variant" to variant)
    }

    private fun errorOf(answer: ApiResponse<*>): Map<String, Any?> {
        // The answer has the text; the generated model reads it.
        val error = json.readValue<ErrorEnvelope>((answer as ClientError).body as String).error
        val result =
            mapOf(
                "http_status" to answer.statusCode,
                "error" to mapOf("code" to error.code, "status" to error.status, "details" to error.details),
            )
        if (error.code != "JOB_RUNNING") return result
        val running = json.convertValue(error.details, JobRunningDetails::class.java)
        val details =
            mapOf(
                "started_at" to running.startedAt,
                "progress" to running.progress,
                "retry_after" to answer.headers["retry-after"]?.first(),
            )
        return result + ("running" to details)
    }

    private fun list(api: JobsApi, from: String): Map<String, Any?> {
        val pages = mutableListOf<Any>()
        var cursor = from.ifEmpty { null }
        while (true) {
            val after = OffsetDateTime.parse("2025-11-13T10:30:00Z")
            val answer = api.listJobsWithHttpInfo(listOf("queued", "running"), after, 2, cursor)
            val page = (answer as? Success)?.data ?: return errorOf(answer)
            pages += pageOf(page)
            if (!page.hasMore) return mapOf("http_status" to answer.statusCode, "pages" to pages)
            cursor = page.nextCursor
        }
    }

    private fun perform(baseUrl: String, action: String, argument: String): Map<String, Any?> {
        ApiClient.apiKey["X-API-Key"] = "key"
        val api = JobsApi(baseUrl)
        return when (action) {
            "list" -> list(api, argument)
            "create" -> {
                val body =
                    JobCreate(
                        name = "Nightly report",
                        schedule = JobSchedule(kind = "every", minutes = 15),
                        labels = mapOf("tier" to "gold"),
                        owner = JobOwner(name = "Ada"),
                    )
                jobOf(api.createJobWithHttpInfo(argument, body))
            }
            "patch absent" -> jobOf(api.updateJobWithHttpInfo(argument, JobPatch(priority = 7)))
            "patch null" -> jobOf(api.updateJobWithHttpInfo(argument, JobPatch(note = null)))
            "patch value" -> jobOf(api.updateJobWithHttpInfo(argument, JobPatch(note = "Slow on Tuesdays")))
            "cancel" -> {
                val answer = api.cancelJobWithHttpInfo(argument)
                if (answer is Success) mapOf("http_status" to answer.statusCode) else errorOf(answer)
            }
            else -> jobOf(api.getJobWithHttpInfo(argument))
        }
    }

    @JvmStatic
    fun main(args: Array<String>) {
        for (line in generateSequence(::readLine)) {
            val (baseUrl, action, argument) = line.split("\t")
            val result =
                try {
                    perform(baseUrl, action, argument)
                } catch (thrown: Exception) {
                    mapOf("exception" to thrown.toString())
                }
            println(output.writeValueAsString(result))
        }
    }
}
