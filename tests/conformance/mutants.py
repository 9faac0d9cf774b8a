"""Faults that are planted in express/server.js, one at a time, and the case that has to find each of them.

A row is the name of the fault, the name of the case, and what is replaced by what. What is replaced stands in the file once.
"""

FORBIDDEN = "if (!connector || connector.owner !== res.locals.caller.user) throw new ApiError('FORBIDDEN');"
DONE = "connector.disconnected = true;\n"
NO_CONTENT = "res.status(204).end();"
ID = "/^pcon_[0-9A-Za-z]{1,64}$/"
BEARER = r"/^Bearer +(\S+)$/i"
JSON = "res.status(status).json(envelope(code, res.locals, details));"
BODY = "return { success: false, error };"
PARSER = "app.use(express.json());"
UNKNOWN_PATH = "app.use(() => {\n  throw new ApiError('NOT_FOUND');\n});\n"
SERVER = "createServer(TIMEOUTS, handler)"
REFUSE = "server.on('clientError', refuse);"
EXPECT = "server.on('checkExpectation', handler);"
REFUSED = "const code = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'"
KNOWN_ID = "const connector = connectors.get(id);"
CALLER = "const caller = keys.get(key);"
GIVEN = "const given = [];\n"
DISCONNECT = "function disconnect(req, res) {"
REVOKED = "if (!caller || caller.revoked) throw new ApiError('UNAUTHORIZED');"
ALLOW = "res.set('Allow', 'DELETE');\n"
LIMIT = "if (window.count > caller.limit) {"

