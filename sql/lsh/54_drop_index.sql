create or replace function lsh_internal.drop_triggers(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  made name;
begin
  for made in
    select tgname
    from pg_trigger
    where tgrelid = index.relation
      and (tgname in (select trigger.name from lsh_internal.trigger_names(index.id) as trigger) or tgfoid = lsh_internal.keeper(index))
  loop
    execute format('drop trigger %I on %s', made, index.relation);
  end loop;
end
$$;

comment on function lsh_internal.drop_triggers(lsh.index) is 'Removes the triggers of an index from its table.';

create or replace function lsh_internal.drop_functions(doomed regprocedure[])
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  made regprocedure;
begin
  foreach made in array doomed loop
    -- If an event trigger calls this, each drop calls it again, and may have dropped this function.
    continue when made::text ~ '^[0-9]';
    execute format('drop function %s', made);
  end loop;
end
$$;

comment on function lsh_internal.drop_functions(regprocedure[]) is 'Drops functions, unless they are gone.';

create or replace function lsh_internal.forget_functions(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- The type of the keys is no longer known. Functions of the same name that belong to another role stay.
  perform lsh_internal.drop_functions(array(
    select oid::regprocedure
    from pg_proc
    where pronamespace = 'lsh_index'::regnamespace and proname = index.name and prokind = 'f' and pronargs <= 1
      and pg_has_role(proowner, 'usage')));
end
$$;

comment on function lsh_internal.forget_functions(lsh.index) is 'Drops the functions that were created for an index.';

create or replace function lsh_internal.forget_dropped(name text)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  gone lsh.index;
begin
  for gone in
    select registered.*
    from lsh.index as registered
    where registered.name = coalesce(forget_dropped.name, registered.name)
      and not exists (select from pg_class where pg_class.oid = registered.relation)
  loop
    perform lsh.drop_index(gone.name);
  end loop;
end
$$;

comment on function lsh_internal.forget_dropped(text) is
  'Removes the remains of one index, or of all indexes, whose table was dropped, and releases the name.';

create or replace function lsh.drop_index(name text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  dropped lsh.index := lsh_internal.registered_index(name);
begin
  perform lsh_internal.assert_fresh();
  if exists (select from pg_class where pg_class.oid = dropped.relation) then
    if not lsh_internal.owns(dropped.relation) then
      perform lsh_internal.assert_owner(dropped);
    end if;
    execute format('lock table %s in access exclusive mode', dropped.relation);
    dropped := lsh_internal.registered_index(name);
    perform lsh_internal.drop_triggers(dropped);
  end if;
  delete from lsh.index as registered where registered.id = dropped.id;
  if not found then
    raise exception 'permission denied to remove index "%" from lsh.index', name
      using errcode = 'insufficient_privilege',
            hint = format('Let the owner of schema lsh run "select lsh.grant_create(%L)", or drop the index.', current_user);
  end if;
  if exists (select from pg_class where pg_class.oid = dropped.codes) then
    execute format('drop table %s', dropped.codes);
  end if;
  perform lsh_internal.forget_functions(dropped);
  perform lsh_internal.forget_finders();
end
$$;

comment on function lsh.drop_index(text) is 'Removes an index, its code table, its functions and its triggers.';
