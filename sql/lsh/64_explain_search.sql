create or replace function lsh_internal.visited(index lsh.index, plan lsh_internal.plan, query lsh_internal.query)
  returns int
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  visited int;
begin
  if plan.stage = 'hnsw' then
    return null;
  elsif plan.stage = 'exact' then
    return 0;
  end if;
  execute format('select count(*) from %s as code where $1 is null or bucket = any ($1)', lsh_internal.codes_of(index))
  into visited
  using case plan.stage when 'buckets' then query.buckets end;
  return visited;
end
$$;

comment on function lsh_internal.visited(lsh.index, lsh_internal.plan, lsh_internal.query) is
  'Number of codes that a search visits; null for an HNSW graph, where it is unknown.';

drop function if exists lsh.explain_search(text, @vector@.vector, int, int, int, text[], jsonb, text[], text, text);

create or replace function lsh.explain_search(
  index text,
  query @vector@.vector,
  k int default 10,
  candidates int default null,
  probes int default null,
  exclude text[] default '{}',
  filter jsonb default null,
  allowed text[] default null,
  stage text default null,
  ranking text default null
)
  returns table (
    chosen_stage text, chosen_ranking text, buckets int, visited int, reranked int, exhausted boolean,
    plan_ms float8, hash_ms float8, candidate_ms float8, search_ms float8,
    passing float8, tested int
  )
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  chosen lsh.index := lsh_internal.require_index(explain_search.index);
  family lsh.family := lsh_internal.family_of(chosen);
  asked lsh_internal.query;
  plan lsh_internal.plan;
  times timestamptz[] := array[clock_timestamp()];
begin
  plan := lsh_internal.plan_search(chosen, family, explain_search.k, explain_search.candidates, explain_search.probes,
    explain_search.exclude, explain_search.filter, explain_search.allowed, explain_search.stage, explain_search.ranking);
  times := times || clock_timestamp();
  asked := lsh_internal.hash_query(family, explain_search.query, plan);
  times := times || clock_timestamp();
  plan := (lsh_internal.find(chosen, family, explain_search.query, plan)).plan;
  times := times || clock_timestamp();
  -- The search may have visited more buckets than planned.
  asked := lsh_internal.hash_query(family, explain_search.query, plan);
  if plan.estimated then
    reranked := 0;
  elsif plan.stage <> 'exact' and lsh_internal.is_distributed(chosen) then
    reranked := cardinality(lsh_internal.shard_coded(chosen, family, explain_search.query, plan));
  elsif plan.stage <> 'exact' then
    execute format('select count(*) from (%s) as candidate', lsh_internal.passing(chosen, plan,
      lsh_internal.candidates(chosen, family, plan, coalesce(plan.tested, plan.candidates)::text)))
    into reranked
    using asked, plan.exclude, plan.allowed;
  end if;
  times := times || clock_timestamp();
  chosen_stage := plan.stage;
  chosen_ranking := plan.ranking;
  buckets := cardinality(asked.buckets);
  visited := case when plan.stage <> 'exact' then lsh_internal.visited(chosen, plan, asked) end;
  exhausted := plan.stage in ('exact', 'scan') or (plan.stage = 'buckets' and plan.probes >= family.bucket_count)
    or (reranked < explain_search.k and plan.estimated is null);
  plan_ms := 1000 * extract(epoch from times[2] - times[1]);
  hash_ms := 1000 * extract(epoch from times[3] - times[2]);
  search_ms := 1000 * extract(epoch from times[4] - times[3]);
  candidate_ms := 1000 * extract(epoch from times[5] - times[4]);
  passing := plan.passing;
  tested := plan.tested;
  return next;
end
$$;

comment on function lsh.explain_search(text, @vector@.vector, int, int, int, text[], jsonb, text[], text, text) is
  'Runs lsh.search and reports what it did: stage, ranking, buckets, codes visited, candidates re-ranked, share of rows that pass the conditions, and the time of each step.';
