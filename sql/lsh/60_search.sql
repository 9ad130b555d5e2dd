-- Text is put into these statements only as identifiers, types and whole numbers; values travel as
-- parameters: $1 code, $2 buckets, $3 keys left out, $4 query. Distances are written l2_distance(…) and
-- not <->, which an approximate index on the column would take for its own and answer short.

create or replace function lsh._condition(index lsh.index, buckets int[], exclude text[])
  returns text
  language sql stable
begin atomic
  select concat_ws(' and ',
    'true',
    case when buckets is not null then 'bucket = any($2)' end,
    -- Without its length, to which a key would be cut.
    case when cardinality(exclude) > 0 then
      format('key <> all(array_remove($3, null)::%s[])', format_type(atttypid, -1))
    end)
  from pg_attribute
  where attrelid = (_condition.index).relation
    and attname = (_condition.index).key_column;
end;

comment on function lsh._condition(lsh.index, int[], text[]) is
  'Which codes a search may look at, as SQL over a code table; null buckets mean all.';

create or replace function lsh._visit(index lsh.index, query vector, k int, probes int, exclude text[])
  returns int[]
  language plpgsql stable
  set search_path from current
as $$
declare
  total int := (select 1 << family.bucket_bits from lsh.family where family.id = index.family_id);
  enough int := 1;
  buckets int[] := '{}';
  found boolean;
begin
  -- The first of 1, 4, 16 … buckets that hold k rows, whatever was asked for: so more probes never
  -- visit less. The limit makes the count stop after k rows.
  while greatest(enough, probes) < total loop
    if cardinality(buckets) < greatest(enough, probes) then
      buckets := lsh._probes(index.family_id, query, greatest(enough, probes));
    end if;
    execute format('select count(*) = %1$s from (select from lsh_index.%2$I where %3$s limit %1$s) as passing',
      k, index.name, lsh._condition(index, buckets, exclude))
    into found
    using null, buckets[:enough], exclude;
    if found then
      return buckets;
    end if;
    enough := enough * 4;
  end loop;
  -- All of them: a plain scan is cheaper then, and it also finds codes whose bucket is off by rounding.
  return null;
end
$$;

comment on function lsh._visit(lsh.index, vector, int, int, text[]) is
  'Buckets that hold at least k rows which may be returned, starting from the wanted probes; null for all.';

create or replace function lsh._search_exact(index lsh.index, query vector, k int, exclude text[])
  returns table (key text, distance float8)
  language plpgsql stable
  set search_path from current
as $$
#variable_conflict use_column
begin
  return query execute format(
    'select key::text, distance
     from (select %1$I as key, l2_distance(%2$I, $4) as distance from %3$s where %2$I is not null) as source
     where %4$s
     order by distance, source.key
     limit %5$s',
    index.key_column, index.vector_column, index.relation, lsh._condition(index, null, exclude), k)
  using null, null, exclude, query;
end
$$;

comment on function lsh._search_exact(lsh.index, vector, int, text[]) is
  'The true nearest rows, by a scan of the table.';

create or replace function lsh._search(
  index lsh.index,
  query vector,
  k int,
  candidates int,
  buckets int[],
  exclude text[]
)
  returns table (key text, distance float8, hamming int)
  language plpgsql stable
  set search_path from current
as $$
#variable_conflict use_column
declare
  keys text[];
  distances float8[];
  hammings int[];
