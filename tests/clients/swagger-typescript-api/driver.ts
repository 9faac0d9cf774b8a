import { driveContract } from "../typescript/answers.js";
import { Api, type RateLimitDetails } from "./freddy.js";

await driveContract(
  async (baseUrl, scheme, key, connectorId) => {
    const headers: HeadersInit = scheme === "apiKeyAuth" ? { "X-API-Key": key } : { Authorization: `Bearer ${key}` };
    const api = new Api({ baseUrl, baseApiParams: { format: "json", headers } });
    const response = await api.v1.disconnectConnector(connectorId);
    return { error: response.error, response };
  },
  (details) => details as RateLimitDetails,
);
