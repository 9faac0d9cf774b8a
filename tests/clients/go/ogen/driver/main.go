// Sends what its standard input says, and writes what the generated client gave for it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/go-faster/jx"
	"github.com/ogen-go/ogen/ogenerrors"

	"example.com/app/freddy"
)

type object = map[string]any

// credentials has the key for one of the two schemes.
type credentials struct{ scheme, key string }

func (c credentials) ApiKeyAuth(context.Context, freddy.OperationName) (freddy.ApiKeyAuth, error) {
	if c.scheme != "apiKeyAuth" {
		return freddy.ApiKeyAuth{}, ogenerrors.ErrSkipClientSecurity
	}
	return freddy.ApiKeyAuth{APIKey: c.key}, nil
}

func (c credentials) BearerAuth(context.Context, freddy.OperationName) (freddy.BearerAuth, error) {
	if c.scheme != "bearerAuth" {
		return freddy.BearerAuth{}, ogenerrors.ErrSkipClientSecurity
	}
	return freddy.BearerAuth{Token: c.key}, nil
}

func call(baseURL, scheme, key, connectorID string) (result object) {
	defer func() {
		if panicked := recover(); panicked != nil {
			result = object{"exception": fmt.Sprint("panic: ", panicked)}
		}
	}()
	client, err := freddy.NewClient(baseURL, credentials{scheme, key})
	if err != nil {
		return object{"exception": err.Error()}
	}
	params := freddy.DisconnectConnectorParams{ConnectorID: freddy.ConnectorId(connectorID)}
	answer, err := client.DisconnectConnector(context.Background(), params)
	var unlisted *freddy.UnlistedErrorStatusCodeWithHeaders
	if errors.As(err, &unlisted) {
		return failure(unlisted.StatusCode, unlisted)
	}
	switch answer := answer.(type) {
	case *freddy.DisconnectConnectorNoContent:
		return object{"http_status": 204, "request_id": optional(answer.XRequestID)}
	case *freddy.ValidationErrorHeaders:
		return failure(400, answer)
	case *freddy.UnauthorizedHeaders:
		return failure(401, answer)
	case *freddy.ForbiddenHeaders:
		return failure(403, answer)
	case *freddy.RateLimitExceededHeaders:
		return failure(429, answer)
	case *freddy.InternalServerErrorHeaders:
		return failure(500, answer)
	}
	return object{"exception": err.Error()}
}

type failed interface {
	GetResponse() freddy.ErrorEnvelope
	GetXRequestID() freddy.OptString
}

func failure(status int, answer failed) object {
	result := object{"http_status": status, "request_id": optional(answer.GetXRequestID())}
	if limited, ok := answer.(interface{ GetRetryAfter() freddy.OptInt32 }); ok {
		if seconds, ok := limited.GetRetryAfter().Get(); ok {
			result["retry_after"] = seconds
		}
	}
	envelope := answer.GetResponse()
	e := envelope.Error
	fields := object{
		"code":           e.Code,
		"message":        e.Message,
		"system_message": e.SystemMessage,
		"type":           e.Type,
		"status":         e.Status,
		"trace_id":       e.TraceID,
		"timestamp":      e.Timestamp,
		"extra":          values(e.AdditionalProps),
	}
	if details, ok := e.Details.Get(); ok {
		fields["details"] = values(details)
	}
	result["envelope"] = object{"success": envelope.Success, "error": fields, "extra": values(envelope.AdditionalProps)}
	return result
}

func optional(text freddy.OptString) any {
	if value, ok := text.Get(); ok {
		return value
	}
	return nil
}

func values[M ~map[string]jx.Raw](raw M) object {
	read := object{}
	for name, value := range raw {
		read[name] = json.RawMessage(value)
	}
	return read
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		result, _ := json.Marshal(call(fields[0], fields[1], fields[2], fields[3]))
		fmt.Println(string(result))
	}
}
