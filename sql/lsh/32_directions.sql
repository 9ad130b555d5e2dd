create or replace function lsh._kernel_directions(dims int, bits int, seed int, bandwidth float8)
  returns table (ordinal int, weight vector, phase float8, threshold float8)
  language sql immutable parallel safe
begin atomic
  select
    phase.ordinal,
    weight.value as weight,
    (2 * phase.value - 1) * pi() as phase,
    2 * threshold.value - 1 as threshold
  from lsh._uniforms(seed, 'phase', bits) as phase
    join lsh._uniforms(seed, 'threshold', bits) as threshold on threshold.ordinal = phase.ordinal
    cross join lateral (
      select array_agg((sqrt(bandwidth) * normal.value)::real order by normal.ordinal)::vector as value
      from lsh._normals(seed, 'weight:' || phase.ordinal, dims) as normal
    ) as weight;
end;

comment on function lsh._kernel_directions(int, int, int, float8) is
  'Random features of Raginsky and Lazebnik (NIPS 2009): w ~ N(0, bandwidth I), b ~ U[-pi, pi], t ~ U[-1, 1]; bit i does not depend on how many are drawn.';

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

create or replace function lsh._bucket_directions(sample vector[], center vector, bits int, seed int)
  returns table (ordinal int, weight vector, threshold float8)
  language plpgsql immutable
  set search_path from current
as $$
declare
  attempts constant int := 16;
  pick int[] := (
    select array_agg(1 + floor(uniform.value * cardinality(sample))::int order by uniform.ordinal)
    from lsh._uniforms(seed, 'bucket', 2 * attempts * bits) as uniform);
  directions vector[] := '{}';
  direction vector;
  before vector;
  length float8;
begin
  -- Differences of two random rows point where the data spread; made orthogonal, they cut
  -- different ways; cut at the median, each bit halves the sample.
  for number in 0 .. bits - 1 loop
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
    ordinal := number;
    weight := direction;
    threshold := (
      select -percentile_cont(0.5) within group (order by inner_product(direction, element - center))
      from unnest(sample) as element);
    return next;
  end loop;
end
$$;

comment on function lsh._bucket_directions(vector[], vector, int, int) is
  'Orthonormal directions through pairs of sample rows, each with the offset that balances it; zero where the data span no more.';
