-- Users need not choose probes and candidates: a filled index measures, on some of its own rows, the settings that find
-- 95 % of the ten nearest rows, and those for a hundred. One wide search per row shows for all settings whether they
-- find a neighbour: its bucket must be visited, and it must be among the candidates.

create or replace function lsh_internal.wide_statement(index lsh.index, family lsh.family, listed int)
  returns text
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  plan lsh_internal.plan;
begin
  plan.stage := 'buckets';
  plan.ranking := lsh_internal.best_ranking(family.kind);
  return format(
    'with listed as materialized (
       select candidate.key, row_number() over () as place from (%1$s) as candidate
     )
     select array_agg(nearest.place::int - 1), array_agg(array_position(($1).buckets, code.bucket))
     from (
       select listed.key, listed.place
       from listed
         cross join lateral (
           select @vector@.l2_distance(%2$s, ($1).vector) as distance
           from %3$s as source
           where source.%4$I = listed.key and listed.key <> $2::%6$s
           offset 0
         ) as found
       order by found.distance, listed.key
       limit $3
     ) as nearest
       join %5$s as code on code.key = nearest.key',
    lsh_internal.candidates(index, family, plan, listed::text), lsh_internal.vector_expression(index, 'source'),
    lsh_internal.own_rows(index.relation), index.key_column, index.codes, lsh_internal.bare_type(index));
end
$$;

comment on function lsh_internal.wide_statement(lsh.index, lsh.family, int) is
  'Statement for the nearest rows of a query ($1) that is a row itself ($2): their places among the other candidates, and those of their buckets among the visited buckets.';

create or replace function lsh_internal.probes_that_visit(distances float8[], readable float8[], bucket_count float8)
  returns float8[]
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- The condition of lsh_internal.hashed_query, solved for lsh_internal.widened, and that for the number of probes. As
  -- many as there are buckets visit all.
  return array(
    select least(bucket_count, greatest(near.readable, near.place, near.widened / (1 + near.widened / bucket_count)))
    from (
      select listed.readable, listed.place, listed.place * (2 * greatest(0, listed.distance / reach.nearest - 1)) ^ 2 as widened
      from unnest(distances, readable) with ordinality as listed (distance, readable, place)
        cross join (select min(every.distance) as nearest from unnest(distances) as every (distance) where every.distance > 0) as reach
    ) as near
    order by near.place);
end
$$;

comment on function lsh_internal.probes_that_visit(float8[], float8[], float8) is
  'For each of the nearest cells of a query, given by their squared distances and the probes at which they are read, and the number of all cells, the number of probes at which a search visits it.';

create or replace function lsh_internal.measured_settings(
  index lsh.index, k int, goal float8, sample int, out probes int, out candidates int, out recall float8, out visited float8
)
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp set jit = off
as $$
declare
  family constant lsh.family := lsh_internal.family_of(index);
  tens constant float8 := k / 10.0;
  -- Where buckets have many rows, fewer of them: for ten neighbours about as many codes as 512 cells of the usual size
  -- have.
  widest constant int := least(512 * sqrt(tens), family.bucket_count, greatest(32,
    60000 * sqrt(tens) * family.bucket_count::bigint / greatest(1, pg_relation_size(index.codes) / (64 + family.bits / 8))))::int;
  -- One of ten neighbours is seldom beyond the first thousand, and the row itself is among them.
  statement constant text := lsh_internal.wide_statement(index, family, 1 + (1000 * sqrt(tens))::int);
  query lsh_internal.query;
  one record;
  places int[];
  ordinals int[];
  needed float8[];
  -- For each neighbour, the probes at which its bucket is visited and its place among the candidates. For each bucket,
  -- the probes at which it is visited and its number of codes.
  neighbour_probes float8[] := '{}';
  neighbour_places int[] := '{}';
  bucket_probes float8[] := '{}';
  bucket_codes int[] := '{}';
  codes int[];
  asked int := 0;
