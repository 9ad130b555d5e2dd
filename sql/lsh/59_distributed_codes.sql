-- Codes of tables that Citus has distributed. Families exist on the coordinator only, so rows are read and hashed
-- there, and their codes are written back to the shards.

create or replace function lsh_internal.fill_shards(index lsh.index, codes regclass, family lsh.family, condition text)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  batch constant int := 2000;
  type constant text := lsh_internal.bare_type(index);
  statement constant text := format(
    'insert into %1$s (bucket, key, code, norm, scale)
     select hashed.bucket, source.key::%2$s, hashed.code, hashed.norm, hashed.scale
     from unnest($3::text[], $4::text[]) as source (key, vector)
       cross join lateral lsh_internal.hashed($1, $2, source.vector::@vector@.vector) as hashed
     order by hashed.bucket
     on conflict (key) do update
     set bucket = excluded.bucket, code = excluded.code, norm = excluded.norm, scale = excluded.scale',
    codes, type);
  found record;
  keys text[] := '{}';
  vectors text[] := '{}';
begin
  for found in execute format(
    'select source.%1$I::text as key, (%2$s)::text as vector from %3$s as source where source.%4$I is not null and (%5$s)',
    index.key_column, lsh_internal.vector_expression(index, 'source'), lsh_internal.own_rows(index.relation), index.vector_column, condition)
  loop
    keys := keys || found.key;
    vectors := vectors || found.vector;
    if cardinality(keys) = batch then
      execute statement using family.id, family.token, keys, vectors;
      keys := '{}';
      vectors := '{}';
    end if;
  end loop;
  if cardinality(keys) > 0 then
    execute statement using family.id, family.token, keys, vectors;
  end if;
end
$$;

comment on function lsh_internal.fill_shards(lsh.index, regclass, lsh.family, text) is
  'Writes the codes of those rows of a distributed table that fulfil a condition on "source".';

create or replace function lsh_internal.shard_stats(index lsh.index, family lsh.family)
  returns table (
    name text, kind text, bits int, state text, stage text,
    rows bigint, codes bigint, code_bytes bigint, family_bytes bigint,
    buckets int, buckets_used int, largest_bucket int, skew float8, correlation real,
    probes int, candidates int, expected_visited bigint
  )
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  squares float8;
begin
  name := family.name;
  kind := family.kind;
  bits := family.bits;
  state := index.state;
  stage := lsh_internal.stage(index, family, null, null, null);
  execute format('select count(*) from %s as source where source.%I is not null', lsh_internal.own_rows(index.relation), index.vector_column)
  into rows;
  execute format(
    'select coalesce(sum(size), 0)::bigint, count(*)::int, coalesce(max(size), 0)::int, sum(size::float8 * size)
     from (select bucket, count(*) as size from %s group by bucket) as bucket', lsh_internal.codes_of(index))
  into codes, buckets_used, largest_bucket, squares;
  execute 'select citus_total_relation_size($1)' into code_bytes using index.codes;
  family_bytes := lsh_internal.family_bytes(family.id, family.token);
  buckets := family.bucket_count;
  probes := index.probes;
  candidates := index.candidates;
  if codes > 0 then
    skew := squares / codes / (codes::float8 / family.bucket_count);
    expected_visited := least(codes, probes * squares / codes)::bigint;
  end if;
  return next;
end
$$;

comment on function lsh_internal.shard_stats(lsh.index, lsh.family) is
  'lsh.index_stats for an index whose tables Citus has distributed: sums over all shards. Correlation is null, because shards have no common order.';

create or replace function lsh_internal.shard_problems(index lsh.index, family lsh.family)
  returns table (key text, problem text)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  others constant int[] := array(
    select other.id from lsh.family as other
    where other.id <> family.id and other.dims = family.dims and other.bits = family.bits order by other.id);
  tokens constant uuid[] := array(select other.token from lsh.family as other where other.id = any (others) order by other.id);
  found record;
begin
  for found in execute format(
    'select source.key::text as source_key, code.key::text as code_key, source.vector, code.code, code.bucket
     from (
       select lsh_source.%1$I as key, %5$s as vector from %3$s as lsh_source where lsh_source.%2$I is not null
     ) as source
       full join %4$s as code on code.key = source.key',
    index.key_column, index.vector_column, lsh_internal.own_rows(index.relation), index.codes,
    lsh_internal.vector_expression(index, 'lsh_source'))
  loop
    key := coalesce(found.source_key, found.code_key);
    problem := case
      when found.code_key is null then 'missing'
      when found.source_key is null then 'orphaned'
      when lsh_internal.agrees(family.id, family.token, found.vector, found.code, found.bucket) then null
      when exists (
        select from unnest(others, tokens) as other (id, token)
        where lsh_internal.agrees(other.id, other.token, found.vector, found.code, found.bucket)) then 'wrong family'
      else 'stale'
    end;
    if problem is not null then
      return next;
    end if;
  end loop;
end
$$;

comment on function lsh_internal.shard_problems(lsh.index, lsh.family) is
  'Rows of a distributed table whose code is wrong. Reads the vectors of all shards, one after the other.';
