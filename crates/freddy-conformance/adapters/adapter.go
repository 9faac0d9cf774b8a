// Tells `freddy-conformance client -- go run adapter.go` what a small client made of each case.
package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"time"
)

type task struct {
	BaseURL    string                       `json:"base_url"`
	Credential struct{ Scheme, Key string } `json:"credential"`
	Values     map[string]string            `json:"values"`
	DeadlineMs int                          `json:"deadline_ms"`
}

var valid = regexp.MustCompile(`^pcon_[0-9A-Za-z]{1,64}$`)

func call(task task) map[string]any {
	id := task.Values["connector_id"]
	if !valid.MatchString(id) {
		return map[string]any{"outcome": "refused"}
	}
	request, _ := http.NewRequest("DELETE", task.BaseURL+"/v1/personal-connectors/"+id, nil)
	if task.Credential.Scheme == "apiKeyAuth" {
		request.Header.Set("X-API-Key", task.Credential.Key)
	} else {
		request.Header.Set("Authorization", "Bearer "+task.Credential.Key)
	}
	// Go takes `X-API-Key` along to wherever a redirect points.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client := http.Client{Timeout: time.Duration(task.DeadlineMs) * time.Millisecond, CheckRedirect: stay}
	answer, err := client.Do(request)
	if err != nil {
		return map[string]any{"outcome": "no_answer"}
	}
	defer answer.Body.Close()
	told := map[string]any{"outcome": "failure", "status": answer.StatusCode}
	if answer.StatusCode == http.StatusNoContent {
		told["outcome"] = "success"
	}
	// Not an envelope if it is from a proxy, and without an end if it was cut.
	var body struct{ Error map[string]any }
	bytes, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	_ = json.Unmarshal(bytes, &body)
	for _, name := range []string{"code", "type", "message"} {
		if text, ok := body.Error[name].(string); ok {
			told[name] = text
		}
	}
	told["details"] = body.Error["details"]
	if id := answer.Header.Get("X-Request-Id"); id != "" {
		told["request_id"] = id
	} else if id, ok := body.Error["trace_id"].(string); ok {
		told["request_id"] = id
	}
	return told
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var task task
		if in.Decode(&task) != nil {
			return
		}
		_ = out.Encode(call(task))
	}
}
