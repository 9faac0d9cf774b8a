<?php
require __DIR__ . '/freddy/vendor/autoload.php';

use Freddy\Api\PersonalConnectorsApi;
use Freddy\ApiException;
use Freddy\Configuration;
use Freddy\Model\RateLimitDetails;
use Freddy\ObjectSerializer;

$config = (new Configuration())
    ->setHost(getenv('FREDDY_BASE_URL') ?: 'https://api.aitronos.com')
    ->setApiKey('X-API-Key', getenv('FREDDY_API_KEY'));

try {
    (new PersonalConnectorsApi(null, $config))->disconnectConnector($argv[1]);
    echo "disconnected\n";
} catch (ApiException $failed) {
    $error = $failed->getResponseObject()?->getError();
    if ($error) {
        echo "{$error->getCode()}: {$error->getMessage()} ({$error->getTraceId()})\n";
        if ($error->getCode() === 'RATE_LIMIT_EXCEEDED') {
            $details = ObjectSerializer::deserialize($error->getDetails(), RateLimitDetails::class);
            echo "again in {$details->getRetryAfter()} s\n";
        }
        // A field that the model does not know: json_decode($failed->getResponseBody())->error->…
    } else {
        // Not from Freddy but from a proxy, or no answer at all.
        echo $failed->getCode() ? "HTTP {$failed->getCode()}\n" : "{$failed->getMessage()}\n";
    }
}
