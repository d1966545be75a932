#!/usr/bin/env bash
# Takes servers out of their images into one folder, for tests that start each themselves:
#
#   bash .github/servers.sh DIR GRAFANA_RELEASE LOKI_RELEASE
#
# prints the variables that name them, a line each. The images are those that examples/compose
# runs, and the catalog's Promtail; only the two releases are a matter of the caller's.
# Memcached is a package of the distribution: its image has another C library than the runner.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p "$1"
folder=$(realpath "$1") grafana=$2 loki=$3

pinned() { # the image of a service of the example
  .venv/bin/python -c 'import sys, yaml
print(yaml.safe_load(open("examples/compose/compose.yaml"))["services"][sys.argv[1]]["image"])' "$1"
}
promtail=$(.venv/bin/python -c 'import yaml
print(yaml.safe_load(open("catalog/agent.yaml"))["images"]["promtail"])')

take() { # image, path in it, name here
  local made
  docker pull --quiet "$1" >&2
  made=$(docker create "$1")
  docker cp --quiet "$made:$2" "$folder/$3" >&2
  docker rm "$made" >/dev/null
}
program() { # image: what it starts
  docker pull --quiet "$1" >&2
  docker image inspect --format '{{index .Config.Entrypoint 0}}' "$1"
}

# Grafana's plain image is Alpine's; the other one has the runner's C library.
take "$(pinned grafana | cut -d: -f1):$grafana-ubuntu" /usr/share/grafana grafana
echo "GRAFANA_HOME=$folder/grafana"
image="$(pinned loki | cut -d: -f1):$loki"
take "$image" "$(program "$image")" loki
echo "LOKI_BIN=$folder/loki"
take "$promtail" "$(program "$promtail")" promtail
echo "PROMTAIL_BIN=$folder/promtail"
for each in jaeger:jaeger alloy:agent alertmanager:alertmanager prometheus:prometheus \
  memcached_exporter:memcached-exporter; do
  image=$(pinned "${each#*:}")
  take "$image" "$(program "$image")" "${each%%:*}"
  name=${each%%:*}
  echo "${name^^}_BIN=$folder/$name"
done
take "$(pinned prometheus)" /bin/promtool promtool
echo "PROMTOOL_BIN=$folder/promtool"
