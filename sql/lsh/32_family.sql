create or replace function lsh._checksum(
  kind text,
  dims int,
  bits int,
  bandwidth float8,
  center vector,
  version int,
  projections bytea
)
  returns text
  language sql immutable parallel safe
  return encode(
    sha256(
      convert_to(format('%s|%s|%s|%s|', kind, dims, bits, version), 'UTF8')
        || float8send(bandwidth) || vector_send(center) || projections),
    'hex');

comment on function lsh._checksum(text, int, int, float8, vector, int, bytea) is
  'sha256 over what decides a code; the client computes the same from what it has read.';

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

create or replace function lsh.create_family(
  name text,
  relation regclass,
  "column" name,
  bits int default 512,
  kind text default 'kernel',
  seed int default 1,
  bandwidth float8 default null,
  bucket_bits int default null,
  sample int default 2000
)
  returns text
  language plpgsql
  set search_path from current
as $$
#variable_conflict use_column
declare
  rows vector[];
  calibration record;
  mean vector;
  gamma float8;
  cells int;
  total bigint;
begin
  perform lsh._assert_vector_column(relation, "column");
  if num_nulls(create_family.name, create_family.bits, create_family.kind, create_family.seed, create_family.sample) > 0 then
    raise exception 'name, bits, kind, seed and sample of a family cannot be null'
      using errcode = 'null_value_not_allowed', hint = 'Leave out what has a default; a family needs a name.';
  elsif create_family.name = '' then
    raise exception 'the name of a family is empty'
      using errcode = 'invalid_name', hint = 'Name it after the column and its bits, for example "document_512".';
  elsif create_family.kind <> 'kernel' then
    raise exception 'there is no hash family of kind "%"', create_family.kind
      using errcode = 'invalid_parameter_value', hint = 'The kinds are: kernel.';
  elsif create_family.bits not between 16 and 8192 then
    raise exception 'a family has 16 to 8192 bits, not %', create_family.bits
      using errcode = 'invalid_parameter_value', hint = '512 bits suit most tables.';
  elsif create_family.bandwidth <= 0 or create_family.bandwidth in ('infinity', 'nan') then
    raise exception 'a bandwidth is a positive number, not %', create_family.bandwidth
      using errcode = 'invalid_parameter_value', hint = 'Leave it out to have it calibrated.';
  elsif create_family.bucket_bits not between 0 and 16 then
    raise exception 'a family has 0 to 16 bucket bits, not %', create_family.bucket_bits
      using errcode = 'invalid_parameter_value', hint = 'Leave them out to have them chosen.';
  elsif exists (select from lsh.family where family.name = create_family.name) then
    raise exception 'hash family "%" exists already', create_family.name
      using errcode = 'duplicate_object',
            hint = format('Take another name, or drop it with "select lsh.drop_family(%L)".', create_family.name);
  end if;

  rows := lsh._sample(relation, "column", greatest(sample, 8), seed);
  if cardinality(rows) < 2 then
    raise exception 'column "%" of table "%" holds fewer than two vectors', "column", relation
      using errcode = 'LSH03', hint = 'Fill the table first: a family is calibrated on its data.';
  end if;
  if create_family.bucket_bits > vector_dims(rows[1]) then
    raise exception 'vectors of % dimensions have at most as many bucket bits, not %',
      vector_dims(rows[1]), create_family.bucket_bits
      using errcode = 'invalid_parameter_value', hint = 'Leave them out to have them chosen.';
  end if;
  select * into calibration from lsh._calibrate(rows, 50);
  mean := (select avg(element) from unnest(rows) as element);
  gamma := coalesce(create_family.bandwidth, calibration.bandwidth, 1);
  if calibration.radius is null then
    raise warning 'all sampled rows of "%" are equal: any hash family is as good as another', relation;
  elsif calibration.contrast < 1.15 then
    raise warning 'rows of "%" have no near neighbours (mean distance only % times that of neighbours)',
      relation, round(calibration.contrast::numeric, 2)
      using hint = 'Hashing finds neighbours no better than chance in structureless data.';
  elsif sqrt(gamma) * calibration.radius not between 0.6 and 1.45 then
    raise warning 'bandwidth % puts the neighbour radius at % of the kernel width, outside 0.6 to 1.45',
      gamma, round((sqrt(gamma) * calibration.radius)::numeric, 2)
      using hint = format('The calibrated bandwidth is %s.', calibration.bandwidth);
  end if;

  execute format('select count(*) from %s', relation) into total;
  -- About 8 rows a bucket, since many small buckets follow a neighbourhood more closely than few
  -- large ones; never more bits than directions.
  cells := coalesce(create_family.bucket_bits,
    least(14, vector_dims(mean), greatest(0, round(log(2, greatest(total, 1)::numeric / 8)))))::int;

  with direction as materialized (
    select 'code' as purpose, drawn.ordinal, drawn.weight, drawn.phase, drawn.threshold
    from lsh._kernel_directions(vector_dims(mean), create_family.bits, create_family.seed, gamma) as drawn
    union all
    select 'bucket', drawn.ordinal, drawn.weight, 0, drawn.threshold
    from lsh._bucket_directions(rows, mean, cells, create_family.seed) as drawn
  ),
  added as (
    insert into lsh.family
      (name, kind, dims, bits, seed, bandwidth, center, bucket_bits, calibration, version, checksum)
    select
      create_family.name, create_family.kind, vector_dims(mean), create_family.bits,
      create_family.seed, gamma, mean, cells, to_jsonb(calibration) || jsonb_build_object('relation', relation::text), 1,
      lsh._checksum(create_family.kind, vector_dims(mean), create_family.bits, gamma, mean, 1,
        string_agg(
          vector_send(direction.weight) || float8send(direction.phase) || float8send(direction.threshold),
          '' order by direction.purpose desc, direction.ordinal))
    from direction
    returning id
  )
  insert into lsh.projection (family_id, purpose, ordinal, weight, phase, threshold)
  select added.id, direction.purpose, direction.ordinal, direction.weight, direction.phase, direction.threshold
  from added
    cross join direction;

  -- Without statistics the planner takes the key for the way in, and encoding takes ten times as long.
  analyze lsh.projection;
  return create_family.name;
