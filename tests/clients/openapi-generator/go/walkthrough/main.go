// Does with the walk-through API what its standard input says, and writes what the generated client gave for it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"strings"
	"time"

	"example.com/app/jobs"
)

type object = map[string]any

func fieldsOf(job *jobs.Job) object {
	schedule := object{"kind": job.Schedule.Kind, "at": job.Schedule.At, "minutes": job.Schedule.Minutes}
	schedule["jitter"] = job.Schedule.Jitter
	maps.Copy(schedule, job.Schedule.AdditionalProperties)
	owner := object{"name": job.Owner.Name, "team": job.Owner.Team}
	maps.Copy(owner, job.Owner.AdditionalProperties)
	fields := object{
		"id":              job.Id,
		"name":            job.Name,
		"state":           job.State,
		"priority":        job.Priority,
		"schedule":        schedule,
		"labels":          job.Labels,
		"owner":           owner,
		"ended_at":        job.EndedAt.Get(),
		"note":            job.Note,
		"bytes_processed": job.BytesProcessed,
		"created_at":      job.CreatedAt,
	}
	maps.Copy(fields, job.AdditionalProperties)
	return fields
}

func pageOf(page *jobs.JobPage) object {
	items := []object{}
	for _, job := range page.Items {
		items = append(items, fieldsOf(&job))
	}
	fields := object{"items": items, "has_more": page.HasMore, "next_cursor": page.NextCursor}
	maps.Copy(fields, page.AdditionalProperties)
	return fields
}

// convert reads a value as a more exact type.
func convert(from, to any) {
	text, _ := json.Marshal(from)
	if err := json.Unmarshal(text, to); err != nil {
		panic(err)
	}
}

func jobOf(job *jobs.Job, response *http.Response, err error) object {
	if err != nil {
		return failureOf(response, err)
	}
	result := object{"http_status": response.StatusCode, "location": response.Header.Get("Location"), "job": fieldsOf(job)}
	if job.Schedule.Kind == "every" {
		var every jobs.JobScheduleEvery
		convert(job.Schedule, &every)
		result["variant"] = object{"kind": every.Kind, "minutes": every.Minutes, "jitter": every.Jitter}
	}
	return result
}

func failureOf(response *http.Response, err error) object {
	var failed *jobs.GenericOpenAPIError
	if response == nil || !errors.As(err, &failed) {
		return object{"exception": fmt.Sprint(err)}
	}
	envelope, ok := failed.Model().(jobs.ErrorEnvelope)
	if !ok {
		return object{"exception": "undecoded: " + err.Error()}
	}
	e := envelope.Error
	failure := object{"code": e.Code, "status": e.Status}
	if e.HasDetails() {
		failure["details"] = e.Details
	}
	result := object{"http_status": response.StatusCode, "error": failure}
	if e.Code == "JOB_RUNNING" {
		var running jobs.JobRunningDetails
		convert(e.Details, &running)
		result["running"] = object{
			"started_at":  running.StartedAt,
			"progress":    running.Progress,
			"retry_after": response.Header.Get("Retry-After"),
		}
	}
	return result
}

func list(ctx context.Context, api *jobs.JobsAPIService, cursor *string) object {
	pages := []object{}
	for {
		request := api.ListJobs(ctx).State([]string{"queued", "running"}).Limit(2)
		request = request.CreatedAfter(time.Date(2025, 11, 13, 10, 30, 0, 0, time.UTC))
		if cursor != nil {
			request = request.Cursor(*cursor)
		}
		page, response, err := request.Execute()
		if err != nil {
			return failureOf(response, err)
		}
		pages = append(pages, pageOf(page))
		if !page.HasMore {
			return object{"http_status": response.StatusCode, "pages": pages}
		}
		cursor = page.NextCursor
	}
}

func perform(baseURL, action, argument string) (result object) {
	defer func() {
		if panicked := recover(); panicked != nil {
			result = object{"exception": fmt.Sprint("panic: ", panicked)}
		}
	}()
	config := jobs.NewConfiguration()
	config.Servers[0].URL = baseURL
	keys := map[string]jobs.APIKey{"apiKeyAuth": {Key: "key"}}
	ctx := context.WithValue(context.Background(), jobs.ContextAPIKeys, keys)
	api := jobs.NewAPIClient(config).JobsAPI
	patch := jobs.NewJobPatch()
	switch action {
	case "list":
		var cursor *string
		if argument != "" {
			cursor = &argument
		}
		return list(ctx, api, cursor)
	case "create":
		schedule := jobs.NewJobSchedule("every")
		schedule.SetMinutes(15)
		body := jobs.NewJobCreate("Nightly report", *schedule, *jobs.NewJobOwner("Ada"))
		body.SetLabels(map[string]string{"tier": "gold"})
		return jobOf(api.CreateJob(ctx).IdempotencyKey(argument).JobCreate(*body).Execute())
	case "cancel":
		response, err := api.CancelJob(ctx, argument).Execute()
		if err != nil {
			return failureOf(response, err)
		}
		return object{"http_status": response.StatusCode}
	case "get":
		return jobOf(api.GetJob(ctx, argument).Execute())
	case "patch absent":
		patch.SetPriority(7)
	case "patch null":
		patch.SetNoteNil()
	case "patch value":
		patch.SetNote("Slow on Tuesdays")
	}
	return jobOf(api.UpdateJob(ctx, argument).JobPatch(*patch).Execute())
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		result, _ := json.Marshal(perform(fields[0], fields[1], fields[2]))
		fmt.Println(string(result))
	}
}
