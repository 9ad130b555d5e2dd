create or replace function lsh_internal.true_distances(index lsh.index, vector @vector@.vector, keys text[])
  returns float8[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  distances float8[];
begin
  -- A row that no longer exists has no distance, and is no hit.
  execute format(
    'select array_agg(@vector@.l2_distance(%1$s, $1) order by found.place)
     from unnest($2) with ordinality as found (key, place)
       left join %2$s as source on source.%3$I = found.key::%4$s',
    lsh_internal.vector_expression(index, 'source'), lsh_internal.own_rows(index.relation), index.key_column, lsh_internal.bare_type(index))
  into distances
  using vector, keys;
  return distances;
end
$$;

comment on function lsh_internal.true_distances(lsh.index, @vector@.vector, text[]) is
  'Exact distances of the rows with these keys, in their order.';

create or replace function lsh_internal.compare(
  index lsh.index,
  family lsh.family,
  vector @vector@.vector,
  plan lsh_internal.plan,
  ks int[]
)
  returns table (k int, overlap int, dice float8, jaccard float8, recall float8, code_loss float8, bucket_loss float8, visited int)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  everything lsh_internal.plan := plan;
  coded lsh_internal.plan := plan;
  found record := lsh_internal.find(index, family, vector, plan);
  reached float8[] := case when plan.estimated then lsh_internal.true_distances(index, vector, found.keys) else found.distances end;
  scanned float8[] := reached;
  final lsh_internal.plan := found.plan;
  all_rows constant int := case when plan.filter is not null then 2147483647 end;
begin
  if plan.stage in ('buckets', 'hnsw') then
    everything.stage := 'scan';
    everything.tested := all_rows;
    found := lsh_internal.find(index, family, vector, everything);
    scanned := case when plan.estimated then lsh_internal.true_distances(index, vector, found.keys) else found.distances end;
  end if;
  coded.stage := 'scan';
  coded.candidates := plan.k;
  coded.tested := all_rows;
  coded.ranking := case when lsh_internal.within_cells(family.kind) then 'estimate' else 'hamming' end;
  if lsh_internal.is_distributed(index) then
    return query select * from lsh_internal.shard_compare(index, family, vector, plan, coded, ks, reached, scanned,
      lsh_internal.visited(index, final, lsh_internal.hash_query(family, vector, final)));
    return;
  end if;
  -- A hit is a row no farther than the k-th true neighbour: among ties it does not matter which was picked.
  return query execute format(
    'with truth as materialized (
       select distance, row_number() over () as rank
       from lsh_internal.search_exact($4, ($1).vector, $5) as exact
     ),
     coded as materialized (
       select @vector@.l2_distance(%1$s, ($1).vector) as distance, near.rank
       from (select candidate.key, row_number() over () as rank from (%2$s) as candidate) as near
         join %3$s as source on source.%4$I = near.key
     ),
     counted as (
       select
         wanted.k,
         truth.size,
         (select count(*) from coded where coded.rank <= wanted.k and coded.distance <= truth.edge) as overlap,
         least(truth.size, (select count(*) from unnest($7[:wanted.k]) as distance where distance <= truth.edge)) as scanned,
         least(truth.size, (select count(*) from unnest($6[:wanted.k]) as distance where distance <= truth.edge)) as found
       from unnest($8) as wanted (k)
         cross join lateral (
           select count(*) as size, max(truth.distance) as edge
           from truth
           where truth.rank <= wanted.k
         ) as truth
     )
     select k, overlap::int, overlap::float8 / size, overlap::float8 / (2 * size - overlap), found::float8 / size,
       1 - scanned::float8 / size, (scanned - found)::float8 / size, $9
     from counted
     where size > 0
     order by k',
    lsh_internal.vector_expression(index, 'source'), lsh_internal.passing(index, coded,
      lsh_internal.candidates(index, family, coded, coalesce(coded.tested, coded.candidates)::text)),
    lsh_internal.own_rows(index.relation), index.key_column)
  using lsh_internal.hash_query(family, vector, coded), plan.exclude, plan.allowed, index, plan, reached, scanned, ks,
    lsh_internal.visited(index, final, lsh_internal.hash_query(family, vector, final));
end
$$;

comment on function lsh_internal.compare(lsh.index, lsh.family, @vector@.vector, lsh_internal.plan, int[]) is
  'One query of lsh.compare: all codes by Hamming distance (residual and scalar ones by their estimate), and the search with and without its buckets, against the exact neighbours.';

