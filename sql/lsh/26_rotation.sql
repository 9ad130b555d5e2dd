-- Random rotations, whose rows are the directions of kinds sign and residual.

create or replace function lsh._rotation_signs(dims int, seed int, number int, round int)
  returns table (place int, value real, first int, size int)
  language plpgsql immutable parallel safe
  set search_path from current
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
    from lsh._uniforms(seed, format('sign:%s:%s', number, round), dims) as uniform;
end
$$;

comment on function lsh._rotation_signs(int, int, int, int) is
  'A round of a rotation: a factor for each element, its random sign less the length that the transform adds, and the window that is transformed.';

create or replace function lsh._rotation(dims int, seed int, number int, first_column int, columns int)
  returns vector[]
  language plpgsql immutable
  set search_path from current
as $$
declare
  -- Row i becomes row i of the matrix: each step takes sums of rows.
  matrix vector[] := (
    select array_agg(
      (case
        when place < first_column or place >= first_column + columns then array_fill(0, array[columns])
        else array_fill(0, array[place - first_column]) || 1 || array_fill(0, array[columns - 1 - place + first_column])
      end)::vector order by place)
    from generate_series(0, dims - 1) as place);
  half_turn vector := array_fill(sqrt(0.5)::real, array[columns])::vector;
  half int;
  begins int;
  longest int;
begin
  for round in 0 .. 3 loop
    select
      array_agg(matrix[sign.place + 1] * array_fill(sign.value, array[columns])::vector order by sign.place),
      min(sign.first),
      min(sign.size)
    into matrix, begins, longest
    from lsh._rotation_signs(dims, seed, number, round) as sign;
    half := 1;
    while half < longest loop
      matrix := (
        select array_agg(
          case
            when place < begins or place >= begins + longest then matrix[place + 1]
            when (place - begins) & half = 0 then matrix[place + 1] + matrix[place + 1 + half]
            else matrix[place + 1 - half] - matrix[place + 1]
          end order by place)
        from generate_series(0, dims - 1) as place);
      half := 2 * half;
    end loop;
    if longest < dims then
      half := dims / 2;
      matrix := (
        select array_agg(
          case
            when place < half then (matrix[place + 1] + matrix[place + 1 + half]) * half_turn
            when place < 2 * half then (matrix[place + 1 - half] - matrix[place + 1]) * half_turn
            else matrix[place + 1]
          end order by place)
        from generate_series(0, dims - 1) as place);
    end if;
  end loop;
  return matrix;
end
$$;

comment on function lsh._rotation(int, int, int, int, int) is
  'Some columns of a random rotation, row by row: in four rounds random signs, a Hadamard transform (Ailon and Chazelle, STOC 2006) of the longest window that is a power of two, from the first element on and up to the last one by turns, and where that is not all of them, a turn of the halves against each other by 45 degrees.';
