import com.aitronos.freddy.apis.PersonalConnectorsApi
import com.aitronos.freddy.infrastructure.ApiClient
import com.aitronos.freddy.infrastructure.ApiResponse
import com.aitronos.freddy.infrastructure.ClientError
import com.aitronos.freddy.infrastructure.Serializer
import com.aitronos.freddy.infrastructure.ServerError
import com.aitronos.freddy.models.ErrorEnvelope
import com.aitronos.freddy.models.RateLimitDetails
import com.fasterxml.jackson.databind.SerializationFeature
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule
import com.fasterxml.jackson.module.kotlin.jacksonObjectMapper
import com.fasterxml.jackson.module.kotlin.readValue

/** Sends what its standard input says, and writes what the generated client gave for it. */
object Driver {
    private val json = Serializer.jacksonObjectMapper
    private val output =
        jacksonObjectMapper().registerModule(JavaTimeModule()).disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)

    private fun header(answer: ApiResponse<*>, name: String): String? = answer.headers[name]?.first()

    private fun call(baseUrl: String, scheme: String, key: String, connectorId: String): Map<String, Any?> {
        ApiClient.apiKey.clear()
        ApiClient.accessToken = null
        if (scheme == "apiKeyAuth") ApiClient.apiKey["X-API-Key"] = key else ApiClient.accessToken = key
        val answer = PersonalConnectorsApi(baseUrl).disconnectConnectorWithHttpInfo(connectorId)
        val result =
            mutableMapOf<String, Any?>(
                "http_status" to answer.statusCode,
                // OkHttp writes the names small.
                "request_id" to header(answer, "x-request-id"),
                "retry_after" to header(answer, "retry-after"),
            )
        val body =
            when (answer) {
                is ClientError -> answer.body
                is ServerError -> answer.body
                else -> return result
            }
        // The answer has the text; the generated model reads it.
        val envelope =
            try {
                json.readValue<ErrorEnvelope>(body as String)
            } catch (notAnEnvelope: Exception) {
                return result + ("undecoded" to notAnEnvelope.toString())
            }
        val error = envelope.error
        result["envelope"] =
            mapOf(
                "success" to envelope.success,
                "error" to
                    mapOf(
                        "code" to error.code,
                        "message" to error.message,
                        "system_message" to error.systemMessage,
                        "type" to error.type,
                        "status" to error.status,
                        "details" to error.details,
                        "trace_id" to error.traceId,
                        "timestamp" to error.timestamp,
                        // It is a map of the other fields.
                        "extra" to LinkedHashMap(error),
                    ),
                "extra" to LinkedHashMap(envelope),
            )
        val limit =
            try {
                json.convertValue(error.details, RateLimitDetails::class.java)
            } catch (otherDetails: IllegalArgumentException) {
                null
            }
        if (error.code == "RATE_LIMIT_EXCEEDED" && limit != null) {
            result["rate_limit"] =
                mapOf(
                    "retry_after" to limit.retryAfter,
                    "limit" to limit.limit,
                    "remaining" to limit.remaining,
                    "reset_at" to limit.resetAt,
                )
        }
        return result
    }

    @JvmStatic
    fun main(args: Array<String>) {
        for (line in generateSequence(::readLine)) {
            val (baseUrl, scheme, key, connectorId) = line.split("\t")
            val result =
                try {
                    call(baseUrl, scheme, key, connectorId)
                } catch (thrown: Exception) {
                    mapOf("exception" to thrown.toString())
                }
            println(output.writeValueAsString(result))
        }
    }
}
