import { driveContract } from "../typescript/answers.js";
import { createClient } from "./freddy/client/index.js";
import { disconnectConnector, type RateLimitDetails } from "./freddy/index.js";

await driveContract(
  (baseUrl, scheme, key, connector_id) => {
    // As a function: a plain string would be sent with both schemes.
    const chosen = scheme === "apiKeyAuth" ? "apiKey" : "http";
    const auth = (asked: { type: "apiKey" | "http" }) => (asked.type === chosen ? key : undefined);
    return disconnectConnector({ client: createClient({ baseUrl, auth }), path: { connector_id } });
  },
  (details) => details as RateLimitDetails,
);