end
$$;

comment on function lsh.create_family(text, regclass, name, int, text, int, float8, int, int) is
  'Draws a hash family for a vector column, calibrated on a sample of it, stores it and returns its name.';

create or replace function lsh.family_checksum(family text)
  returns text
  language sql stable parallel safe
begin atomic
  select lsh._checksum(family.kind, family.dims, family.bits, family.bandwidth, family.center, family.version,
    string_agg(
      vector_send(projection.weight) || float8send(projection.phase) || float8send(projection.threshold),
      '' order by projection.purpose desc, projection.ordinal))
  from lsh.family
    join lsh.projection on projection.family_id = family.id
  where family.name = family_checksum.family
  group by family.id;
end;

comment on function lsh.family_checksum(text) is
  'Recomputes the checksum of a family from its parameters; differs from lsh.family.checksum when they were tampered with.';

create or replace function lsh._require_family(family text)
  returns lsh.family
  language plpgsql stable
  set search_path from current
as $$
declare
  found lsh.family;
begin
  select * into found from lsh.family where family.name = _require_family.family;
  if found.id is null then
    raise exception 'hash family "%" does not exist', family
      using errcode = 'LSH01', hint = 'List the families with "select name from lsh.family".';
  end if;
  return found;
end
$$;

comment on function lsh._require_family(text) is 'The family of that name; an error where there is none.';

create or replace function lsh.drop_family(family text)
  returns void
  language plpgsql
  set search_path from current
as $$
declare
  chosen lsh.family := lsh._require_family(family);
  user_name text := (select index.name from lsh.index where index.family_id = chosen.id limit 1);
begin
  if user_name is not null then
    raise exception 'hash family "%" is used by index "%"', family, user_name
      using errcode = 'dependent_objects_still_exist',
            hint = format('Drop the index first: "select lsh.drop_index(%L)".', user_name);
  end if;
  delete from lsh.family where family.id = chosen.id;
end
$$;

comment on function lsh.drop_family(text) is 'Removes a hash family that no index uses.';

create or replace function lsh._refuse_update()
  returns trigger
  language plpgsql
  set search_path from current
as $$
begin
  raise exception 'hash families are immutable'
    using errcode = 'object_not_in_prerequisite_state',
          hint = 'New parameters are a new family: "select lsh.create_family(…)".';
end
$$;

create or replace trigger immutable
  before update on lsh.family
  for each statement execute function lsh._refuse_update();

create or replace trigger immutable
  before update on lsh.projection
  for each statement execute function lsh._refuse_update();