MUTANTS = [
    # Who may disconnect what
    ("the second call answers 404", "disconnect-again", [(DONE, "if (connector.disconnected) throw new ApiError('NOT_FOUND');\n" + DONE)]),
    ("an unknown connector is 404", "disconnect-unknown", [(FORBIDDEN, "if (!connector) throw new ApiError('NOT_FOUND');\n" + FORBIDDEN)]),
    ("an unknown connector is 404 with Bearer", "disconnect-unknown-with-bearer", [(FORBIDDEN, "if (!connector && req.get('Authorization')) throw new ApiError('NOT_FOUND');\n" + FORBIDDEN)]),
    ("with Bearer, anybody disconnects anything", "disconnect-elses-with-bearer", [(FORBIDDEN, "if (!connector || (!req.get('Authorization') && connector.owner !== res.locals.caller.user)) throw new ApiError('FORBIDDEN');")]),
    ("somebody else's connector is 404", "disconnect-elses", [(FORBIDDEN, "if (connector && connector.owner !== res.locals.caller.user) throw new ApiError('NOT_FOUND');\n" + FORBIDDEN)]),
    ("anybody disconnects anything", "disconnect-elses", [(FORBIDDEN, "if (!connector) throw new ApiError('FORBIDDEN');")]),
    ("200 in the place of 204", "disconnect-own", [(NO_CONTENT, "res.json({ success: true });")]),
    ("an admin alone may disconnect", "disconnect-strangers-own", [(FORBIDDEN, "if (!connector || res.locals.caller.user !== 'alice' || connector.owner !== 'alice') throw new ApiError('FORBIDDEN');")]),
    ("a disconnected connector is everybody's", "disconnect-elses-done-by-owner", [(FORBIDDEN, "if (connector?.disconnected) return res.status(204).end();\n" + FORBIDDEN)]),
    ("a disconnected connector is gone for others", "disconnect-elses-again", [(FORBIDDEN, "if (connector?.disconnected && connector.owner !== res.locals.caller.user) throw new ApiError('NOT_FOUND');\n" + FORBIDDEN)]),
    ("the code in lower case", "disconnect-elses", [("const error = { code,", "const error = { code: code.toLowerCase(),")]),
    ("403 sent as 404", "disconnect-elses", [("FORBIDDEN: [403,", "FORBIDDEN: [404,")]),
    ("an ID is found by its beginning", "disconnect-own-and-more", [(KNOWN_ID, "const connector = [...connectors].find(([known]) => id.startsWith(known))?.[1];")]),
    ("an ID is found in any case", "id-in-other-case", [(KNOWN_ID, "const connector = connectors.get(id.toLowerCase());")]),
    # What must not be told apart
    ("another text for an unknown connector", "alike-in-answer", [
        ("const error = { code, message, system_message,", "const error = { code, message, system_message: locals.hint ?? system_message,"),
        (FORBIDDEN, "if (!connector) res.locals.hint = 'No such connector';\n" + FORBIDDEN),
    ]),
    ("another header for an unknown connector", "alike-in-answer", [(FORBIDDEN, "if (!connector) res.set('X-Cache', 'MISS');\n" + FORBIDDEN)]),
    ("another value of a header for an unknown connector", "alike-in-answer", [(FORBIDDEN, "res.set('X-Cache', connector ? 'HIT' : 'MISS');\n" + FORBIDDEN)]),
    ("another text for an unknown connector with Bearer", "alike-in-answer", [
        ("const error = { code, message, system_message,", "const error = { code, message, system_message: locals.hint ?? system_message,"),
        (FORBIDDEN, "if (!connector && req.get('Authorization')) res.locals.hint = 'No such connector';\n" + FORBIDDEN),
    ]),
    ("another text for a revoked key", "alike-with-revoked-key", [
        ("const error = { code, message, system_message,", "const error = { code, message, system_message: locals.hint ?? system_message,"),
        (REVOKED, "if (caller?.revoked) res.locals.hint = 'This key was revoked';\n" + REVOKED),
    ]),
    ("another value of a header for a revoked key", "alike-with-revoked-key", [(REVOKED, "res.set('X-Hint', caller?.revoked ? 'revoked' : 'none');\n" + REVOKED)]),
    ("somebody else's connector takes longer when it is disconnected", "alike-in-time", [
        (DISCONNECT, "async " + DISCONNECT),
        (FORBIDDEN, "if (connector?.disconnected && connector.owner !== res.locals.caller.user) await new Promise((done) => setTimeout(done, 3));\n" + FORBIDDEN),
    ]),
    ("somebody else's connector takes longer", "alike-in-time", [
        (DISCONNECT, "async " + DISCONNECT),
        (FORBIDDEN, "if (connector) await new Promise((done) => setTimeout(done, 3));\n" + FORBIDDEN),
    ]),
    ("without a key, an unknown connector is 404", "alike-with-wrong-key", [(CALLER, CALLER + "\nif (!caller && !connectors.has(req.path.split('/').pop())) throw new ApiError('NOT_FOUND');")]),
    # What has changed
    ("nothing is done", "effect-of-success", [(DONE, "")]),
    ("done before it is refused", "effect-of-refusal", [(FORBIDDEN, "if (connector) connector.disconnected = true;\n" + FORBIDDEN)]),
    ("HEAD disconnects", "effect-of-refusal", [(".delete(disconnect)", ".delete(disconnect)\n.head(disconnect)")]),
    ("all of the owner's are disconnected", "effect-of-all", [(DONE, DONE + "for (const other of connectors.values()) if (other.owner === connector.owner) other.disconnected = true;\n")]),
    ("a key from a cookie disconnects before it is refused", "credential-in-cookie", [(CALLER, CALLER + "\nconst ofCookie = keys.get(/api_key=(\\w+)/.exec(req.get('Cookie') ?? '')?.[1]);\nif (ofCookie && connectors.has(req.path.split('/').pop())) connectors.get(req.path.split('/').pop()).disconnected = true;")]),
    ("a key from a query disconnects before it is refused", "credential-in-query", [(CALLER, CALLER + "\nif (keys.has(req.query.api_key) && connectors.has(req.path.split('/').pop())) connectors.get(req.path.split('/').pop()).disconnected = true;")]),
    ("a wrong Bearer key disconnects before it is refused", "credential-bearer-wrong", [(CALLER, CALLER + "\nif (!caller && key && req.get('Authorization') && connectors.has(req.path.split('/').pop())) connectors.get(req.path.split('/').pop()).disconnected = true;")]),
    ("PROPFIND disconnects before it is refused", "effect-of-all", [(ALLOW, "if (req.method === 'PROPFIND' && connectors.has(req.params.connectorId)) connectors.get(req.params.connectorId).disconnected = true;\n" + ALLOW)]),
    ("nothing is done, and said to be", "disconnect-own", [(DONE, "")]),
    # IDs
    ("an ID with anything behind", "malformed-id-hyphen", [(ID, "/^pcon_[0-9A-Za-z]{1,64}/")]),
    ("an ID with anything before", "malformed-id-text-before-prefix", [(ID, "/pcon_[0-9A-Za-z]{1,64}$/")]),
    ("an ID on one of several lines", "malformed-id-newline", [(ID, ID + "m")]),
    ("an ID in any case", "malformed-id-upper-case", [(ID, ID + "i")]),
    ("an ID of any length", "malformed-id-one-too-long", [(ID, "/^pcon_[0-9A-Za-z]+$/")]),
    ("an ID that is too short by one", "disconnect-unknown-longest", [(ID, "/^pcon_[0-9A-Za-z]{1,63}$/")]),
    ("an ID of letters beyond ASCII", "malformed-id-letter-beyond-ascii", [(ID, r"/^pcon_[\p{L}0-9]{1,64}$/u")]),
    ("an ID of digits beyond ASCII", "malformed-id-digit-beyond-ascii", [(ID, r"/^pcon_[A-Za-z\p{N}]{1,64}$/u")]),
    ("a prefix alone is an ID", "malformed-id-nothing-after-prefix", [(ID, "/^pcon_[0-9A-Za-z]{0,64}$/")]),
    ("no ID is malformed", "malformed-id-null", [(f"if (!{ID}.test(id)) throw new ApiError('VALIDATION_ERROR');", "")]),
    ("space around an ID is cut off", "malformed-id-space-behind", [("const id = req.params.connectorId;", "const id = req.params.connectorId.trim();")]),
    ("an ID is not decoded", "id-percent-encoded", [("const id = req.params.connectorId;", "const id = req.originalUrl.split('?')[0].split('/').pop();")]),
    # Credentials
    ("Bearer is case-sensitive", "credential-bearer-in-lower-case", [(BEARER, r"/^Bearer +(\S+)$/")]),
    ("Bearer is not taken", "credential-bearer", [("if (bearer) given.push(bearer[1]);", "")]),
    ("X-API-Key is not taken", "credential-api-key", [("if (apiKey) given.push(apiKey);", "if (apiKey) given.push(`key:${apiKey}`);")]),
    ("any scheme is taken", "credential-basic-scheme", [(BEARER, r"/^\w+ +(\S+)$/i")]),
    ("a scheme is not needed", "credential-bearer-without-scheme", [(BEARER, r"/^(?:Bearer +)?(\S+)$/i")]),
    ("a scheme is taken in X-API-Key", "credential-api-key-with-scheme", [("given.push(apiKey);", "given.push(apiKey.replace(/^Bearer /i, ''));")]),
    ("quotes around a key are cut off", "credential-bearer-quoted", [("given.push(bearer[1]);", "given.push(bearer[1].replaceAll('\"', ''));")]),
    ("a key from the query", "credential-in-query", [(GIVEN, GIVEN + "if (req.query.api_key) given.push(req.query.api_key);\n")]),
    ("a key from a cookie", "credential-in-cookie", [(GIVEN, GIVEN + "const cookie = /api_key=(\\w+)/.exec(req.get('Cookie') ?? '');\nif (cookie) given.push(cookie[1]);\n")]),
    ("the beginning of a key is enough", "credential-api-key-cut", [(CALLER, "const caller = [...keys].find(([known]) => key?.length > 9 && known.startsWith(key))?.[1];")]),
    ("more than a key is a key", "credential-api-key-longer", [(CALLER, "const caller = keys.get(key?.slice(0, 13));")]),
    ("the first of two keys counts", "credential-two-second-wrong", [("return given.length > 0 && given.every((key) => key === given[0]) ? given[0] : undefined;", "return given[0];")]),
    ("a revoked key is taken", "credential-api-key-revoked", [("if (!caller || caller.revoked)", "if (!caller)")]),
    ("a key that was revoked long ago is taken", "credential-api-key-revoked", [(REVOKED, "if (!caller || (caller.revoked && key === 'sk_test_alice_old')) throw new ApiError('UNAUTHORIZED');")]),
    ("a wrong key is 403", "credential-api-key-wrong", [("if (!caller || caller.revoked) throw new ApiError('UNAUTHORIZED');", "if (!caller || caller.revoked) throw new ApiError(key ? 'FORBIDDEN' : 'UNAUTHORIZED');")]),
    ("no key is needed", "credential-none", [(CALLER, "const caller = keys.get(key ?? 'sk_test_alice');")]),
    ("a key beyond ASCII is a fault of the server", "credential-api-key-beyond-ascii", [(CALLER, "if (/[^ -~]/.test(key)) throw new Error('not ASCII');\n" + CALLER)]),
    # Paths, methods, bodies
    ("the framework's own 404", "unknown-path-root", [(UNKNOWN_PATH, "")]),
    ("a slash behind is the same path", "unknown-path-slash-behind", [("app.enable('strict routing');\n", "")]),
    ("paths in any case", "unknown-path-upper-case", [("app.enable('case sensitive routing');\n", "")]),
    ("a redirect to the path without a slash", "law-no-redirect", [("app.use(express.json());", "app.use((req, res, next) => (req.path.endsWith('/') ? res.redirect(308, req.path.slice(0, -1)) : next()));")]),
    ("a wrong method is 404", "wrong-method-put", [("throw new ApiError('METHOD_NOT_ALLOWED');", "throw new ApiError('NOT_FOUND');")]),
    ("GET disconnects", "wrong-method-get", [(".delete(disconnect)", ".delete(disconnect)\n.get(disconnect)")]),
    ("a broken body is a fault of the server", "body-unasked-broken-json", [("if (error.status >= 400 && error.status < 500) return sendError(res, 'VALIDATION_ERROR');", "")]),
    ("a large body is a fault of the server", "body-unasked-large", [("if (error.status === 413) return sendError(res, 'PAYLOAD_TOO_LARGE');\n  if (error.status >= 400", "if (error.status === 400")]),
    ("an unknown parameter is refused", "query-unknown", [(DISCONNECT, DISCONNECT + "\nif (Object.keys(req.query).length) throw new ApiError('VALIDATION_ERROR');")]),
    ("a page for browsers", "accept-html-without-key", [(JSON, "res.status(status);\nif (res.req.accepts(['json', 'html']) === 'html') return res.send(`<h1>${code}</h1>`);\n" + JSON)]),
    ("a page for browsers where there is no path", "accept-html-unknown-path", [(UNKNOWN_PATH, "app.use((req, res, next) => (req.accepts(['json', 'html']) === 'html' ? res.status(404).send('<h1>Not found</h1>') : next()));\n" + UNKNOWN_PATH)]),
    ("a header makes DELETE of POST", "wrong-method-overridden", [(PARSER, PARSER + "\napp.use((req, res, next) => {\n  req.method = req.get('X-HTTP-Method-Override') ?? req.method;\n  next();\n});")]),
    ("a parameter makes DELETE of POST", "wrong-method-overridden", [(PARSER, PARSER + "\napp.use((req, res, next) => {\n  req.method = req.query._method ?? req.method;\n  next();\n});")]),
    ("a body in an unknown charset is a fault of the server", "body-unasked-unknown-charset", [("if (error.status >= 400 && error.status < 500)", "if (error.type !== 'charset.unsupported' && error.status >= 400 && error.status < 500)")]),
    ("a body in an unknown coding is a fault of the server", "body-unasked-unknown-coding", [("if (error.status >= 400 && error.status < 500)", "if (error.type !== 'encoding.unsupported' && error.status >= 400 && error.status < 500)")]),
    ("a body that is no gzip is a fault of the server", "body-unasked-broken-gzip", [("if (error.status >= 400 && error.status < 500)", "if (error.code !== 'Z_DATA_ERROR' && error.status >= 400 && error.status < 500)")]),
    ("a form without a boundary is a fault of the server", "body-unasked-broken-form", [(PARSER, PARSER + "\napp.use((req, res, next) => {\n  if (req.is('multipart')) throw new Error('no boundary');\n  next();\n});")]),
    ("two dots are an ID", "malformed-id-dots", [(ID, r"/^(pcon_[0-9A-Za-z]{1,64}|\.\.)$/")]),
    ("two dots are an ID where they are encoded", "malformed-id-encoded-dots", [(f"if (!{ID}.test(id))", f"if (!{ID}.test(id) && !req.originalUrl.endsWith('%2e'))")]),
    ("a broken escape is a fault of the server", "query-broken-escape", [(DISCONNECT, DISCONNECT + "\ndecodeURIComponent(req.originalUrl);")]),
    # At the same time
    ("a second call at the same time is refused", "concurrent-same", [
        (DISCONNECT, "const busy = new Set();\nasync " + DISCONNECT),
        (DONE, DONE + "if (busy.has(id)) throw new ApiError('FORBIDDEN');\nbusy.add(id);\nawait new Promise((done) => setTimeout(done, 20));\nbusy.delete(id);\n"),
    ]),
    ("the caller is kept in a global", "concurrent-mixed", [
        (DISCONNECT, "let current;\nasync " + DISCONNECT),
        (KNOWN_ID, KNOWN_ID + "\ncurrent = res.locals.caller.user;\nawait new Promise((done) => setTimeout(done, 20));\nres.locals.caller = { user: current };"),
    ]),
    # HTTP
    ("an upgrade is hung up on", "odd-upgrade", [(EXPECT, EXPECT + "\nserver.on('upgrade', (req, socket) => socket.destroy());")]),
    ("an unknown expectation is refused by Node", "law-envelope", [(EXPECT, "")]),
    ("anything is taken for HTTP", "odd-nul-in-header", [(SERVER, "createServer({ ...TIMEOUTS, insecureHTTPParser: true }, handler)")]),
    ("a carriage return ends a line", "odd-carriage-return-alone", [(REFUSED, "if (/odd\\rX-API-Key/.test(error.rawPacket)) return socket.end('HTTP/1.1 204 No Content\\r\\n\\r\\n');\n" + REFUSED)]),
    ("a folded line is a line", "odd-folded-line", [(REFUSED, "if (/\\r\\n X-API-Key/.test(error.rawPacket)) return socket.end('HTTP/1.1 204 No Content\\r\\n\\r\\n');\n" + REFUSED)]),
    ("a key that is not UTF-8 is a fault of the server", "odd-key-not-utf-8", [(CALLER, "new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(key ?? '', 'latin1'));\n" + CALLER)]),
    ("a target that is not ASCII is a fault of the server", "odd-target-not-ascii", [(REFUSED, "if (error.code === 'HPE_INVALID_URL') return socket.end('HTTP/1.1 500 Internal Server Error\\r\\nContent-Length: 0\\r\\n\\r\\n');\n" + REFUSED)]),
    ("HTTP/2 is not answered", "odd-http-2-preface", [(REFUSED, "if (error.rawPacket?.subarray(0, 3).toString() === 'PRI') return;\n" + REFUSED)]),
    ("TLS is not answered", "odd-tls-hello", [(REFUSED, "if (error.rawPacket?.[0] === 0x16) return;\n" + REFUSED)]),
    # Slow and unfinished requests
    ("a head is acted on before its end", "effect-of-unfinished-head", [(REFUSE, REFUSE + r"""
    server.on('connection', (socket) => socket.on('data', (data) => {
      const found = /^DELETE \S*\/(pcon_\w+) [^]*X-API-Key: (\w+)/.exec(data);
      const connector = connectors.get(found?.[1]);
      if (connector && connector.owner === keys.get(found[2])?.user) connector.disconnected = true;
    }));""")]),
    ("a body is not waited for", "effect-of-unfinished-body", [(PARSER, "")]),
    ("one request at a time", "slow-others-answered", [(PARSER, "let last = Promise.resolve();\napp.use((req, res, next) => {\n  const before = last;\n  last = new Promise((done) => res.on('close', done));\n  before.then(() => next());\n});\n" + PARSER)]),
    ("a head may take forever", "slow-head", [("headersTimeout: 1000, requestTimeout: 2000", "headersTimeout: 0, requestTimeout: 0")]),
    ("a head may take forever where something comes", "slow-head-drip", [("headersTimeout: 1000, requestTimeout: 2000", "headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0, timeout: 1000"), ("keepAliveTimeout: 1000, ", "")]),
    ("nothing at all may take forever", "slow-silent", [("headersTimeout: 1000, requestTimeout: 2000", "headersTimeout: 0, requestTimeout: 0")]),
    ("a body may take forever", "slow-body", [("requestTimeout: 2000", "requestTimeout: 0")]),
    ("half a body may take forever", "slow-body-half", [("requestTimeout: 2000", "requestTimeout: 0")]),
    ("a body of drops may take forever", "slow-body-drip", [("requestTimeout: 2000", "requestTimeout: 0")]),
    ("a body in chunks may take forever", "slow-body-chunks", [("requestTimeout: 2000", "requestTimeout: 0")]),
    ("an idle connection may stay forever", "slow-idle", [("keepAliveTimeout: 1000", "keepAliveTimeout: 0")]),
    ("what takes too long is answered by Node", "law-envelope", [(REFUSE, "")]),
    ("what takes too long gets another status", "slow-head", [("'ERR_HTTP_REQUEST_TIMEOUT' ? 'REQUEST_TIMEOUT' :", "'ERR_HTTP_REQUEST_TIMEOUT' ? 'NOT_FOUND' :")]),
    # The envelope
    ("success is true", "law-envelope", [(BODY, "return { success: true, error };")]),
    ("the error is not wrapped", "law-envelope", [(BODY, "return error;")]),
    ("a timestamp without a zone", "law-envelope", [(".replace('.000Z', 'Z')", ".replace('.000Z', '')")]),
    ("the status is a text", "law-envelope", [("type, status, trace_id", "type, status: String(status), trace_id")]),
    ("another status in the body", "law-status-in-body", [("type, status, trace_id", "type, status: 400, trace_id")]),
    ("a wrong type for a code", "law-type-of-code", [("FORBIDDEN: [403, 'authorization_error'", "FORBIDDEN: [403, 'authentication_error'")]),
    ("a code with another status", "law-code-of-status", [("NOT_FOUND: [404,", "NOT_FOUND: [410,")]),
    ("a code that nobody knows", "law-known-code", [("const error = { code,", "const error = { code: code === 'PAYLOAD_TOO_LARGE' ? 'BODY_TOO_BIG' : code,")]),
    ("details are null", "law-details-of-code", [("if (details) error.details = details;", "error.details = details ?? null;")]),
    ("details are null where nobody knows the code", "law-details-of-code", [
        ("const error = { code,", "const error = { code: code === 'PAYLOAD_TOO_LARGE' ? 'BODY_TOO_BIG' : code,"),
        ("if (details) error.details = details;", "if (details || code === 'PAYLOAD_TOO_LARGE') error.details = details ?? null;"),
    ]),
    ("details are a list", "law-details-of-code", [("if (details) error.details = details;", "error.details = details ?? [];")]),
    ("details where there are none", "law-details-of-code", [("if (details) error.details = details;", "error.details = details ?? { hint: 'none' };")]),
    ("one more field", "law-no-other-fields", [("const error = { code,", "const error = { hint: 'see the manual', code,")]),
    ("a blank text", "law-texts", [("'Insufficient permissions'", "''")]),
    ("a trace ID of its own", "law-trace-id", [("trace_id: locals.traceId", "trace_id: `req_${randomUUID()}`")]),
    ("a trace ID with a space", "law-trace-id-form", [("`req_${randomUUID().replaceAll('-', '')}`", "`req ${randomUUID()}`")]),
    ("no X-Request-Id with chunks", "law-request-id", [(NO_CONTENT, "if (req.get('Transfer-Encoding')) res.removeHeader('X-Request-Id');\n" + NO_CONTENT)]),
    ("the same trace ID for all", "law-request-ids-differ", [("`req_${randomUUID().replaceAll('-', '')}`", "'req_1'")]),
    ("no X-Request-Id with a 204", "law-request-id", [(NO_CONTENT, "res.removeHeader('X-Request-Id');\n" + NO_CONTENT)]),
    ("fractions of a second", "law-timestamp-form", [("timestamp: rfc3339(locals.now)", "timestamp: new Date(locals.now + (locals.now % 1000 ? 0 : 1)).toISOString()")]),
    ("a time in the past", "law-clock", [("timestamp: rfc3339(locals.now)", "timestamp: '2025-11-13T10:30:00Z'")]),
    ("JSON as plain text", "law-content-type", [(JSON, "res.status(status).type('text/plain').send(JSON.stringify(envelope(code, res.locals, details)));")]),
    ("a 204 with a body", "law-no-body-in-204", [(NO_CONTENT, NO_CONTENT + "\nres.socket.write('{\"success\":true}');")]),
    ("a 204 with a content type", "law-no-body-headers-in-204", [(NO_CONTENT, "res.type('json');\n" + NO_CONTENT)]),
    ("no challenge", "law-challenge", [("if (status === 401) res.set('WWW-Authenticate', 'ApiKey realm=\"api\", Bearer realm=\"api\"');", "")]),
    ("one challenge of two", "law-challenge", [("'ApiKey realm=\"api\", Bearer realm=\"api\"'", "'Bearer realm=\"api\"'")]),
    ("no Allow", "law-allow", [("res.set('Allow', 'DELETE');\n", "")]),
    ("the key is sent back", "law-no-key-in-answer", [("res.locals.key = key;", "res.locals.key = key;\nres.set('X-Key', key);")]),
    ("the stack is sent", "law-no-internals", [("const error = { code, message, system_message,", "const error = { code, message, system_message: new Error(code).stack,")]),
    ("a fault of the server for a long ID", "law-no-server-error", [("const id = req.params.connectorId;", "const id = req.params.connectorId;\nif (id.length > 1000) throw new Error('too long for the column');")]),
]

