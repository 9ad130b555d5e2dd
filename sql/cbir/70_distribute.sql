-- Only spaces are large: their vectors and codes are distributed by item. All other tables of an image database stay on
-- the coordinator, because with Citus their keys could not all be unique and refer to each other.

create or replace function cbir._forget_distributed()
  returns trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  registered record;
  items constant text := (select array_agg(gone.id)::text from gone);
begin
  if items is null then
    return null;
  end if;
  for registered in
    select place.relation
    from cbir.space
      cross join lateral (select to_regclass(format('space.%I', space.name)) as relation) as place
    where lsh_internal.is_distributed(place.relation)
  loop
    execute format('delete from %s as feature where feature.item_id = any (%L::int[])', registered.relation, items);
  end loop;
  return null;
end
$$;

comment on function cbir._forget_distributed() is
  'Trigger that removes the features of deleted items from spaces that Citus has distributed, in place of a foreign key.';

create or replace function cbir.distribute_space(space text, shards int default null)
  returns int
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.index := cbir._require_index(space);
  made record;
begin
  perform lsh_internal.assert_citus();
  if not lsh_internal.is_distributed(chosen.relation) then
    for made in
      select conname from pg_constraint
      where conrelid = chosen.relation and contype = 'f' and confrelid = 'cbir.item'::regclass
    loop
      execute format('alter table %s drop constraint %I', chosen.relation, made.conname);
    end loop;
    create or replace trigger forget_distributed
      after delete on cbir.item
      referencing old table as gone
      for each statement execute function cbir._forget_distributed();
  end if;
  return lsh.distribute(chosen.name, shards);
end
$$;

comment on function cbir.distribute_space(text, int) is
  'Distributes the features of a space and their codes over the workers of Citus by item, and returns the number of shards. All other tables stay on the coordinator.';

create or replace function cbir.undistribute_space(space text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.index := cbir._require_index(space);
  place constant text := chosen.relation::text;
begin
  if not lsh_internal.is_distributed(chosen.relation) then
    return;
  end if;
  perform lsh.undistribute(chosen.name);
  execute format('alter table %s add foreign key (item_id) references cbir.item on delete cascade', place);
  if not exists (
    select from cbir.space as other where lsh_internal.is_distributed(to_regclass(format('space.%I', other.name))))
  then
    drop trigger if exists forget_distributed on cbir.item;
  end if;
end
$$;

comment on function cbir.undistribute_space(text) is 'Moves a space and its codes back to the coordinator, as they were before cbir.distribute_space.';
