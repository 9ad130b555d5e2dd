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
