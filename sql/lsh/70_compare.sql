create or replace function lsh._compare(
  index lsh.index,
  query vector,
  ks int[],
  candidates int,
  buckets int[],
  exclude text[]
)
  returns table (k int, overlap int, dice float8, jaccard float8, recall float8, code_loss float8, bucket_loss float8)
  language plpgsql stable
  set search_path from current
as $$
#variable_conflict use_column
declare
  most int := (select max(wanted) from unnest(ks) as wanted);
  searched float8[] := array(
    select distance from lsh._search(index, query, most, candidates, buckets, exclude) order by 1);
begin
  -- A hit is a row no farther than the k-th true neighbour: among ties it does not matter which was picked.
  return query execute format(
    'with scored as materialized (
       select source.key, l2_distance(source.vector, $4) as distance, lsh.hamming(hashed.code, $1) as hamming
       from (select key, vector from (select %1$I as key, %2$I as vector from %4$s) as whole where vector is not null and %5$s) as source
         left join lsh_index.%3$I as hashed on hashed.key = source.key
     ),
     truth as materialized (
       select distance, row_number() over (order by distance, key) as rank
       from (select * from scored order by distance, key limit %6$s) as nearest
     ),
     coded as materialized (
       select distance, row_number() over (order by hamming, key) as rank
       from (select * from scored order by hamming, key limit %7$s) as nearest
     ),
     counted as (
       select
         wanted.k,
         truth.size,
         (select count(*) from coded where coded.rank <= wanted.k and coded.distance <= truth.edge) as overlap,
         least(truth.size, (select count(*) from coded where coded.distance <= truth.edge)) as scanned,
         least(truth.size, (select count(*) from unnest($6[:wanted.k]) as distance where distance <= truth.edge)) as found
       from unnest($5) as wanted (k)
         cross join lateral (
           select count(*) as size, max(truth.distance) as edge
           from truth
           where truth.rank <= wanted.k
         ) as truth
     )
     select k, overlap::int, overlap::float8 / size, overlap::float8 / (2 * size - overlap), found::float8 / size,
       1 - scanned::float8 / size, (scanned - found)::float8 / size
     from counted
     where size > 0
     order by k',
    index.key_column, index.vector_column, index.name, index.relation,
    lsh._condition(index, null, exclude), most, greatest(candidates, most))
  using lsh._code(index.family_id, query), null, exclude, query, ks, searched;
end
$$;

comment on function lsh._compare(lsh.index, vector, int[], int, int[], text[]) is
  'One query of lsh.compare: all codes by Hamming distance, and the search itself, against the exact neighbours.';

create or replace function lsh._visited(index lsh.index, buckets int[])
  returns int
  language plpgsql stable
  set search_path from current
as $$
declare
  visited int;
begin
  execute format('select count(*) from lsh_index.%I as code where %s', index.name, lsh._condition(index, buckets, '{}'))
  into visited
  using null, buckets;
  return visited;
end
$$;

comment on function lsh._visited(lsh.index, int[]) is
  'Number of codes in the given buckets; null means in all.';

create or replace function lsh.compare(
  index text,
  queries text[],
  ks int[] default '{10}',
  candidates int default null,
  probes int default null,
  excludes jsonb default '{}'
)
  returns table (
    query text, k int, overlap int, dice float8, jaccard float8, recall float8,
    code_loss float8, bucket_loss float8, visited_share float8
  )
  language plpgsql stable
  set search_path from current
as $$
#variable_conflict use_column
declare
  chosen lsh.index := lsh._require_index(compare.index);
  total int := lsh._visited(chosen, null);
  one record;
  buckets int[];
  exclude text[];
begin
  if coalesce(cardinality(ks), 0) = 0 or exists (select from unnest(ks) as wanted where wanted is null or wanted < 1) then
    raise exception 'every k is at least 1, not %', coalesce(ks::text, 'null')
      using errcode = 'invalid_parameter_value', hint = 'For example array[1, 10, 100].';
  end if;
  perform lsh._assert_stage(compare.candidates, compare.probes);
  for one in execute format(
    'select asked.key, source.%1$I as vector
     from unnest($1) with ordinality as asked (key, number)
       left join %2$s as source on source.%3$I::text = asked.key
     order by asked.number',
    chosen.vector_column, chosen.relation, chosen.key_column) using queries
  loop
    if one.vector is null then
      raise exception 'query "%" has no vector in "%"', one.key, chosen.relation
        using errcode = 'no_data_found', hint = format('Queries are values of column "%s".', chosen.key_column);
    end if;
    exclude := array(
      select one.key
      union
      select jsonb_array_elements_text(excludes -> one.key));
    buckets := lsh._visit(chosen, one.vector,
      (select max(wanted) from unnest(ks) as wanted), coalesce(compare.probes, chosen.probes), exclude);
    return query
      select one.key, compared.*, lsh._visited(chosen, buckets)::float8 / total
      from lsh._compare(chosen, one.vector, ks, coalesce(compare.candidates, chosen.candidates), buckets, exclude) as compared;
  end loop;
end
$$;

comment on function lsh.compare(text, text[], int[], int, int, jsonb) is
  'Per query (a key of the table, left out itself, and with it the keys that "excludes" lists under it) and k: overlap, Dice and Jaccard of all codes by Hamming distance against exact neighbours; recall of lsh.search, and what codes (code_loss) and buckets (bucket_loss) cost of it. bucket_loss is negative where leaving out buckets left out false candidates.';
