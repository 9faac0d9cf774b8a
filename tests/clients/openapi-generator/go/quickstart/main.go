package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"example.com/app/freddy"
)

func main() {
	config := freddy.NewConfiguration()
	config.Servers[0].URL = cmp.Or(os.Getenv("FREDDY_BASE_URL"), "https://api.aitronos.com")
	client := freddy.NewAPIClient(config)
	ctx := context.WithValue(context.Background(), freddy.ContextAPIKeys, map[string]freddy.APIKey{
		"apiKeyAuth": {Key: os.Getenv("FREDDY_API_KEY")},
	})

	response, err := client.PersonalConnectorsAPI.DisconnectConnector(ctx, os.Args[1]).Execute()

	var failed *freddy.GenericOpenAPIError
	errors.As(err, &failed)
	var envelope freddy.ErrorEnvelope
	if failed != nil {
		envelope, _ = failed.Model().(freddy.ErrorEnvelope)
	}
	switch {
	case err == nil && response.StatusCode == http.StatusNoContent:
		fmt.Println("disconnected")
	case envelope.Error.Code != "":
		e := envelope.Error
		fmt.Printf("%s: %s (%s)\n", e.Code, e.Message, e.TraceId)
		if e.Code == "RATE_LIMIT_EXCEEDED" {
			fmt.Printf("again in %v s\n", e.Details["retry_after"])
		}
	case response != nil:
		// Not from Freddy but from a proxy: not an envelope.
		fmt.Println("HTTP", response.StatusCode)
	default:
		fmt.Println(err)
	}
}
