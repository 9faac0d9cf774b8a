<?php
// What Composer would write from the `composer.json` that the client comes with.

require 'GuzzleHttp/autoload.php';

spl_autoload_register(function (string $class): void {
    [$package, $name] = explode('\\', $class, 2) + [1 => ''];
    $file = __DIR__ . '/' . strtolower($package) . '/lib/' . strtr($name, '\\', '/') . '.php';
    if (is_file($file)) {
        require $file;
    }
});
