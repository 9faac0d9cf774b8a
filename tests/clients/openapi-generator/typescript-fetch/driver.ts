import { driveContract } from "../../typescript/answers.js";
import { Configuration, PersonalConnectorsApi, ResponseError } from "./freddy/index.js";
import type { ErrorEnvelope, RateLimitDetails } from "./freddy/index.js";

await driveContract(
  async (basePath, scheme, key, connectorId) => {
    const credential = scheme === "apiKeyAuth" ? { apiKey: key } : { accessToken: key };
    const api = new PersonalConnectorsApi(new Configuration({ basePath, ...credential }));
    try {
      return { response: (await api.disconnectConnectorRaw({ connectorId })).raw };
    } catch (thrown) {
      if (!(thrown instanceof ResponseError)) throw thrown;
      const { response } = thrown;
      const isJson = response.headers.get("Content-Type")?.includes("json");
      const body = isJson ? response.json().catch(() => undefined) : undefined;
      return { error: (await body) as ErrorEnvelope | undefined, response };
    }
  },
  (details) => details as RateLimitDetails,
);
