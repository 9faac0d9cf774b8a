package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"example.com/app/freddy"
)

func main() {
	baseURL := cmp.Or(os.Getenv("FREDDY_BASE_URL"), "https://api.aitronos.com")
	client, err := freddy.NewClient(baseURL, freddy.WithRequestEditorFn(
		func(_ context.Context, request *http.Request) error {
			request.Header.Set("X-API-Key", os.Getenv("FREDDY_API_KEY"))
			return nil
		}))
	if err != nil {
		fmt.Println(err)
		return
	}

	// Not DisconnectConnectorWithResponse, which gives an error for a Retry-After that is a date.
	answer, err := client.DisconnectConnector(context.Background(), os.Args[1])
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()

	if answer.StatusCode == http.StatusNoContent {
		fmt.Println("disconnected")
		return
	}
	var envelope freddy.ErrorEnvelope
	if json.NewDecoder(answer.Body).Decode(&envelope) != nil {
		// Not from Freddy but from a proxy: not an envelope.
		fmt.Println("HTTP", answer.StatusCode)
		return
	}
	e := envelope.Error
	fmt.Printf("%s: %s (%s)\n", e.Code, e.Message, e.TraceId)
	if e.Code == "RATE_LIMIT_EXCEEDED" && e.Details != nil {
		fmt.Printf("again in %v s\n", (*e.Details)["retry_after"])
	}
}
