create or replace function lsh_internal.normal_direction(dims int, seed int, label text, scale float8)
  returns @vector@.vector
  language sql immutable parallel safe
  return lsh_internal.normals(seed, label, dims, scale)::@vector@.vector;

comment on function lsh_internal.normal_direction(int, int, text, float8) is
  'A vector of independent normal numbers with standard deviation "scale".';

create or replace function lsh_internal.kernel_directions(dims int, bits int, seed int, bandwidth float8)
  returns table (ordinal int, weight @vector@.vector, phase float8, threshold float8)
  language sql immutable parallel safe
begin atomic
  select
    phase.ordinal,
    lsh_internal.normal_direction(dims, seed, 'weight:' || phase.ordinal, sqrt(bandwidth)) as weight,
    (2 * phase.value - 1) * pi() as phase,
    2 * threshold.value - 1 as threshold
  from lsh_internal.uniforms(seed, 'phase', bits) as phase
    join lsh_internal.uniforms(seed, 'threshold', bits) as threshold on threshold.ordinal = phase.ordinal;
end;

comment on function lsh_internal.kernel_directions(int, int, int, float8) is
  'Random features of Raginsky and Lazebnik (NIPS 2009): w ~ N(0, bandwidth I), b ~ U[-pi, pi], t ~ U[-1, 1]; bit i does not depend on how many are drawn.';

create or replace function lsh_internal.sign_directions(dims int, bits int, seed int)
  returns table (ordinal int, weight @vector@.vector, phase float8, threshold float8)
  language plpgsql immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  -- Number of rows to compute at a time, because an array holds at most 1 GB.
  slice constant int := greatest(1, 16000000 / dims);
  first_row int;
  rows int;
begin
  for number in 0 .. (bits - 1) / dims loop
    first_row := 0;
    while first_row < least(dims, bits - number * dims) loop
      rows := least(slice, least(dims, bits - number * dims) - first_row);
      return query
        select (number * dims + first_row + row.place - 1)::int, row.vector, null::float8, 0::float8
        from unnest(lsh_internal.rotation_rows(dims, seed, number, first_row, rows)) with ordinality as row (vector, place)
        order by row.place;
      first_row := first_row + rows;
    end loop;
  end loop;
end
$$;

comment on function lsh_internal.sign_directions(int, int, int) is
  'Random hyperplanes (Charikar, STOC 2002) through the center: the rows of random rotations, so that each block of dims directions is orthonormal. Bit i does not depend on how many are drawn.';

create or replace function lsh_internal.qary_directions(dims int, bits int, seed int, bandwidth float8, levels int)
  returns table (ordinal int, weight @vector@.vector, phase float8, threshold float8)
  language sql immutable parallel safe
begin atomic
  select
    bit.ordinal,
    direction.weight,
    null::float8 as phase,
    direction.shift + levels / 2.0 - (1 + bit.ordinal % (levels - 1)) as threshold
  from generate_series(0, bits - 1) as bit (ordinal)
    join (
      select
        shift.ordinal,
        shift.value - 0.5 as shift,
        lsh_internal.normal_direction(dims, seed, 'qary:' || shift.ordinal, sqrt(bandwidth)) as weight
      from lsh_internal.uniforms(seed, 'offset', (bits - 1) / (levels - 1) + 1) as shift
      offset 0
    ) as direction on direction.ordinal = bit.ordinal / (levels - 1);
end;

comment on function lsh_internal.qary_directions(int, int, int, float8, int) is
  'p-stable quantiser (Datar et al., SoCG 2004): h = floor(<w, x> + b + q/2), clamped to 0 ... q-1, w ~ N(0, bandwidth I), b ~ U[-1/2, 1/2]. Each direction has q-1 bits, of which h are set.';

create or replace function lsh_internal.code_directions(
  kind text, dims int, bits int, seed int, bandwidth float8, levels int
)
  returns table (ordinal int, weight @vector@.vector, phase float8, threshold float8)
  language plpgsql immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  case kind
    when 'kernel' then return query select * from lsh_internal.kernel_directions(dims, bits, seed, bandwidth);
    when 'cosine' then
      return query
        select drawn.ordinal, drawn.weight, drawn.phase, 0::float8
        from lsh_internal.kernel_directions(dims, bits, seed, bandwidth) as drawn;
    when 'sign' then return query select * from lsh_internal.sign_directions(dims, bits, seed);
    when 'qary' then return query select * from lsh_internal.qary_directions(dims, bits, seed, bandwidth, levels);
  end case;
end
$$;

comment on function lsh_internal.code_directions(text, int, int, int, float8, int) is
  'Code directions of a family whose kind is drawn at random.';

create or replace function lsh_internal.bucket_directions(sample @vector@.vector[], center @vector@.vector, count int, seed int, levels int)
  returns table (ordinal int, weight @vector@.vector, threshold float8)
  language plpgsql immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  attempts constant int := 16;
  pick int[] := (
    select array_agg(1 + floor(uniform.value * cardinality(sample))::int order by uniform.ordinal)
    from lsh_internal.uniforms(seed, 'bucket', 2 * attempts * count) as uniform);
  directions @vector@.vector[] := '{}';
  direction @vector@.vector;
  before @vector@.vector;
  length float8;
begin
  -- The difference of two random rows points where the data spread. Orthogonal directions cut the data in different
  -- ways, and thresholds at the quantiles give each level an equal part of the sample.
  for number in 0 .. count - 1 loop
    -- Draws again if the two rows are equal, or if their difference lies in the span of the directions so far and only
    -- rounding errors would remain.
    for attempt in 0 .. attempts - 1 loop
      direction := lsh_internal.difference(
        sample[pick[2 * (number * attempts + attempt) + 1]], sample[pick[2 * (number * attempts + attempt) + 2]]);
      length := @vector@.vector_norm(direction);
      if length not between 1e-15 and 1e15 then
        -- Its inner products would leave the range of 4-byte numbers.
        direction := @vector@.l2_normalize(direction);
        length := @vector@.vector_norm(direction);
      end if;
      foreach before in array directions loop
        direction := @vector@.vector_sub(direction, lsh_internal.scaled(before, @vector@.inner_product(direction, before)));
      end loop;
      exit when @vector@.vector_norm(direction) > 1e-3 * length;
      direction := lsh_internal.scaled(direction, 0);
    end loop;
    direction := @vector@.l2_normalize(direction);
    directions := directions || direction;
    weight := direction;
    for level in 1 .. levels - 1 loop
      ordinal := number * (levels - 1) + level - 1;
      threshold := (
        select -percentile_cont(level::float8 / levels) within group (
          order by @vector@.inner_product(direction, lsh_internal.difference(element, center)))
        from unnest(sample) as element);
      return next;
    end loop;
  end loop;
end
$$;

comment on function lsh_internal.bucket_directions(@vector@.vector[], @vector@.vector, int, int, int) is
  'Orthonormal directions through pairs of sample rows, each with the thresholds that balance its levels; zero vectors beyond the dimensions that the data span.';