create or replace function lsh_internal.assert_ks(ks int[])
  returns void
  language plpgsql immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(cardinality(ks), 0) = 0 or exists (select from unnest(ks) as wanted where wanted is null or wanted < 1) then
    raise exception 'every k must be at least 1, not %', coalesce(ks::text, 'null')
      using errcode = 'invalid_parameter_value', hint = 'For example array[1, 10, 100].';
  end if;
end
$$;

comment on function lsh_internal.assert_ks(int[]) is 'Raises unless there is at least one k, and each is at least 1.';

create or replace function lsh.compare(
  index text,
  queries text[],
  ks int[] default '{10}',
  candidates int default null,
  probes int default null,
  excludes jsonb default '{}',
  stage text default 'buckets',
  ranking text default null
)
  returns table (
    query text, k int, overlap int, dice float8, jaccard float8, recall float8,
    code_loss float8, bucket_loss float8, visited_share float8
  )
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  chosen lsh.index := lsh_internal.require_index(compare.index);
  family lsh.family := lsh_internal.family_of(chosen);
  total int := lsh_internal.visited(chosen, null, null);
  one record;
  plan lsh_internal.plan;
begin
  perform lsh_internal.assert_ks(compare.ks);
  perform lsh_internal.assert_plan(1, nullif(compare.candidates, 0), compare.probes, compare.stage, compare.ranking);
  for one in execute format(
    'select asked.key, %1$s as vector
     from unnest($1) with ordinality as asked (key, number)
       left join %2$s as source on source.%3$I = asked.key::%4$s
     order by asked.number',
    lsh_internal.vector_expression(chosen, 'source'), lsh_internal.own_rows(chosen.relation), chosen.key_column, lsh_internal.bare_type(chosen)) using queries
  loop
    if one.vector is null then
      raise exception 'query "%" has no vector in "%"', one.key, chosen.relation
        using errcode = 'no_data_found', hint = format('Queries are values of column "%s".', chosen.key_column);
    end if;
    plan := lsh_internal.plan_search(chosen, family, (select max(wanted) from unnest(ks) as wanted), compare.candidates, compare.probes,
      array(select one.key union select jsonb_array_elements_text(excludes -> one.key)), null, null, compare.stage, compare.ranking);
    return query
      select one.key, compared.k, compared.overlap, compared.dice, compared.jaccard, compared.recall, compared.code_loss,
        compared.bucket_loss, coalesce(compared.visited::float8 / nullif(total, 0), 0)
      from lsh_internal.compare(chosen, family, one.vector, plan, ks) as compared;
  end loop;
end
$$;

comment on function lsh.compare(text, text[], int[], int, int, jsonb, text, text) is
  'Compares codes and searches with the exact neighbours of some rows: overlap, Dice, Jaccard, recall, and the recall lost by codes and by buckets.';

create or replace function lsh.compare_nearest(
  rows_of anyelement,
  query @vector@.vector default null,
  item text default null,
  ks int[] default '{10}',
  candidates int default null,
  probes int default null,
  exclude text[] default '{}',
  filter jsonb default null,
  allowed text[] default null,
  stage text default null,
  ranking text default null,
  index text default null,
  key_column text default null
)
  returns table (
    k int, overlap int, dice float8, jaccard float8, recall float8, code_loss float8, bucket_loss float8, visited_share float8
  )
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  chosen lsh.index := lsh_internal.index_of_rows(compare_nearest.rows_of, compare_nearest.index, compare_nearest.key_column);
  family lsh.family := lsh_internal.family_of(chosen);
  asked @vector@.vector := lsh_internal.asked(chosen, compare_nearest.query, compare_nearest.item);
  plan lsh_internal.plan;
begin
  perform lsh_internal.assert_ks(compare_nearest.ks);
  plan := lsh_internal.plan_search(chosen, family, (select max(wanted) from unnest(ks) as wanted), compare_nearest.candidates,
    compare_nearest.probes, array_remove(compare_nearest.exclude || compare_nearest.item, null), compare_nearest.filter,
    compare_nearest.allowed, compare_nearest.stage, compare_nearest.ranking);
  return query
    select compared.k, compared.overlap, compared.dice, compared.jaccard, compared.recall, compared.code_loss, compared.bucket_loss,
      coalesce(compared.visited::float8 / nullif(lsh_internal.visited(chosen, null, null), 0), 0)
    from lsh_internal.compare(chosen, family, asked, plan, ks) as compared;
end
$$;

comment on function lsh.compare_nearest(anyelement, @vector@.vector, text, int[], int, int, text[], jsonb, text[], text, text, text, text) is
  'Works like lsh.compare for one search of lsh.nearest, with any query and any filter. visited_share is 0 if the search reads the vectors.';
