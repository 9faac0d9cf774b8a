import { axiosResult, driveContract } from "../../typescript/answers.js";
import { Configuration, PersonalConnectorsApi, type ErrorEnvelope, type RateLimitDetails } from "./freddy/index.js";

await driveContract(
  (basePath, scheme, key, connectorId) => {
    const credential = scheme === "apiKeyAuth" ? { apiKey: key } : { accessToken: key };
    const api = new PersonalConnectorsApi(new Configuration({ basePath, ...credential }));
    return axiosResult<void, ErrorEnvelope>(api.disconnectConnector(connectorId));
  },
  (details) => details as RateLimitDetails,
);
