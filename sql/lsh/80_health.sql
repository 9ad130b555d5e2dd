-- Monitoring. The view reads only the catalogue and PostgreSQL's estimates, so that it can be queried every minute.
-- lsh.maintain measures what requires reading rows, and stores it in lsh.index_check.

create or replace function lsh_internal.trouble(index lsh.index)
  returns table (problem text, hint text)
  -- With an estimate of more rows, PostgreSQL would compile the query of the view just in time, which takes a second.
  language plpgsql stable rows 1
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select complaint.problem, complaint.hint from lsh_internal.complaint(index) as complaint
    union all
    select format('trigger "%s" of table "%s" is %s', wrong.name, index.relation, wrong.problem),
      format('Run "select lsh.mend_index(%L)", then "select * from lsh.verify_index(%L, repair => true)".', index.name, index.name)
    from lsh_internal.wrong_triggers(index) as wrong
    union all
    select format('searches of index "%s" are planned each time, which takes longer than running them', index.name),
      format('Run "select lsh.mend_index(%L)".', index.name)
    where lsh_internal.is_fit(index) and lsh_internal.finder(index, 'find') is null and not lsh_internal.is_distributed(index)
    limit 1;
end
$$;

comment on function lsh_internal.trouble(lsh.index) is 'First problem of an index, with a hint; no row if there is none.';

create or replace function lsh_internal.estimated_skew(codes regclass, bucket_count int)
  returns float8
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Mean size of the buckets of all codes, divided by the size of an even bucket; from the statistics of the table.
  return (
    select bucket_count * (
      (select coalesce(sum(frequency ^ 2), 0) from unnest(most_common_freqs) as frequency)
      + (1 - (select coalesce(sum(frequency), 0) from unnest(most_common_freqs) as frequency)) ^ 2
        / greatest(1, case when n_distinct < 0 then -n_distinct * reltuples else n_distinct end
          - coalesce(cardinality(most_common_freqs), 0)))
    from pg_class
      join pg_namespace on pg_namespace.oid = relnamespace
      join pg_stats on schemaname = nspname and tablename = relname and attname = 'bucket'
    where pg_class.oid = codes and reltuples > 0);
end
$$;

comment on function lsh_internal.estimated_skew(regclass, int) is
  'How unevenly codes fill their buckets, according to the statistics of the code table; 1 is even, null without statistics.';

create or replace view lsh.health with (security_invoker = true) as
  select
    index.name as index,
    lsh_internal.table_name(index.relation) as relation,
    index.state,
    trouble.problem,
    trouble.hint,
    greatest(source.reltuples, 0)::bigint as rows,
    greatest(code.reltuples, 0)::bigint as codes,
    case index.state when 'building' then greatest(progress.total - progress.done, 0) end as behind,
    pg_total_relation_size(code.oid) as code_bytes,
    (activity.n_dead_tup::float8 / nullif(activity.n_live_tup + activity.n_dead_tup, 0)) as dead_share,
    (code.relallvisible::float8 / nullif(code.relpages, 0)) as visible_share,
    lsh_internal.estimated_skew(index.codes, family.bucket_count) as skew,
    checked.checked_at,
    checked.recall_first,
    checked.recall,
    checked.drift
  from lsh.index
    left join lsh.family on family.id = index.family_id
    -- Separate subqueries, because Citus adds a condition of its own to every pg_class in a statement.
    left join lateral (select reltuples from pg_class where pg_class.oid = index.relation offset 0) as source on true
    left join lateral (select oid, reltuples, relallvisible, relpages from pg_class where pg_class.oid = index.codes offset 0) as code on true
    left join pg_stat_all_tables as activity on activity.relid = index.codes
    left join lsh.index_progress as progress on progress.index_id = index.id
    left join lateral lsh_internal.trouble(index) as trouble on true
    left join (
      select
        measured.index_id,
        measured.family_id,
        max(measured.checked_at) as checked_at,
        (array_agg(measured.recall order by measured.checked_at) filter (where measured.recall is not null))[1] as recall_first,
        (array_agg(measured.recall order by measured.checked_at desc))[1] as recall,
        (array_agg(measured.drift order by measured.checked_at desc))[1] as drift
      from lsh.index_check as measured
      group by measured.index_id, measured.family_id
    ) as checked on checked.index_id = index.id and checked.family_id = index.family_id;

comment on view lsh.health is 'A row for every index, for operators: problem, progress of the build, size, dead rows, skew, and the last measurements of lsh.maintain.';
comment on column lsh.health.rows is 'Rows of the table, by its statistics.';
comment on column lsh.health.codes is 'Codes, by the statistics of the code table.';
comment on column lsh.health.behind is 'Rows that lsh.build_index has yet to read; null for an index that is built.';
comment on column lsh.health.dead_share is 'Share of dead rows of the code table, which vacuum will remove.';
comment on column lsh.health.visible_share is 'Share of pages of the code table that the visibility map marks as all-visible.';
comment on column lsh.health.skew is
  'Mean size of the buckets of all codes, divided by the size of an even bucket; 1 is even.';
comment on column lsh.health.recall_first is 'Recall@10 in the first measurement of lsh.maintain with the family.';
comment on column lsh.health.recall is 'Recall@10 in the last measurement of lsh.maintain.';
comment on column lsh.health.drift is 'How far the mean of the vectors has moved from the center of the family, in mean distances of two rows.';
