create or replace function lsh._normal_direction(dims int, seed int, label text, scale float8)
  returns vector
  language sql immutable parallel safe
begin atomic
  select array_agg((scale * normal.value)::real order by normal.ordinal)::vector
  from lsh._normals(seed, label, dims) as normal;
end;

comment on function lsh._normal_direction(int, int, text, float8) is
  'A vector of independent normal numbers of that standard deviation.';

create or replace function lsh._kernel_directions(dims int, bits int, seed int, bandwidth float8)
  returns table (ordinal int, weight vector, phase float8, threshold float8)
  language sql immutable parallel safe
begin atomic
  select
    phase.ordinal,
    lsh._normal_direction(dims, seed, 'weight:' || phase.ordinal, sqrt(bandwidth)) as weight,
    (2 * phase.value - 1) * pi() as phase,
    2 * threshold.value - 1 as threshold
  from lsh._uniforms(seed, 'phase', bits) as phase
    join lsh._uniforms(seed, 'threshold', bits) as threshold on threshold.ordinal = phase.ordinal;
end;

comment on function lsh._kernel_directions(int, int, int, float8) is
  'Random features of Raginsky and Lazebnik (NIPS 2009): w ~ N(0, bandwidth I), b ~ U[-pi, pi], t ~ U[-1, 1]; bit i does not depend on how many are drawn.';

create or replace function lsh._sign_directions(dims int, bits int, seed int)
  returns table (ordinal int, weight vector, phase float8, threshold float8)
  language plpgsql immutable
  set search_path from current
as $$
declare
  -- Columns at a time: an array holds no more than 1 GB.
  slice constant int := 256;
  directions vector[];
  part vector[];
begin
  for number in 0 .. (bits - 1) / dims loop
    directions := null;
    for first_column in 0 .. dims - 1 by slice loop
      part := lsh._rotation(dims, seed, number, first_column, least(slice, dims - first_column));
      directions := case
        when directions is null then part
        else (select array_agg(directions[i] || part[i] order by i) from generate_series(1, dims) as i)
      end;
    end loop;
    return query
      select number * dims + i - 1, directions[i], null::float8, 0::float8
      from generate_series(1, least(dims, bits - number * dims)) as i
      order by i;
  end loop;
end
$$;

comment on function lsh._sign_directions(int, int, int) is
  'Random hyperplanes (Charikar, STOC 2002) through the center, orthonormal in blocks of as many as there are dimensions: the rows of random rotations; bit i does not depend on how many are drawn.';

create or replace function lsh._qary_directions(dims int, bits int, seed int, bandwidth float8, levels int)
  returns table (ordinal int, weight vector, phase float8, threshold float8)
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
        lsh._normal_direction(dims, seed, 'qary:' || shift.ordinal, sqrt(bandwidth)) as weight
      from lsh._uniforms(seed, 'offset', (bits - 1) / (levels - 1) + 1) as shift
      offset 0
    ) as direction on direction.ordinal = bit.ordinal / (levels - 1);
end;

comment on function lsh._qary_directions(int, int, int, float8, int) is
  'p-stable quantiser (Datar et al., SoCG 2004) of q levels, h = floor(<w, x> + b + q/2) cut off to 0 … q-1, w ~ N(0, bandwidth I), b ~ U[-1/2, 1/2], bit-sliced: q-1 bits a direction, of which h are set.';

create or replace function lsh._code_directions(
  kind text, dims int, bits int, seed int, bandwidth float8, levels int
)
  returns table (ordinal int, weight vector, phase float8, threshold float8)
  language plpgsql immutable
  set search_path from current
as $$
begin
  case kind
    when 'kernel' then return query select * from lsh._kernel_directions(dims, bits, seed, bandwidth);
    when 'cosine' then
      return query
        select drawn.ordinal, drawn.weight, drawn.phase, 0::float8
        from lsh._kernel_directions(dims, bits, seed, bandwidth) as drawn;
    when 'sign' then return query select * from lsh._sign_directions(dims, bits, seed);
    when 'qary' then return query select * from lsh._qary_directions(dims, bits, seed, bandwidth, levels);
  end case;
end
$$;

comment on function lsh._code_directions(text, int, int, int, float8, int) is
  'The directions of a family of a kind that needs no learning.';

create or replace function lsh._scaled(vector vector, factor float8)
  returns vector
  language sql immutable strict parallel safe
begin atomic
  -- pgvector's own product raises where an element rounds to 0, which unlikely features do.
  select array_agg(
    (case when abs(element * factor) < 1e-37 then 0 else element * factor end)::real
    order by ordinal)::vector
  from unnest(vector::real[]) with ordinality as part (element, ordinal);
end;

comment on function lsh._scaled(vector, float8) is 'A vector times a number.';

create or replace function lsh._bucket_directions(sample vector[], center vector, count int, seed int, levels int)
  returns table (ordinal int, weight vector, threshold float8)
  language plpgsql immutable
  set search_path from current
as $$
declare
  attempts constant int := 16;
  pick int[] := (
    select array_agg(1 + floor(uniform.value * cardinality(sample))::int order by uniform.ordinal)
    from lsh._uniforms(seed, 'bucket', 2 * attempts * count) as uniform);
  directions vector[] := '{}';
  direction vector;
  before vector;
  length float8;
begin
  -- Differences of two random rows point where the data spread; made orthogonal, they cut
  -- different ways; cut at their quantiles, the levels of each hold equal parts of the sample.
  for number in 0 .. count - 1 loop
    -- Equal rows, or a difference that lies within the directions so far, leave only rounding: drawn again.
    for attempt in 0 .. attempts - 1 loop
      direction := sample[pick[2 * (number * attempts + attempt) + 1]] - sample[pick[2 * (number * attempts + attempt) + 2]];
      length := vector_norm(direction);
      foreach before in array directions loop
        direction := direction - lsh._scaled(before, inner_product(direction, before));
      end loop;
      exit when vector_norm(direction) > 1e-3 * length;
      direction := lsh._scaled(direction, 0);
    end loop;
    direction := l2_normalize(direction);
    directions := directions || direction;
    weight := direction;
    for level in 1 .. levels - 1 loop
      ordinal := number * (levels - 1) + level - 1;
      threshold := (
        select -percentile_cont(level::float8 / levels) within group (order by inner_product(direction, element - center))
        from unnest(sample) as element);
      return next;
    end loop;
  end loop;
end
$$;

comment on function lsh._bucket_directions(vector[], vector, int, int, int) is
  'Orthonormal directions through pairs of sample rows, each with the offsets that balance its levels; zero where the data span no more.';
