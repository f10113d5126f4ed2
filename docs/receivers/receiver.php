<?php
// A receiver of calllog's webhooks for PHP 8, without packages. Put it behind HTTPS, set CALLLOG_SECRET (whsec_…), and do
// your work where `take` is. It appends a line a call to calls.csv beside it, outside the web root in real use.

declare(strict_types=1);

const MAX_AGE_SECONDS = 300;

function isSigned(string $secret, string $body): bool
{
    $id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
    $timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    if ($id === '' || abs(time() - (int) $timestamp) > MAX_AGE_SECONDS) {
        return false;
    }
    $key = base64_decode(substr($secret, strlen('whsec_')));
    $own = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    // There are two signatures for a day after `calllog hook rotate`.
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $given) {
        if (hash_equals($own, $given)) {
            return true;
        }
    }
    return false;
}

/** The same message may come twice: its id is the name of a file that can be made once. */
function isNew(string $id): bool
{
    $folder = (getenv('CALLLOG_SEEN') ?: sys_get_temp_dir() . '/calllog-seen');
    if (!is_dir($folder)) {
        mkdir($folder, 0700, true);
    }
    return @fopen($folder . '/' . hash('sha256', $id), 'x') !== false;
}

function take(array $message): void
{
    if ($message['type'] !== 'call.ended') {
        return;
    }
    $call = $message['data'];
    $file = fopen(getenv('CALLLOG_FILE') ?: __DIR__ . '/calls.csv', 'a');
    flock($file, LOCK_EX);
    fputcsv($file, [$call['uniqueId'], $call['direction'], $call['status'], $call['phone'] ?? '', $call['talkSeconds'] ?? 0], ',', '"', '');
    fclose($file);
}

$body = file_get_contents('php://input');
if (!isSigned(getenv('CALLLOG_SECRET') ?: '', $body)) {
    http_response_code(401);
    exit;
}
if (isNew($_SERVER['HTTP_WEBHOOK_ID'])) {
    take(json_decode($body, true, 64, JSON_THROW_ON_ERROR));
}
http_response_code(204);
