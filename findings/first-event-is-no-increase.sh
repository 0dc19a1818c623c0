#!/usr/bin/env bash
# Prometheus 2.42: a counter that is born with its first event has an increase of 0, and an alert on it stays silent.
# The usual guess: increase() of a counter that was not there and then says 1 is 1.
# What happens: increase() compares samples of the series, and a first sample has none before it. Who exports counters with labels
# has to create each child at 0 before anything happens. https://prometheus.io/docs/prometheus/latest/querying/functions/#increase
# shellcheck source=findings/fetch
. "$(dirname "$(readlink -f "$0")")/fetch"
debian prometheus=2.42.0+ds-5+deb12u1
cat >tests.yml <<'YAML'
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - { series: 'crashes_total{of="born at its first event"}', values: "_x9 1x20" }
      - { series: 'crashes_total{of="there from the beginning"}', values: "0x9 1x20" }
    promql_expr_test:
      - expr: increase(crashes_total[20m]) > bool 0
        eval_time: 20m
        exp_samples:
          - { labels: '{of="born at its first event"}', value: 0 }
          - { labels: '{of="there from the beginning"}', value: 1 }
YAML
seen=$(root/usr/bin/promtool test rules tests.yml 2>&1) || :
same "promtool, asked whether increase(...) > 0 is 0 for the one and 1 for the other" "Unit Testing:  tests.yml
  SUCCESS" "$seen"
