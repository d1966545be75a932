"""What a message says: Alertmanager's templates, filled in when it is sent.

Only what every release from 0.25 on knows is used, and no ``$``: Grafana, which takes the same
templates, expands it in some releases and not in others. Links get the time of the alert: its logs
from when it began, its dashboard from an hour before. Whatever comes from a label is escaped:
``<!channel>`` in one would otherwise call everybody.
"""

from __future__ import annotations

from typing import Final

#: Alerts of one message that are told in full, of those that fire and of those that are over.
SHOWN: Final = 10
#: Nanoseconds: lines before the alert began, of what led to it; and after it was over.
_MARGIN: Final = 5 * 60 * 10**9
_HOUR: Final = 3600 * 10**9

_TEMPLATES = """\
{{/* Generated from catalog/ by build.py. Do not edit: change alerts/message.py. */}}

{{ define "PREFIX.escaped" -}}
{{ . | reReplaceAll "&" "&amp;" | reReplaceAll "<" "&lt;" | reReplaceAll ">" "&gt;" }}
{{- end }}

{{ define "PREFIX.until" -}}
{{ if eq .Status "resolved" }}{{ (.EndsAt.Add MARGIN).UnixMilli }}{{ else }}now{{ end }}
{{- end }}

{{ define "PREFIX.dashboard" -}}
{{ .Annotations.dashboard_url | reReplaceAll "from=[^&]*&to=.*" "" -}}
from={{ (.StartsAt.Add -HOUR).UnixMilli }}&to={{ template "PREFIX.until" . }}
{{- end }}

{{ define "PREFIX.logs" -}}
{{ .Annotations.logs_url | reReplaceAll "from=[^&]*&to=.*" "" -}}
from={{ (.StartsAt.Add -MARGIN).UnixMilli }}&to={{ template "PREFIX.until" . }}
{{- end }}

{{ define "PREFIX.title" -}}
[{{ .Status | toUpper }}{{ if gt (len .Alerts.Firing) 1 }}:{{ len .Alerts.Firing }}{{ end }}]
{{- with .CommonLabels.severity }} {{ . }}{{ end }}: {{ .CommonLabels.service }}
{{- " in " }}{{ .CommonLabels.cluster }}/{{ .CommonLabels.environment }}, {{ "" -}}
{{ with .CommonLabels.alertname }}{{ . }}{{ else }}{{ len .Alerts }} alerts{{ end }}
{{- end }}

{{ define "PREFIX.link" -}}
{{ template "PREFIX.dashboard" (index .Alerts 0) }}
{{- end }}

{{ define "PREFIX.alert" -}}
*{{ template "PREFIX.escaped" .Annotations.summary }}*
{{ template "PREFIX.escaped" .Annotations.description }}
{{ with .Annotations.value }}Value: {{ template "PREFIX.escaped" . }}
{{ end }}
{{- with .Annotations.objective }}Objective: {{ template "PREFIX.escaped" . }}
{{ end }}
{{- with .Annotations.budget_left }}Budget left: {{ template "PREFIX.escaped" . }}
{{ end -}}
Since {{ .StartsAt.UTC.Format "2006-01-02 15:04:05 MST" }}
{{- if eq .Status "resolved" }}, over {{ .EndsAt.UTC.Format "2006-01-02 15:04:05 MST" }}{{ end }}
{{ with .Annotations.runbook_url }}<{{ . }}|Runbook> {{ end -}}
<{{ template "PREFIX.dashboard" . }}|Dashboard>
{{- if .Annotations.logs_url }} <{{ template "PREFIX.logs" . }}|Logs from then on>{{ end }}
{{- end }}

{{ define "PREFIX.listed" -}}
{{ template "PREFIX.alert" (index . 0) }}{{ range slice . 1 }}

{{ template "PREFIX.alert" . }}{{ end }}
{{- end }}

{{ define "PREFIX.alerts" -}}
{{ if gt (len .) SHOWN }}{{ template "PREFIX.listed" (slice . 0 SHOWN) }}

... and more: {{ len . }} in all
{{- else if . }}{{ template "PREFIX.listed" . }}{{ end }}
{{- end }}

{{ define "PREFIX.text" -}}
{{ template "PREFIX.alerts" .Alerts.Firing }}
{{- if and .Alerts.Firing .Alerts.Resolved }}

*Over:*
{{ end }}
{{- template "PREFIX.alerts" .Alerts.Resolved }}
{{- end }}
"""


def templates(prefix: str) -> str:
    """The file of templates; each is called ``<prefix>.<what>``."""
    text = _TEMPLATES
    for word, value in (("PREFIX", prefix), ("SHOWN", SHOWN), ("MARGIN", _MARGIN), ("HOUR", _HOUR)):
        text = text.replace(word, str(value))
    return text


def use(prefix: str, name: str) -> str:
    """Calls a template."""
    return f'{{{{ template "{prefix}.{name}" . }}}}'
