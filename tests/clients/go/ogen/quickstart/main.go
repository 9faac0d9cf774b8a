package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/ogen-go/ogen/ogenerrors"

	"example.com/app/freddy"
)

type apiKey string

func (key apiKey) ApiKeyAuth(context.Context, freddy.OperationName) (freddy.ApiKeyAuth, error) {
	return freddy.ApiKeyAuth{APIKey: string(key)}, nil
}

func (apiKey) BearerAuth(context.Context, freddy.OperationName) (freddy.BearerAuth, error) {
	return freddy.BearerAuth{}, ogenerrors.ErrSkipClientSecurity
}

// transport keeps what the client would drop the answer for: the status of one that is not JSON, as a proxy sends, and
// a Retry-After that is a date.
type transport struct{}

func (transport) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= 300 && !strings.Contains(answer.Header.Get("Content-Type"), "json") {
		answer.Body.Close()
		return nil, fmt.Errorf("HTTP %d", answer.StatusCode)
	}
	if _, err := strconv.Atoi(answer.Header.Get("Retry-After")); err != nil {
		answer.Header.Del("Retry-After")
	}
	return answer, nil
}

func main() {
	client, err := freddy.NewClient(
		cmp.Or(os.Getenv("FREDDY_BASE_URL"), "https://api.aitronos.com"),
		apiKey(os.Getenv("FREDDY_API_KEY")),
		freddy.WithClient(&http.Client{Transport: transport{}}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}

	answer, err := client.DisconnectConnector(context.Background(), freddy.DisconnectConnectorParams{
		ConnectorID: freddy.ConnectorId(os.Args[1]),
	})

	// A listed status is an answer, any other one an error; both have the envelope.
	failed, ok := answer.(interface{ GetResponse() freddy.ErrorEnvelope })
	if !ok {
		var unlisted *freddy.UnlistedErrorStatusCodeWithHeaders
		if ok = errors.As(err, &unlisted); ok {
			failed = unlisted
		}
	}
	switch {
	case ok:
		e := failed.GetResponse().Error
		fmt.Printf("%s: %s (%s)\n", e.Code, e.Message, e.TraceID)
		if e.Code == "RATE_LIMIT_EXCEEDED" {
			// It has no type here: ogen leaves out what no operation refers to.
			fmt.Printf("again in %s s\n", e.Details.Value["retry_after"])
		}
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println("disconnected")
	}
}
