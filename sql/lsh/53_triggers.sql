create or replace function lsh_internal.keeper(index lsh.index)
  returns regprocedure
  language sql stable
begin atomic
  select to_regprocedure(format('lsh_index.%I()', (keeper.index).name));
end;

comment on function lsh_internal.keeper(lsh.index) is 'Trigger function of an index; null if there is none.';

create or replace function lsh_internal.create_keeper(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  execute format(
    'create or replace function lsh_index.%1$I()
       returns trigger
       language plpgsql security definer
       -- Keys are passed as text, which must not depend on settings of the session.
       set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = ''ISO'' set intervalstyle = ''postgres''
     as %2$L', index.name, lsh_internal.keeping());
  -- No other role may use it in a trigger on its own table.
  execute format('revoke all on function lsh_index.%I() from public', index.name);
  execute format('comment on function lsh_index.%I() is %L', index.name,
    'Trigger function that updates the codes of the index with the same name; runs with the rights of the owner of the table.');
end
$$;

comment on function lsh_internal.create_keeper(lsh.index) is 'Creates the trigger function of an index.';

create or replace function lsh_internal.trigger_names(index_id int)
  returns table (name name, event text, rows text, mode "char")
  language sql immutable parallel safe
begin atomic
  -- Changes that a subscription applies fire only row triggers and, as in any session in replica mode, only those that
  -- are enabled for replicas or always.
  select format('lsh_%s_%s', index_id, coalesce(made.part, made.event))::name, made.event, made.rows, made.mode::"char"
  from (values
    (null, 'insert', 'referencing new table as new_rows for each statement', 'O'),
    (null, 'update', 'referencing old table as old_rows new table as new_rows for each statement', 'O'),
    (null, 'delete', 'referencing old table as old_rows for each statement', 'O'),
    (null, 'truncate', 'for each statement', 'A'),
    ('replica', 'insert or update or delete', 'for each row', 'R'),
    -- Never fires. Statements on a parent table would not fire the triggers above, and PostgreSQL does not let a table
    -- with this trigger have a parent.
    ('no_parent', 'delete', 'referencing old table as old_rows for each row when (false)', 'O')) as made (part, event, rows, mode);
end;

comment on function lsh_internal.trigger_names(int) is
  'Triggers of an index, the events that each fires for, and the mode in which it is enabled.';

create or replace function lsh_internal.wrong_triggers(index lsh.index)
  returns table (name name, problem text)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if index.maintain <> 'trigger' then
    return;
  end if;
  return query
    select wanted.name, case
      when pg_trigger.oid is null then 'missing'
      when pg_trigger.tgenabled = 'D' then 'disabled'
      else 'enabled in the wrong mode'
    end
    from lsh_internal.trigger_names(index.id) as wanted
      left join pg_trigger on pg_trigger.tgrelid = index.relation and pg_trigger.tgname = wanted.name
    where pg_trigger.tgenabled is distinct from wanted.mode;
end
$$;

comment on function lsh_internal.wrong_triggers(lsh.index) is
  'Triggers of an index that are missing, disabled or enabled in the wrong mode, for example after "alter table ... enable trigger all".';

create or replace function lsh_internal.set_modes(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  wanted record;
begin
  for wanted in
    select made.*
    from lsh_internal.trigger_names(index.id) as made
      join pg_trigger on pg_trigger.tgrelid = index.relation and pg_trigger.tgname = made.name
    where pg_trigger.tgenabled <> made.mode
  loop
    execute format('alter table %s enable %s trigger %I', index.relation,
      case wanted.mode when 'A' then 'always' when 'R' then 'replica' else '' end, wanted.name);
  end loop;
end
$$;

comment on function lsh_internal.set_modes(lsh.index) is
  'Enables the triggers of an index in the modes of lsh_internal.trigger_names.';

create or replace function lsh_internal.add_triggers(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  wanted record;
begin
  for wanted in select * from lsh_internal.trigger_names(index.id) loop
    execute format('create or replace trigger %I after %s on %s %s execute function lsh_index.%I(%L)',
      wanted.name, wanted.event, index.relation, wanted.rows, index.name, index.id);
  end loop;
  perform lsh_internal.set_modes(index);
end
$$;

comment on function lsh_internal.add_triggers(lsh.index) is
  'Creates the triggers of an index, which locks the table against writers until the transaction ends.';

create or replace function lsh_internal.hand_over_codes(index lsh.index, owner name)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  before constant name := lsh_internal.owner_of(index.codes);
  found text;
  grantee text;
begin
  if before = owner then
    return;
  end if;
  -- Code that the previous owner has attached to the table would run with the rights of the new owner when rows are
  -- written.
  execute format('lock table %s in access exclusive mode', index.codes);
  found := lsh_internal.foreign_code(index.codes);
  if found is not null then
    raise exception 'code table "%" has %, which would run with the rights of role %', index.codes, found, owner
      using errcode = 'insufficient_privilege',
            hint = format('Let role %I drop it first, or drop the index: "select lsh.drop_index(%L)".', before, index.name);
  end if;
  for grantee in
    select distinct lsh_internal.grantee(privilege.grantee)
    from pg_class
      cross join lateral aclexplode(pg_class.relacl) as privilege
    where pg_class.oid = index.codes
      and privilege.grantee <> pg_class.relowner
  loop
    execute format('revoke insert, update, delete, truncate, references, trigger on %s from %s cascade', index.codes, grantee);
  end loop;
  execute format('alter table %s owner to %I', index.codes, owner);
end
$$;

comment on function lsh_internal.hand_over_codes(lsh.index, name) is
  'Changes the owner of a code table. Refuses code that the previous owner has attached, and revokes all grants except those to read.';

create or replace function lsh_internal.hand_over(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  owner constant name := lsh_internal.owner_of(index.relation);
  made regprocedure;
begin
  perform lsh_internal.hand_over_codes(index, owner);
  -- Only these two functions: another role may have created one with the same name, which would then run with the
  -- rights of the owner.
  foreach made in array array[lsh_internal.keeper(index), lsh_internal.visibility_function(index)] loop
    if made::text ~ '^[0-9]' then
      raise exception 'a function of index "%" was dropped concurrently', index.name
        using errcode = 'serialization_failure', hint = 'Run it again.';
    end if;
    if made is not null and (select pg_get_userbyid(proowner) from pg_proc where oid = made) <> owner then
      execute format('alter function %s owner to %I', made, owner);
    end if;
  end loop;
end
$$;

comment on function lsh_internal.hand_over(lsh.index) is
  'Makes the owner of a table the owner of the code table and the functions of its index.';
