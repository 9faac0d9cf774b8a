import axios from "axios";
import { axiosResult, driveContract } from "../typescript/answers.js";
import { getFreddyAPI, type ErrorEnvelope, type RateLimitDetails } from "./freddy.js";

await driveContract(
  (baseURL, scheme, key, connectorId) => {
    const headers = scheme === "apiKeyAuth" ? { "X-API-Key": key } : { Authorization: `Bearer ${key}` };
    const api = getFreddyAPI(axios.create({ baseURL, headers }));
    return axiosResult<void, ErrorEnvelope>(api.disconnectConnector(connectorId));
  },
  (details) => details as RateLimitDetails,
);
