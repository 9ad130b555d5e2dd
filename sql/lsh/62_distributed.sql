-- Searches of tables that Citus has distributed. Citus accepts no lateral join, no parameter without a cast, and on the
-- workers no function that reads families, which exist on the coordinator only. So queries are hashed here, their
-- values are written into the statements, and Citus pushes each statement down to the shards with its order and limit.
-- These functions look for Citus when they run, and contain no reference to it that an installation without Citus would
-- reject.

create or replace function lsh_internal.is_distributed(relation regclass)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found boolean;
begin
  if to_regclass('pg_catalog.pg_dist_partition') is null then
    return false;
  end if;
  execute 'select exists (select from pg_catalog.pg_dist_partition where logicalrelid = $1)' into found using relation;
  return found;
end
$$;

comment on function lsh_internal.is_distributed(regclass) is 'Whether Citus has distributed a table over its workers.';

create or replace function lsh_internal.is_distributed(index lsh.index)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return lsh_internal.is_distributed(index.codes);
end
$$;

comment on function lsh_internal.is_distributed(lsh.index) is 'Whether Citus has distributed the tables of an index.';

create or replace function lsh_internal.set_in_turn(relation regclass)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if lsh_internal.is_distributed(relation) then
    -- Until the transaction ends: it changes functions and tables together, for which Citus requires one connection per
    -- worker.
    perform set_config('citus.multi_shard_modify_mode', 'sequential', true);
  end if;
end
$$;

comment on function lsh_internal.set_in_turn(regclass) is 'Makes Citus change the shards of a table one after the other.';

create or replace function lsh_internal.key_list(index lsh.index, keys text[])
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return format('%L::%s[]', coalesce(array_remove(keys, null), '{}'), lsh_internal.bare_type(index));
end
$$;

comment on function lsh_internal.key_list(lsh.index, text[]) is 'Keys as an array literal of their type.';

create or replace function lsh_internal.key_condition(index lsh.index, plan lsh_internal.plan, key text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return concat_ws(' and ', 'true',
    case when cardinality(plan.exclude) > 0 then format('%s <> all (%s)', key, lsh_internal.key_list(index, plan.exclude)) end,
    case when plan.allowed is not null then format('%s = any (%s)', key, lsh_internal.key_list(index, plan.allowed)) end);
end
$$;

comment on function lsh_internal.key_condition(lsh.index, lsh_internal.plan, text) is
  'Condition on the keys that a search may return, as SQL over a column, with the keys as literals.';

create or replace function lsh_internal.shard_candidates(
  index lsh.index, family lsh.family, query lsh_internal.query, plan lsh_internal.plan, count int
)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  bit constant text := format('bit(%s)', family.bits);
  own constant text := format('B%L::%s', query.code, bit);
  planes constant int := lsh_internal.query_planes(family.kind);
  hamming text := format('@vector@.hamming_distance(code.code, %s)', own);
  weighted text := lsh_internal.weighted('code.code', planes);
  probes text := '';
  visited text := format('code.bucket = any (%L::int[])', query.buckets);
  coarse text;
  measure text;
  listed bigint := count;
begin
  weighted := replace(weighted, '($1).code', own);
  for plane in 1 .. planes loop
    weighted := replace(weighted, format('($1).planes[%s]', plane), format('B%L::%s', query.planes[plane], bit));
  end loop;
  -- The measures of lsh_internal.candidates, lsh_internal.residual_candidates and lsh_internal.scalar_candidates, so
  -- that both rank alike.
  if family.kind = 'residual' then
    hamming := '@vector@.hamming_distance(code.code, probe.code)';
    probes := format('join unnest(%L::int[], %L::%s[], %L::float8[], %L::float8[]) as probe (bucket, code, distance, size) on true',
      query.buckets, query.codes, bit, query.distances, query.sizes);
    visited := 'code.bucket = probe.bucket';
    measure := format('probe.distance + code.norm::float8 * code.norm::float8 - code.scale * (probe.size * pi() - probe.size * %s::float8 * %s)',
      2 * pi() / family.bits, hamming);
  elsif family.kind = 'scalar' then
    probes := format('join unnest(%L::int[], %L::float8[]) as probe (bucket, size) on true', query.buckets, query.sizes);
    visited := 'code.bucket = probe.bucket';
    measure := format('code.norm::float8 * code.norm - 2 * (probe.size - 2 * %L::float8 * %s)', query.step, weighted);
  elsif plan.ranking = 'hamming' then
    coarse := format('bit_count(code.code # %s)', own);
    measure := hamming;
  else
    listed := 4 * listed;
    coarse := case plan.ranking
      when 'asymmetric' then format('bit_count(code.code # %s)', own)
      else format('code.norm::float8 * code.norm - code.scale * (%1$L::float8 * pi() - %1$L::float8 * %2$s::float8 * %3$s)',
        query.size, 2 * pi() / family.bits, hamming)
    end;
    measure := case plan.ranking
      when 'asymmetric' then weighted
      else format('code.norm::float8 * code.norm - code.scale * 2 * (%L::float8 - 2 * %L::float8 * %s)', query.size, query.step, weighted)
    end;
  end if;
  -- No subquery with a limit: Citus would copy its rows to the coordinator and run the outer query on one more node.
  return format(
    'select code.key, %1$s::int as hamming, (%2$s)::float8 as measure
     from %3$s as code %4$s
     where %5$s and %6$s
     order by %7$s, code.key
     limit %8$s',
    hamming, measure, lsh_internal.codes_of(index), probes,
    case when plan.stage = 'buckets' or probes <> '' then visited else 'true' end,
    lsh_internal.key_condition(index, plan, 'code.key'), coalesce(coarse, 'measure'), listed);
end
$$;

comment on function lsh_internal.shard_candidates(lsh.index, lsh.family, lsh_internal.query, lsh_internal.plan, int) is
  'Statement for the best distributed codes by the coarse measure of a search: key, Hamming distance and finer measure. No shard returns more than the limit.';

create or replace function lsh_internal.shard_rows(statement text)
  returns setof record
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return query execute statement;
end
$$;

comment on function lsh_internal.shard_rows(text) is
  'Rows of a statement. It hides the distributed tables of the statement from a query over its rows, which therefore runs as a local query.';

create or replace function lsh_internal.shard_listed(
  index lsh.index, family lsh.family, query lsh_internal.query, plan lsh_internal.plan, out keys text[], out hammings int[]
)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  count constant int := coalesce(plan.tested, plan.candidates);
begin
  execute format(
    'select coalesce(array_agg(candidate.key::text), ''{}''), coalesce(array_agg(candidate.hamming), ''{}'')
     from (
       select * from lsh_internal.shard_rows($1) as code (key %s, hamming int, measure float8) order by code.measure, code.key limit %s
     ) as candidate',
    lsh_internal.bare_type(index), count)
  into keys, hammings
  using lsh_internal.shard_candidates(index, family, query, plan, count);
end
$$;

comment on function lsh_internal.shard_listed(lsh.index, lsh.family, lsh_internal.query, lsh_internal.plan) is
  'Keys and Hamming distances of the candidates of a search of distributed codes, the best first.';
