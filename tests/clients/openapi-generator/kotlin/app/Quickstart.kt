import com.aitronos.freddy.apis.PersonalConnectorsApi
import com.aitronos.freddy.infrastructure.ApiClient
import com.aitronos.freddy.infrastructure.ClientError
import com.aitronos.freddy.infrastructure.Serializer
import com.aitronos.freddy.infrastructure.ServerError
import com.aitronos.freddy.models.ErrorEnvelope
import com.aitronos.freddy.models.RateLimitDetails
import com.fasterxml.jackson.core.JsonProcessingException
import com.fasterxml.jackson.module.kotlin.readValue

object Quickstart {
    @JvmStatic
    fun main(args: Array<String>) {
        System.getenv("FREDDY_API_KEY")?.let { ApiClient.apiKey["X-API-Key"] = it }
        val api = PersonalConnectorsApi(System.getenv("FREDDY_BASE_URL") ?: "https://api.aitronos.com")
        val json = Serializer.jacksonObjectMapper

        val answer = api.disconnectConnectorWithHttpInfo(args[0])

        val body =
            when (answer) {
                is ClientError -> answer.body
                is ServerError -> answer.body
                else -> return println("disconnected")
            }
        try {
            val error = json.readValue<ErrorEnvelope>(body as String).error
            println("${error.code}: ${error.message} (${error.traceId})")
            if (error.code == "RATE_LIMIT_EXCEEDED") {
                val details = json.convertValue(error.details, RateLimitDetails::class.java)
                println("again in ${details.retryAfter} s")
            }
        } catch (noEnvelope: JsonProcessingException) {
            // Not from Freddy but from a proxy.
            println("HTTP ${answer.statusCode}")
        }
    }
}
