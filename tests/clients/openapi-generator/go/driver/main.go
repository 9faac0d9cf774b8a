// Sends what its standard input says, and writes what the generated client gave for it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"example.com/app/freddy"
)

type object = map[string]any

func call(baseURL, scheme, key, connectorID string) (result object) {
	defer func() {
		if panicked := recover(); panicked != nil {
			result = object{"exception": fmt.Sprint("panic: ", panicked)}
		}
	}()
	config := freddy.NewConfiguration()
	config.Servers[0].URL = baseURL
	ctx := context.WithValue(context.Background(), freddy.ContextAccessToken, key)
	if scheme == "apiKeyAuth" {
		keys := map[string]freddy.APIKey{"apiKeyAuth": {Key: key}}
		ctx = context.WithValue(context.Background(), freddy.ContextAPIKeys, keys)
	}
	response, err := freddy.NewAPIClient(config).PersonalConnectorsAPI.DisconnectConnector(ctx, connectorID).Execute()
	if response == nil {
		return object{"exception": fmt.Sprint(err)}
	}
	result = object{
		"http_status": response.StatusCode,
		"request_id":  header(response, "X-Request-Id"),
		"retry_after": header(response, "Retry-After"),
	}
	var failed *freddy.GenericOpenAPIError
	if !errors.As(err, &failed) {
		return result
	}
	envelope, ok := failed.Model().(freddy.ErrorEnvelope)
	if !ok {
		result["undecoded"] = err.Error()
		return result
	}
	e := envelope.Error
	failure := object{
		"code":           e.Code,
		"message":        e.Message,
		"system_message": e.SystemMessage,
		"type":           e.Type,
		"status":         e.Status,
		"trace_id":       e.TraceId,
		"timestamp":      e.Timestamp,
		"extra":          e.AdditionalProperties,
	}
	if e.HasDetails() {
		failure["details"] = e.Details
	}
	result["envelope"] = object{"success": envelope.Success, "error": failure, "extra": envelope.AdditionalProperties}
	if e.Code == "RATE_LIMIT_EXCEEDED" {
		details, _ := json.Marshal(e.Details)
		var limit freddy.RateLimitDetails
		if err := json.Unmarshal(details, &limit); err == nil {
			result["rate_limit"] = object{
				"retry_after": limit.RetryAfter,
				"limit":       limit.Limit,
				"remaining":   limit.Remaining,
				"reset_at":    limit.ResetAt,
			}
		}
	}
	return result
}

func header(response *http.Response, name string) any {
	if values := response.Header.Values(name); len(values) > 0 {
		return values[0]
	}
	return nil
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		result, _ := json.Marshal(call(fields[0], fields[1], fields[2], fields[3]))
		fmt.Println(string(result))
	}
}
