create or replace view cbir.evaluation_figures with (security_invoker = true) as
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
  'How well codes alone find the true neighbours, for each run of "pg-lsh report": means over the queries, with 95 % bootstrap intervals over patients.';
comment on column cbir.evaluation_figures.same_patient is
  'Whether the search included other slices of the query''s patient.';

create or replace view cbir.evaluation_searches with (security_invoker = true) as
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
  'Cost and recall of the candidate stages of hash indexes, for each run of "pg-lsh report".';
comment on column cbir.evaluation_searches.probes is
  'Buckets visited; null for stages that visit none.';

create or replace view cbir.evaluation_retrieval with (security_invoker = true) as
  select
    evaluation.id as evaluation_id,
    evaluation.dataset,
    measured.space,
    measured.level_error_mm,
    (measured.intervals -> 'level_error_mm' ->> 0)::float8 as level_error_low,
    (measured.intervals -> 'level_error_mm' ->> 1)::float8 as level_error_high,
    measured.dose_gap_gy,
    (measured.intervals -> 'dose_gap_gy' ->> 0)::float8 as dose_gap_low,
    (measured.intervals -> 'dose_gap_gy' ->> 1)::float8 as dose_gap_high,
    measured.dvh_gap_gy,
    (measured.intervals -> 'dvh_gap_gy' ->> 0)::float8 as dvh_gap_low,
    (measured.intervals -> 'dvh_gap_gy' ->> 1)::float8 as dvh_gap_high
  from cbir.evaluation
    cross join lateral jsonb_to_recordset(evaluation.across_patients -> 'spaces') as measured (
      space text, level_error_mm float8, dose_gap_gy float8, dvh_gap_gy float8, intervals jsonb
    );

comment on view cbir.evaluation_retrieval is
  'Similarity of the query and the nearest slice and plan of another patient, by space, for each run of "pg-lsh report". random is a random choice, oracle the best possible one.';
comment on column cbir.evaluation_retrieval.level_error_mm is
  'Median distance in mm along the body to the nearest slice, with patients aligned by all of their organs.';
comment on column cbir.evaluation_retrieval.dose_gap_gy is
  'Mean absolute difference in Gy between the doses of the query and of the nearest slice inside the body, both slices centred.';
comment on column cbir.evaluation_retrieval.dvh_gap_gy is
  'Mean absolute difference in Gy to the nearest plan in the dose-volume criteria of OpenKBP.';
