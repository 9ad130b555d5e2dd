-- Measures the recall of some searches of an application by answering them exactly as well. The caller decides which
-- ones, so that other searches cost nothing more, and the search functions stay stable.

create or replace function lsh_internal.recall_of(index lsh.index, family lsh.family, vector @vector@.vector, plan lsh_internal.plan)
  returns float8
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found constant float8[] := (lsh_internal.find(index, family, vector, plan)).distances;
  truth constant float8[] := array(select exact.distance from lsh_internal.search_exact(index, vector, plan) as exact);
  edge constant float8 := (select max(distance) from unnest(truth) as distance);
begin
  -- As in lsh.compare: a hit is a row no farther than the last true neighbour.
  return least(cardinality(truth), (select count(*) from unnest(found) as distance where distance <= edge))::float8
    / nullif(cardinality(truth), 0);
end
$$;

comment on function lsh_internal.recall_of(lsh.index, lsh.family, @vector@.vector, lsh_internal.plan) is
  'Share of the truly nearest rows that a search finds; null if no row passes.';

create or replace function lsh.sample_recall(
  rows_of anyelement,
  query @vector@.vector default null,
  item text default null,
  k int default 10,
  candidates int default null,
  probes int default null,
  exclude text[] default '{}',
  filter jsonb default null,
  allowed text[] default null,
  stage text default null,
  ranking text default null,
  index text default null,
  key_column text default null
)
  returns float8
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
#variable_conflict use_variable
declare
  chosen lsh.index := lsh_internal.index_of_rows(rows_of, index, key_column);
  family lsh.family := lsh_internal.family_of(chosen);
  recall constant float8 := lsh_internal.recall_of(chosen, family, lsh_internal.asked(chosen, query, item),
    lsh_internal.plan_search(chosen, family, k, candidates, probes, array_remove(exclude || item, null), filter, allowed, stage, ranking));
begin
  -- On a standby and in a read-only transaction, the recall is returned but not stored.
  if recall is not null and current_setting('transaction_read_only') = 'off' then
    insert into lsh.recall_sample (index_id, family_id, k, recall) values (chosen.id, family.id, k, recall);
  end if;
  return recall;
end
$$;

comment on function lsh.sample_recall(anyelement, @vector@.vector, text, int, int, int, text[], jsonb, text[], text, text, text, text) is
  'Measures the recall of one search of lsh.nearest on the rows that the caller sees, and stores it for lsh.sampled_recall unless the transaction is read-only.';

create or replace view lsh.sampled_recall with (security_invoker = true) as
  select
    index.name as index,
    sample.sampled_at::date as day,
    sample.k,
    count(*) as searches,
    avg(sample.recall) as recall,
    min(sample.recall) as least,
    avg((sample.recall = 1)::int)::float8 as complete
  from lsh.recall_sample as sample
    join lsh.index on index.id = sample.index_id and index.family_id = sample.family_id
  group by index.name, sample.sampled_at::date, sample.k;

comment on view lsh.sampled_recall is
  'Recall that lsh.sample_recall has measured for the current family of each index, by index, day and k; for the owner of the table.';
comment on column lsh.sampled_recall.least is 'Lowest recall.';
comment on column lsh.sampled_recall.complete is 'Share of the searches that found all true neighbours.';