# Those that show only where the rate limit is tried, which takes seconds.
MUTANTS_OF_THE_LIMIT = [
    ("one request too many", "limit-kept", [(LIMIT, "if (window.count > caller.limit + 1) {")]),
    ("what succeeds is not counted", "limit-kept", [(NO_CONTENT, "windows.get(res.locals.key).count -= 1;\n" + NO_CONTENT)]),
    ("one request too few", "limit-not-less", [(LIMIT, "if (window.count >= caller.limit) {")]),
    ("a refused caller blocks another one", "limit-of-one-key", [(LIMIT, LIMIT + "\nwindows.set('sk_test_alice', { count: REQUESTS, end: window.end });")]),
    ("a window never ends", "limit-ends", [("if (!window || now >= window.end) {", "if (!window || (caller.limit > 20 && now >= window.end) || (now >= window.end && window.count < 20)) {")]),
    ("a wait that is too short", "limit-ends", [("Math.ceil(window.end / 1000) - second;", "0;")]),
    ("requests at the same time are counted once", "limit-at-once", [
        ("function rateLimit(", "async function rateLimit("),
        ("window.count += 1;", "const count = window.count;\nawait new Promise((done) => setTimeout(done, 2));\nwindow.count = count + 1;"),
    ]),
    ("what is left stays the same", "limit-counts-down", [("const remaining = Math.max(0, caller.limit - window.count);", "const remaining = window.count < caller.limit ? caller.limit : 0;")]),
    ("a lost Retry-After", "law-limit-headers", [("res.set('Retry-After', String(retryAfter));\n", "")]),
    ("a lost X-RateLimit-Reset", "law-limit-headers", [("res.set('X-RateLimit-Reset', String(second + retryAfter));\n", "")]),
    ("the reset in milliseconds", "law-limit-coherent", [("String(second + retryAfter));\n  if", "String(1000 * (second + retryAfter)));\n  if")]),
    ("refused with requests left", "law-limit-coherent", [("Math.max(0, caller.limit - window.count)", "Math.max(1, caller.limit - window.count)")]),
    ("another wait in the body", "law-limit-body", [("retry_after: retryAfter,", "retry_after: retryAfter + 1,")]),
    ("another limit in the body", "law-limit-body", [("limit: caller.limit,\n", "limit: REQUESTS,\n")]),
    ("a 429 without details", "law-details-of-code", [("if (details) error.details = details;", "")]),
    ("a reset that is not the wait from now", "law-details-of-code", [("reset_at: rfc3339((second + retryAfter) * 1000),", "reset_at: rfc3339((second + retryAfter + 5) * 1000),")]),
]
