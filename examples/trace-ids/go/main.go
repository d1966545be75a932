// A service whose log lines and spans name each other.
//
//	go run . -listen 127.0.0.1:8080
//
// GET /v1/models answers, any other path is a failure. The spans go to the exporter that spans()
// returns; OTLP is one more module, go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"neurectomy.example/trace-ids/tracelog"
)

const route = "/v1/models"

// service answers requests, each within a span of its own.
type service struct {
	log    *slog.Logger
	tracer trace.Tracer
}

func (s service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	// The caller's span, from the header traceparent, is the parent of ours.
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := s.tracer.Start(ctx, "GET "+route, trace.WithSpanKind(trace.SpanKindServer))
	defer span.End()
	status, outcome, level := http.StatusOK, "success", slog.LevelInfo
	if r.URL.Path != route {
		status, outcome, level = http.StatusInternalServerError, "failure", slog.LevelError
		span.SetStatus(codes.Error, "no such model")
	}
	span.SetAttributes(
		attribute.String("http.route", route),
		attribute.Int("http.response.status_code", status),
	)
	s.log.Log(ctx, level, "a request was answered",
		"event", "operation", "module", "api", "outcome", outcome,
		"duration_ms", float64(time.Since(began).Microseconds())/1000)
	w.WriteHeader(status)
}

// written tells which spans ended, one line each: an exporter that needs no receiver.
type written struct{ out *json.Encoder }

func (w written) ExportSpans(_ context.Context, ended []sdktrace.ReadOnlySpan) error {
	for _, each := range ended {
		ids := each.SpanContext()
		told := map[string]string{
			"trace_id": ids.TraceID().String(),
			"span_id":  ids.SpanID().String(),
			"parent":   each.Parent().SpanID().String(),
		}
		if err := w.out.Encode(told); err != nil {
			return err
		}
	}
	return nil
}

func (w written) Shutdown(context.Context) error { return nil }

// spans is where they go.
func spans(out io.Writer) sdktrace.SpanExporter { return written{json.NewEncoder(out)} }

func run(listen string) error {
	log := slog.New(tracelog.JSON(os.Stdout))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans(os.Stderr)))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           service{log, provider.Tracer("service")},
		ReadHeaderTimeout: 5 * time.Second,
	}
	go func() {
		<-ctx.Done()
		_ = server.Shutdown(context.Background())
	}()
	log.InfoContext(ctx, "listening at "+listener.Addr().String(), "event", "lifecycle")
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	// What waits in the batch is sent.
	return provider.Shutdown(context.Background())
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address and port")
	flag.Parse()
	if err := run(*listen); err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}
