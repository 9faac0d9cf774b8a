// A server of the contract in Express, as a team would write it.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import express from 'express';

const REQUESTS = 1000;
const WINDOW_MS = 1000;
// By default Node waits for a minute, and five.
const TIMEOUTS = { headersTimeout: 1000, requestTimeout: 2000, keepAliveTimeout: 1000, connectionsCheckingInterval: 250 };

const keys = new Map([
  ['sk_test_alice', { user: 'alice', limit: REQUESTS }],
  ['sk_test_bob', { user: 'bob', limit: REQUESTS }],
  ['sk_test_carol', { user: 'carol', limit: 20 }],
  ['sk_test_alice_old', { user: 'alice', limit: REQUESTS, revoked: true }],
  ['sk_test_alice_older', { user: 'alice', limit: REQUESTS, revoked: true }],
]);

const SEED = [
  ['pcon_alice1', 'alice'],
  ['pcon_alice2', 'alice'],
  ['pcon_alice3', 'alice'],
  ['pcon_bob1', 'bob'],
  ['pcon_bob2', 'bob'],
  ['pcon_carol1', 'carol'],
];
const connectors = new Map();
function seed() {
  connectors.clear();
  for (const [id, owner] of SEED) connectors.set(id, { owner, disconnected: false });
}
seed();

const ERRORS = {
  VALIDATION_ERROR: [400, 'validation_error', 'Invalid request parameters', 'Validation failed'],
  UNAUTHORIZED: [401, 'authentication_error', 'Authentication required. Please provide a valid API key.', 'Missing or invalid authorization header'],
  FORBIDDEN: [403, 'authorization_error', 'You do not have permission to perform this action.', 'Insufficient permissions'],
  NOT_FOUND: [404, 'not_found_error', 'The requested resource was not found.', 'No route for this path'],
  METHOD_NOT_ALLOWED: [405, 'client_error', 'This method is not allowed here.', 'No route for this method at this path'],
  REQUEST_TIMEOUT: [408, 'client_error', 'The request took too long to arrive.', 'Request not complete in time'],
  PAYLOAD_TOO_LARGE: [413, 'client_error', 'The request is too large.', 'Request body over the limit'],
  RATE_LIMIT_EXCEEDED: [429, 'rate_limit_error', 'Too many requests. Please try again later.', 'Rate limit exceeded for endpoint'],
  INTERNAL_SERVER_ERROR: [500, 'server_error', 'An unexpected error occurred. Please try again later.', 'Unhandled exception'],
};

const rfc3339 = (ms) => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');

class ApiError extends Error {
  constructor(code, details) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

function envelope(code, locals, details) {
  const [status, type, message, system_message] = ERRORS[code];
  const error = { code, message, system_message, type, status, trace_id: locals.traceId, timestamp: rfc3339(locals.now) };
  if (details) error.details = details;
  return { success: false, error };
}

function sendError(res, code, details) {
  const [status] = ERRORS[code];
  if (status === 401) res.set('WWW-Authenticate', 'ApiKey realm="api", Bearer realm="api"');
  res.status(status).json(envelope(code, res.locals, details));
}

const newTraceId = () => `req_${randomUUID().replaceAll('-', '')}`;

// What does not come to its end, or is no HTTP, never gets to Express.
function refuse(error, socket) {
  if (!socket.writable || error.code === 'ECONNRESET') return socket.destroy();
  // A second answer would be taken for that to the next request.
  if (socket.latest?.headersSent) return socket.destroySoon();
  const code = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'REQUEST_TIMEOUT' : 'VALIDATION_ERROR';
  const traceId = newTraceId();
  const body = JSON.stringify(envelope(code, { traceId, now: Date.now() }));
  const lines = [
    `HTTP/1.1 ${ERRORS[code][0]} ${code}`,
    `X-Request-Id: ${traceId}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function identify(req, res, next) {
  res.locals.traceId = newTraceId();
  res.locals.now = Date.now();
  req.socket.latest = res;
  res.set('X-Request-Id', res.locals.traceId);
  next();
}

function credential(req) {
  const given = [];
  const apiKey = req.get('X-API-Key');
  if (apiKey) given.push(apiKey);
  const bearer = /^Bearer +(\S+)$/i.exec(req.get('Authorization') ?? '');
  if (bearer) given.push(bearer[1]);
  return given.length > 0 && given.every((key) => key === given[0]) ? given[0] : undefined;
}

function authenticate(req, res, next) {
  const key = credential(req);
  const caller = keys.get(key);
  if (!caller || caller.revoked) throw new ApiError('UNAUTHORIZED');
  res.locals.caller = caller;
  res.locals.key = key;
  next();
}

const windows = new Map();

function rateLimit(req, res, next) {
  const { caller, key, now } = res.locals;
  let window = windows.get(key);
  if (!window || now >= window.end) {
    window = { count: 0, end: now + WINDOW_MS };
    windows.set(key, window);
  }
  window.count += 1;
  const second = Math.floor(now / 1000);
  const retryAfter = Math.ceil(window.end / 1000) - second;
  const remaining = Math.max(0, caller.limit - window.count);
  res.set('X-RateLimit-Limit', String(caller.limit));
  res.set('X-RateLimit-Remaining', String(remaining));
  res.set('X-RateLimit-Reset', String(second + retryAfter));
  if (window.count > caller.limit) {
    res.set('Retry-After', String(retryAfter));
    throw new ApiError('RATE_LIMIT_EXCEEDED', {
      retry_after: retryAfter,
      limit: caller.limit,
      remaining,
      reset_at: rfc3339((second + retryAfter) * 1000),
    });
  }
  next();
}

function disconnect(req, res) {
  const id = req.params.connectorId;
  if (!/^pcon_[0-9A-Za-z]{1,64}$/.test(id)) throw new ApiError('VALIDATION_ERROR');
  const connector = connectors.get(id);
  if (!connector || connector.owner !== res.locals.caller.user) throw new ApiError('FORBIDDEN');
  connector.disconnected = true;
  res.status(204).end();
}

const app = express();
app.disable('x-powered-by');
app.enable('case sensitive routing');
app.enable('strict routing');
app.use(identify);
app.use(authenticate);
app.use(rateLimit);
app.use(express.json());
app
  .route('/v1/personal-connectors/:connectorId')
  .delete(disconnect)
  .all((req, res) => {
    res.set('Allow', 'DELETE');
    throw new ApiError('METHOD_NOT_ALLOWED');
  });
app.use(() => {
  throw new ApiError('NOT_FOUND');
});
app.use((error, req, res, next) => {
  if (error instanceof ApiError) return sendError(res, error.code, error.details);
  if (error.status === 413) return sendError(res, 'PAYLOAD_TOO_LARGE');
  if (error.status >= 400 && error.status < 500) return sendError(res, 'VALIDATION_ERROR');
  console.error(error);
  return sendError(res, 'INTERNAL_SERVER_ERROR');
});

// For tests alone, on a port of its own.
const admin = express();
admin.post('/reset', (req, res) => {
  seed();
  res.end();
});
admin.get('/disconnected', (req, res) => {
  const ids = [...connectors].filter(([, { disconnected }]) => disconnected).map(([id]) => `${id}\n`);
  res.type('text/plain').send(ids.join(''));
});

const listen = (handler) =>
  new Promise((resolve) => {
    const server = createServer(TIMEOUTS, handler);
    server.on('clientError', refuse);
    server.on('checkExpectation', handler);
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
console.log(`Listening on ${await listen(app)}, for tests on ${await listen(admin)}`);
