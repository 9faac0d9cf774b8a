// Sends what its standard input says, and writes what the generated client gave for it.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
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
	authenticate := func(_ context.Context, request *http.Request) error {
		if scheme == "apiKeyAuth" {
			request.Header.Set("X-API-Key", key)
		} else {
			request.Header.Set("Authorization", "Bearer "+key)
		}
		return nil
	}
	client, err := freddy.NewClientWithResponses(baseURL, freddy.WithRequestEditorFn(authenticate))
	if err != nil {
		return object{"exception": err.Error()}
	}
	answer, err := client.DisconnectConnectorWithResponse(context.Background(), connectorID)
	if err != nil {
		return object{"exception": err.Error()}
	}
	result = object{
		"http_status": answer.StatusCode(),
		"request_id":  header(answer.HTTPResponse, "X-Request-Id"),
		"retry_after": header(answer.HTTPResponse, "Retry-After"),
	}
	envelope := cmp.Or(
		answer.JSON400, answer.JSON401, answer.JSON403, answer.JSON429, answer.JSON500, answer.JSONDefault)
	if envelope == nil {
		return result
	}
	e := envelope.Error
	result["envelope"] = object{
		"success": envelope.Success,
		"error": object{
			"code":           e.Code,
			"message":        e.Message,
			"system_message": e.SystemMessage,
			"type":           e.Type,
			"status":         e.Status,
			"details":        e.Details,
			"trace_id":       e.TraceId,
			"timestamp":      e.Timestamp,
			"extra":          e.AdditionalProperties,
		},
		"extra": envelope.AdditionalProperties,
	}
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
