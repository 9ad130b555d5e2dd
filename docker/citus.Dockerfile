# Citus's own image with pgvector, for docker/citus.compose.yaml.
ARG CITUS=13.0.3
FROM citusdata/citus:${CITUS}
RUN apt-get update \
  && apt-get install --yes --no-install-recommends "postgresql-${PG_MAJOR}-pgvector" \
  && rm -rf /var/lib/apt/lists/*