begin
  execute format(
    'with candidate as materialized (
       select key, lsh.hamming(code, $1) as hamming
       from lsh_index.%1$I
       where %2$s
       order by 2, 1
       limit %3$s
     ),
     ranked as (
       select candidate.key, l2_distance(source.%4$I, $4) as distance, candidate.hamming
       from candidate
         join %5$s as source on source.%6$I = candidate.key
       order by 2, 1
       limit %7$s
     )
     select array_agg(key::text order by distance, key), array_agg(distance order by distance, key),
       array_agg(hamming order by distance, key)
     from ranked',
    index.name, lsh._condition(index, buckets, exclude), greatest(candidates, k),
    index.vector_column, index.relation, index.key_column, k)
  into keys, distances, hammings
  using lsh._code(index.family_id, query), buckets, exclude, query;

  if cardinality(keys) >= k then
    return query select * from unnest(keys, distances, hammings);
  else
    -- Too few rows there are, or too few candidates: codes of rows that a loader has deleted, or that
    -- row-level security hides. Only the table knows.
    return query execute format(
      'select exact.key, exact.distance, lsh.hamming(code.code, $1)
       from lsh._search_exact($2, $3, $4, $5) with ordinality as exact (key, distance, place)
         left join lsh_index.%I as code on code.key::text = exact.key
       order by exact.place', index.name)
    using lsh._code(index.family_id, query), index, query, k, exclude;
  end if;
end
$$;

comment on function lsh._search(lsh.index, vector, int, int, int[], text[]) is
  'Candidates by Hamming distance in the given buckets (null: all), re-ranked by exact distance; where that leaves fewer than k rows, an exact scan; hamming is null for a row without a code.';

create or replace function lsh._assert_stage(candidates int, probes int)
  returns void
  language plpgsql immutable
  set search_path from current
as $$
begin
  if candidates < 1 or probes < 1 then
    raise exception 'candidates and probes are at least 1, not % and %', candidates, probes
      using errcode = 'invalid_parameter_value', hint = 'Leave them out to use the settings of the index.';
  end if;
end
$$;

comment on function lsh._assert_stage(int, int) is
  'Raises unless these are settings of a candidate stage; null stands for that of the index.';

create or replace function lsh._assert_search(index lsh.index, query vector, k int, candidates int, probes int)
  returns void
  language plpgsql stable
  set search_path from current
as $$
begin
  perform lsh._assert_dims((select family from lsh.family where family.id = index.family_id), query);
  if k is null or k < 1 then
    raise exception 'k is at least 1, not %', coalesce(k::text, 'null')
      using errcode = 'invalid_parameter_value', hint = 'k is the number of neighbours to return.';
  end if;
  perform lsh._assert_stage(candidates, probes);
end
$$;

comment on function lsh._assert_search(lsh.index, vector, int, int, int) is
  'Raises unless these are arguments of a search.';

create or replace function lsh.search(
  index text,
  query vector,
  k int default 10,
  candidates int default null,
  probes int default null,
  exclude text[] default '{}'
)
  returns table (key text, distance float8, hamming int)
  language plpgsql stable
  set search_path from current
as $$
#variable_conflict use_column
declare
  chosen lsh.index := lsh._require_index(search.index);
begin
  perform lsh._assert_search(chosen, query, k, search.candidates, search.probes);
  return query
    select *
    from lsh._search(chosen, query, k, coalesce(search.candidates, chosen.candidates),
      lsh._visit(chosen, query, k, coalesce(search.probes, chosen.probes), exclude), exclude);
end
$$;

comment on function lsh.search(text, vector, int, int, int, text[]) is
  'The k nearest rows: buckets by multi-probe, candidates by Hamming distance, order by exact distance and key. Keys in "exclude" are never returned; k rows come back whenever k exist, by an exact scan where the codes give fewer.';

create or replace function lsh.search_exact(index text, query vector, k int default 10, exclude text[] default '{}')
  returns table (key text, distance float8)
  language plpgsql stable
  set search_path from current
as $$
declare
  chosen lsh.index := lsh._require_index(search_exact.index);
begin
  perform lsh._assert_search(chosen, query, k, null, null);
  return query select * from lsh._search_exact(chosen, query, k, exclude);
end
$$;

comment on function lsh.search_exact(text, vector, int, text[]) is
  'The k truly nearest rows by Euclidean distance, ties by key; reads the whole table.';
