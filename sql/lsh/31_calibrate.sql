create or replace function lsh._calibrate(sample vector[], k int)
  returns table (
    sampled int,
    radius float8,
    mean_distance float8,
    contrast float8,
    bandwidth float8
  )
  language sql immutable parallel safe
begin atomic
  with element as materialized (
    select number, vector, count(*) over () as total
    from unnest(sample) with ordinality as element (vector, number)
  ),
  -- The neighbourhood of 200 rows estimates the median well; all pairs would cost ten times more.
  pair as materialized (
    select
      anchor.vector <-> other.vector as distance,
      anchor.total,
      row_number() over (partition by anchor.number order by anchor.vector <-> other.vector) as rank
    from element as anchor
      join element as other on other.number <> anchor.number
    where anchor.number <= 200
  ),
  measured as (
    select
      -- 1e-12: rounding of a table whose rows are all equal is no neighbourhood.
      nullif(greatest(percentile_cont(0.5) within group (order by pair.distance)
        filter (where pair.rank = least(k, greatest(1, pair.total / 4))), 1e-12), 1e-12) as radius,
      avg(pair.distance) as mean_distance,
      max(pair.total)::int as total
    from pair
  )
  select
    coalesce(measured.total, cardinality(sample)) as sampled,
    measured.radius,
    measured.mean_distance,
    measured.mean_distance / measured.radius as contrast,
    (0.75 / measured.radius) ^ 2 as bandwidth
  from measured;
end;

create or replace function lsh.calibrate(
  relation regclass,
  "column" name,
  k int default 50,
  sample int default 2000,
  seed int default 1
)
  returns table (
    sampled int,
    radius float8,
    mean_distance float8,
    contrast float8,
    bandwidth float8
  )
  language plpgsql stable
  set search_path from current
as $$
begin
  perform lsh._assert_vector_column(relation, "column");
  if k < 1 or sample < 8 then
    raise exception 'calibration needs k >= 1 and a sample of at least 8 rows, not k = % and %', k, sample
      using errcode = 'invalid_parameter_value',
            hint = 'The defaults, k = 50 and a sample of 2000, suit most tables.';
  end if;
  return query
    select * from lsh._calibrate(lsh._sample(relation, "column", sample, seed), k);
end
$$;

comment on function lsh.calibrate(regclass, name, int, int, int) is
  'Median distance to the k-th neighbour within a sample (radius), mean distance of pairs, their ratio (contrast) and the bandwidth (0.75 / radius)^2, at which far pairs still differ more than the k-th neighbours; nulls where all rows are equal.';
