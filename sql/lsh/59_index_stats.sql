create or replace function lsh_internal.family_bytes(family_id int, token uuid)
  returns bigint
  language plpgsql stable parallel safe security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform lsh_internal.assert_token(family_id, token);
  return (select sum(pg_column_size(projection)) from lsh.projection where projection.family_id = family_bytes.family_id);
end
$$;

comment on function lsh_internal.family_bytes(int, uuid) is 'Size of the directions and cells of a family.';

create or replace function lsh.index_stats(index text)
  returns table (
    family text, kind text, bits int, state text, stage text,
    rows bigint, codes bigint, code_bytes bigint, family_bytes bigint,
    buckets int, buckets_used int, largest_bucket int, skew float8, correlation real,
    probes int, candidates int, expected_visited bigint
  )
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  chosen lsh.index := lsh_internal.require_index(index_stats.index);
  hashed_by lsh.family := lsh_internal.family_of(chosen);
begin
  if lsh_internal.is_distributed(chosen) then
    return query select * from lsh_internal.shard_stats(chosen, hashed_by);
    return;
  end if;
  return query execute format(
    'with bucket as materialized (select bucket, count(*) as size from %1$s group by bucket)
     select
       $1.name, $1.kind, $1.bits, $2.state, lsh_internal.stage($2, $1, null, null, null),
       (select count(*) from %2$s as lsh_source where lsh_source.%3$I is not null),
       coalesce(sum(size), 0)::bigint,
       pg_total_relation_size($2.codes),
       lsh_internal.family_bytes($1.id, $1.token),
       $1.bucket_count, count(*)::int, coalesce(max(size), 0)::int,
       sum(size ^ 2)::float8 / nullif(sum(size), 0) / (sum(size)::float8 / $1.bucket_count),
       (select pg_stats.correlation from pg_stats
        where format(''%%I.%%I'', schemaname, tablename) = $2.codes::text and attname = ''bucket''),
       $2.probes, $2.candidates,
       least(sum(size), $2.probes * sum(size ^ 2) / nullif(sum(size), 0))::bigint
     from bucket',
    lsh_internal.codes_of(chosen), lsh_internal.own_rows(chosen.relation), chosen.vector_column)
  using hashed_by, chosen;
end
$$;

comment on function lsh.index_stats(text) is
  'Size and shape of an index: rows, codes, bytes, buckets and how evenly they are filled, and the codes a search is expected to visit. Counts the rows that the caller may see.';
