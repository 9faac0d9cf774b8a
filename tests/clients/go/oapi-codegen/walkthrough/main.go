// Does with the walk-through API what its standard input says, and writes what the generated client gave for it.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
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
		"ended_at":        job.EndedAt,
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

func jobOf(response *http.Response, job *jobs.Job, failed *jobs.ErrorEnvelope) object {
	if job == nil {
		return failureOf(response, failed)
	}
	result := object{"http_status": response.StatusCode, "location": response.Header.Get("Location"), "job": fieldsOf(job)}
	if job.Schedule.Kind == "every" {
		var every jobs.JobScheduleEvery
		convert(job.Schedule, &every)
		result["variant"] = object{"kind": every.Kind, "minutes": every.Minutes, "jitter": every.Jitter}
	}
	return result
}

func failureOf(response *http.Response, envelope *jobs.ErrorEnvelope) object {
	result := object{"http_status": response.StatusCode}
	if envelope == nil {
		return result
	}
	e := envelope.Error
	result["error"] = object{"code": e.Code, "status": e.Status, "details": e.Details}
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

func list(ctx context.Context, api *jobs.ClientWithResponses, cursor *string) object {
	pages := []object{}
	for {
		answer, err := api.ListJobsWithResponse(ctx, &jobs.ListJobsParams{
			State:        &[]string{"queued", "running"},
			CreatedAfter: new(time.Date(2025, 11, 13, 10, 30, 0, 0, time.UTC)),
			Limit:        new(int32(2)),
			Cursor:       cursor,
		})
		if err != nil {
			panic(err)
		}
		if answer.JSON200 == nil {
			return failureOf(answer.HTTPResponse, answer.JSONDefault)
		}
		pages = append(pages, pageOf(answer.JSON200))
		if !answer.JSON200.HasMore {
			return object{"http_status": answer.StatusCode(), "pages": pages}
		}
		cursor = answer.JSON200.NextCursor
	}
}

func update(ctx context.Context, api *jobs.ClientWithResponses, jobID string, patch jobs.JobPatch) object {
	answer, err := api.UpdateJobWithResponse(ctx, jobID, patch)
	if err != nil {
		panic(err)
	}
	return jobOf(answer.HTTPResponse, answer.JSON200, cmp.Or(answer.JSON404, answer.JSONDefault))
}

func perform(baseURL, action, argument string) (result object) {
	defer func() {
		if panicked := recover(); panicked != nil {
			result = object{"exception": fmt.Sprint("panic: ", panicked)}
		}
	}()
	ctx := context.Background()
	api, err := jobs.NewClientWithResponses(baseURL, jobs.WithRequestEditorFn(
		func(_ context.Context, request *http.Request) error {
			request.Header.Set("X-API-Key", "key")
			return nil
		}))
	if err != nil {
		panic(err)
	}
	switch action {
	case "list":
		if argument == "" {
			return list(ctx, api, nil)
		}
		return list(ctx, api, &argument)
	case "create":
		answer, err := api.CreateJobWithResponse(ctx, &jobs.CreateJobParams{IdempotencyKey: argument}, jobs.JobCreate{
			Name:     "Nightly report",
			Schedule: jobs.JobSchedule{Kind: "every", Minutes: new(int32(15))},
			Labels:   &map[string]string{"tier": "gold"},
			Owner:    jobs.JobOwner{Name: "Ada"},
		})
		if err != nil {
			panic(err)
		}
		return jobOf(answer.HTTPResponse, answer.JSON201, answer.JSONDefault)
	case "cancel":
		answer, err := api.CancelJobWithResponse(ctx, argument)
		if err != nil {
			panic(err)
		}
		return failureOf(answer.HTTPResponse, cmp.Or(answer.JSON404, answer.JSON409, answer.JSONDefault))
	case "patch absent":
		return update(ctx, api, argument, jobs.JobPatch{Priority: new(int32(7))})
	case "patch null":
		// The field itself is a pointer, and left out where it is nil.
		patch := jobs.JobPatch{}
		patch.Set("note", nil)
		result = update(ctx, api, argument, patch)
		result["way"] = "as an additional field"
		return result
	case "patch value":
		return update(ctx, api, argument, jobs.JobPatch{Note: new("Slow on Tuesdays")})
	}
	answer, err := api.GetJobWithResponse(ctx, argument)
	if err != nil {
		panic(err)
	}
	return jobOf(answer.HTTPResponse, answer.JSON200, cmp.Or(answer.JSON404, answer.JSONDefault))
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		result, _ := json.Marshal(perform(fields[0], fields[1], fields[2]))
		fmt.Println(string(result))
	}
}
