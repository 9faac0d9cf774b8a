<?php
// Sends what its standard input says, and writes what the generated client gave for it.

require 'autoload.php';

use Freddy\Api\PersonalConnectorsApi;
use Freddy\ApiException;
use Freddy\Configuration;
use Freddy\Model\ErrorEnvelope;
use Freddy\Model\RateLimitDetails;
use Freddy\ObjectSerializer;

function call(string $baseUrl, string $scheme, string $key, string $connectorId): array
{
    $config = (new Configuration())->setHost($baseUrl);
    if ($scheme === 'apiKeyAuth') {
        $config->setApiKey('X-API-Key', $key);
    } else {
        $config->setAccessToken($key);
    }
    try {
        [, $status, $headers] = (new PersonalConnectorsApi(null, $config))->disconnectConnectorWithHttpInfo($connectorId);
        return ['http_status' => $status] + headers($headers);
    } catch (ApiException $failed) {
        if ($failed->getResponseHeaders() === null) {
            throw $failed;
        }
        $result = ['http_status' => $failed->getCode()] + headers($failed->getResponseHeaders());
        $envelope = $failed->getResponseObject();
        // What is not an envelope is an object without an error.
        if (!$envelope instanceof ErrorEnvelope || $envelope->getError() === null) {
            return $result;
        }
        $error = $envelope->getError();
        $result['envelope'] = [
            'success' => $envelope->getSuccess(),
            'error' => [
                'code' => $error->getCode(),
                'message' => $error->getMessage(),
                'system_message' => $error->getSystemMessage(),
                'type' => $error->getType(),
                'status' => $error->getStatus(),
                'details' => $error->getDetails(),
                'trace_id' => $error->getTraceId(),
                'timestamp' => instant($error->getTimestamp()),
            ],
        ];
        try {
            $limit = ObjectSerializer::deserialize($error->getDetails(), RateLimitDetails::class);
        } catch (Throwable) {
            return $result;
        }
        if ($error->getCode() === 'RATE_LIMIT_EXCEEDED' && $limit !== null) {
            $result['rate_limit'] = [
                'retry_after' => $limit->getRetryAfter(),
                'limit' => $limit->getLimit(),
                'remaining' => $limit->getRemaining(),
                'reset_at' => instant($limit->getResetAt()),
            ];
        }
        return $result;
    }
}

function instant(?DateTime $time): ?string
{
    return $time?->format('Y-m-d\TH:i:s.uP');
}

function headers(array $headers): array
{
    // An array whose keys are in the case that the server sent.
    $headers = array_change_key_case($headers);
    return ['request_id' => $headers['x-request-id'][0] ?? null, 'retry_after' => $headers['retry-after'][0] ?? null];
}

while (($line = fgets(STDIN)) !== false) {
    $fields = explode("\t", rtrim($line, "\n"));
    try {
        $result = call(...$fields);
    } catch (Throwable $thrown) {
        $result = ['exception' => $thrown::class . ': ' . $thrown->getMessage()];
        // The models of an answer throw the same.
        if ($thrown instanceof InvalidArgumentException && str_contains($thrown->getMessage(), 'connector_id')) {
            $result = ['refused' => $thrown->getMessage()];
        }
    }
    echo json_encode($result, JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
