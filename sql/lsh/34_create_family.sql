create or replace function lsh_internal.assert_family_name(name text)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if name = '' then
    raise exception 'the name of a family must not be empty'
      using errcode = 'invalid_name', hint = 'Name it after the column and its bits, for example "document_512".';
  elsif exists (select from lsh.family where family.name = assert_family_name.name) then
    raise exception 'hash family "%" already exists', name
      using errcode = 'duplicate_object',
            hint = format('Choose another name, or drop it with "select lsh.drop_family(%L)".', name);
  end if;
end
$$;

comment on function lsh_internal.assert_family_name(text) is 'Raises unless a name can be given to a new family.';

create or replace function lsh_internal.assert_new_family(
  name text, kind text, bits int, seed int, bandwidth float8, levels int, bucket_bits int, sample int
)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if num_nulls(name, bits, kind, seed, levels, sample) > 0 then
    raise exception 'name, bits, kind, seed, levels and sample of a family must not be null'
      using errcode = 'null_value_not_allowed', hint = 'Omit parameters that have a default. A family needs a name.';
  end if;
  perform lsh_internal.assert_family_name(name);
  perform lsh_internal.assert_kind(kind);
  if lsh_internal.learned(kind) then
    raise exception 'a family of kind "%" is learned, and cannot be created in SQL', kind
      using errcode = 'feature_not_supported',
            hint = format('Create it with "pg-lsh family create --relation TABLE --column COLUMN --kind %s".', kind);
  elsif bits not between 16 and 8192 then
    raise exception 'a family must have 16 to 8192 bits, not %', bits
      using errcode = 'invalid_parameter_value', hint = '512 bits suit most tables.';
  elsif bandwidth <= 0 or bandwidth in ('infinity', 'nan') then
    raise exception 'a bandwidth must be a positive number, not %', bandwidth
      using errcode = 'invalid_parameter_value', hint = 'Leave it out to have it calibrated.';
  elsif bandwidth is not null and kind = 'sign' then
    raise exception 'a family of kind "sign" has no bandwidth'
      using errcode = 'invalid_parameter_value', hint = 'Leave it out: the sides of a hyperplane have no scale.';
  elsif levels not between 3 and 16 then
    raise exception 'a quantiser must have 3 to 16 levels, not %', levels
      using errcode = 'invalid_parameter_value', hint = 'Leave it out for 4; two levels are kind "sign".';
  elsif bucket_bits not between 0 and 16 then
    raise exception 'a family must have 0 to 16 bucket bits, not %', bucket_bits
      using errcode = 'invalid_parameter_value', hint = 'Leave them out to have them chosen.';
  end if;
end
$$;

comment on function lsh_internal.assert_new_family(text, text, int, int, float8, int, int, int) is
  'Raises unless a family can be drawn with these arguments.';

create or replace function lsh_internal.bucket_count(relation regclass, dims int, levels int, wanted int)
  returns int
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  total bigint;
begin
  if wanted > least(dims, floor(log(levels, 65536))) then
    raise exception 'vectors of % dimensions and % levels have at most % bucket directions, not %',
      dims, levels, least(dims, floor(log(levels, 65536))), wanted
      using errcode = 'invalid_parameter_value', hint = 'Leave them out to have them chosen.';
  end if;
  execute format('select count(*) from %s', relation) into total;
  -- About 8 rows for each bucket: many small buckets follow a neighbourhood more closely than few large ones. There are
  -- never more directions than dimensions.
  return coalesce(wanted,
    least(floor(log(levels, 16384)), dims, greatest(0, round(log(levels, greatest(total, 1)::numeric / 8)))))::int;
end
$$;

comment on function lsh_internal.bucket_count(regclass, int, int, int) is
  'Number of bucket directions for a table: the requested number, or one that suits the size of the table.';

create or replace function lsh_internal.assert_lengths(kind text, sample @vector@.vector[])
  returns void
  language plpgsql immutable
  set search_path = pg_catalog, pg_temp
as $$
declare
  longest constant float8 := (select max(@vector@.vector_norm(element)) from unnest(sample) as element);
begin
  -- lsh_internal.difference scales longer vectors down. Only kind sign does not depend on the length.
  if longest >= 5e17 and kind <> 'sign' then
    raise exception 'vectors of length % have squares that 4-byte numbers cannot hold', longest
      using errcode = 'numeric_value_out_of_range',
            hint = 'Scale the vectors so that neighbours are about 1 apart, or use kind "sign", which has no scale.';
  end if;
end
$$;

