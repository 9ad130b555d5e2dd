create or replace function lsh_internal.measured(
  index lsh.index, queries text[], k int, candidates int, probes int
)
  returns table (recall float8, visited float8)
  language sql stable
begin atomic
  select avg(compared.recall), avg(compared.visited_share) * case when lsh_internal.is_distributed(index) then lsh_internal.visited(index, null, null)
      else (select reltuples from pg_class where oid = (index).codes) end
  from lsh.compare((index).name, queries, array[k], candidates, probes) as compared;
end;

comment on function lsh_internal.measured(lsh.index, text[], int, int, int) is
  'Mean recall@k and mean number of visited codes of stage buckets at one setting.';

create or replace function lsh_internal.still_there(index lsh.index, keys text[])
  returns text[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found text[];
begin
  execute format(
    'select array_agg(source.%1$I::text) from %2$s as source where source.%1$I = any ($1::%3$s[]) and source.%4$I is not null',
    index.key_column, lsh_internal.own_rows(index.relation), lsh_internal.bare_type(index), index.vector_column)
  into found
  using keys;
  return coalesce(found, '{}');
end
$$;

comment on function lsh_internal.still_there(lsh.index, text[]) is
  'Those of some keys whose rows still have a vector, because the table may be written while it is tuned.';

create or replace function lsh.tune(
  index text,
  recall float8 default 0.95,
  k int default 10,
  sample int default 100,
  seed int default 1
)
  returns table (probes int, candidates int, reached float8, visited float8, chosen boolean)
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  tuned lsh.index := lsh_internal.require_index(tune.index);
  bucket_count int := (lsh_internal.family_of(tuned)).bucket_count;
  queries text[];
  wanted int;
  price float8;
  cheapest float8 := 'infinity';
  best int[] := array[1, 25];
  best_recall float8 := -1;
  best_visited float8;
begin
  perform lsh_internal.assert_plan(tune.k, null, null, null, null);
  if tune.recall is null or tune.recall <= 0 or tune.recall > 1 or tune.sample is null or tune.sample < 1 then
    raise exception 'recall must be above 0 and at most 1, and a sample must have at least one query, not % and %', tune.recall, tune.sample
      using errcode = 'invalid_parameter_value', hint = 'The defaults are a recall of 0.95 and 100 queries.';
  end if;
  execute format(
    'select array_agg(picked.key)
     from (
       select source.%1$I::text as key
       from %2$s as source
       where source.%3$I is not null
       order by hashtextextended(source.%1$I::text, $1), 1
       limit $2
     ) as picked',
    tuned.key_column, lsh_internal.own_rows(tuned.relation), tuned.vector_column)
  into queries
  using seed::bigint, tune.sample;
  if queries is null then
    raise exception 'table "%" holds no vectors', tuned.relation
      using errcode = 'LSH03', hint = 'Fill the table first: an index is tuned on its data.';
  end if;
  chosen := false;
  foreach wanted in array array[25, 50, 100, 200, 400] loop
    candidates := wanted;
    probes := 1;
    loop
      select measured.recall, measured.visited
      into reached, visited
      from lsh_internal.measured(tuned, lsh_internal.still_there(tuned, queries), tune.k, candidates, probes) as measured;
      return next;
      -- Reading and comparing a vector takes about the time of ten codes.
      price := case when reached >= tune.recall then visited + 10 * candidates else 'infinity' end;
      if price < cheapest or (cheapest = 'infinity' and reached > best_recall) then
        cheapest := price;
        best := array[probes, candidates];
        best_recall := reached;
        best_visited := visited;
      end if;
      exit when price < 'infinity' or probes >= bucket_count or visited + 10 * candidates > cheapest;
      probes := probes * 2;
    end loop;
  end loop;
  if cheapest = 'infinity' then
    raise warning 'recall % was not reached, only %', tune.recall, round(best_recall::numeric, 3)
      using hint = 'Use a family with more bits.';
  end if;
  update lsh.index as registered
  set probes = best[1], candidates = best[2], measured = null
  where registered.id = tuned.id;
  probes := best[1];
  candidates := best[2];
  reached := best_recall;
  visited := best_visited;
  chosen := true;
  return next;
end
$$;

comment on function lsh.tune(text, float8, int, int, int) is
  'Measures recall on a sample for growing probes and candidates, stores the cheapest setting that reaches the wanted recall, and returns the measurements.';
