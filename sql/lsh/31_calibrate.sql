create or replace function lsh_internal.distances(sample @vector@.vector[], k int)
  returns table (sampled int, radius float8, mean_distance float8)
  language sql immutable parallel safe
begin atomic
  with element as materialized (
    select number, vector, count(*) over () as total
    from unnest(sample) with ordinality as element (vector, number)
  ),
  -- The neighbours of 200 rows estimate the median well; all pairs would cost ten times as much.
  pair as materialized (
    select
      @vector@.l2_distance(anchor.vector, other.vector) as distance,
      anchor.total,
      row_number() over (partition by anchor.number order by @vector@.l2_distance(anchor.vector, other.vector)) as rank
    from element as anchor
      join element as other on other.number <> anchor.number
    where anchor.number <= 200
  )
  select
    coalesce(max(pair.total), cardinality(sample))::int,
    -- If all rows are equal, the distance is a rounding error below 1e-12 and not a radius: hence null.
    nullif(greatest(percentile_cont(0.5) within group (order by pair.distance)
      filter (where pair.rank = least(k, greatest(1, pair.total / 4))), 1e-12), 1e-12),
    avg(pair.distance)
  from pair;
end;

comment on function lsh_internal.distances(@vector@.vector[], int) is
  'Median distance to the k-th neighbour within a sample, and mean distance of pairs.';

create or replace function lsh_internal.calibrate(sample @vector@.vector[], k int, kind text)
  returns lsh.calibration
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  largest constant float8 := (select max(@vector@.vector_norm(element)) from unnest(sample) as element);
  -- pgvector sums the squares of differences in 4-byte numbers, which large elements would overflow.
  factor constant float8 := case when largest > 1e15 then 1 / largest else 1 end;
  figures lsh.calibration;
begin
  if factor <> 1 then
    sample := array(
      select lsh_internal.scaled(element, factor)
      from unnest(sample) with ordinality as one (element, place) order by place);
  end if;
  select measured.sampled, measured.radius / factor, measured.mean_distance / factor
  into figures.sampled, figures.radius, figures.mean_distance
  from lsh_internal.distances(sample, k) as measured;
  figures.contrast := figures.mean_distance / figures.radius;
  figures.bandwidth := case
    when kind in ('kernel', 'cosine') then (0.75 / figures.radius) ^ 2
    -- A level is 0.67 standard deviations of a projection wide: each of four levels then holds about a quarter of the
    -- rows.
    when kind = 'qary' then (2.1 / nullif(figures.mean_distance, 0)) ^ 2
  end;
  return figures;
end
$$;

comment on function lsh_internal.calibrate(@vector@.vector[], int, text) is
  'Distances within a sample and the bandwidth that suits a kind of family; null for a kind without a bandwidth, or if all rows are equal. The curve stays null.';

create or replace function lsh_internal.warn(relation text, kind text, figures lsh.calibration)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if figures.radius is null then
    raise warning 'all sampled rows of "%" are equal: every hash family is equally good', relation;
  elsif figures.contrast < 1.15 then
    raise warning 'rows of "%" have no near neighbours (mean distance only % times that of neighbours)',
      relation, round(figures.contrast::numeric, 2)
      using hint = 'Hashing finds neighbours no better than chance in structureless data.';
  elsif lsh_internal.misfits(kind, sqrt(figures.bandwidth) * figures.radius) then
    raise warning 'bandwidth % puts the neighbour radius at % of the kernel width, outside 0.6 to 1.45',
      figures.bandwidth, round((sqrt(figures.bandwidth) * figures.radius)::numeric, 2)
      using hint = format('The calibrated bandwidth is %s.', (0.75 / figures.radius) ^ 2);
  end if;
end
$$;

comment on function lsh_internal.warn(text, text, lsh.calibration) is
  'Warns if the data of a table have no structure for hashing, or a bandwidth is out of range.';

create or replace function lsh.calibrate(
  relation regclass,
  "column" name,
  k int default 50,
  sample int default 2000,
  seed int default 1,
  kind text default 'kernel',
  bandwidth float8 default null
)
  returns lsh.calibration
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  rows @vector@.vector[];
  figures lsh.calibration;
begin
  perform lsh_internal.assert_vector_column(relation, "column");
  perform lsh_internal.assert_kind(kind);
  if k < 1 or sample < 8 then
    raise exception 'calibration needs k >= 1 and a sample of at least 8 rows, not k = % and %', k, sample
      using errcode = 'invalid_parameter_value',
            hint = 'The defaults, k = 50 and a sample of 2000, suit most tables.';
  end if;
  rows := lsh_internal.sample(relation, "column", sample, seed);
  figures := lsh_internal.calibrate(rows, k, kind);
  figures.dice := lsh_internal.dice_by_kind(rows, 512, seed, figures.radius);
  figures.best_kind := lsh_internal.best_kind(figures.dice);
  figures.bandwidth := coalesce(calibrate.bandwidth, figures.bandwidth);
  figures.curve := lsh_internal.curve(kind, figures);
  perform lsh_internal.warn(relation::text, kind, figures);
  return figures;
end
$$;

comment on function lsh.calibrate(regclass, name, int, int, int, text, float8) is
  'Measures a sample of a vector column: neighbour radius, contrast, suitable bandwidth and the expected Hamming curve, best kind. Warns of data without structure.';
