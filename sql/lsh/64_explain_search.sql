create or replace function lsh_internal.visited(index lsh.index, plan lsh_internal.plan)
  returns int
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  visited int;
begin
  if plan.stage = 'hnsw' then
    return null;
  end if;
  execute format('select count(*) from %s as code where $1 is null or bucket = any ($1)', lsh_internal.codes_of(index))
  into visited
  using plan.buckets;
  return visited;
end
$$;

comment on function lsh_internal.visited(lsh.index, lsh_internal.plan) is
  'Number of codes that a search looks at; unknown for a graph.';

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
    hash_ms float8, probe_ms float8, candidate_ms float8, search_ms float8
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
  perform lsh_internal.assert_plan(explain_search.k, explain_search.candidates, explain_search.probes,
    explain_search.stage, explain_search.ranking);
  perform lsh_internal.assert_filter(chosen.relation, explain_search.filter);
  asked := lsh_internal.hash_query(family, explain_search.query);
  times := times || clock_timestamp();
  plan := lsh_internal.plan_search(chosen, family, asked,
    (explain_search.stage, explain_search.ranking, explain_search.k, explain_search.candidates, null,
      explain_search.exclude, explain_search.allowed, explain_search.filter),
    explain_search.probes);
  times := times || clock_timestamp();
  if plan.stage <> 'exact' then
    execute format('select count(*) from (%s) as candidate', lsh_internal.candidates(chosen, family, plan))
    into reranked
    using asked.code, plan.buckets, plan.exclude, plan.allowed, family.token,
      asked.planes[1], asked.planes[2], asked.planes[3], asked.step, asked.size, asked.vector, asked.centered, asked.products;
  end if;
  times := times || clock_timestamp();
  perform lsh_internal.search(chosen, family, asked, plan);
  times := times || clock_timestamp();
  chosen_stage := plan.stage;
  chosen_ranking := plan.ranking;
  buckets := cardinality(plan.buckets);
  visited := case when plan.stage <> 'exact' then lsh_internal.visited(chosen, plan) end;
  exhausted := plan.stage in ('exact', 'scan') or (plan.stage = 'buckets' and plan.buckets is null)
    or reranked < explain_search.k;
  hash_ms := 1000 * extract(epoch from times[2] - times[1]);
  probe_ms := 1000 * extract(epoch from times[3] - times[2]);
  candidate_ms := 1000 * extract(epoch from times[4] - times[3]);
  search_ms := 1000 * extract(epoch from times[5] - times[4]);
  return next;
end
$$;

comment on function lsh.explain_search(text, @vector@.vector, int, int, int, text[], jsonb, text[], text, text) is
  'Tells what lsh.search does with these arguments: stage, ranking, buckets, codes visited, candidates re-ranked, and the time of each step.';
