create or replace function lsh_internal.drift(index lsh.index, family lsh.family, sample int)
  returns table (drift float8, scale float8)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  rows constant @vector@.vector[] := lsh_internal.sample(index.relation, index.vector_column, 50 * sample, 1);
  figures lsh.calibration;
begin
  if cardinality(rows) < 8 then
    return;
  end if;
  figures := lsh_internal.calibrate(rows, 50, family.kind);
  return query
    select
      @vector@.l2_distance((select @vector@.avg(element) from unnest(rows) as element), family.center)
        / nullif((family.calibration ->> 'mean_distance')::float8, 0),
      sqrt(family.bandwidth) * figures.radius;
end
$$;

comment on function lsh_internal.drift(lsh.index, lsh.family, int) is
  'Distance of the mean of a sample from the center of the family, in mean distances at the time when it was drawn, and the radius of neighbours in widths of the kernel.';

create or replace function lsh_internal.check_index(index lsh.index, family lsh.family, sample int)
  returns lsh.index_check
  language plpgsql
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
declare
  made lsh.index_check;
  queries text[];
begin
  made.index_id := index.id;
  made.family_id := family.id;
  made.checked_at := clock_timestamp();
  select measured.drift, measured.scale into made.drift, made.scale from lsh_internal.drift(index, family, sample) as measured;
  execute format(
    'select array_agg(picked.key)
     from (
       select source.%1$I::text as key
       from %2$s as source
       where source.%3$I is not null
       order by hashtextextended(source.%1$I::text, 0), 1
       limit $1
     ) as picked',
    index.key_column, lsh_internal.own_rows(index.relation), index.vector_column)
  into queries
  using sample;
  -- Searches do not use the codes in another state, so their recall says nothing about the family.
  if queries is not null and index.state = 'ready' then
    made.recall := (
      select avg(compared.recall)
      from lsh.compare(index.name, queries, stage => lsh_internal.stage(index, family, null, null, null)) as compared);
  end if;
  insert into lsh.index_check select made.*;
  delete from lsh.index_check as checked
  where checked.index_id = made.index_id and checked.family_id <> made.family_id;
  delete from lsh.recall_sample as sample
  where sample.index_id = made.index_id and sample.sampled_at < now() - interval '90 days';
  return made;
end
$$;

comment on function lsh_internal.check_index(lsh.index, lsh.family, int) is
  'Measures drift and recall of an index on a sample and stores them in lsh.index_check.';

create or replace function lsh_internal.renewal(index lsh.index, family lsh.family)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  name constant text := format('%s_%s', family.name, to_char(now(), 'YYYYMMDD'));
begin
  if lsh_internal.learned(family.kind) or family.bucket_kind = 'voronoi' then
    return format('pg-lsh family create %s --relation %s --column %s --kind %s --bits %s && pg-lsh sql "select lsh.reindex(%L, %L)"',
      name, lsh_internal.table_name(index.relation), index.vector_column, family.kind, family.bits, index.name, name);
  end if;
  return format('select lsh.reindex(%L, lsh.create_family(%L, %L, %L, bits => %s, kind => %L));',
    index.name, name, lsh_internal.table_name(index.relation), index.vector_column, family.bits, family.kind);
end
$$;

comment on function lsh_internal.renewal(lsh.index, lsh.family) is
  'Command that hashes an index again by a new family, drawn from the current data.';

create or replace function lsh_internal.maintain_index(index lsh.index, sample int)
  returns table (finding text, advice text, command text)
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  trouble record;
  health lsh.health;
  family lsh.family;
  made lsh.index_check;
  correlation real;
begin
  select * into trouble from lsh_internal.trouble(index);
  if trouble.problem is not null then
    return query select trouble.problem, trouble.hint,
      case when trouble.hint like '%lsh.mend_index%' then format('select lsh.mend_index(%L);', index.name) end;
    return;
  end if;
  family := lsh_internal.family_of(index);
  if index.state = 'building' then
    return query select 'it is being built', 'Searches read the table until the build is complete.', format('call lsh.build_index(%L);', index.name);
  elsif index.state = 'suspect' then
    return query select 'codes may be older than their vectors', 'Searches read the table until they are compared.',
      format('select * from lsh.verify_index(%L, repair => true);', index.name);
  end if;
  if sample > 0 then
    made := lsh_internal.check_index(index, family, sample);
  end if;
  select * into health from lsh.health where health.index = index.name;
  select pg_stats.correlation into correlation
  from pg_stats
  where format('%I.%I', schemaname, tablename) = index.codes::text and attname = 'bucket';
  if correlation is null and (select reltuples from pg_class where oid = index.codes) <> 0 then
    return query select 'the planner has no statistics of the codes', 'Analyze the code table.', format('analyze %s;', index.codes);
  end if;
  if health.dead_share > 0.2 then
    return query select format('%s %% of the codes are dead', round(100 * health.dead_share::numeric)),
      'Vacuum the code table, and let autovacuum run more often.', format('vacuum (analyze) %s;', index.codes);
  end if;
  if correlation < 0.9 then
    return query select format('codes of a bucket are spread over the table: correlation %s', round(correlation::numeric, 2)),
      'Rewrite them in the order of their buckets. This locks the code table.', format('select lsh.compact_index(%L);', index.name);
  end if;
  if health.skew > 8 then
    return query select format('buckets are uneven: a code shares its bucket with %s times as many codes as in even buckets', round(health.skew::numeric, 1)),
      'Draw a new family from the current data.', lsh_internal.renewal(index, family);
  elsif made.drift > 0.5 then
    return query select format('the mean of the vectors has moved by %s mean distances', round(made.drift::numeric, 2)),
      'Draw a new family from the current data.', lsh_internal.renewal(index, family);
  elsif lsh_internal.misfits(family.kind, made.scale) then
    return query select format('the neighbour radius is %s kernel widths, outside 0.6 to 1.45', round(made.scale::numeric, 2)),
      'Draw a new family from the current data.', lsh_internal.renewal(index, family);
  elsif made.recall < least(0.9, health.recall_first - 0.05) then
    return query select format('recall@10 is %s, and was %s', round(made.recall::numeric, 3), round(health.recall_first::numeric, 3)),
      'Tune its settings to the current data.', format('select * from lsh.tune(%L) where chosen;', index.name);
  end if;
end
$$;

comment on function lsh_internal.maintain_index(lsh.index, int) is 'Most urgent action for an index; no row if there is none.';

create or replace function lsh.maintain(index text default null, sample int default 20)
  returns table (name text, finding text, advice text, command text)
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  chosen lsh.index;
begin
  if sample is null or sample not between 0 and 10000 then
    raise exception 'a sample must have 0 to 10000 queries, not %', coalesce(sample::text, 'null')
      using errcode = 'invalid_parameter_value', hint = 'The default is 20; 0 measures neither recall nor drift.';
  end if;
  if maintain.index is not null then
    chosen := lsh_internal.registered_index(maintain.index);
    perform lsh_internal.assert_owner(chosen);
  end if;
  for chosen in
    select registered.* from lsh.index as registered
    where case when maintain.index is null then lsh_internal.owns(registered.relation) else registered.name = maintain.index end
    order by registered.name
  loop
    return query
      select chosen.name, found.finding, found.advice, found.command
      from lsh_internal.maintain_index(chosen, sample) as found;
  end loop;
end
$$;

comment on function lsh.maintain(text, int) is
  'Checks one index, or all of the caller''s: measures recall and drift on a sample, and returns the most urgent action for each index with the command to type.';
