create or replace function lsh.index_stats(index text)
  returns table (
    family text, kind text, bits int, state text, stage text,
    rows bigint, codes bigint, code_bytes bigint, family_bytes bigint,
    buckets int, buckets_used int, largest_bucket int, skew float8, correlation real,
    probes int, candidates int, expected_visited bigint
  )
  language plpgsql stable
  set search_path from current
as $$
#variable_conflict use_column
declare
  chosen lsh.index := lsh._require_index(index_stats.index);
  family lsh.family := (select family from lsh.family where family.id = chosen.family_id);
begin
  return query execute format(
    'with bucket as materialized (select bucket, count(*) as size from lsh_index.%1$I group by bucket)
     select
       $1.name, $1.kind, $1.bits, $2.state, lsh._stage($2, $1, null, null, null),
       (select count(*) from %2$s as source where source.%3$I is not null),
       coalesce(sum(size), 0)::bigint,
       pg_total_relation_size(lsh._code_table($2)),
       (select sum(pg_column_size(projection))::bigint from lsh.projection where projection.family_id = $1.id),
       $1.bucket_count, count(*)::int, coalesce(max(size), 0)::int,
       sum(size ^ 2)::float8 / nullif(sum(size), 0) / (sum(size)::float8 / $1.bucket_count),
       (select pg_stats.correlation from pg_stats
        where schemaname = ''lsh_index'' and tablename = $2.name and attname = ''bucket''),
       $2.probes, $2.candidates,
       least(sum(size), $2.probes * sum(size ^ 2) / nullif(sum(size), 0))::bigint
     from bucket',
    chosen.name, chosen.relation, chosen.vector_column)
  using family, chosen;
end
$$;

comment on function lsh.index_stats(text) is
  'Size and shape of an index: rows with a vector and codes of them, bytes of the code table with its indexes and of the family, buckets, how many codes the largest holds, how many times as many as on average a row shares its bucket with (skew), how well the code table is in the order of its buckets (correlation, see lsh.compact_index), and the codes a search is expected to visit.';