comment on function lsh_internal.assert_lengths(text, @vector@.vector[]) is
  'Raises if vectors are too long for a kind of family.';

create or replace function lsh_internal.assert_bandwidth(kind text, bandwidth float8)
  returns void
  language plpgsql immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Elements of directions are 4-byte numbers with a standard deviation of sqrt(bandwidth).
  if sqrt(bandwidth) not between 1e-36 and 1e36 then
    raise exception 'a bandwidth of % is out of range for a family of kind "%"', bandwidth, kind
      using errcode = 'numeric_value_out_of_range',
            hint = 'Scale the vectors so that neighbours are about 1 apart, or use kind "sign", which has no scale.';
  end if;
end
$$;

comment on function lsh_internal.assert_bandwidth(text, float8) is
  'Raises if directions of that bandwidth would leave the range of 4-byte numbers. Passes null, which kinds without a bandwidth have.';

create or replace function lsh.create_family(
  name text,
  relation regclass,
  "column" name,
  bits int default 512,
  kind text default null,
  seed int default 1,
  bandwidth float8 default null,
  bucket_bits int default null,
  sample int default 2000,
  levels int default 4
)
  returns text
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  rows @vector@.vector[];
  figures lsh.calibration;
  mean @vector@.vector;
  slices constant int := case create_family.kind when 'qary' then create_family.levels else 2 end;
  directions int;
  kind text := create_family.kind;
  created int;
  width float8;
begin
  perform lsh_internal.assert_vector_column(relation, "column");
  perform lsh_internal.assert_new_family(create_family.name, coalesce(kind, 'cosine'), create_family.bits, create_family.seed,
    create_family.bandwidth, create_family.levels, create_family.bucket_bits, create_family.sample);
  rows := lsh_internal.sample(relation, "column", greatest(sample, 8), seed);
  if cardinality(rows) < 2 then
    raise exception 'column "%" of table "%" holds fewer than two vectors', "column", relation
      using errcode = 'LSH03', hint = 'Fill the table first: a family is calibrated on its data.';
  end if;
  figures := lsh_internal.calibrate(rows, 50, coalesce(kind, 'cosine'));
  if kind is null and create_family.bandwidth is null then
    figures.dice := lsh_internal.dice_by_kind(rows, create_family.bits, create_family.seed, figures.radius);
    figures.best_kind := lsh_internal.best_kind(figures.dice);
    kind := figures.best_kind;
    figures.bandwidth := case when kind <> 'sign' then figures.bandwidth end;
  end if;
  -- A caller who sets a bandwidth but no kind gets kind cosine, since kind sign has no bandwidth.
  kind := coalesce(kind, 'cosine');
  perform lsh_internal.assert_lengths(kind, rows);
  mean := (select @vector@.avg(element) from unnest(rows) as element);
  directions := lsh_internal.bucket_count(relation, @vector@.vector_dims(mean), slices, create_family.bucket_bits);
  figures.curve := lsh_internal.curve(kind, figures);
  width := case when kind <> 'sign' then coalesce(create_family.bandwidth, figures.bandwidth, 1) end;
  perform lsh_internal.assert_bandwidth(kind, width);
  insert into lsh.family
    (name, kind, dims, bits, levels, seed, bandwidth, center, bucket_kind, bucket_count, calibration, version, checksum)
  values (
    create_family.name, kind, @vector@.vector_dims(mean), create_family.bits, slices, create_family.seed,
    width, mean, case kind when 'qary' then 'qary' else 'bits' end, slices ^ directions,
    to_jsonb(figures) || jsonb_build_object('relation', lsh_internal.table_name(relation)), 1, '')
  returning family.id into created;
  insert into lsh.projection (family_id, purpose, ordinal, weight, phase, threshold)
  select created, 'code', drawn.ordinal, drawn.weight, drawn.phase, drawn.threshold
  from lsh_internal.code_directions(kind, @vector@.vector_dims(mean), create_family.bits, create_family.seed,
    width, slices) as drawn
  union all
  select created, 'bucket', drawn.ordinal, drawn.weight, null, drawn.threshold
  from lsh_internal.bucket_directions(rows, mean, directions, create_family.seed, slices) as drawn;
  figures.bandwidth := width;
  perform lsh_internal.warn(relation::text, kind, figures);
  perform lsh_internal.seal(create_family.name);
  return create_family.name;
end
$$;

comment on function lsh.create_family(text, regclass, name, int, text, int, float8, int, int, int) is
  'Draws a hash family for a vector column, calibrated on a sample of it, stores it and returns its name. Kinds: kernel, cosine, sign and qary. Default: the one that finds most.';
