-- Excludes rows that are certainly not within a radius of a query, by their codes alone. So all rows within it are
-- found although few are read. Two bounds, both exact except for rounding, by which they are widened:
-- By lengths: | |x - c| - |q - c| | <= |x - q|, the triangle inequality, for the centre c to which a code stores the
-- length.
-- By codes: the directions w of the kinds that store lengths are orthonormal in blocks of as many as there are
-- dimensions. Let b be the number of blocks, and S the sum of <w, q - c>^2 over the directions for which x and q lie on
-- different sides. These directions add nothing to the product of x - c and q - c, so by Cauchy-Schwarz
-- <x - c, q - c> <= |x - c| sqrt(|q - c|^2 - S / b), and
-- |x - q|^2 >= |x - c|^2 + |q - c|^2 - 2 |x - c| sqrt(|q - c|^2 - S / b).

create or replace function lsh_internal.rounding(dims int)
  returns float8
  language sql immutable parallel safe
  return 2e-6::float8 * (10 + sqrt(dims::float8));

comment on function lsh_internal.rounding(int) is
  'Upper bound, with room to spare, of the relative rounding error of a distance or inner product of vectors in 4-byte numbers.';

create or replace function lsh_internal.reach(family_id int, token uuid, x @vector@.vector, radius float8)
  returns table (bucket int, low float8, high float8)
  language plpgsql stable parallel safe security definer rows 1000
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set jit = off
as $$
#variable_conflict use_column
declare
  kind text;
  centered @vector@.vector;
  length float8;
  part float8;
begin
  select family.kind, lsh_internal.difference(reach.x, family.center), lsh_internal.rounding(family.dims)
  into kind, centered, part
  from lsh.family
  where family.id = reach.family_id
    and family.token = reach.token;
  if kind is null then
    perform lsh_internal.assert_token(reach.family_id, reach.token);
  end if;
  length := @vector@.vector_norm(centered);
  return query
    select shell.bucket, shell.distance - shell.width, shell.distance + shell.width
    from (
      select centre.bucket, centre.distance,
        -- Squares of longer distances leave the range of 4-byte numbers, and squares of very short ones round to 0.
        case when centre.distance < 1e17 then radius + part * (centre.distance + length + radius) + 1e-20
          else 'infinity' end as width
      from (
        select null::int as bucket, length as distance
        where kind <> 'residual'
        union all
        select cell.ordinal, least(@vector@.l2_distance(cell.weight, centered), 1e30)
        from lsh.projection as cell
        where kind = 'residual'
          and cell.family_id = reach.family_id
          and cell.purpose = 'bucket'
      ) as centre
    ) as shell;
end
$$;

comment on function lsh_internal.reach(int, uuid, @vector@.vector, float8) is
  'Range of the lengths that rows within a radius of a vector can have in a code table: one row for each cell of a residual family, else one row with a null bucket.';

create or replace function lsh_internal.code_bounds(
  family_id int, token uuid, x @vector@.vector, radius float8, buckets int[]
)
  returns table (bucket int, code bit varying, distance float8, slack float8, masks bit varying[], squares float8[])
  language plpgsql stable parallel safe security definer rows 100
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set jit = off
as $$
#variable_conflict use_column
declare
  kind text;
  bits int;
  centered @vector@.vector;
  products @vector@.vector;
  length float8;
  part float8;
