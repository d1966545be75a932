"""PromQL and LogQL: builders, and the questions that dashboards and rules ask."""
