import { driveContract } from "../typescript/answers.js";
import { disconnectConnector, type ErrorEnvelope, type RateLimitDetails } from "./freddy.js";

await driveContract(
  async (baseUrl, scheme, key, connectorId) => {
    const headers: HeadersInit = scheme === "apiKeyAuth" ? { "X-API-Key": key } : { Authorization: `Bearer ${key}` };
    const answer = await disconnectConnector(connectorId, { baseUrl, headers });
    return { error: "data" in answer ? (answer.data as ErrorEnvelope) : undefined, response: answer };
  },
  (details) => details as RateLimitDetails,
);
