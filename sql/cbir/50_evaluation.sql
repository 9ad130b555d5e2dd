create or replace view cbir.evaluation_figures as
  select
    evaluation.id as evaluation_id,
    evaluation.dataset,
    measured.space,
    agreement.kind,
    agreement.bits,
    agreement.k,
    agreement.same_patient,
    agreement.queries,
    agreement.patients,
    (agreement.dice ->> 'mean')::float8 as dice,
    (agreement.dice ->> 'low')::float8 as dice_low,
    (agreement.dice ->> 'high')::float8 as dice_high,
    (agreement.jaccard ->> 'mean')::float8 as jaccard,
    (agreement.jaccard ->> 'low')::float8 as jaccard_low,
    (agreement.jaccard ->> 'high')::float8 as jaccard_high
  from cbir.evaluation
    cross join lateral jsonb_to_recordset(evaluation.spaces) as measured (space text, agreement jsonb)
    cross join lateral jsonb_to_recordset(measured.agreement) as agreement (
      kind text, bits int, k int, same_patient boolean, queries int, patients int, dice jsonb, jaccard jsonb
    );

comment on view cbir.evaluation_figures is
  'How well codes alone find the true neighbours, in each run of "pg-lsh report": means over the queries, 95 % intervals by bootstrap over their patients.';
comment on column cbir.evaluation_figures.same_patient is
  'Whether other slices of the query''s own patient could be found.';

create or replace view cbir.evaluation_searches as
  select
    evaluation.id as evaluation_id,
    evaluation.dataset,
    measured.space,
    cost.index,
    cost.stage,
    cost.probes,
    (cost.recall ->> 'mean')::float8 as recall,
    (cost.recall ->> 'low')::float8 as recall_low,
    (cost.recall ->> 'high')::float8 as recall_high,
    cost.code_loss,
    cost.bucket_loss,
    cost.visited_share,
    cost.median_ms,
    cost.p95_ms
  from cbir.evaluation
    cross join lateral jsonb_to_recordset(evaluation.spaces) as measured (space text, search jsonb)
    cross join lateral jsonb_to_recordset(measured.search) as cost (
      index text, stage text, probes int, recall jsonb, code_loss float8, bucket_loss float8,
      visited_share float8, median_ms float8, p95_ms float8
    );

comment on view cbir.evaluation_searches is
  'What the candidate stages of hash indexes cost and find, in each run of "pg-lsh report".';
comment on column cbir.evaluation_searches.probes is
  'Buckets visited; null for stages that visit none.';
