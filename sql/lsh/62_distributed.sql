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
  listed constant text := lsh_internal.key_condition(index, plan, 'code.key');
  bit constant text := format('bit(%s)', family.bits);
  planes constant int := lsh_internal.query_planes(family.kind);
  statement text;
begin
  if family.kind = 'residual' then
    -- The measure of lsh_internal.residual_candidates.
    return format(
      'select code.key, @vector@.hamming_distance(code.code, probe.code)::int as hamming
       from %1$s as code
         join unnest(%2$L::int[], %3$L::%4$s[], %5$L::float8[], %6$L::float8[]) as probe (bucket, code, distance, size)
           on probe.bucket = code.bucket
       where %7$s
       order by probe.distance + code.norm::float8 * code.norm::float8
         - code.scale * (probe.size * pi() - probe.size * %8$s::float8 * @vector@.hamming_distance(code.code, probe.code)), code.key
       limit %9$s',
      lsh_internal.codes_of(index), query.buckets, query.codes, bit, query.distances, query.sizes, listed, 2 * pi() / family.bits, count);
  end if;
  plan.exclude := '{}';
  plan.allowed := null;
  -- The statement of a search on one server, so that both rank alike. Replacing parameters in its text is safe, because
  -- it contains names and numbers only, and no text of the caller.
  statement := case
    when family.kind <> 'scalar' then lsh_internal.candidates(index, family, plan, count::text)
    -- The measure of lsh_internal.scalar_candidates.
    else format(
      'select code.key, @vector@.hamming_distance(code.code, ($1).code)::int as hamming
       from %1$s as code
         join unnest(%2$L::int[], %3$L::float8[]) as probe (bucket, size) on probe.bucket = code.bucket
       where true
       order by code.norm::float8 * code.norm - 2 * (probe.size - 2 * ($1).step * %4$s), code.key
       limit %5$s',
      lsh_internal.codes_of(index), query.buckets, query.sizes, lsh_internal.weighted('code.code', planes), count)
  end;
  statement := replace(statement, '($1).buckets', format('%L::int[]', query.buckets));
  for plane in 1 .. planes loop
    statement := replace(statement, format('($1).planes[%s]', plane), format('B%L::%s', query.planes[plane], bit));
  end loop;
  statement := replace(statement, '($1).code', format('B%L::%s', query.code, bit));
  statement := replace(statement, '($1).size', format('%L::float8', query.size));
  statement := replace(statement, '($1).step', format('%L::float8', query.step));
  return replace(statement, 'where true', 'where ' || listed);
end
$$;

comment on function lsh_internal.shard_candidates(lsh.index, lsh.family, lsh_internal.query, lsh_internal.plan, int) is
  'Statement for the candidates of a search of distributed codes, by the measures of lsh_internal.candidates. No shard returns more than the limit of the search.';
