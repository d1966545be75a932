package tracelog

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func line(t *testing.T, out *bytes.Buffer) map[string]any {
	t.Helper()
	var found map[string]any
	if err := json.Unmarshal(out.Bytes(), &found); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	out.Reset()
	return found
}

func TestALineNamesTheSpanThatTheReceiverGot(t *testing.T) {
	received := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(received))
	var out bytes.Buffer
	log := slog.New(JSON(&out)).With("module", "api")

	ctx, span := provider.Tracer("test").Start(context.Background(), "GET /v1/models")
	log.WarnContext(ctx, "slow", "duration_ms", 12.5)
	span.End()

	found, sent := line(t, &out), received.GetSpans()[0].SpanContext
	if found["trace_id"] != sent.TraceID().String() || found["span_id"] != sent.SpanID().String() {
		t.Errorf("%v, and the receiver got %v", found, sent)
	}
	if found["level"] != "warn" || found["message"] != "slow" || found["module"] != "api" {
		t.Errorf("not as declared: %v", found)
	}
	at, err := time.Parse(time.RFC3339Nano, found["ts"].(string))
	if err != nil || at.Location() != time.UTC {
		t.Errorf("%v: %v", found["ts"], err)
	}
}

func TestOutsideOfAnySpanThereIsNoId(t *testing.T) {
	var out bytes.Buffer
	slog.New(JSON(&out)).InfoContext(context.Background(), "listening")
	for _, name := range []string{"trace_id", "span_id"} {
		if value, ok := line(t, bytes.NewBuffer(bytes.Clone(out.Bytes())))[name]; ok {
			t.Errorf("%s is %v", name, value)
		}
	}
}

func TestARecordIsNotChangedForOthers(t *testing.T) {
	provider := sdktrace.NewTracerProvider()
	ctx, span := provider.Tracer("test").Start(context.Background(), "GET /")
	defer span.End()
	var out bytes.Buffer
	record := slog.NewRecord(time.Now(), slog.LevelInfo, "once", 0)
	if err := JSON(&out).Handle(ctx, record); err != nil {
		t.Fatal(err)
	}
	if record.NumAttrs() != 0 {
		t.Errorf("%d attributes were added to the caller's record", record.NumAttrs())
	}
}
