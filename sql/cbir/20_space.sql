create or replace function cbir.create_space(
  name text, dims int, encoder text default null, parts jsonb default null, pooling jsonb default null
)
  returns text
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  encoder_id int := (select id from cbir.encoder where encoder.name = create_space.encoder);
begin
  if encoder is not null and encoder_id is null then
    raise exception 'encoder "%" does not exist', encoder
      using errcode = 'LSH01', hint = 'List the encoders with "select name from cbir.encoder".';
  elsif dims is null or dims not between 1 and 16000 then
    raise exception 'a space must have 1 to 16000 dimensions, not %', coalesce(dims::text, 'null')
      using errcode = 'invalid_parameter_value', hint = 'pgvector stores no more.';
  elsif num_nonnulls(encoder, parts, pooling) <> 1 then
    raise exception 'a space must have an encoder, parts or a pooling'
      using errcode = 'invalid_parameter_value',
        hint = 'Parts are other spaces whose vectors are joined; a pooling makes one vector of the slices of a plan.';
  end if;
  perform lsh_internal.assert_new_name('cbir.space', name);
  insert into cbir.space (name, dims, encoder_id, parts, pooling) values (name, dims, encoder_id, parts, pooling);
  execute format(
    'create table space.%I (
       item_id int primary key references cbir.item on delete cascade,
       embedding @vector@.vector(%s) not null
     )', name, dims);
  -- Stored in line if a row fits a page: a vector out of line costs three more reads for every distance.
  if dims <= 2000 then
    execute format('alter table space.%I alter column embedding set storage plain', name);
  end if;
  execute format('comment on table space.%I is %L', name,
    case
      when encoder is not null then 'Features of encoder ' || encoder
      when parts is not null then 'Joined features of several spaces'
      else 'Features of plans, pooled over their slices'
    end);
  return name;
end
$$;

comment on function cbir.create_space(text, int, text, jsonb, jsonb) is
  'Creates the table space.<name> (item_id, embedding vector(dims)) for the features of an encoder, of joined spaces, or of plans pooled from a space of slices.';

create or replace function cbir._sources_of(space cbir.space)
  returns text[]
  language sql immutable
begin atomic
  select array(
    select part.space
    from jsonb_to_recordset((_sources_of.space).parts) as part (space text)
    union
    select source.name
    from (values
      ((_sources_of.space).pooling ->> 'features'),
      ((_sources_of.space).pooling ->> 'levels')
    ) as source (name)
    where source.name is not null
  );
end;

comment on function cbir._sources_of(cbir.space) is
  'Names of the spaces from whose vectors a space is computed; empty for a space with an encoder.';

create or replace function cbir._require_index(space text)
  returns lsh.index
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found text;
begin
  if not exists (select from cbir.space as registered where registered.name = _require_index.space) then
    raise exception 'space "%" does not exist', space
      using errcode = 'LSH01', hint = 'List the spaces with "select name from cbir.space".';
  end if;
  select registered.name into found
  from lsh.index as registered
  where registered.relation = to_regclass(format('space.%I', space))
  order by registered.name <> space, registered.id
  limit 1;
  if found is null then
    raise exception 'space "%" has no hash index', space
      using errcode = 'LSH03', hint = format('Create one: "pg-lsh index create --space %s".', space);
  end if;
  return lsh_internal.require_index(found);
end
$$;

comment on function cbir._require_index(text) is
  'The hash index of a space: the one of the same name, else the oldest.';

create or replace function cbir._left_out(item int, exclude_same_patient boolean)
  returns text[]
  language sql stable
begin atomic
  select array(
    select item::text
    union
    select other.item_id::text
    from cbir._member as own
      join cbir.plan as own_plan on own_plan.id = own.plan_id
      join cbir.plan as other_plan on other_plan.patient_id = own_plan.patient_id
      join cbir._member as other on other.plan_id = other_plan.id
    where own.item_id = item and exclude_same_patient
  );
end;

comment on function cbir._left_out(int, boolean) is
  'Keys that a query by an item never returns: the item and, by default, all items of its patient.';

create or replace function cbir.encoders_of(space text)
  returns int[]
  language sql stable parallel unsafe
begin atomic
  with recursive source as (
    select registered.encoder_id, cbir._sources_of(registered) as names
    from cbir.space as registered
    where registered.name = encoders_of.space
    union
    select registered.encoder_id, cbir._sources_of(registered)
    from source
      join cbir.space as registered on registered.name = any(source.names)
  )
  select array_agg(distinct source.encoder_id) filter (where source.encoder_id is not null)
  from source;
end;

comment on function cbir.encoders_of(text) is
  'Encoders whose features a space holds: its own, or those of its parts and their parts; null for an unknown space.';

create or replace function cbir._sees_only_dose(space text)
  returns boolean
  language sql stable
begin atomic
  select coalesce(bool_and(plane.channel = 'dose'), false)
  from cbir.encoder
    cross join lateral jsonb_to_recordset(encoder.preprocessing -> 'planes') as plane (channel text)
  where encoder.id = any (cbir.encoders_of(_sees_only_dose.space));
end;

comment on function cbir._sees_only_dose(text) is
  'Whether the encoders of a space encode dose only; all slices without dose then have the same vector.';

create or replace function cbir.drop_space(space text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  dropped cbir.space;
  other text;
begin
  -- Spaces that are computed from this one are dropped too: their features would be compared with those of a new space
  -- of the same name.
  for other in
    select registered.name
    from cbir.space as registered
    where drop_space.space = any(cbir._sources_of(registered))
  loop
    perform cbir.drop_space(other);
  end loop;
  for other in
    select registered.name
    from lsh.index as registered
    where registered.relation = to_regclass(format('space.%I', drop_space.space))
  loop
    perform lsh.drop_index(other);
  end loop;
  execute format('drop table if exists space.%I', drop_space.space);
  -- Families that were calibrated on these features would fit those of a new space of the same name badly.
  delete from lsh.family
  where family.calibration ->> 'relation' = format('space.%I', drop_space.space)
    and not exists (select from lsh.index as registered where registered.family_id = family.id);
  delete from cbir.space where name = drop_space.space returning * into dropped;
  delete from cbir.encoder where id = dropped.encoder_id;
end
$$;

comment on function cbir.drop_space(text) is
  'Removes a space with its features, indexes and encoder, and the spaces that are built from it. Does nothing if the space does not exist.';