begin
  for one in execute format(
    'select source.%1$I::text as key, %2$s as vector
     from (select code.key from %3$s as code order by hashtextextended(code.key::text, 1), code.key limit %4$s) as picked
       join %5$s as source on source.%1$I = picked.key
     where source.%6$I is not null',
    index.key_column, lsh_internal.vector_expression(index, 'source'), index.codes, sample, lsh_internal.own_rows(index.relation),
    index.vector_column)
  loop
    asked := asked + 1;
    query := lsh_internal.hashed_query(family.id, family.token, one.vector, widest);
    execute statement into places, ordinals using query, one.key, k;
    continue when places is null;
    needed := case family.bucket_kind
      when 'voronoi' then lsh_internal.probes_that_visit(query.distances,
        lsh_internal.probes_that_read(family.id, family.token, one.vector, query.buckets), family.bucket_count)
      else array(select generate_series(1, cardinality(query.buckets))::float8)
    end;
    neighbour_probes := neighbour_probes || array(select needed[place] from unnest(ordinals) with ordinality as near (place, number) order by number);
    neighbour_places := neighbour_places || places;
    execute format(
      'select array(select (select count(*) from %s as code where code.bucket = listed.bucket)::int from unnest($1) with ordinality as listed (bucket, place) order by listed.place)',
      index.codes)
    into codes
    using query.buckets;
    bucket_probes := bucket_probes || needed;
    bucket_codes := bucket_codes || codes;
  end loop;
  -- Comparing a vector, which must be read, takes about the time of ten codes, and comparing a centre half that of one.
  -- Settings are whole numbers, so that neighbours and buckets are counted once for each, not once for each pair of them.
  with near as materialized (
    select ceil(neighbour.probes) as probes, neighbour.place, count(*) as found
    from unnest(neighbour_probes, neighbour_places) as neighbour (probes, place)
    group by 1, 2
  ),
  bucket as materialized (
    select ceil(listed.probes) as probes, sum(listed.codes) as codes
    from unnest(bucket_probes, bucket_codes) as listed (probes, codes)
    group by 1
  ),
  asking as materialized (
    select wanted.probes, (
        select sum(bucket.codes) from bucket where bucket.probes <= wanted.probes
      )::float8 / greatest(asked, 1) as visited, case family.bucket_kind
        -- The groups that lsh_internal.near_cells reads have about as many cells as there are groups.
        when 'voronoi' then least(family.bucket_count, sqrt(family.bucket_count) * 4 * 2 ^ greatest(0, ceil(log(2, wanted.probes / 8.0))))
        else 0
      end::float8 as cells
    from unnest(array[1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 200, 256, 320, 400, 512, 640, 800, 1024, 1280, 1600] || widest) as wanted (probes)
    where wanted.probes <= widest
  )
  select setting.probes, setting.candidates, setting.recall, setting.visited
  into probes, candidates, recall, visited
  from (
    select asking.probes, asking.visited, asking.cells, taking.candidates, (
        select coalesce(sum(near.found), 0) from near where near.probes <= asking.probes and near.place <= taking.candidates
      )::float8 / cardinality(neighbour_probes) as recall
    from asking
      cross join (
        select (tens * listed.candidates)::int
        from unnest(array[12, 16, 20, 24, 30, 36, 44, 54, 66, 80, 100, 120, 150, 200, 250, 300, 400]) as listed (candidates)
      ) as taking (candidates)
    where taking.candidates >= k and cardinality(neighbour_probes) > 0
  ) as setting
  order by setting.recall < goal, case when setting.recall < goal then -setting.recall end, setting.visited + setting.cells / 2 + 10 * setting.candidates
  limit 1;
end
$$;

comment on function lsh_internal.measured_settings(lsh.index, int, float8, int) is
  'The cheapest probes and candidates that find a share of the k nearest of some rows of an index, or else those that find most. Nulls for an empty index.';

create or replace function lsh_internal.set_measured(index_id int)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  index lsh.index;
  found record;
  more record;
begin
  select * into index from lsh.index as registered where registered.id = index_id;
  -- The default settings suffice for few rows, and searches in SQL read all of them.
  if index.settings <> 'measured' or not lsh_internal.is_fit(index)
    or pg_relation_size(index.codes) < 2000 * (64 + (lsh_internal.family_of(index)).bits / 8.0)
  then
    return;
  end if;
  -- Slightly more than 0.95, because the sample is small.
  found := lsh_internal.measured_settings(index, 10, 0.955, 128);
  if found.probes is null then
    return;
  end if;
  more := lsh_internal.measured_settings(index, 100, 0.955, 32);
  update lsh.index as registered
  set probes = found.probes, candidates = found.candidates,
    measured = array[found.probes, found.candidates, greatest(found.probes, more.probes), greatest(found.candidates, more.candidates)]
  where registered.id = index_id;
end
$$;

comment on function lsh_internal.set_measured(int) is
  'Measures the settings of an index on its rows and stores them, unless a user has set others.';
