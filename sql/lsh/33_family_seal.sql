create or replace function lsh_internal.refresh_statistics()
  returns void
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Without statistics the planner uses the primary key where the index on parent is better, and encoding takes ten
  -- times as long.
  analyze lsh.projection (family_id, purpose, ordinal, parent);
end
$$;

comment on function lsh_internal.refresh_statistics() is
  'Updates the planner''s statistics of lsh.projection after a family was added.';

create or replace function lsh_internal.seal(family text)
  returns text
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  sealed lsh.family := lsh_internal.require_family(family);
begin
  perform lsh_internal.assert_family_owner(sealed);
  if sealed.checksum <> '' then
    raise exception 'hash family "%" is already complete', family
      using errcode = 'object_not_in_prerequisite_state', hint = 'Families are immutable; create another.';
  end if;
  sealed.checksum := lsh_internal.checksum(sealed.id, sealed.token);
  update lsh.family set checksum = sealed.checksum where family.id = sealed.id;
  perform lsh_internal.refresh_statistics();
  return sealed.checksum;
end
$$;

comment on function lsh_internal.seal(text) is
  'Completes a family after all of its projections are stored: sets its checksum, after which the family is immutable, and returns it.';

create or replace function lsh_internal.refuse_update()
  returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'hash families are immutable'
    using errcode = 'object_not_in_prerequisite_state',
          hint = 'Create another family for other parameters: "select lsh.create_family(...)".';
end
$$;

comment on function lsh_internal.refuse_update() is
  'Trigger function that refuses updates of families and projections.';

create or replace trigger immutable
  before update on lsh.family
  for each row when (old.checksum <> '') execute function lsh_internal.refuse_update();

create or replace trigger immutable
  before update on lsh.projection
  for each statement execute function lsh_internal.refuse_update();

create or replace function lsh_internal.refuse_version()
  returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'hash family "%" makes codes by rule %, but this version of pg-lsh only knows rule 1', new.name, new.version
    using errcode = 'feature_not_supported', hint = 'Upgrade this database to the version of pg-lsh that made the family: "npm install pg-lsh@latest", then "pg-lsh migrate".';
end
$$;

comment on function lsh_internal.refuse_version() is
  'Trigger function that refuses families of a version that these functions do not support.';

create or replace trigger known
  before insert on lsh.family
  for each row when (new.version <> 1) execute function lsh_internal.refuse_version();
