// Does with the walk-through API what its standard input says, and writes what the generated client gave for it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-faster/jx"
	"github.com/ogen-go/ogen/ogenerrors"

	"example.com/app/jobs"
)

type object = map[string]any

type apiKey string

func (key apiKey) ApiKeyAuth(context.Context, jobs.OperationName) (jobs.ApiKeyAuth, error) {
	return jobs.ApiKeyAuth{APIKey: string(key)}, nil
}

func (apiKey) BearerAuth(context.Context, jobs.OperationName) (jobs.BearerAuth, error) {
	return jobs.BearerAuth{}, ogenerrors.ErrSkipClientSecurity
}

// optional is nil where a value was not set.
func optional[T any](value interface{ Get() (T, bool) }) any {
	if value, ok := value.Get(); ok {
		return value
	}
	return nil
}

func with[M ~map[string]jx.Raw](fields object, unknown M) object {
	for name, value := range unknown {
		fields[name] = json.RawMessage(value)
	}
	return fields
}

func fieldsOf(job *jobs.Job) object {
	schedule := job.Schedule
	return with(object{
		"id":       job.ID,
		"name":     job.Name,
		"state":    job.State,
		"priority": job.Priority,
		"schedule": with(object{
			"kind":    schedule.Kind,
			"at":      optional(schedule.At),
			"minutes": optional(schedule.Minutes),
			"jitter":  optional(schedule.Jitter),
		}, schedule.AdditionalProps),
		"labels":          job.Labels,
		"owner":           with(object{"name": job.Owner.Name, "team": optional(job.Owner.Team)}, job.Owner.AdditionalProps),
		"ended_at":        optional(job.EndedAt),
		"note":            optional(job.Note),
		"bytes_processed": job.BytesProcessed,
		"created_at":      job.CreatedAt,
	}, job.AdditionalProps)
}

func pageOf(page *jobs.JobPage) object {
	items := []object{}
	for _, job := range page.Items {
		items = append(items, fieldsOf(&job))
	}
	fields := object{"items": items, "has_more": page.HasMore, "next_cursor": optional(page.NextCursor)}
	return with(fields, page.AdditionalProps)
}

type failed interface {
	GetResponse() jobs.ErrorEnvelope
}

// answerOf is what an operation gave. The status is that of its type.
func answerOf(answer any, err error) object {
	var unlisted *jobs.UnlistedErrorStatusCodeWithHeaders
	if errors.As(err, &unlisted) {
		return failureOf(unlisted.StatusCode, unlisted)
	}
	switch answer := answer.(type) {
	case *jobs.CancelJobNoContent:
		return object{"http_status": 204}
	case *jobs.JobHeaders:
		return object{"http_status": 201, "location": answer.Location, "job": fieldsOf(&answer.Response)}
	case *jobs.GetJobOKHeaders:
		return object{"http_status": 200, "job": fieldsOf(&answer.Response)}
	case *jobs.UpdateJobOKHeaders:
		return object{"http_status": 200, "job": fieldsOf(&answer.Response)}
	case *jobs.NotFoundHeaders:
		return failureOf(404, answer)
	case *jobs.JobRunningHeaders:
		return failureOf(409, answer)
	}
	return object{"exception": fmt.Sprint(err)}
}

func failureOf(status int, answer failed) object {
	e := answer.GetResponse().Error
	fields := object{"code": e.Code, "status": e.Status}
	if details, ok := e.Details.Get(); ok {
		fields["details"] = with(object{}, details)
	}
	return object{"http_status": status, "error": fields}
}

func list(ctx context.Context, api *jobs.Client, cursor jobs.OptCursor) object {
	pages := []object{}
	for {
		answer, err := api.ListJobs(ctx, jobs.ListJobsParams{
			State:        []string{"queued", "running"},
			CreatedAfter: jobs.NewOptDateTime(time.Date(2025, 11, 13, 10, 30, 0, 0, time.UTC)),
			Limit:        jobs.NewOptInt32(2),
			Cursor:       cursor,
		})
		page, ok := answer.(*jobs.JobPageHeaders)
		if !ok {
			return answerOf(answer, err)
		}
		pages = append(pages, pageOf(&page.Response))
		if !page.Response.HasMore {
			return object{"http_status": 200, "pages": pages}
		}
		cursor = jobs.NewOptCursor(jobs.Cursor(page.Response.NextCursor.Value))
	}
}

func perform(baseURL, action, argument string) (result object) {
	defer func() {
		if panicked := recover(); panicked != nil {
			result = object{"exception": fmt.Sprint("panic: ", panicked)}
		}
	}()
	ctx := context.Background()
	api, err := jobs.NewClient(baseURL, apiKey("key"))
	if err != nil {
		panic(err)
	}
	patch := &jobs.JobPatch{}
	switch action {
	case "list":
		cursor := jobs.OptCursor{}
		if argument != "" {
			cursor.SetTo(jobs.Cursor(argument))
		}
		return list(ctx, api, cursor)
	case "create":
		body := &jobs.JobCreate{
			Name:     "Nightly report",
			Schedule: jobs.JobSchedule{Kind: "every", Minutes: jobs.NewOptInt32(15)},
			Labels:   jobs.NewOptJobCreateLabels(jobs.JobCreateLabels{"tier": "gold"}),
			Owner:    jobs.JobOwner{Name: "Ada"},
		}
		key := jobs.CreateJobParams{IdempotencyKey: jobs.IdempotencyKey(argument)}
		return answerOf(api.CreateJob(ctx, body, key))
	case "cancel":
		return answerOf(api.CancelJob(ctx, jobs.CancelJobParams{JobID: jobs.JobId(argument)}))
	case "get":
		return answerOf(api.GetJob(ctx, jobs.GetJobParams{JobID: jobs.JobId(argument)}))
	case "patch absent":
		patch.Priority.SetTo(7)
	case "patch null":
		patch.Note.SetToNull()
	case "patch value":
		patch.Note.SetTo("Slow on Tuesdays")
	}
	return answerOf(api.UpdateJob(ctx, patch, jobs.UpdateJobParams{JobID: jobs.JobId(argument)}))
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		result, _ := json.Marshal(perform(fields[0], fields[1], fields[2]))
		fmt.Println(string(result))
	}
}
