-- Random rotations, whose rows are the directions of kinds sign and residual.

create or replace function lsh_internal.rotation_signs(dims int, seed int, number int, round int)
  returns table (place int, value real, first int, size int)
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  longest int := 1;
  begins int;
begin
  while 2 * longest <= dims loop
    longest := 2 * longest;
  end loop;
  begins := case when round % 2 = 0 then 0 else dims - longest end;
  return query
    select
      uniform.ordinal,
      (case when uniform.value < 0.5 then -1 else 1 end
        / case when uniform.ordinal >= begins and uniform.ordinal < begins + longest then sqrt(longest) else 1 end)::real,
      begins,
      longest
    from lsh_internal.uniforms(seed, format('sign:%s:%s', number, round), dims) as uniform;
end
$$;

comment on function lsh_internal.rotation_signs(int, int, int, int) is
  'One round of a rotation: for each element its random sign, in the window divided by the factor by which the transform scales, and the window that is transformed.';

create or replace function lsh_internal.butterfly(
  rows @vector@.vector[], shift int, first int, size int, factor float8
)
  returns @vector@.vector[]
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  dims constant int := @vector@.vector_dims(rows[1]);
  own @vector@.vector;
  ahead @vector@.vector;
  behind @vector@.vector;
  nothing constant @vector@.vector := array_fill(0::real, array[shift])::@vector@.vector;
begin
  -- Computes the sums and differences of all pairs at once, from the vector and copies of it that are shifted by the
  -- distance of a pair.
  select
    array_agg(case when outside then 1 when upper then factor else -factor end order by place)::@vector@.vector,
    array_agg(case when outside or not upper then 0 else factor end order by place)::@vector@.vector,
    array_agg(case when outside or upper then 0 else factor end order by place)::@vector@.vector
  into own, ahead, behind
  from (
    select place, place < first or place >= first + size as outside, (place - first) / shift % 2 = 0 as upper
    from generate_series(0, dims - 1) as place
  ) as element;
  return array(
    select @vector@.vector_add(
      @vector@.vector_mul(row.vector, own),
      @vector@.vector_add(
        @vector@.vector_mul(@vector@.vector_concat(@vector@.subvector(row.vector, shift + 1, dims - shift), nothing), ahead),
        @vector@.vector_mul(@vector@.vector_concat(nothing, @vector@.subvector(row.vector, 1, dims - shift)), behind)))
    from unnest(rows) with ordinality as row (vector, place)
    order by row.place);
end
$$;

comment on function lsh_internal.butterfly(@vector@.vector[], int, int, int, float8) is
  'One step of a Hadamard transform: replaces pairs of elements of a window, "shift" apart, by their sum and difference times a factor. Other elements stay as they are.';

create or replace function lsh_internal.rotation_rows(dims int, seed int, number int, first_row int, count int)
  returns @vector@.vector[]
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  rows @vector@.vector[];
  signs @vector@.vector;
  begins int;
  longest int;
  half int;
begin
  rows := array(
    select (array_fill(0::real, array[place]) || 1::real || array_fill(0::real, array[dims - 1 - place]))::@vector@.vector
    from generate_series(first_row, first_row + count - 1) as place
    order by place);
  -- A row of a matrix is its transpose times a unit vector. All steps are symmetric, so the transpose is the same steps
  -- in reverse order.
  for round in reverse 3 .. 0 loop
    select array_agg(sign.value order by sign.place)::@vector@.vector, min(sign.first), min(sign.size)
    into signs, begins, longest
    from lsh_internal.rotation_signs(dims, seed, number, round) as sign;
    if longest < dims then
      rows := lsh_internal.butterfly(rows, dims / 2, 0, dims / 2 * 2, sqrt(0.5));
    end if;
    half := 1;
    while half < longest loop
      rows := lsh_internal.butterfly(rows, half, begins, longest, 1);
      half := 2 * half;
    end loop;
    rows := array(
      select @vector@.vector_mul(row.vector, signs)
      from unnest(rows) with ordinality as row (vector, place)
      order by row.place);
  end loop;
  return rows;
end
$$;

comment on function lsh_internal.rotation_rows(int, int, int, int, int) is
  'Some rows of a random rotation: four rounds of random signs and a Hadamard transform (Ailon and Chazelle, STOC 2006) of a window that is a power of two.';