begin
  select family.kind, family.bits, lsh_internal.difference(code_bounds.x, family.center), lsh_internal.rounding(family.dims)
  into kind, bits, centered, part
  from lsh.family
  where family.id = code_bounds.family_id
    and family.token = code_bounds.token;
  if kind is null then
    perform lsh_internal.assert_token(code_bounds.family_id, code_bounds.token);
  end if;
  products := lsh_internal.products(code_bounds.family_id, centered);
  length := @vector@.vector_norm(centered);
  return query
    with centre as materialized (
      select null::int as bucket, products as margins, length as distance
      where kind <> 'residual'
      union all
      select listed.bucket, @vector@.vector_sub(products, cell.image), @vector@.l2_distance(centered, cell.weight)
      from unnest(code_bounds.buckets) as listed (bucket)
        cross join lateral (
          select near.weight, image.weight as image
          from lsh.projection as near
            join lsh.projection as image
              on image.family_id = near.family_id
              and image.purpose = 'image'
              and image.ordinal = near.ordinal
          where kind = 'residual'
            and near.family_id = code_bounds.family_id
            and near.purpose = 'bucket'
            and near.ordinal = listed.bucket
          offset 0
        ) as cell
    ),
    measured as materialized (
      -- The mean size of the margins is rounded to a power of two, so that many cells share the vectors of their
      -- levels.
      select centre.*, 2 ^ round(log(2, (1e-30 + @vector@.vector_norm(centre.margins) / sqrt(bits::float8))::numeric)::float8) as size,
        part * (length + centre.distance + radius) + 1e-20 as slack
      from centre
    ),
    level as materialized (
      select known.size, factor.height * known.size as height, factor.below * known.size as below,
        array_fill((factor.height * known.size)::real, array[bits])::@vector@.vector as vector,
        array_fill((-factor.height * known.size)::real, array[bits])::@vector@.vector as opposite
      from (select distinct measured.size from measured) as known
        -- With these levels little of the squares of normally distributed margins is lost.
        cross join (values (0.4::float8, 0::float8), (0.9, 0.4), (1.6, 0.9)) as factor (height, below)
    )
    select
      measured.bucket, @vector@.binary_quantize(measured.margins)::bit varying, measured.distance, measured.slack,
      beyond.masks, beyond.squares
    from measured
      cross join lateral (
        select
          array_agg(
            (@vector@.binary_quantize(@vector@.vector_sub(measured.margins, level.vector))
              | @vector@.binary_quantize(@vector@.vector_sub(level.opposite, measured.margins)))::bit varying
            order by level.height) as masks,
          -- What a margin above a level adds to the squares of the levels below. Both the margin and the level may be
          -- rounded.
          array_agg(
            greatest(level.height - 2 * measured.slack, 0) ^ 2 - greatest(level.below - 2 * measured.slack, 0) ^ 2
            order by level.height) as squares
        from level
        where level.size = measured.size
      ) as beyond;
end
$$;

comment on function lsh_internal.code_bounds(int, uuid, @vector@.vector, float8, int[]) is
  'Values for bounds by codes: in each bucket the code of a vector, its distance to the centre and the error of that, masks of the margins above three levels, and the squares that these add.';

create or replace function lsh_internal.reached(index lsh.index, family lsh.family, plan lsh_internal.plan)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  residual constant boolean := family.kind = 'residual';
begin
  -- The factor 1.0002 covers the rounding errors of orthonormal blocks.
  return format(
    'with cell as materialized (
       select reach.* from lsh_internal.reach(%1$s, $5, $1, $4) as reach
     ),
     shell as materialized (
       select code.key, code.code, code.norm::float8 as norm, code.bucket
       from cell
         cross join lateral (
           select stored.key, stored.code, stored.norm, stored.bucket
           from %2$s as stored
           where %3$s stored.norm between cell.low and cell.high
           offset 0
         ) as code
       where %4$s
     ),
     bound as materialized (
       select * from lsh_internal.code_bounds(%1$s, $5, $1, $4, array(select distinct shell.bucket from shell))
     )
     select (select count(*) from shell), (select array_agg(shell.key::text)
       from (
         select shell.key, shell.norm, bound.distance, bound.slack, bound.masks, bound.squares, shell.code # bound.code as differing
         from bound
           join shell on %5$s
         offset 0
       ) as shell
       where shell.norm * shell.norm + shell.distance * shell.distance
         - 2 * shell.norm * sqrt(greatest(shell.distance * shell.distance - (%6$s) / %7$s::float8, 0::float8))
         <= ($4::float8 + 3 * shell.slack) ^ 2::float8)',
    family.id, lsh_internal.codes_of(index),
    case when residual then 'stored.bucket = cell.bucket and' end,
    lsh_internal.listed(index, plan),
    case when residual then 'shell.bucket = bound.bucket' else 'true' end,
    (select string_agg(format('shell.squares[%1$s] * bit_count(shell.differing & shell.masks[%1$s])', level), ' + ' order by level)
     from generate_series(1, 3) as level),
    1.0002::float8 * ceil(family.bits::float8 / family.dims));
end
$$;

comment on function lsh_internal.reached(lsh.index, lsh.family, lsh_internal.plan) is
  'Statement for the keys that may be within a radius, and the number of codes whose length allows it. $1: query, $2: excluded keys, $3: allowed keys, $4: radius, $5: token of the family.';
