// Package tracelog makes each line of log/slog name the trace and the span it was written in.
//
// It needs OpenTelemetry's API alone: which SDK makes the spans, and where they go, is the
// program's business.
package tracelog

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Handler adds trace_id and span_id to each record, and hands it on.
type Handler struct{ next slog.Handler }

// New puts the ids before what another handler writes.
func New(next slog.Handler) Handler { return Handler{next} }

// Enabled is what the handler behind it says.
func (h Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle reads the span from the context. Without one there is no id in the line: zeros would be
// a trace that nobody can open. So log with the context: slog.InfoContext, never slog.Info.
func (h Handler) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record = record.Clone()
		record.AddAttrs(
			slog.String("trace_id", span.TraceID().String()),
			slog.String("span_id", span.SpanID().String()),
		)
	}
	return h.next.Handle(ctx, record)
}

// WithAttrs keeps the ids: slog.Logger.With calls it.
func (h Handler) WithAttrs(attrs []slog.Attr) slog.Handler { return Handler{h.next.WithAttrs(attrs)} }

// WithGroup keeps the ids. They stand in the group then, where no agent looks for them: give the
// attributes of a group to one call, by slog.Group.
func (h Handler) WithGroup(name string) slog.Handler { return Handler{h.next.WithGroup(name)} }

// JSON writes lines as the catalog describes them: ts, level and message, the level in lower case.
func JSON(out io.Writer) slog.Handler {
	return New(slog.NewJSONHandler(out, &slog.HandlerOptions{ReplaceAttr: asDeclared}))
}

func asDeclared(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return attr
	}
	switch attr.Key {
	case slog.TimeKey:
		return slog.String("ts", attr.Value.Time().UTC().Format(time.RFC3339Nano))
	case slog.LevelKey:
		return slog.String("level", strings.ToLower(attr.Value.String()))
	case slog.MessageKey:
		return slog.Attr{Key: "message", Value: attr.Value}
	}
	return attr
}
