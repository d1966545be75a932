#!/bin/sh
# Puts what generated/ holds for Grafana into ConfigMaps of the namespace `monitoring`, and
# starts a Grafana that mounts them. Run it again after a build: the ConfigMaps are replaced,
# and Grafana sees the new files within a minute or two, without a restart.
#
#   sh examples/kubernetes/apply.sh            apply to the current kubectl context
#   KUBECTL="kubectl --context staging" sh examples/kubernetes/apply.sh
set -eu
cd "$(dirname "$0")/../.."
KUBECTL=${KUBECTL:-kubectl}

# Server-side: a client-side apply keeps a copy of the object in an annotation, and those end
# at 256 KiB, which is less than a folder of dashboards.
put() {
  $KUBECTL create configmap "$1" --namespace monitoring --from-file="$2" \
    --dry-run=client --output yaml | $KUBECTL apply --server-side --force-conflicts --filename -
}

for folder in generated/grafana/dashboards/*/; do
  put "grafana-dashboards-$(basename "$folder")" "$folder"
done
for kind in dashboards alerting plugins notifiers; do
  put "grafana-provisioning-$kind" "generated/grafana/provisioning/$kind"
done
# The same datasources at the cluster's own addresses.
put grafana-provisioning-datasources generated/grafana/environments/cluster/datasources

$KUBECTL apply --filename examples/kubernetes/grafana.yaml
