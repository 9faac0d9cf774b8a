<?php
// Does with the walk-through API what its standard input says, and writes what the generated client gave for it.

require __DIR__ . '/../autoload.php';

use Jobs\Api\JobsApi;
use Jobs\ApiException;
use Jobs\Configuration;
use Jobs\Model\Job;
use Jobs\Model\JobCreate;
use Jobs\Model\JobOwner;
use Jobs\Model\JobPage;
use Jobs\Model\JobPatch;
use Jobs\Model\JobRunningDetails;
use Jobs\Model\JobSchedule;
use Jobs\Model\JobScheduleEvery;
use Jobs\ObjectSerializer;

function instant(?DateTime $time): ?string
{
    return $time?->format('Y-m-d\TH:i:s.uP');
}

function fieldsOf(Job $job): array
{
    $schedule = $job->getSchedule();
    return [
        'id' => $job->getId(),
        'name' => $job->getName(),
        'state' => $job->getState(),
        'priority' => $job->getPriority(),
        'schedule' => [
            'kind' => $schedule->getKind(),
            'at' => instant($schedule->getAt()),
            'minutes' => $schedule->getMinutes(),
            'jitter' => $schedule->getJitter(),
        ],
        'labels' => (object) $job->getLabels(),
        'owner' => ['name' => $job->getOwner()->getName(), 'team' => $job->getOwner()->getTeam()],
        'ended_at' => instant($job->getEndedAt()),
        'note' => $job->getNote(),
        'bytes_processed' => $job->getBytesProcessed(),
        'created_at' => instant($job->getCreatedAt()),
    ];
}

function pageOf(JobPage $page): array
{
    return [
        'items' => array_map('fieldsOf', $page->getItems()),
        'has_more' => $page->getHasMore(),
        'next_cursor' => $page->getNextCursor(),
    ];
}

function jobOf(array $answer): array
{
    [$job, $status, $headers] = $answer;
    $location = array_change_key_case($headers)['location'][0] ?? null;
    $result = ['http_status' => $status, 'location' => $location, 'job' => fieldsOf($job)];
    if ($job->getSchedule()->getKind() === 'every') {
        $schedule = ObjectSerializer::sanitizeForSerialization($job->getSchedule());
        $every = ObjectSerializer::deserialize($schedule, JobScheduleEvery::class);
        $result['variant'] =
            ['kind' => $every->getKind(), 'minutes' => $every->getMinutes(), 'jitter' => $every->getJitter()];
    }
    return $result;
}

function errorOf(ApiException $failed): array
{
    $error = $failed->getResponseObject()->getError();
    $result = [
        'http_status' => $failed->getCode(),
        'error' => [
            'code' => $error->getCode(),
            'status' => $error->getStatus(),
            'details' => $error->getDetails(),
        ],
    ];
    if ($error->getCode() === 'JOB_RUNNING') {
        $running = ObjectSerializer::deserialize($error->getDetails(), JobRunningDetails::class);
        $result['running'] = [
            'started_at' => instant($running->getStartedAt()),
            'progress' => $running->getProgress(),
            'retry_after' => array_change_key_case($failed->getResponseHeaders())['retry-after'][0] ?? null,
        ];
    }
    return $result;
}

function pages(JobsApi $api, ?string $cursor): array
{
    $pages = [];
    do {
        // Of a DateTime it says that it could not be converted to string.
        [$page, $status] = $api->listJobsWithHttpInfo(['queued', 'running'], '2025-11-13T10:30:00Z', 2, $cursor);
        $pages[] = pageOf($page);
        $cursor = $page->getNextCursor();
    } while ($page->getHasMore());
    return ['http_status' => $status, 'pages' => $pages];
}

function perform(string $baseUrl, string $action, string $argument): array
{
    $config = (new Configuration())->setHost($baseUrl)->setApiKey('X-API-Key', 'key');
    $api = new JobsApi(null, $config);
    try {
        switch ($action) {
            case 'list':
                return pages($api, $argument === '' ? null : $argument);
            case 'create':
                $body = new JobCreate([
                    'name' => 'Nightly report',
                    'schedule' => new JobSchedule(['kind' => 'every', 'minutes' => 15]),
                    'labels' => ['tier' => 'gold'],
                    'owner' => new JobOwner(['name' => 'Ada']),
                ]);
                return jobOf($api->createJobWithHttpInfo($argument, $body));
            case 'cancel':
                return ['http_status' => $api->cancelJobWithHttpInfo($argument)[1]];
            case 'patch absent':
                return jobOf($api->updateJobWithHttpInfo($argument, new JobPatch(['priority' => 7])));
            case 'patch null':
                return jobOf($api->updateJobWithHttpInfo($argument, new JobPatch(['note' => null])));
            case 'patch value':
                return jobOf($api->updateJobWithHttpInfo($argument, new JobPatch(['note' => 'Slow on Tuesdays'])));
            default:
                return jobOf($api->getJobWithHttpInfo($argument));
        }
    } catch (ApiException $failed) {
        return errorOf($failed);
    }
}

while (($line = fgets(STDIN)) !== false) {
    try {
        $result = perform(...explode("\t", rtrim($line, "\n")));
    } catch (Throwable $thrown) {
        $result = ['exception' => $thrown::class . ': ' . $thrown->getMessage()];
    }
    echo json_encode($result, JSON_THROW_ON_ERROR), "\n";
}
